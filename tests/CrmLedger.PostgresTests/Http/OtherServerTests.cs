namespace CrmLedger.PostgresTests.Http;

/// <summary>
/// Two servers on one database: what one wrote holds at the other, whatever that one remembers. What <c>Http</c> asks
/// goes to one server, what <c>_there</c> asks to the other.
/// </summary>
public sealed class OtherServerTests(AlbaLedger ledger) : AlbaTest(ledger)
{
    private const string Anna = "customer/anna";

    private RunningLedger _other = null!;
    private LedgerHttp _there = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _other = await Ledger.BesideAsync();
        _there = _other.ClientOf(Http.Key);
        await JoinAsync("erik", "support");
        foreach (string reference in new[] { "anna", "bert", "carl" })
            await RegisterAsync(reference);
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
    public async Task A_member_whom_another_server_moved_is_recorded_with_the_new_team(string way)
    {
        await TouchThereAsync(way, "T-1");
        await DoAsync("/v1/members/ref:erik/move-team", new { toTeam = "sales" });
        await TouchThereAsync(way, "T-2");

        (await LogAsync()).Where(e => e.Text("type") == "touchpoint_recorded").Select(e => e.Text("data.team"))
            .ShouldBe(["support", "sales"]);
    }

    [Theory]
    [InlineData("batch")]
    [InlineData("atomic")]
    public async Task An_import_that_another_server_completed_takes_nothing_more(string way)
    {
        string import = await DeclareImportAsync();
        (await EventThereAsync(way, Consent("1", import))).Number("appended").ShouldBe(1);
        await DoAsync($"/v1/imports/{import}/complete", new { rows = 1, events = 1 });

        var late = await EventThereAsync(way, Consent("2", import));
        late.Items("items")[0].Text("problem.type").ShouldBe("urn:crmledger:problem:import_completed", late.Text);
    }

    [Theory]
    [InlineData("single")]
    [InlineData("batch")]
    [InlineData("atomic")]
    public async Task What_another_server_has_just_recorded_can_be_gone_on_with(string way)
    {
        await TouchThereAsync(way, "T-1"); // the other server remembers anna without a promise
        await DoAsync("/v1/customers/ref:anna/promises", new
        {
            promiseId = "P-1",
            kind = "callback",
            conditions = "Anna has been called.",
            memberId = "ref:erik",
            dueAt = Now.AddDays(1),
        });

        var kept = way == "single"
            ? await _there.PostAsync("/v1/customers/ref:anna/promises/P-1/declare-kept", "{}")
            : await EventThereAsync(way, CloudEvent("K", "promise_declared_kept", Anna, new { promiseId = "P-1" }));
        (kept.Status, kept.Text("problem.type")).ShouldBe((200, null), kept.Text);
        (await LogAsync())[^1].Text("type").ShouldBe("promise_declared_kept");
    }

    [Fact]
    public async Task A_customer_whom_another_server_merged_away_is_merged_into_no_more()
    {
        await PostThereAsync("/v1/customers/ref:bert/consents", new { purpose = "news", given = true });
        await DoAsync("/v1/customers/ref:bert/merge", new { customerId = "ref:carl", reason = "Twice" });

        var refused = await _there.PostAsync("/v1/customers/ref:anna/merge",
            Json(new { customerId = "ref:bert", reason = "Twice" }));
        (refused.Status, refused.Problem).ShouldBe((409, "customer_merged"), refused.Text);
    }

    [Fact]
    public async Task Somebody_unknown_a_moment_ago_is_known_once_another_server_recorded_them()
    {
        object touch = Touch("T-1", "ref:maria");
        var refused = await _there.PostAsync("/v1/customers/ref:anna/touchpoints", Json(touch));
        (refused.Status, refused.Problem).ShouldBe((404, "member_unknown"), refused.Text);
        await JoinAsync("maria", "sales");
        await PostThereAsync("/v1/customers/ref:anna/touchpoints", touch);
    }

    private static object Touch(string id, string member = "ref:erik") =>
        new { touchpointId = id, channel = "phone", direction = "inbound", memberId = member };

    private static string Consent(string id, string import) => CloudEvent(
        id, "consent_recorded", Anna, new { purpose = $"news {id}", given = true }, Now.AddYears(-1), import);

    private Task<Answer> TouchThereAsync(string way, string id) => way == "single"
        ? PostThereAsync("/v1/customers/ref:anna/touchpoints", Touch(id))
        : EventThereAsync(way, CloudEvent(id, "touchpoint_recorded", Anna, Touch(id)));

    private async Task<Answer> PostThereAsync(string path, object body)
    {
        var answer = await _there.PostAsync(path, Json(body));
        answer.Status.ShouldBeOneOf([200, 201], $"{path}: {answer.Text}");
        return answer;
    }

    /// <summary>Sends an event in a batch of its own.</summary>
    private Task<Answer> EventThereAsync(string way, string line) => _there.PostAsync(
        "/v1/events" + (way == "atomic" ? "?atomic=true" : ""), line, ("Content-Type", "application/jsonl"));
}
