using System.Text.Json;
using CrmLedger.PostgresTests.Http;

namespace CrmLedger.PostgresTests.Commitments;

/// <summary>Whatever a kept rate counts can be listed, and there are as many.</summary>
public sealed class KeptRatePartTests(AlbaLedger ledger) : KeptRateTest(ledger), IClassFixture<AlbaLedger>
{
    private const string Settled = "class=kept_first_date,kept_agreed_date,kept_late,broken,overdue";

    [Theory]
    [InlineData("")]
    [InlineData("&annulled=counted")]
    [InlineData("&until=2024-03-20")]
    public async Task Every_number_lists_as_many_promises_as_it_counts(string clock)
    {
        await ExplainAsync("P03", "capacity");
        await ExplainAsync("P04", "capacity");
        await ExplainAsync("P07", "dependency");
        var rate = await RateAsync("by=team" + clock);
        foreach (var numbers in rate.Items("groups").Append(rate.At("total")!.Value))
        {
            string key = numbers.Text("key") is { } team ? $"&by=team&key={team}" : "";
            foreach (var (part, number) in Numbers(numbers))
            {
                var page = await ReadAsync($"/v1/kept-rate/promises?{part}{key}{clock}&atLeast={LastPosition}");
                (page.Number("total"), page.Items("items").Count).ShouldBe((number, (int)number), part + key);
            }
        }
        rate.At("total.missCauses")!.Value.EnumerateObject().Count().ShouldBe(clock.Contains("until") ? 0 : 2);
    }

    [Theory]
    [InlineData("class=broken,late", "class")]
    [InlineData("class=", "class")]
    [InlineData("cause=laziness", "cause")]
    [InlineData("only=annulled", "only")]
    [InlineData("class=broken&cause=other", "cause")]
    [InlineData("class=broken&only=imported", "only")]
    public async Task What_cannot_be_listed_is_refused_by_name(string query, string field)
    {
        var refused = await Http.GetAsync($"/v1/kept-rate/promises?{query}");
        (refused.Status, refused.Pointers().Single()).ShouldBe((422, field));
    }

    private static IEnumerable<(string Part, long Number)> Numbers(JsonElement of)
    {
        yield return ("class=kept_first_date", of.Number("strict.numerator")!.Value);
        yield return (Settled + ",moved_by_agreement", of.Number("strict.denominator")!.Value);
        yield return (Settled + ",moved_by_agreement", of.Number("n")!.Value);
        yield return ("class=kept_first_date,kept_agreed_date", of.Number("agreed.numerator")!.Value);
        yield return (Settled, of.Number("agreed.denominator")!.Value);
        if (of.At("imported") is null)
            yield break;
        yield return ("only=imported", of.Number("imported")!.Value);
        yield return ("only=recorded_late", of.Number("recordedLate")!.Value);
        yield return ("only=renegotiated", of.Number("renegotiated")!.Value);
        foreach (var count in of.At("counts")!.Value.EnumerateObject())
            yield return ($"class={JsonNamingPolicy.SnakeCaseLower.ConvertName(count.Name)}", count.Value.GetInt64());
        foreach (var cause in of.At("missCauses")!.Value.EnumerateObject())
            yield return ($"cause={cause.Name}", cause.Value.GetInt64());
    }

    private async Task ExplainAsync(string promise, string cause)
    {
        string customer = Promises.Single(p => p.Id == promise).Customer;
        await DoAsync($"/v1/customers/ref:{customer}/promises/{promise}/explain-miss", new { cause });
    }
}
