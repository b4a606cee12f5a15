using System.Globalization;
using System.Text.Json;
using CrmLedger.PostgresTests.Http;
using CrmLedger.PostgresTests.Imports;

namespace CrmLedger.PostgresTests.Commitments;

/// <summary>The kept rate of a period beside that of the one before, counted again from the table.</summary>
public sealed class KeptRateChangeTests(RunningLedger ledger) : KeptRateTest(ledger), IClassFixture<RunningLedger>
{
    private static readonly string[] s_uncounted = ["released", "not_yet_due"];

    [Fact]
    public async Task Both_periods_are_counted_as_their_own_rates_and_the_change_is_judged()
    {
        const string question = "by=team&from=2024-02-20&to=2024-03-16";
        var answer = await ChangeAsync(question);
        answer.Time("beforeFrom").ShouldBe(At("2024-01-26"));
        foreach (var change in answer.Items("groups").Append(answer.At("total")!.Value))
        {
            string? team = change.Text("key");
            ShouldBe(change.At("before")!.Value, team, "2024-01-26", "2024-02-20");
            ShouldBe(change.At("after")!.Value, team, "2024-02-20", "2024-03-16");
            if (change.At("z") is not { } z)
                continue;
            double difference =
                change.At("after.rate")!.Value.GetDouble() - change.At("before.rate")!.Value.GetDouble();
            change.At("difference")!.Value.GetDouble().ShouldBe(difference, 1e-12);
            difference.ShouldBeInRange(
                change.At("low")!.Value.GetDouble(), change.At("high")!.Value.GetDouble());
            change.At("p")!.Value.GetDouble().ShouldBe(TwoSided(z.GetDouble()), 1e-6);
        }
        answer.Items("groups").Select(g => g.Text("key")).ShouldBe(["sales", "support"]);

        var told = await CommandLineOf.RunAsync(Ledger, Http, "kept-rate", "--by", "team", "--from", "2024-02-20",
            "--to", "2024-03-16", "--change", "--json");
        JsonElement.Parse(told.Out).Text("groups").ShouldBe(answer.Text("groups"));
        (await CommandLineOf.RunAsync(Ledger, Http, "kept-rate", "--from", "2024-02-20", "--to", "2024-03-16",
            "--change")).Out.ShouldContain("two-proportion");
        (await CommandLineOf.RunAsync(Ledger, Http, "kept-rate", "--change")).ExitCode.ShouldBe(2);
    }

    [Fact]
    public async Task The_earlier_period_may_be_longer()
    {
        var answer = await ChangeAsync("from=2024-02-20&to=2024-03-16&beforeFrom=2024-01-01");
        ShouldBe(answer.At("total.before")!.Value, null, "2024-01-01", "2024-02-20");
        (await ChangeAsync("from=2023-01-01&to=2023-02-01")).At("total.difference").ShouldBeNull();
    }

    [Theory]
    [InlineData("from=2024-01-01", "to")]
    [InlineData("from=2024-02-01&to=2024-01-01", "from")]
    [InlineData("from=2024-02-01&to=2024-03-01&beforeFrom=2024-02-02", "beforeFrom")]
    [InlineData("from=0001-01-02&to=9999-01-01", "beforeFrom")]
    public async Task A_comparison_that_makes_no_sense_is_refused(string question, string field)
    {
        var refused = await Http.GetAsync($"/v1/kept-rate/change?{question}");
        (refused.Status, refused.Problem).ShouldBe((422, "invalid_request"), refused.Text);
        refused.Pointers().ShouldBe([field]);
    }

    private static void ShouldBe(JsonElement share, string? team, string from, string to)
    {
        var counted = Promises.Where(p => (team ?? p.Team) == p.Team && p.FirstDue >= At(from) && p.FirstDue < At(to)
            && !s_uncounted.Contains(p.Class)).ToList();
        (share.Number("numerator"), share.Number("denominator"))
            .ShouldBe((counted.Count(p => p.Class == "kept_first_date"), counted.Count), $"{team} from {from}");
    }

    /// <summary>Twice the area under the normal density beyond z, by Simpson's rule.</summary>
    private static double TwoSided(double z)
    {
        const int steps = 10_000;
        double width = Math.Abs(z) / steps, area = 0;
        for (int i = 0; i <= steps; i++)
        {
            double weight = i is 0 or steps ? 1 : i % 2 == 1 ? 4 : 2;
            area += weight * Math.Exp(-(i * width) * (i * width) / 2);
        }
        return 1 - 2 * area * width / 3 / Math.Sqrt(2 * Math.PI);
    }

    private static DateTimeOffset At(string day) =>
        DateTimeOffset.Parse(day + "T00:00:00Z", CultureInfo.InvariantCulture);

    private async Task<JsonElement> ChangeAsync(string question) =>
        (await ReadAsync($"/v1/kept-rate/change?{question}&atLeast={LastPosition}")).Json;
}
