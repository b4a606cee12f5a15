using System.Globalization;
using System.Numerics;
using System.Text.Json;
using CrmLedger.EventStore.Tenants;
using CrmLedger.PostgresTests.Http;
using CrmLedger.PostgresTests.Imports;
using ExitCode = CrmLedger.Cli.ExitCode;

namespace CrmLedger.PostgresTests.Trust;

/// <summary>
/// Trust over HTTP. The histories are imported with their own times, so that the sums can be made by hand: a half-life
/// is 180 days, and everything is asked about as of midnight of 30 June 2024 or 180 days before it.
/// </summary>
public sealed class TrustTests(RunningLedger ledger) : LedgerTest(ledger), IClassFixture<RunningLedger>
{
    private const string HalfLifeAgo = "2024-01-02T00:00:00.000000Z";
    private const string ThatDay = "2024-06-30T00:00:00.000000Z";
    private readonly Dictionary<string, string> _ids = [];

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await JoinAsync("erik", "support");
        foreach (string customer in new[] { "anna", "bert", "carla", "dora" })
            _ids[customer] = (await RegisterAsync(customer)).Text("ids.customerId")!;
        string import = await DeclareImportAsync();
        var answer = await AppendAsync(
        [
            .. Promise("anna", "A1", "2023-12-20", "2024-01-02", import, ("promise_declared_kept", HalfLifeAgo)),
            .. Promise("anna", "A2", "2024-06-20", "2024-06-30", import, ("promise_withdrawn", ThatDay)),
            .. Promise("bert", "B1", "2024-06-20", "2024-06-30", import, ("promise_declared_kept", ThatDay)),
            .. Promise("bert", "B2", "2024-06-20", "2024-06-30", import, ("promise_declared_kept", ThatDay)),
            .. Promise("carla", "C1", "2024-06-20", "2024-06-30", import, ("promise_withdrawn", ThatDay)),
        ]);
        (answer.Number("rejected"), answer.Number("duplicates")).ShouldBe((0, 0), answer.Text);
    }

    [Fact]
    public async Task A_score_is_explained_event_by_event()
    {
        // Anna: R = 3·½ = 1.5, S = 4, W = 2: 100·(1.5 + 1)/(1.5 + 4 + 2) = 33.3333; kept 100·1.5·½/7.5 = 10,
        // withdrawn −100·4·½/7.5 = −26.6667.
        var trust = await TrustAsync("anna", $"until={ThatDay}");
        (Decimal(trust, "score"), Decimal(trust, "doubt"), Decimal(trust, "atLeast"), Decimal(trust, "atMost"))
            .ShouldBe((33.3333m, 0.2667m, 20m, 46.6667m));
        trust.Items("evidence").Select(e => (Decimal(e, "points"), e.Text("explanation"), e.Text("source"))).ShouldBe(
        [
            (-26.6667m, "promise of 20 June (call) taken back, today", "promise/A2"),
            (10m, "promise of 20 December 2023 (call) kept in time, 180 days ago", "promise/A1"),
        ]);
        trust.Text("customer.name").ShouldBe("Name of anna");
        (Decimal(trust, "rules.prior"), trust.Number("rules.halfLifeDays")).ShouldBe((2m, 180));
        var log = (await LogAsync()).ToDictionary(e => e.Text("id")!);
        trust.Items("evidence").Select(e => log[e.Text("eventId")!].Text("type"))
            .ShouldBe(["promise_withdrawn", "promise_declared_kept"]);
    }

    [Fact]
    public async Task The_exact_points_sum_to_the_exact_score()
    {
        var trust = await TrustAsync("anna", "");
        var numerator = BigInteger.Parse(trust.Text("exact.numerator")!, CultureInfo.InvariantCulture);
        var denominator = BigInteger.Parse(trust.Text("exact.denominator")!, CultureInfo.InvariantCulture);
        var sum = trust.Items("evidence").Aggregate(50 * denominator,
            (so, e) => so + BigInteger.Parse(e.Text("numerator")!, CultureInfo.InvariantCulture));
        sum.ShouldBe(numerator);
        ((decimal)(numerator * 1_000_000 / denominator) / 1_000_000).ShouldBe(Decimal(trust, "score"), 0.0001m);
    }

    [Fact]
    public async Task What_happened_later_does_not_count_until_then()
    {
        // Only A1, kept that day: 100·(3 + 1)/(3 + 2) = 80.
        var trust = await TrustAsync("anna", $"until={HalfLifeAgo}");
        Decimal(trust, "score").ShouldBe(80m);
        trust.Items("evidence").Count.ShouldBe(1);
    }

    [Fact]
    public async Task Before_an_import_nothing_was_known_and_the_answer_says_where_to_look()
    {
        var trust = await TrustAsync("anna", $"asOf={ThatDay}");
        (Decimal(trust, "score"), trust.Items("evidence").Count).ShouldBe((50m, 0));
        trust.Text("notice")!.ShouldContain("until");
        (await TrustAsync("anna", "")).Text("notice").ShouldBeNull();
    }

    [Fact]
    public async Task What_moved_a_score_since_a_time_is_named()
    {
        string before = LedgerJson.Format(Now);
        await Task.Delay(5);
        await DoAsync("/v1/customers/ref:dora/feedback",
            new { feedbackId = "D1", kind = "csat", score = 5, topics = Array.Empty<string>() });
        var since = (await TrustAsync("dora", $"since={before}")).Json.At("since")!.Value;
        // One satisfied answer: 100·(1 + 1)/(1 + 2) = 66.6667.
        (Decimal(since, "score"), Decimal(since, "moved")).ShouldBe((50m, 16.6667m));
        var change = since.Items("changes").Single();
        (change.Text("why"), Decimal(change, "moved"), change.Text("explanation"))
            .ShouldBe(("new", 16.6667m, "satisfied: CSAT 5, today"));
    }

    [Fact]
    public async Task Annulling_an_event_takes_its_points()
    {
        var trust = await TrustAsync("carla", $"until={ThatDay}");
        Decimal(trust, "score").ShouldBe(16.6667m); // 100·1/(4 + 2)
        string withdrawn = trust.Items("evidence").Single().Text("eventId")!;
        await DoAsync("/v1/customers/ref:carla/annulments", new { eventId = withdrawn, reason = "a slip" });
        Decimal(await TrustAsync("carla", $"until={ThatDay}"), "score").ShouldBe(50m);
        var ranking = await RankingAsync($"atLeast={LastPosition}");
        ranking.Items("items").ShouldNotContain(i => i.Text("customerId") == _ids["carla"]);
    }

    [Fact]
    public async Task Relationships_are_ranked_by_what_is_certain()
    {
        var lowest = await RankingAsync("order=lowest");
        lowest.Items("items").Select(i => i.Text("customer.reference")).ShouldBe(["carla", "anna", "bert"]);
        var highest = await RankingAsync("order=highest");
        highest.Items("items").Select(i => i.Text("customer.reference")).ShouldBe(["bert", "anna", "carla"]);
        (lowest.Number("customers"), lowest.Items("bands").Sum(b => b.GetInt32())).ShouldBe((3, 3));
        (await RankingAsync("minEvidence=2")).Number("customers").ShouldBe(2);
        foreach (var item in lowest.Items("items"))
        {
            string reference = item.Text("customer.reference")!;
            var trust = await ReadAsync(item.Text("self")! + $"?until={lowest.Text("asOf")}");
            foreach (string number in new[] { "score", "atLeast", "atMost", "doubt" })
                Decimal(item, number).ShouldBe(Decimal(trust.Json, number), $"{reference} {number}");
            item.Number("evidence").ShouldBe(trust.Items("evidence").Count);
        }
    }

    [Fact]
    public async Task A_ranking_by_what_had_happened_has_the_scores_of_that_time()
    {
        var ranking = await RankingAsync($"order=highest&until={HalfLifeAgo}");
        var only = ranking.Items("items").Single();
        (only.Text("customer.reference"), Decimal(only, "score")).ShouldBe(("anna", 80m));
        (await RankingAsync($"until={ThatDay}")).Items("items").Select(i => Decimal(i, "score"))
            .ShouldBe([16.6667m, 33.3333m, 87.5m]); // bert: 100·(6 + 1)/(6 + 2)
        foreach (var item in (await RankingAsync($"until={ThatDay}")).Items("items"))
            Decimal(await ReadAsync(item.Text("self")!), "score").ShouldBe(Decimal(item, "score"));
        (await RankingAsync($"asOf={ThatDay}")).Text("notice")!.ShouldContain("until");
        (await CommandLineOf.RunAsync(Ledger, Http, "trust", "--until", HalfLifeAgo)).Out.ShouldContain("1 customers");
    }

    [Fact]
    public async Task The_pages_of_a_ranking_are_of_one_moment()
    {
        var first = await RankingAsync("limit=2");
        await DoAsync("/v1/customers/ref:dora/feedback",
            new { feedbackId = "D2", kind = "csat", score = 1, topics = Array.Empty<string>() });
        var second = await RankingAsync($"limit=2&cursor={first.Text("next")}");
        (second.Text("asOf"), second.Number("position")).ShouldBe((first.Text("asOf"), first.Number("position")));
        first.Items("items").Concat(second.Items("items")).Select(i => i.Text("customer.reference"))
            .ShouldBe(["carla", "anna", "bert"]);
        second.Text("next").ShouldBeNull();
        var now = await RankingAsync($"atLeast={LastPosition}");
        now.Number("customers").ShouldBe(4);
        // As known then it is the same again, once later events show that nothing can come between.
        var then = await RankingAsync($"asOf={first.Text("asOf")}");
        then.Items("items").Select(i => i.ToString()).ShouldNotBeEmpty();
        then.Number("customers").ShouldBe(3);
    }

    [Fact]
    public async Task A_policy_changes_what_later_evidence_weighs_and_how_all_of_it_fades()
    {
        using var admin = await Ledger.ClientAsync(Tenant, Scopes.Admin);
        (await Http.PostAsync("/v1/policies/trust", """{"reason":"mine"}""")).Status.ShouldBe(403);
        var adopted = await admin.PostAsync("/v1/policies/trust",
            """{"reason":"Satisfaction matters","halfLifeDays":90,"satisfactionHigh":6}""");
        adopted.Status.ShouldBe(200, adopted.Text);
        adopted.Json.At("ids")!.Value.EnumerateObject().ShouldBeEmpty();
        await DoAsync("/v1/customers/ref:dora/feedback",
            new { feedbackId = "D3", kind = "csat", score = 5, topics = Array.Empty<string>() });
        Decimal(await TrustAsync("dora", ""), "score").ShouldBe(87.5m); // 100·(6 + 1)/(6 + 2)
        // Anna's are older than the policy and keep their weights, and fade twice as fast: R = 3·¼, S = 4:
        // 100·(0.75 + 1)/(0.75 + 4 + 2) = 25.9259.
        Decimal(await TrustAsync("anna", $"until={ThatDay}"), "score").ShouldBe(25.9259m);
        var policies = (await ReadAsync("/v1/policies/trust")).Items("policies");
        policies.Select(p => p.Number("halfLifeDays")).ShouldBe([180, 90]);
        Decimal(policies[1], "weights.satisfactionHigh").ShouldBe(6m);
        policies[1].Number("position").ShouldBe(adopted.Number("position"));
    }

    [Theory]
    [InlineData("""{"reason":"x","promiseKept":-1}""", "/promiseKept")]
    [InlineData("""{"reason":"x","promiseKept":1000.5}""", "/promiseKept")]
    [InlineData("""{"reason":"x","promiseKept":0.0005}""", "/promiseKept")]
    [InlineData("""{"reason":"x","promiseKept":1e300}""", "/promiseKept")]
    [InlineData("""{"reason":"x","promiseKept":"3"}""", "/promiseKept")]
    [InlineData("""{"reason":"x","prior":0}""", "/prior")]
    [InlineData("""{"reason":"x","start":1.001}""", "/start")]
    [InlineData("""{"reason":"x","halfLifeDays":0}""", "/halfLifeDays")]
    [InlineData("""{"promiseKept":3}""", "/reason")]
    public async Task A_policy_that_makes_no_sense_is_refused(string body, string field)
    {
        using var admin = await Ledger.ClientAsync(Tenant, Scopes.Admin);
        var refused = await admin.PostAsync("/v1/policies/trust", body);
        (refused.Status, refused.Problem).ShouldBe((422, "invalid_request"), refused.Text);
        refused.Pointers().ShouldBe([field]);
    }

    [Fact]
    public async Task Policies_are_not_taken_in_bulk()
    {
        var answer = await Http.PostAsync("/v1/events", CloudEvent("e1", "trust_policy_adopted", "policy/trust",
            new { reason = "mine" }), ("Content-Type", "application/jsonl"));
        answer.Number("rejected").ShouldBe(1);
        answer.Text.ShouldContain("POST /v1/policies");
    }

    [Fact]
    public async Task The_command_line_tells_the_same_and_why()
    {
        var api = await TrustAsync("anna", $"until={ThatDay}");
        var told = await CommandLineOf.RunAsync(Ledger, Http, "trust", "anna", "--until", ThatDay, "--json");
        told.ExitCode.ShouldBe(0, told.Error);
        JsonElement.Parse(told.Out).Text("exact").ShouldBe(api.Text("exact"));
        var shown = (await CommandLineOf.RunAsync(Ledger, Http, "trust", "anna", "--until", ThatDay)).Out;
        shown.ShouldContain("Trust 33.3 of 100");
        shown.ShouldContain("−26.7   promise of 20 June (call) taken back, today");
        shown.ShouldContain("2 events; start 50.0 −16.7 = 33.3.");
        (await CommandLineOf.RunAsync(Ledger, Http, "trust", "anna", "--as-of", ThatDay)).Out.ShouldContain("until");

        var ranking = (await CommandLineOf.RunAsync(Ledger, Http, "trust", "--order", "highest", "--limit", "1")).Out;
        ranking.ShouldContain("3 customers");
        ranking.ShouldContain("Name of bert");
        ranking.ShouldNotContain("Name of anna");
        var table = (await CommandLineOf.RunAsync(Ledger, Http, "trust", "--csv", "--until", ThatDay)).Out;
        table.ShouldStartWith("customer_id,reference,name,score,at_least,at_most,doubt,evidence");
        table.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBeGreaterThan(2);
        (await CommandLineOf.RunAsync(Ledger, Http, "trust", "--explain")).ExitCode.ShouldBe(ExitCode.Usage);
        (await CommandLineOf.RunAsync(Ledger, Http, "trust", "anna", "--limit", "1")).ExitCode.ShouldBe(ExitCode.Usage);
    }

    [Theory]
    [InlineData("/v1/customers/ref:nobody/trust", 404, "customer_unknown")]
    [InlineData("/v1/customers/ref:anna/trust?until=2999-01-01", 422, "invalid_request")]
    [InlineData("/v1/customers/ref:anna/trust?until=2024-01-01&since=2024-02-01", 422, "invalid_request")]
    [InlineData("/v1/customers/ref:anna/trust?asof=2024-01-01", 422, "invalid_request")]
    [InlineData("/v1/trust?order=best", 422, "invalid_request")]
    [InlineData("/v1/trust?minEvidence=0", 422, "invalid_request")]
    [InlineData("/v1/trust?cursor=nonsense", 422, "invalid_request")]
    public async Task A_question_that_makes_no_sense_is_refused(string question, int status, string code)
    {
        var answer = await Http.GetAsync(question);
        (answer.Status, answer.Problem).ShouldBe((status, code), answer.Text);
    }

    private static IEnumerable<string> Promise(
        string customer, string id, string made, string due, string import, params (string Type, string At)[] then)
    {
        yield return CloudEvent($"{id}-made", "promise_made", $"customer/{customer}",
            new
            {
                promiseId = id,
                kind = "call",
                conditions = "Called.",
                dueAt = $"{due}T00:00:00Z",
                memberId = "ref:erik",
            },
            DateTimeOffset.Parse($"{made}T00:00:00Z", CultureInfo.InvariantCulture), import);
        foreach (var (type, at) in then)
        {
            object data = type == "promise_withdrawn"
                ? new { promiseId = id, reason = "sold out" }
                : new { promiseId = id };
            yield return CloudEvent($"{id}-{type}", type, $"customer/{customer}", data,
                DateTimeOffset.Parse(at, CultureInfo.InvariantCulture), import);
        }
    }

    private async Task<Answer> TrustAsync(string customer, string question) => await ReadAsync(
        $"/v1/customers/ref:{customer}/trust?{question}{(question.Length > 0 ? "&" : "")}atLeast={LastPosition}");

    private Task<Answer> RankingAsync(string question) => ReadAsync($"/v1/trust?{question}");

    private static decimal Decimal(Answer answer, string path) => Decimal(answer.Json, path);

    private static decimal Decimal(JsonElement json, string path) => json.At(path)!.Value.GetDecimal();
}
