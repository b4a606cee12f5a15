using CrmLedger.PostgresTests.Http;

namespace CrmLedger.PostgresTests.Commitments;

/// <summary>A server decides by the time at which the log will record, also when another's clock has set it.</summary>
public sealed class OtherClockTests(AlbaLedger ledger) : AlbaTest(ledger)
{
    private const string Promise = "/v1/customers/ref:anna/promises/P-1";
    private readonly SteppedClock _clock = new();
    private RunningLedger _other = null!;
    private LedgerHttp _there = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _other = await Ledger.BesideAsync(_clock);
        _there = _other.ClientOf(Http.Key);
        await JoinAsync("erik", "support");
        await RegisterAsync("anna");
        await DoAsync("/v1/customers/ref:anna/promises", new
        {
            promiseId = "P-1",
            kind = "callback",
            memberId = "ref:erik",
            conditions = "called back",
            dueAt = Now.AddMinutes(20),
        });
    }

    public override async Task DisposeAsync()
    {
        _there.Dispose();
        await _other.DisposeAsync();
        await base.DisposeAsync();
    }

    [Theory]
    [InlineData("single")]
    [InlineData("batch")]
    [InlineData("atomic")]
    public async Task What_the_log_will_record_as_too_late_is_refused_by_a_server_whose_clock_is_behind(string way)
    {
        var withinGrace = Now.AddHours(-24).AddMinutes(10);
        var later = Now.AddHours(2);
        await SetAheadAsync();

        // By this server's clock it happened within the last day and counts from then, before the date. The log's time
        // says otherwise: it counts from now, after the date.
        if (way == "single")
        {
            await RefusedAsync($"{Promise}/propose-new-date",
                new { newDueAt = later, reason = "Late part", occurredAt = withinGrace }, 409, "promise_past_due");
            return;
        }
        string line = CloudEvent("E-1", "promise_renegotiation_proposed", "customer/anna",
            new { promiseId = "P-1", newDueAt = later, reason = "Late part" }, withinGrace);
        string body = way == "atomic" ? "?atomic=true" : "";
        var answer = await Http.PostAsync($"/v1/events{body}", line, ("Content-Type", "application/jsonl"));
        answer.Text.ShouldContain("promise_past_due");
    }

    [Fact]
    public async Task What_lies_ahead_is_measured_by_the_servers_own_clock()
    {
        await SetAheadAsync();

        await RefusedAsync($"{Promise}/declare-kept", new { occurredAt = Now.AddMinutes(6) }, 422, "invalid_request");
        await DoAsync($"{Promise}/declare-kept", new { occurredAt = Now.AddMinutes(4) });
    }

    /// <summary>Another server, half an hour ahead, records something.</summary>
    private async Task SetAheadAsync()
    {
        _clock.Step(TimeSpan.FromMinutes(30));
        var told = await _there.PostAsync("/v1/customers", """{"reference":"bert","name":"Bert"}""");
        told.Status.ShouldBe(201, told.Text);
    }
}
