using System.Text.Json;
using CrmLedger.EventStore.Tenants;
using CrmLedger.PostgresTests.Http;
using CrmLedger.PostgresTests.Imports;

namespace CrmLedger.PostgresTests.Touchpoints;

/// <summary>
/// What was done in touchpoints beside how they went. Six touchpoints of 2024, five of them with a practice noted:
/// listened actively in T1, T2 and T3, reassured in T3, T4 and T5.
/// </summary>
public sealed class PracticesTests(RunningLedger ledger) : TouchpointsTest(ledger), IClassFixture<RunningLedger>
{
    private const string Then = "until=2024-06-01";
    private Answer _past = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await ImportAsync(Registered("anna", "2024-01-01", "retail"), Registered("bert", "2024-01-01", "trade"));
        string[] listened = ["listened_actively"], reassured = ["reassured"];
        _past = await ImportAsync(
            Scored("F1", "anna", "2024-02-02", "T1", 5), // known before its touchpoint
            Touched("T1", "anna", "2024-02-01", "phone", "inbound", "erik", "very_positive", listened, 90),
            Touched("T2", "anna", "2024-03-01", "email", "outbound", "maria", "positive", listened),
            Touched("T3", "bert", "2024-03-01", "phone", "inbound", "erik", "negative", [.. listened, .. reassured],
                30),
            Touched("T4", "bert", "2024-04-01", "phone", "outbound", "erik", "very_negative", reassured, 60),
            Touched("T5", "bert", "2024-04-02", "chat", "inbound", "maria", null, reassured),
            Touched("T6", "bert", "2024-04-03", "chat", "inbound", "maria", "neutral", durationSeconds: 600),
            Scored("F2", "bert", "2024-04-02", "T4", 3), Scored("F3", "bert", "2024-04-03", "T4", 4),
            Scored("F4", "bert", "2024-04-03", "T6", 4), Scored("F5", "bert", "2024-04-03", null, 1),
            Scored("F6", "bert", "2024-04-03", "T4", 9, "nps"));
    }

    [Fact]
    public async Task Each_practice_is_compared_among_touchpoints_for_which_one_was_noted()
    {
        var answer = await AskAsync($"/v1/practices?{Then}");
        (answer.Number("total.touchpoints"), answer.Number("total.noted")).ShouldBe((6, 5));
        answer.Items("practices").Count.ShouldBe(9);
        answer.Text("method")!.ShouldContain("not cause");
        var listened = Practice(answer, "listened_actively");
        Told(listened).ShouldBe("3/2 positive 2/3 0/1 negative 1/3 1/1 csat 1/1 1/2");
        Told(Practice(answer, "reassured")).ShouldBe("3/2 positive 0/2 2/2 negative 2/2 0/2 csat 1/2 1/1");
        Told(Practice(answer, "respectful")).ShouldBe("0/5 positive 0/0 2/4 negative 0/0 2/4 csat 0/0 2/3");
        Practice(answer, "respectful").At("csat")!.Value.GetProperty("difference").ValueKind
            .ShouldBe(JsonValueKind.Null, "with none there is nothing to compare");
    }

    [Fact]
    public async Task A_difference_comes_with_its_interval_and_how_likely_chance_makes_it()
    {
        var positive = Practice(await AskAsync($"/v1/practices?{Then}"), "reassured").At("positiveTone")!.Value;
        // 0 of 2 with it, 2 of 2 without: Wilson (0, 0.6576) and (0.3424, 1); Newcombe −1 + √(0.6576² + 0.6576²).
        Double(positive, "with.high").ShouldBe(0.6576, 1e-4);
        Double(positive, "without.low").ShouldBe(0.3424, 1e-4);
        Double(positive, "difference").ShouldBe(-1, 1e-12);
        Double(positive, "low").ShouldBe(-1, 1e-4);
        Double(positive, "high").ShouldBe(-1 + 0.6576 * Math.Sqrt(2), 1e-4);
        // Pooled 2 of 4: z = −1 / √(½ · ½ · (½ + ½)) = −2, of which chance makes 4.55 %.
        (Double(positive, "z"), Math.Round(Double(positive, "p"), 4)).ShouldBe((-2, 0.0455));
    }

    [Fact]
    public async Task Groups_tell_what_each_did_and_how_long_it_took()
    {
        var answer = await AskAsync($"/v1/practices?by=member&{Then}");
        answer.Items("groups").ToDictionary(g => g.Text("label")!, Numbers).ShouldBe(new Dictionary<string, string>
        {
            ["Name of erik"] = "3 in 3 min of 3, phone 3, very_negative 1 negative 1 very_positive 1, noted 3: "
                + "listened_actively 2 reassured 2, csat 2/3",
            ["Name of maria"] = "3 in 10 min of 1, email 1 chat 2, neutral 1 positive 1, noted 2: "
                + "listened_actively 1 reassured 1, csat 1/1",
        }, ignoreOrder: true);
        answer.Items("groups").Select(g => g.Text("key")).ShouldBe([Ids["erik"], Ids["maria"]], ignoreOrder: true);
        (await AskAsync($"/v1/practices?by=team&{Then}")).Items("groups").Select(g => g.Text("key"))
            .ShouldBe(["sales", "support"]);
        (await AskAsync($"/v1/practices?by=channel&{Then}")).Items("groups")
            .Select(g => $"{g.Text("key")} {g.Text("numbers.touchpoints")}").ShouldBe(["chat 2", "email 1", "phone 3"]);
    }

    [Fact]
    public async Task A_period_takes_its_beginning_and_not_its_end()
    {
        (await AskAsync($"/v1/practices?from=2024-03-01&to=2024-04-02&{Then}")).Number("total.touchpoints").ShouldBe(3);
        (await AskAsync("/v1/practices?until=2024-04-01")).Number("total.touchpoints").ShouldBe(4);
        (await AskAsync("/v1/practices")).Number("total.touchpoints").ShouldBe(6);
    }

    [Fact]
    public async Task What_was_annulled_counts_no_more()
    {
        await AnnulAsync("bert", _past, 8); // F3
        Told(Practice(await AskAsync("/v1/practices"), "reassured"))
            .ShouldBe("3/2 positive 0/2 2/2 negative 2/2 0/2 csat 0/1 1/1");
        await AnnulAsync("bert", _past, 4); // T4
        foreach (string question in new[] { "/v1/practices", $"/v1/practices?{Then}" })
        {
            Told(Practice(await AskAsync(question), "reassured"))
                .ShouldBe("2/2 positive 0/1 2/2 negative 1/1 0/2 csat 0/0 1/1");
        }
    }

    [Fact]
    public async Task Tables_and_the_command_line_tell_the_same()
    {
        string[] lines = await TableAsync("");
        lines.Length.ShouldBe(1 + 9 * 3);
        lines[0].ShouldStartWith("practice,outcome,touchpoints_with,touchpoints_without,with,with_low,");
        lines.ShouldContain(l => l.StartsWith("respectful,csat,0,5,,,,0,0.666", StringComparison.Ordinal));
        string[] groups = await TableAsync("by=team&");
        groups[0].ShouldStartWith("key,label,touchpoints,minutes,timed,channel_phone,channel_email,");
        groups[1].ShouldStartWith("sales,sales,3,10,1,0,1,2,");
        groups[^1].ShouldStartWith("all,6,13,4,3,1,2,".Insert(0, ","));

        var told = await CommandLineOf.RunAsync(Ledger, Http, "practices", "--by", "team", "--json");
        JsonElement.Parse(told.Out).Text("groups").ShouldBe((await AskAsync("/v1/practices?by=team")).Text("groups"));
        var read = await CommandLineOf.RunAsync(Ledger, Http, "practices", "--until", "2024-06-01");
        read.Out.ShouldContain("6 touchpoints, 5 of them with a practice noted");
        read.Out.ShouldContain("listened actively");
        read.Out.ShouldContain("−100.0");
        read.Out.ShouldContain("Association, not cause");
        (await CommandLineOf.RunAsync(Ledger, Http, "practices", "--by", "member")).Out.ShouldContain("Name of maria");
        (await CommandLineOf.RunAsync(Ledger, Http, "practices", "--csv")).Out.TrimEnd().Split('\n').Length
            .ShouldBe(28);
        (await CommandLineOf.RunAsync(Ledger, Http, "practices", "--csv", "--by", "channel")).Out
            .ShouldStartWith("key,label,");
    }

    [Fact]
    public async Task Before_an_import_nothing_was_known_and_the_answer_says_where_to_look()
    {
        var answer = await AskAsync("/v1/practices?asOf=2024-06-01");
        answer.Number("total.touchpoints").ShouldBe(0);
        answer.At("total.csat.rate").ShouldBeNull();
        answer.Text("notice")!.ShouldContain("until");
    }

    [Theory]
    [InlineData("by=customer", "by")]
    [InlineData("from=2024-02-01&to=2024-02-01", "from")]
    [InlineData("until=2999-01-01", "until")]
    [InlineData("format=xml", "format")]
    public async Task A_question_that_makes_no_sense_is_refused(string question, string field)
    {
        var refused = await Http.GetAsync($"/v1/practices?{question}");
        (refused.Status, refused.Pointers().Single()).ShouldBe((422, field), refused.Text);
    }

    [Fact]
    public async Task Who_may_only_read_sees_quiet_customers_and_no_practices()
    {
        using var reader = await Ledger.ClientAsync(Tenant, Scopes.Read);
        (await reader.GetAsync("/v1/customers/quiet")).Status.ShouldBe(200);
        (await reader.GetAsync("/v1/practices")).Status.ShouldBe(403);
    }

    private async Task<string[]> TableAsync(string question) =>
        (await ReadAsync($"/v1/practices?{question}format=csv&atLeast={LastPosition}")).Text.TrimEnd().Split('\n');

    private static JsonElement Practice(JsonElement answer, string name) =>
        answer.Items("practices").Single(p => p.Text("practice") == name);

    private static string Told(JsonElement practice) =>
        $"{practice.Text("with")}/{practice.Text("without")} positive {Shares(practice, "positiveTone")} "
        + $"negative {Shares(practice, "negativeTone")} csat {Shares(practice, "csat")}";

    private static string Shares(JsonElement practice, string outcome) => string.Join(' ',
        new[] { "with", "without" }.Select(side => Share(practice, $"{outcome}.{side}")));

    private static string Share(JsonElement json, string path) =>
        $"{json.Text($"{path}.numerator")}/{json.Text($"{path}.denominator")}";

    private static string Numbers(JsonElement group) =>
        $"{group.Text("numbers.touchpoints")} in {Double(group, "numbers.minutes")} min of "
        + $"{group.Text("numbers.timed")}, {Counts(group, "channels")}, {Counts(group, "tones")}, noted "
        + $"{group.Text("numbers.noted")}: {Counts(group, "practices")}, csat {Share(group, "numbers.csat")}";

    private static string Counts(JsonElement group, string name) => string.Join(' ', group.At($"numbers.{name}")!.Value
        .EnumerateObject().Where(c => c.Value.GetInt64() > 0).Select(c => $"{c.Name} {c.Value}"));

    private static double Double(JsonElement json, string path) => json.At(path)!.Value.GetDouble();
}
