using System.Globalization;
using CrmLedger.PostgresTests.Http;
using CrmLedger.PostgresTests.Imports;

namespace CrmLedger.PostgresTests.Commitments;

/// <summary>How the kept rate went over time, beside a table of what is expected.</summary>
public sealed class KeptRateOverTests(RunningLedger ledger) : KeptRateTest(ledger), IClassFixture<RunningLedger>
{
    [Theory]
    [InlineData("team", "month")]
    [InlineData("holder", "week")]
    [InlineData("customer", "day")]
    [InlineData(null, "month")]
    public async Task Each_group_and_all_of_them_tell_the_same_numbers_of_every_period(string? by, string over)
    {
        var answer = await RateAsync($"over={over}{(by is null ? "" : $"&by={by}")}");
        answer.Text("over").ShouldBe(over);
        var groups = answer.Items("groups");
        groups.Count.ShouldBe(by is null ? 0 : 2);
        foreach (var group in groups.Append(answer.At("total")!.Value))
        {
            string? key = group.Text("key");
            var promises = Promises.Where(e => key is null || GroupOf(e, by!) == key).ToLookup(e => PeriodOf(e, over));
            var periods = group.Items("over");
            periods.Select(p => p.Text("key")).ShouldBe(promises.Select(p => p.Key).Order());
            foreach (var period in periods)
            {
                var expected = promises[period.Text("key")!].ToList();
                CountsOf(period).ShouldBe(Count(expected), ignoreOrder: true);
                period.Number("renegotiated").ShouldBe(expected.Count(e => e.Id is "P02" or "P06"));
                period.Number("customers").ShouldBe(expected.Select(e => e.Customer).Distinct().Count());
            }
        }
        var plain = await RateAsync(by is null ? "" : $"by={by}");
        CountsOf(plain.At("total")!.Value).ShouldBe(CountsOf(answer.At("total")!.Value));
        plain.At("total.over").ShouldBeNull();
    }

    [Fact]
    public async Task Why_promises_were_missed_is_told_of_the_period_in_which_they_were_due()
    {
        await DoAsync("/v1/customers/ref:bert/promises/P07/explain-miss", new { cause = "forgotten" });
        var answer = await RateAsync("by=team&over=month");
        var causes = answer.Items("groups").SelectMany(g => g.Items("over").Select(p =>
            (Team: g.Text("key"), Month: p.Text("key"), Forgotten: p.Number("missCauses.forgotten"))));
        causes.Where(c => c.Forgotten is not null).ShouldBe([("sales", "2024-03", 1)]);
    }

    [Fact]
    public async Task The_table_has_a_line_for_each_group_and_period_and_the_command_line_draws_them()
    {
        var answer = await RateAsync("by=team&over=month");
        string table = (await Http.GetAsync("/v1/kept-rate?by=team&over=month&format=csv")).Text;
        table.ReplaceLineEndings("\n").TrimEnd().Split('\n').Select(l => string.Join(',', l.Split(',')[..4])).ShouldBe(
        [
            "key,label,period,n",
            .. answer.Items("groups").SelectMany(g => g.Items("over").Select(p =>
                $"{g.Text("key")},{g.Text("label")},{p.Text("key")},{p.Text("n")}")),
            .. answer.Items("total.over").Select(p => $",all,{p.Text("key")},{p.Text("n")}"),
        ]);
        string[] question = ["kept-rate", "--by", "team", "--over", "month"];
        (await CommandLineOf.RunAsync(Ledger, Http, [.. question, "--csv"])).Out.TrimEnd().ShouldBe(table.TrimEnd());
        string drawn = (await CommandLineOf.RunAsync(Ledger, Http, question)).Out;
        drawn.ShouldContain("Strict rate of each month, 2024-01 to 2099-05");
        // Of support one of the two of January was kept, none of one in February, and none of one in March and later.
        drawn.ShouldMatch("support +▅▁▁·");
        (await CommandLineOf.RunAsync(Ledger, Http, "kept-rate", "--over", "month", "--change")).ExitCode.ShouldBe(2);
    }

    [Theory]
    [InlineData("over=year")]
    [InlineData("over=month&by=day")]
    [InlineData("over=month&by=month")]
    public async Task A_question_that_makes_no_sense_is_refused(string question)
    {
        var refused = await Http.GetAsync($"/v1/kept-rate?{question}");
        (refused.Status, refused.Pointers().Single()).ShouldBe((422, "over"), refused.Text);
    }

    private string GroupOf(Expected e, string by) => by switch
    {
        "holder" => Ids[e.Holder],
        "customer" => Ids[e.Customer],
        _ => e.Team,
    };

    private static string PeriodOf(Expected e, string over) => over switch
    {
        "day" => e.Due[..10],
        "week" => $"{ISOWeek.GetYear(e.FirstDue.UtcDateTime)}-W{ISOWeek.GetWeekOfYear(e.FirstDue.UtcDateTime):00}",
        _ => e.Due[..7],
    };
}
