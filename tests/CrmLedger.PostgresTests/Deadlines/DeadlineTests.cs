using System.Text.Json;
using CrmLedger.PostgresTests.Http;
using CrmLedger.Server.Deadlines;
using Microsoft.Extensions.DependencyInjection;

namespace CrmLedger.PostgresTests.Deadlines;

/// <summary>The clock's verdicts, as a server that runs gives them by itself.</summary>
public sealed class DeadlineTests(AlbaLedger ledger) : AlbaTest(ledger)
{
    private const string Verdicts = "promise_lapsed follow_up_missed concern_unanswered feedback_unanswered";

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await JoinAsync("erik", "support");
        await RegisterAsync("anna");
    }

    [Fact]
    public async Task Every_deadline_that_passes_is_recorded_once_and_at_its_own_time()
    {
        var due = Now.AddSeconds(1.5);
        await OweAsync(due);
        await DoAsync("/v1/customers/ref:anna/promises", Promise("P-kept", due));
        await DoAsync("/v1/customers/ref:anna/promises/P-kept/declare-kept", new { });
        await DoAsync("/v1/customers/ref:anna/promises", Promise("P-later", Now.AddHours(1)));

        var verdicts = await VerdictsAsync(3);
        verdicts.Select(v => $"{v.Text("type")} {IdOf(v)}").Order().ShouldBe(
            ["concern_unanswered C-1", "follow_up_missed F-1", "promise_lapsed P-1"]);
        verdicts.ShouldAllBe(v => v.Time("occurredAt") == due && v.Time("recordedAt") > due);
        verdicts.ShouldAllBe(v => v.Text("actor") == "system");
        await Task.Delay(1_500);
        (await VerdictsAsync(3)).Count.ShouldBe(3);
        (await ReadAsync("/v1/customers/ref:anna/promises/P-1")).Text("status").ShouldBe("lapsed");
    }

    [Fact]
    public async Task Feedback_that_nobody_answers_for_thirty_days_is_found_unanswered()
    {
        var received = Now.AddDays(-31);
        string import = await DeclareImportAsync();
        await AppendAsync(CloudEvent("b1", "feedback_received", "customer/anna",
            new { feedbackId = "B-1", kind = "nps", score = 3, topics = Array.Empty<string>() }, received, import));
        await DoAsync($"/v1/imports/{import}/complete", new { rows = 1, events = 1 });
        var verdict = (await VerdictsAsync(1)).Single();
        (verdict.Text("type"), verdict.Time("occurredAt")).ShouldBe(("feedback_unanswered", received.AddDays(30)));
    }

    [Fact]
    public async Task A_word_that_counts_from_before_the_deadline_overturns_the_verdict()
    {
        var due = Now.AddSeconds(1);
        await DoAsync("/v1/customers/ref:anna/promises", Promise("P-1", due));
        await VerdictsAsync(1);
        await DoAsync("/v1/customers/ref:anna/promises/P-1/declare-kept", new { occurredAt = due.AddSeconds(-0.5) });
        (await ReadAsync("/v1/customers/ref:anna/promises/P-1")).Text("status").ShouldBe("kept");
        var trust = await ReadAsync($"/v1/customers/ref:anna/trust?atLeast={LastPosition}");
        trust.Items("evidence").Single().Text("kind").ShouldBe("promise_kept");
    }

    [Fact]
    public async Task Between_the_batches_of_an_import_the_clock_says_nothing_of_what_it_brings()
    {
        var due = Now.AddDays(-100);
        string import = await DeclareImportAsync();
        string Line(string id, string type, object data, DateTimeOffset time) =>
            CloudEvent($"{id}-{type}", type, "customer/anna", data, time, import);
        await AppendAsync(
            Line("P-1", "promise_made", Promise("P-1", due), due.AddDays(-3)),
            Line("P-2", "promise_made", Promise("P-2", due), due.AddDays(-3)));
        // What comes otherwise is judged meanwhile.
        await DoAsync("/v1/customers/ref:anna/promises", Promise("P-3", Now.AddSeconds(0.5)));
        IdOf((await VerdictsAsync(1)).Single()).ShouldBe("P-3");

        await AppendAsync(Line("P-1", "promise_declared_kept", new { promiseId = "P-1" }, due.AddDays(-1)));
        await DoAsync($"/v1/imports/{import}/complete", new { rows = 3, events = 3 });
        var verdicts = await VerdictsAsync(2);
        IdOf(verdicts[1]).ShouldBe("P-2");
        verdicts[1].Time("occurredAt").ShouldBe(due);
    }

    [Fact]
    public async Task Servers_that_look_at_once_record_each_verdict_once()
    {
        await using var others = new Servers(await Ledger.BesideAsync(), await Ledger.BesideAsync());
        var due = Now.AddSeconds(1);
        await AppendAsync(Enumerable.Range(0, 200).Select(i => CloudEvent(
            $"p{i}", "promise_made", "customer/anna", Promise($"P-{i}", due))));
        await Task.Delay(due - Now);
        await AtLeastAsync();
        int[] recorded = await Task.WhenAll(others.All.Append(Ledger).Select(s =>
            s.Services.GetRequiredService<PassedDeadlines>().RecordAsync(Tenant, CancellationToken.None)));
        var verdicts = await VerdictsAsync(200);
        verdicts.Select(IdOf).Distinct().Count().ShouldBe(200);
        verdicts.Count.ShouldBe(200);
        recorded.Sum().ShouldBeLessThanOrEqualTo(200);
    }

    [Fact]
    public async Task A_clock_that_runs_ahead_judges_early_and_in_the_end_nothing_is_other()
    {
        var clock = new SteppedClock();
        await using var ahead = new Servers(await Ledger.BesideAsync(clock));
        var due = Now.AddMinutes(4);
        await DoAsync("/v1/customers/ref:anna/promises", Promise("P-1", due));
        await AtLeastAsync();
        clock.Step(TimeSpan.FromMinutes(5));
        await ahead.All[0].Services.GetRequiredService<PassedDeadlines>().RecordAsync(Tenant, CancellationToken.None);
        var verdict = (await VerdictsAsync(1)).Single();
        verdict.Time("occurredAt").ShouldBe(due);
        await DoAsync("/v1/customers/ref:anna/promises/P-1/declare-kept", new { });
        (await ReadAsync("/v1/customers/ref:anna/promises/P-1")).Text("status").ShouldBe("kept");
        (await ReadAsync($"/v1/customers/ref:anna/trust?atLeast={LastPosition}")).Items("evidence").Single()
            .Text("kind").ShouldBe("promise_kept");
    }

    [Fact]
    public async Task No_client_asks_for_a_verdict()
    {
        var answer = await AppendAsync(Verdicts.Split(' ').Select((type, i) =>
            CloudEvent($"v{i}", type, "customer/anna", new { promiseId = "P-1" })));
        answer.Number("rejected").ShouldBe(4);
    }

    /// <summary>A promise, a follow-up and a concern, all due at a time.</summary>
    private async Task OweAsync(DateTimeOffset due)
    {
        await DoAsync("/v1/customers/ref:anna/promises", Promise("P-1", due));
        await DoAsync("/v1/customers/ref:anna/follow-ups",
            new { followUpId = "F-1", dueAt = due, purpose = "answer", memberId = "ref:erik" });
        await DoAsync("/v1/customers/ref:anna/concerns",
            new { concernId = "C-1", severity = "high", topics = new[] { "billing" }, respondBy = due });
    }

    private Task<Answer> AtLeastAsync() => ReadAsync($"/v1/customers/ref:anna/trust?atLeast={LastPosition}");

    /// <summary>The verdicts in the log, once there are so many.</summary>
    private Task<List<JsonElement>> VerdictsAsync(int count) => EventuallyAsync(
        async () => (await LogAsync()).Where(e => Verdicts.Split(' ').Contains(e.Text("type"))).ToList(),
        found => found.Count >= count);

    private static object Promise(string id, DateTimeOffset due) => new
    {
        promiseId = id,
        kind = "call",
        conditions = "Called.",
        dueAt = due,
        memberId = "ref:erik",
    };

    private static string? IdOf(JsonElement e) => e.Text("data.promiseId") ?? e.Text("data.followUpId")
        ?? e.Text("data.concernId") ?? e.Text("data.feedbackId");

    private sealed class Servers(params RunningLedger[] all) : IAsyncDisposable
    {
        public RunningLedger[] All => all;

        public async ValueTask DisposeAsync()
        {
            foreach (var server in all)
                await server.DisposeAsync();
        }
    }
}
