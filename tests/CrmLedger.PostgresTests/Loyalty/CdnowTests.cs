using System.Globalization;
using System.Text.Json;
using CrmLedger.PostgresTests.Http;
using CrmLedger.PostgresTests.Imports;
using CrmLedger.PostgresTests.Relationships;
using CrmLedger.Tests.Imports;
using Xunit.Abstractions;

namespace CrmLedger.PostgresTests.Loyalty;

/// <summary>The CDNOW sample, brought in by the command line, beside a recount of the file itself.</summary>
public sealed class CdnowTests(RunningLedger ledger, ITestOutputHelper output)
    : LedgerTest(ledger), IClassFixture<RunningLedger>
{
    private const string Purchases = "cdnow-sample.txt";

    [RealFileFact(Purchases)]
    public async Task Retention_stages_and_value_agree_with_a_recount_of_the_file()
    {
        string file = RealFileFactAttribute.PathTo(Purchases);
        var run = await CommandLineOf.RunAsync(Ledger, Http, "import", "cdnow", file);
        run.ExitCode.ShouldBe(0, run.Error);
        var customers = Recount(file);
        customers.Count.ShouldBe(2_357);
        long head = (await ReadAsync("/v1/status")).Number("head.size")!.Value - 1;

        var answer = await ReadAsync($"/v1/loyalty?from=1997-01-01&to=1998-07-01&over=month&atLeast={head}");
        var all = answer.Items("groups").Single();
        all.Items("periods").Count.ShouldBe(18);
        var time = answer.Json.Time("asOf")!.Value;
        foreach (var period in all.Items("periods"))
        {
            RelationshipQuestionTests.LineOf(period.At("count")!.Value).ShouldBe(PlainLoyalty.Line(
                customers, period.Time("from")!.Value, period.Time("to")!.Value, time), period.Text("key"));
            output.WriteLine($"{period.Text("key")}: {RelationshipQuestionTests.LineOf(period.At("count")!.Value)}");
        }
        var total = all.At("total")!.Value;
        (total.Number("value.USD.purchases"), total.Number("new")).ShouldBe((6_919, total.Number("end")));
        customers.SelectMany(c => c.Purchases.Values).Sum(p => p.Amount)
            .ShouldBe(total.Number("value.USD.amountMinor")!.Value);

        await ShouldAgreeByUntilAsync(customers, head);
        var told = await CommandLineOf.RunAsync(Ledger, Http, "loyalty", "count", "--from", "1997-01-01", "--to",
            "1998-07-01", "--json");
        JsonElement.Parse(told.Out).Text("groups").ShouldBe(answer.Text("groups"));
    }

    /// <summary>What had happened by a day of the past gives the customers of that day, each with its stage.</summary>
    private async Task ShouldAgreeByUntilAsync(List<PlainRelationship> customers, long head)
    {
        var day = new DateTimeOffset(1998, 3, 1, 0, 0, 0, TimeSpan.Zero);
        foreach (string stage in new[] { "loyal", "at_risk", "lapsed", "established" })
        {
            var page = await ReadAsync(
                $"/v1/loyalty/customers?stage={stage}&until=1998-03-01&limit=1&atLeast={head}");
            page.Number("total").ShouldBe(customers.Count(c => c.StageAt(day) == stage), stage);
        }
        var unknown = await ReadAsync("/v1/loyalty/customers?asOf=1998-03-01");
        unknown.Number("total").ShouldBe(0);
        unknown.Text("notice")!.ShouldContain("until");
    }

    /// <summary>Parted by blanks: id in the master file, id in the sample, day, number of CDs, dollars.</summary>
    private static List<PlainRelationship> Recount(string file)
    {
        var customers = new Dictionary<string, PlainRelationship>();
        int row = 0;
        foreach (string line in File.ReadLines(file))
        {
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [_, var id, var day, _, var dollars])
                continue;
            var at = DateTimeOffset.ParseExact(
                $"{day} 12:00 +0", "yyyyMMdd HH:mm z", CultureInfo.InvariantCulture).ToUniversalTime();
            if (!customers.TryGetValue(id, out var customer))
                customers[id] = customer = new();
            if (!(customer.Registered <= at))
                customer.Took(at);
            long cents = (long)(decimal.Parse(dollars, CultureInfo.InvariantCulture) * 100);
            customer.Bought($"{row++}", at, cents, "USD");
        }
        return [.. customers.Values];
    }
}
