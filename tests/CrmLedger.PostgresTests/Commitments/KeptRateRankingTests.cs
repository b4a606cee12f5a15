using System.Globalization;
using System.Text.Json;
using CrmLedger.PostgresTests.Http;
using CrmLedger.PostgresTests.Imports;

namespace CrmLedger.PostgresTests.Commitments;

/// <summary>
/// Who deserves recognition and who needs help: five members of three teams, who kept some of their promises.
/// </summary>
public sealed class KeptRateRankingTests(RunningLedger ledger) : LedgerTest(ledger), IClassFixture<RunningLedger>
{
    private static readonly (string Member, string Team, int Kept, int Of)[] s_members =
    [
        ("steady", "sales", 38, 40), ("lucky", "sales", 12, 12), ("middling", "support", 30, 50),
        ("careless", "support", 8, 40), ("new", "service", 9, 9),
    ];

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await RegisterAsync("anna");
        string import = await DeclareImportAsync();
        var events = new List<string>();
        foreach (var (member, team, kept, of) in s_members)
        {
            await JoinAsync(member, team);
            for (int i = 0; i < of; i++)
            {
                var due = new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(i);
                events.Add(CloudEvent($"{member}-{i}", "promise_made", "customer/anna", new
                {
                    promiseId = $"{member}-{i}",
                    kind = "call",
                    conditions = "Called.",
                    dueAt = due,
                    memberId = $"ref:{member}",
                }, due.AddDays(-7), import));
                if (i < kept)
                {
                    events.Add(CloudEvent($"{member}-{i}-kept", "promise_declared_kept", "customer/anna",
                        new { promiseId = $"{member}-{i}" }, due.AddDays(-1), import));
                }
            }
        }
        (await AppendAsync(events)).Number("rejected").ShouldBe(0);
    }

    [Fact]
    public async Task Recognition_goes_to_who_surely_keeps_their_word_and_not_to_luck()
    {
        var answer = await RankAsync("");
        answer.Items("items").Select(i => $"{i.Text("rank")} {i.Text("label")} {i.Text("stands")}").ShouldBe(
        [
            "1 Name of steady above", "2 Name of lucky above", "3 Name of middling within",
            "4 Name of careless below",
        ]);
        (answer.Number("ranked"), answer.Number("tooFew"), answer.Number("minN")).ShouldBe((4, 1, 10));
        (answer.Number("overall.numerator"), answer.Number("overall.denominator")).ShouldBe((97, 151));
        foreach (var item in answer.Items("items"))
        {
            item.At("overall")!.Value.GetDouble().ShouldBe(97 / 151.0, 1e-12);
            var member = s_members.Single(m => item.Text("label") == $"Name of {m.Member}");
            (item.Number("n"), item.Number("strict.numerator"), item.Number("agreed.denominator"))
                .ShouldBe((member.Of, member.Kept, member.Of));
        }
    }

    [Fact]
    public async Task Help_is_needed_first_where_even_the_best_that_can_be_is_low()
    {
        (await RankAsync("order=lowest&limit=2")).Items("items").Select(i => i.Text("label"))
            .ShouldBe(["Name of careless", "Name of middling"]);
        (await RankAsync("order=lowest&by=team&minN=1")).Items("items").Select(i => i.Text("key"))
            .ShouldBe(["support", "sales", "service"]);
    }

    [Fact]
    public async Task A_period_is_ranked_by_its_own_promises_and_equals_share_their_place()
    {
        var answer = await RankAsync("from=2024-01-01&to=2024-01-10&minN=9");
        answer.Items("items").Select(i => i.Text("rank")).ShouldBe(["1", "1", "1", "1", "5"]);
        answer.Items("items")[^1].Text("label").ShouldBe("Name of careless");
        (await RankAsync("until=2024-01-10&minN=9&order=lowest")).Items("items").Count.ShouldBe(5);
        var nothing = await RankAsync("asOf=2024-06-01");
        (nothing.Number("ranked"), nothing.Text("notice")!.Contains("until")).ShouldBe((0, true));
    }

    [Fact]
    public async Task The_table_and_the_command_line_say_the_same()
    {
        var answer = await RankAsync("order=lowest");
        string[] lines = (await ReadAsync("/v1/kept-rate/ranking?order=lowest&format=csv")).Text
            .ReplaceLineEndings("\n").TrimEnd().Split('\n');
        lines[0].ShouldBe("rank,key,label,n,strict,strict_low,strict_high,agreed,overall,stands");
        lines[1..].ShouldBe(answer.Items("items").Select(i => string.Join(',', i.Text("rank"), i.Text("key"),
            i.Text("label"), i.Text("n"), Plain(i, "strict.rate"), Plain(i, "strict.low"), Plain(i, "strict.high"),
            Plain(i, "agreed.rate"), Plain(i, "overall"), i.Text("stands"))));

        string[] question = ["kept-rate", "--rank", "lowest", "--min-n", "20"];
        var told = await CommandLineOf.RunAsync(Ledger, Http, [.. question, "--json"]);
        JsonElement.Parse(told.Out).Items("items").Count.ShouldBe(3);
        string shown = (await CommandLineOf.RunAsync(Ledger, Http, question)).Out;
        shown.ShouldMatch("1 +Name of careless .*below");
        shown.ShouldContain("2 with fewer than 20 are left out");
        (await CommandLineOf.RunAsync(Ledger, Http, [.. question, "--csv"])).Out.ShouldStartWith(lines[0]);
        (await CommandLineOf.RunAsync(Ledger, Http, "kept-rate", "--min-n", "20")).ExitCode.ShouldBe(2);
        (await CommandLineOf.RunAsync(Ledger, Http, [.. question, "--over", "month"])).ExitCode.ShouldBe(2);
    }

    [Theory]
    [InlineData("by=month", "by")]
    [InlineData("order=best", "order")]
    [InlineData("minN=0", "minN")]
    [InlineData("limit=1001", "limit")]
    public async Task A_question_that_makes_no_sense_is_refused(string question, string field)
    {
        var refused = await Http.GetAsync($"/v1/kept-rate/ranking?{question}");
        (refused.Status, refused.Pointers().Single()).ShouldBe((422, field), refused.Text);
    }

    private static string Plain(JsonElement json, string path) =>
        json.At(path)!.Value.GetDouble().ToString(CultureInfo.InvariantCulture);

    private Task<Answer> RankAsync(string question) =>
        ReadAsync($"/v1/kept-rate/ranking?{question}&atLeast={LastPosition}");
}
