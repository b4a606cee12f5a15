using System.Globalization;
using System.Text.Json;
using CrmLedger.PostgresTests.Http;
using CrmLedger.PostgresTests.Imports;

namespace CrmLedger.PostgresTests.Commitments;

/// <summary>The kept rate on the other clock: by what had happened.</summary>
public sealed class KeptRateUntilTests(RunningLedger ledger) : KeptRateTest(ledger), IClassFixture<RunningLedger>
{
    [Fact]
    public async Task By_what_had_happened_until_a_time_the_rate_is_that_of_a_ledger_that_stopped_then()
    {
        foreach (string time in new[] { "2024-01-10T11:59:59Z", "2024-02-02T00:00:00Z", "2024-03-10T12:00:00Z" })
        {
            var until = DateTimeOffset.Parse(time, CultureInfo.InvariantCulture);
            var rate = await RateAsync($"by=team&until={time}");
            CountsOf(rate.At("total")!.Value).ShouldBe(await CountUntilAsync(until), ignoreOrder: true, time);
            rate.Time("until").ShouldBe(until);
        }
        var whole = await RateAsync($"by=team&until={LedgerJson.Format(Now.AddSeconds(-1))}");
        var now = await RateAsync("by=team");
        (whole.Text("total"), whole.Text("groups")).ShouldBe((now.Text("total"), now.Text("groups")));
        var refused = await Http.GetAsync("/v1/kept-rate?until=2999-01-01");
        (refused.Problem, refused.Pointers().Single()).ShouldBe(("invalid_request", "until"));
        var told = await CommandLineOf.RunAsync(Ledger, Http, "kept-rate", "--until", "2024-02-02", "--json");
        JsonElement.Parse(told.Out).Text("total").ShouldBe((await RateAsync("until=2024-02-02")).Text("total"));
    }

    [Fact]
    public async Task Before_an_import_nothing_was_known_and_the_answer_says_where_to_look()
    {
        var nothing = await RateAsync("asOf=2024-06-01");
        nothing.Number("total.n").ShouldBe(0);
        nothing.Text("notice")!.ShouldContain("until");
        (await RateAsync("until=2024-06-01")).Text("notice").ShouldBeNull();
    }

    /// <summary>What had happened by a time, judged at it by plain code.</summary>
    private async Task<Dictionary<string, long>> CountUntilAsync(DateTimeOffset until)
    {
        var promises = await PlainUntilAsync(until);
        var classes = promises.Values.ToLookup(p => p.ClassAt(until));
        return CountNames.ToDictionary(n => n.Value, n => (long)classes[n.Key].Count());
    }
}
