using System.Globalization;
using System.Text.Json;
using CrmLedger.PostgresTests.Http;
using CrmLedger.PostgresTests.Imports;

namespace CrmLedger.PostgresTests.Commitments;

/// <summary>
/// What is overdue and due soon. Everything was imported, made on 1 January 2024, and is looked at as on 1 February.
/// </summary>
public sealed class DueTests(RunningLedger ledger) : LedgerTest(ledger), IClassFixture<RunningLedger>
{
    private const string Then = "until=2024-02-01";
    private readonly Dictionary<string, string> _ids = [];

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        foreach (var (member, team) in new[] { ("erik", "support"), ("maria", "sales") })
            _ids[member] = (await JoinAsync(member, team)).Text("ids.memberId")!;
        foreach (string customer in new[] { "anna", "bert" })
            _ids[customer] = (await RegisterAsync(customer)).Text("ids.customerId")!;
        string import = await DeclareImportAsync();
        var answer = await AppendAsync(
            Promise("P1", "anna", "erik", "2024-01-10", import), Promise("P2", "bert", "erik", "2024-02-10", import),
            Promise("P3", "bert", "maria", "2024-02-05", import), Promise("P4", "bert", "maria", "2024-01-20", import),
            Promise("P5", "anna", "maria", "2024-01-25", import),
            CloudEvent("P5-kept", "promise_declared_kept", "customer/anna", new { promiseId = "P5" },
                new(2024, 1, 24, 0, 0, 0, TimeSpan.Zero), import));
        answer.Number("appended").ShouldBe(6, answer.Text);
    }

    [Fact]
    public async Task What_is_owed_is_counted_by_who_owes_it_and_to_whom()
    {
        (await DueAsync($"by=team&{Then}")).ShouldBe(
        [
            "support support: 2 open, 1 overdue, 0 soon, from 2024-01-10",
            "sales sales: 2 open, 1 overdue, 1 soon, from 2024-01-20",
        ]);
        (await DueAsync($"{Then}&within=240")).ShouldBe(
        [
            $"{_ids["erik"]} Name of erik: 2 open, 1 overdue, 1 soon, from 2024-01-10",
            $"{_ids["maria"]} Name of maria: 2 open, 1 overdue, 1 soon, from 2024-01-20",
        ]);
        (await DueAsync($"by=customer&{Then}")).ShouldBe(
        [
            $"{_ids["anna"]} Name of anna: 1 open, 1 overdue, 0 soon, from 2024-01-10",
            $"{_ids["bert"]} Name of bert: 3 open, 1 overdue, 1 soon, from 2024-01-20",
        ]);
    }

    [Fact]
    public async Task The_total_is_that_of_the_list_of_open_commitments()
    {
        var due = await ReadAsync($"/v1/commitments/due?atLeast={LastPosition}");
        var open = await ReadAsync($"/v1/commitments/open?atLeast={LastPosition}");
        (due.Number("total.open"), due.Number("total.overdue"))
            .ShouldBe((open.Number("total"), open.Number("overdue")));
        due.Number("total.open").ShouldBe(4);
        var told = await CommandLineOf.RunAsync(Ledger, Http, "commitments", "due", "--by", "team", "--json");
        JsonElement.Parse(told.Out).Text("total").ShouldBe(due.Text("total"));
        (await CommandLineOf.RunAsync(Ledger, Http, "commitments", "due", "--until", "2024-02-01")).Out
            .ShouldContain("Name of erik");
    }

    [Fact]
    public async Task The_table_has_a_line_for_each_group_and_one_for_all()
    {
        var table = await ReadAsync($"/v1/commitments/due?by=team&{Then}&format=csv&atLeast={LastPosition}");
        table.Text.ReplaceLineEndings("\n").ShouldBe("""
            key,label,open,overdue,due_soon,earliest
            support,support,2,1,0,2024-01-10T00:00:00.000000Z
            sales,sales,2,1,1,2024-01-20T00:00:00.000000Z
            ,all,4,2,1,2024-01-10T00:00:00.000000Z

            """);
    }

    [Fact]
    public async Task Before_an_import_nothing_was_owed_and_the_answer_says_where_to_look()
    {
        var answer = await ReadAsync("/v1/commitments/due?asOf=2024-02-01");
        (answer.Number("total.open"), answer.Items("groups").Count).ShouldBe((0, 0));
        answer.Text("notice")!.ShouldContain("until");
    }

    [Theory]
    [InlineData("by=kind", "by")]
    [InlineData("within=0", "within")]
    [InlineData("until=2999-01-01", "until")]
    public async Task A_question_that_makes_no_sense_is_refused(string question, string field)
    {
        var refused = await Http.GetAsync($"/v1/commitments/due?{question}");
        (refused.Status, refused.Pointers().Single()).ShouldBe((422, field), refused.Text);
    }

    private async Task<IReadOnlyList<string>> DueAsync(string question) =>
        [.. (await ReadAsync($"/v1/commitments/due?{question}&atLeast={LastPosition}")).Items("groups").Select(g =>
            $"{g.Text("key")} {g.Text("label")}: {g.Text("counts.open")} open, {g.Text("counts.overdue")} overdue, "
            + $"{g.Text("counts.dueSoon")} soon, from {g.Text("counts.earliest")![..10]}")];

    private static string Promise(string id, string customer, string member, string due, string import) => CloudEvent(
        $"{id}-made", "promise_made", $"customer/{customer}", new
        {
            promiseId = id,
            kind = "call",
            conditions = "Called.",
            dueAt = DateTimeOffset.Parse($"{due}T00:00:00Z", CultureInfo.InvariantCulture),
            memberId = $"ref:{member}",
        }, new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero), import);
}
