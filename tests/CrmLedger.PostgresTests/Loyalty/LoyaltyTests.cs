using System.Globalization;
using CrmLedger.PostgresTests.Http;
using CrmLedger.PostgresTests.Imports;
using CrmLedger.PostgresTests.Relationships;
using ExitCode = CrmLedger.Cli.ExitCode;

namespace CrmLedger.PostgresTests.Loyalty;

/// <summary>
/// One relationship, imported, worked out by hand: registered on 1 January 2024, bought on 10, 20 and 30 January, so
/// that the median gap is 10 days; at risk from 19 February, lost from 10 March, and won back on 1 June. No deadline is
/// judged meanwhile: a word on what was left unanswered would change the trust while it is asked about.
/// </summary>
public sealed class LoyaltyTests(UnwatchedLedger unwatched)
    : LedgerTest(unwatched.Ledger), IClassFixture<UnwatchedLedger>
{
    private string _anna = "";

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await JoinAsync("erik", "support");
        string import = await DeclareImportAsync();
        string Event(string id, string type, string day, object data) => CloudEvent(
            id, type, "customer/anna", data, DateTimeOffset.Parse($"{day}T12:00:00Z", CultureInfo.InvariantCulture),
            import);
        string Purchase(string id, string day, int amountMinor, string currency) =>
            Event(id, "purchase_recorded", day, new { purchaseId = id, amountMinor, currency });
        var answer = await AppendAsync(
            Event("r", "customer_registered", "2024-01-01", new { name = "Anna Lind", segment = "retail" }),
            Event("t", "touchpoint_recorded", "2024-01-02",
                new { touchpointId = "t", channel = "phone", direction = "inbound", memberId = "ref:erik" }),
            Purchase("1", "2024-01-10", 1_000, "EUR"), Purchase("2", "2024-01-20", 2_500, "EUR"),
            Purchase("3", "2024-01-30", 700, "USD"),
            Event("4", "purchase_returned", "2024-02-02", new { purchaseId = "2", amountMinor = 500 }),
            Event("n", "feedback_received", "2024-02-05", new { feedbackId = "n", kind = "nps", score = 10 }),
            Purchase("5", "2024-06-01", 300, "EUR"),
            Event("c", "concern_raised", "2024-06-03", new { concernId = "C-1", severity = "critical" }));
        answer.Number("rejected").ShouldBe(0, answer.Text);
        await DoAsync($"/v1/imports/{import}/complete", new { rows = 9, events = 9 });
        _anna = (await ReadAsync("/v1/customers/ref:anna/history?limit=1")).Text("customerId")!;
    }

    [Fact]
    public async Task A_timeline_tells_stages_milestones_risks_and_value()
    {
        var told = await ReadAsync($"/v1/customers/ref:anna/loyalty?until=2024-06-04&atLeast={LastPosition}");
        (told.Text("stage"), told.Text("since")).ShouldBe(("at_risk", "2024-06-03T12:00:00.000000Z"));
        told.Items("risks").Single().Text("explanation")
            .ShouldBe("Critical and not put right: C-1 (raised 0.5 days ago).");
        told.Items("stages").Select(s => $"{s.Text("from")![..10]} {s.Text("stage")}").ShouldBe(
        [
            "2024-01-01 prospect", "2024-01-10 new", "2024-02-19 at_risk", "2024-03-10 lapsed",
            "2024-06-01 established", "2024-06-03 at_risk",
        ]);
        told.Items("milestones").Select(m => $"{m.Text("at")![..10]} {m.Text("kind")}").ShouldBe(
        [
            "2024-01-02 first_contact", "2024-01-10 first_purchase", "2024-01-20 repeat_purchase",
            "2024-01-30 repeat_purchase", "2024-02-05 became_promoter", "2024-02-19 at_risk", "2024-03-10 lapsed",
            "2024-06-01 won_back", "2024-06-03 at_risk",
        ]);
        told.Items("value").Select(v => $"{v.Text("valueMinor")} {v.Text("currency")}")
            .ShouldBe(["3300 EUR", "700 USD"]);
        (told.Number("buying.occasions"), told.Json.At("buying.medianGapDays")!.Value.GetDouble()).ShouldBe((4, 10));
        told.Number("lastRecommendation").ShouldBe(10);

        var shown = await CommandLineOf.RunAsync(Ledger, Http, "loyalty", "customer", "anna", "--until", "2024-06-04");
        shown.ExitCode.ShouldBe(0, shown.Error);
        shown.Out.ShouldContain("Anna Lind");
        shown.Out.ShouldContain("at risk since 2024-06-03 12:00 UTC");
        shown.Out.ShouldContain("33.00 EUR, 7.00 USD");
        shown.Out.ShouldContain("··");
        shown.Out.ShouldContain("Was won back.");
    }

    [Fact]
    public async Task Who_is_at_risk_and_who_moved_is_listed_with_why()
    {
        var page = await ReadAsync($"/v1/loyalty/customers?risk=any&until=2024-02-25&atLeast={LastPosition}");
        var anna = page.Items("items").Single();
        (anna.Text("customerId"), anna.Text("customer.name"), anna.Text("stage"))
            .ShouldBe((_anna, "Anna Lind", "at_risk"));
        anna.Items("risks").Single().Text("explanation")
            .ShouldBe("No purchase for 25.5 days; usually one every 10 days.");
        (await ReadAsync(anna.Text("self")!)).Text("since").ShouldBe(anna.Text("since"));

        var moved = await ReadAsync("/v1/loyalty/customers?stage=lapsed&before=2024-02-25&stageBefore=at_risk,loyal"
            + $"&until=2024-04-01&atLeast={LastPosition}");
        moved.Items("items").Single().Text("stageBefore").ShouldBe("at_risk");
        (await ReadAsync("/v1/loyalty/customers?stage=lapsed&before=2024-02-25&stageBefore=loyal"
            + $"&until=2024-04-01&atLeast={LastPosition}")).Number("total").ShouldBe(0);
        var table = await ReadAsync($"/v1/loyalty/customers?until=2024-04-01&format=csv&atLeast={LastPosition}");
        table.Text.ShouldContain($"{_anna},anna,Anna Lind,retail,lapsed,2024-03-10T12:00:00.000000Z");
        (await CommandLineOf.RunAsync(Ledger, Http, "loyalty", "list", "--risk", "silence", "--until", "2024-02-25"))
            .Out.ShouldContain("usually one every 10 days");
    }

    [Fact]
    public async Task Retention_and_movements_are_told_month_by_month()
    {
        var answer = await ReadAsync(
            $"/v1/loyalty?from=2024-01-01&to=2024-07-01&by=segment&atLeast={LastPosition}");
        answer.Items("groups").Select(g => g.Text("key")).ShouldBe([null, "retail"]);
        var all = answer.Items("groups")[0];
        all.Items("periods").Select(p => $"{p.Text("key")} {p.Text("count.start")} {p.Text("count.new")} "
                + $"{p.Text("count.lost")} {p.Text("count.wonBack")} {p.Text("count.end")} "
                + $"{p.Text("count.retention.rate")}")
            .ShouldBe(
            [
                "2024-01 0 1 0 0 1 ", "2024-02 1 0 0 0 1 1", "2024-03 1 0 1 0 0 0", "2024-04 0 0 0 0 0 ",
                "2024-05 0 0 0 0 0 ", "2024-06 0 0 0 1 1 ",
            ]);
        all.Items("periods")[2].Items("count.movements").Single().Text("to").ShouldBe("lapsed");
        all.Number("total.value.EUR.purchases").ShouldBe(3);
        var shown = await CommandLineOf.RunAsync(
            Ledger, Http, "loyalty", "count", "--from", "2024-01-01", "--to", "2024-07-01");
        shown.Out.ShouldContain("At the end: 1 at risk.");
        (await CommandLineOf.RunAsync(Ledger, Http, "loyalty", "count", "--csv", "--from", "2024-01-01", "--to",
            "2024-07-01")).Out.ShouldContain(",2024-06,");
    }

    [Fact]
    public async Task Before_the_import_nothing_was_known_and_the_answer_says_where_to_look()
    {
        var answer = await ReadAsync("/v1/customers/ref:anna/loyalty?asOf=2024-06-04");
        answer.Text("stage").ShouldBeNull();
        answer.Text("notice")!.ShouldContain("until");
        (await ReadAsync("/v1/loyalty?asOf=2024-06-04")).Text("notice")!.ShouldContain("until");
        (await CommandLineOf.RunAsync(Ledger, Http, "loyalty", "customer", "anna", "--as-of", "2024-06-04")).Out
            .ShouldContain("until");
    }

    [Theory]
    [InlineData("/v1/loyalty?over=year", "over")]
    [InlineData("/v1/loyalty?from=2024-02-01&to=2024-01-01", "from")]
    [InlineData("/v1/loyalty?over=day&from=2020-01-01&to=2024-01-01", "from")]
    [InlineData("/v1/loyalty?to=0001-01-01", "to")]
    [InlineData("/v1/loyalty/customers?stage=angry", "stage")]
    [InlineData("/v1/loyalty/customers?stageBefore=new", "stageBefore")]
    [InlineData("/v1/loyalty/customers?risk=much", "risk")]
    [InlineData("/v1/satisfaction?by=maker", "by")]
    [InlineData("/v1/satisfaction/feedback?key=x", "key")]
    [InlineData("/v1/responsiveness?until=2999-01-01", "until")]
    [InlineData("/v1/customers/ref:anna/loyalty?until=2999-01-01", "until")]
    public async Task A_question_that_makes_no_sense_is_refused(string path, string field)
    {
        var refused = await Http.GetAsync(path);
        (refused.Status, refused.Problem).ShouldBe((422, "invalid_request"), refused.Text);
        refused.Pointers().ShouldBe([field]);
    }

    [Fact]
    public async Task Satisfaction_and_feedback_are_told_by_the_command_line_too()
    {
        var shown = await CommandLineOf.RunAsync(Ledger, Http, "satisfaction", "--by", "kind", "--over", "month");
        shown.Out.ShouldContain("2024-02");
        shown.Out.ShouldContain("+100.0");
        (await CommandLineOf.RunAsync(Ledger, Http, "feedback", "--state", "overdue")).Out.ShouldContain("nps n");
        (await CommandLineOf.RunAsync(Ledger, Http, "responsiveness", "--by", "severity")).Out
            .ShouldContain("critical");
        (await CommandLineOf.RunAsync(Ledger, Http, "satisfaction", "--csv")).Out.ShouldStartWith("key,label,period,");
        (await CommandLineOf.RunAsync(Ledger, Http, "satisfaction", "--csv", "--json")).ExitCode
            .ShouldBe(ExitCode.Usage);
    }
}
