using System.Text.Json;
using CrmLedger.PostgresTests.Http;
using Xunit.Abstractions;

namespace CrmLedger.PostgresTests.Imports;

/// <summary>The real files, brought in by the command line into a running ledger.</summary>
public sealed class RealImportTests(RunningLedger ledger, ITestOutputHelper output)
    : LedgerTest(ledger), IClassFixture<RunningLedger>
{
    private const string Incidents = "uci-incident-event-log-sample.csv";

    [Fact]
    public async Task The_incident_log_gives_the_kept_rate_of_an_independent_recount_by_API_and_by_command_line()
    {
        if (RealData.Find(Incidents, output) is not { } file)
            return;
        var recount = IncidentRecount.Of(file);
        (recount.Callers, recount.Incidents.Count, recount.InTime, recount.Late, recount.Open)
            .ShouldBe((639, 890, 496, 365, 29));
        var run = await CommandLineOf.RunAsync(Ledger, Http, "import", "uci-incidents", file);
        run.ExitCode.ShouldBe(0, run.Error);
        output.WriteLine(run.Out);
        int agree = recount.Incidents.Count(i => i.Kept == true == i.MadeSla);
        run.Out.ShouldContain($"({agree} of {recount.Incidents.Count})");

        var answer = await ReadAsync("/v1/kept-rate?by=team");
        Numbers(answer.Json.At("total")!.Value).ShouldBe((496, 365, 29, 890));
        answer.Json.At("total.strict.rate")!.Value.GetDouble().ShouldBe(496 / 890.0, 1e-12);
        (answer.Number("total.imported"), answer.Number("total.customers")).ShouldBe((890, 639));
        var teams = recount.Incidents.GroupBy(i => i.Team).ToDictionary(g => g.Key, g => (
            g.LongCount(i => i.Kept == true), g.LongCount(i => i.Kept == false), g.LongCount(i => i.Kept is null),
            g.LongCount()));
        answer.Items("groups").ToDictionary(g => g.Text("key")!, Numbers).ShouldBe(teams, ignoreOrder: true);

        var told = await CommandLineOf.RunAsync(Ledger, Http, "kept-rate", "--by", "team", "--json");
        var json = JsonElement.Parse(told.Out);
        (json.Text("total"), json.Text("groups")).ShouldBe((answer.Text("total"), answer.Text("groups")));
        (await CommandLineOf.RunAsync(Ledger, Http, "kept-rate")).Out.ShouldContain("55.7 %");
        var types = await TypesAsync();
        (types["customer_registered"], types["promise_made"], types["touchpoint_recorded"])
            .ShouldBe((639, 890, recount.Rows + 890));
    }

    [Fact]
    public async Task The_same_import_again_adds_nothing_and_says_so()
    {
        if (RealData.Find(Incidents, output) is not { } file)
            return;
        (await CommandLineOf.RunAsync(Ledger, Http, "import", "uci-incidents", file)).ExitCode.ShouldBe(0);
        long size = (await ReadAsync("/v1/status")).Number("head.size")!.Value;
        var again = await CommandLineOf.RunAsync(Ledger, Http, "import", "uci-incidents", file);
        again.ExitCode.ShouldBe(0, again.Error);
        again.Out.ShouldContain("0 events added");
        (await ReadAsync("/v1/status")).Number("head.size").ShouldBe(size);
    }

    [Fact]
    public async Task An_import_that_was_killed_half_way_and_run_again_ends_as_one_that_was_not()
    {
        if (RealData.Find(Incidents, output) is not { } file)
            return;
        using (var process = CommandLineOf.Start(Ledger, Http, "import", "uci-incidents", file))
        {
            await EventuallyAsync(async () => (await Http.GetAsync("/v1/status")).Number("head.size"), s => s > 500);
            process.Kill();
            await process.WaitForExitAsync();
            process.ExitCode.ShouldNotBe(0, "it was to be killed before its end");
        }
        long killedAt = (await ReadAsync("/v1/status")).Number("head.size")!.Value;
        var run = await CommandLineOf.RunAsync(Ledger, Http, "import", "uci-incidents", file, "--json");
        run.ExitCode.ShouldBe(0, run.Error);
        JsonElement.Parse(run.Out).Number("duplicates")!.Value.ShouldBeGreaterThan(0);
        output.WriteLine($"Killed at {killedAt} events; then: {run.Out}");

        using var other = await Ledger.ClientAsync(Tenant + "-whole");
        (await CommandLineOf.RunAsync(Ledger, other, "import", "uci-incidents", file)).ExitCode.ShouldBe(0);
        (await StreamsAsync(Http)).ShouldBe(await StreamsAsync(other));
        foreach (string by in new[] { "team", "kind", "month" })
        {
            string question = $"/v1/kept-rate?by={by}";
            var (killed, whole) = (await Http.GetAsync(question), await other.GetAsync(question));
            (killed.Text("total"), killed.Text("groups")).ShouldBe((whole.Text("total"), whole.Text("groups")));
        }
        (await OpenAsync(Http)).ShouldBe(await OpenAsync(other));
    }

    [Fact]
    public async Task The_purchases_of_CDNOW_are_all_there()
    {
        if (RealData.Find("cdnow-sample.txt", output) is not { } file)
            return;
        var run = await CommandLineOf.RunAsync(Ledger, Http, "import", "cdnow", file);
        run.ExitCode.ShouldBe(0, run.Error);
        output.WriteLine(run.Out);
        var types = await TypesAsync();
        (types["customer_registered"], types["purchase_recorded"]).ShouldBe((2357, 6919));
        string[][] rows =
            [.. File.ReadAllLines(file).Select(l => l.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))];
        long cents = rows.Sum(r => long.Parse(r[4].Replace(".", "")));
        (await WholeLogOfAsync(Http)).Where(e => e.Text("type") == "purchase_recorded")
            .Sum(e => e.Number("data.amountMinor")!.Value).ShouldBe(cents);
    }

    private static (long InTime, long Late, long Open, long N) Numbers(JsonElement rate) => (
        rate.Number("counts.keptFirstDate")!.Value, rate.Number("counts.keptLate")!.Value,
        rate.Number("counts.overdue")!.Value, rate.Number("n")!.Value);

    private async Task<Dictionary<string, int>> TypesAsync() =>
        (await WholeLogOfAsync(Http)).GroupBy(e => e.Text("type")!).ToDictionary(g => g.Key, g => g.Count());

    /// <summary>
    /// Each stream, named by the reference of its customer or member, as its sequence of types and times. The import's
    /// own stream was declared at another moment.
    /// </summary>
    private static async Task<IReadOnlyList<string>> StreamsAsync(LedgerHttp client) =>
        [.. (await WholeLogOfAsync(client))
            .GroupBy(e => e.Text("stream")!)
            .Where(g => !g.Key.StartsWith("import-", StringComparison.Ordinal))
            .Select(g => $"{g.First().Text("data.reference")}: "
                + string.Join(", ", g.Select(e => $"{e.Text("type")} {e.Text("occurredAt")}")))
            .Order()];

    private static async Task<IReadOnlyList<string>> OpenAsync(LedgerHttp client)
    {
        var page = await client.GetAsync("/v1/commitments/open?limit=1000");
        page.Items("items").Count.ShouldBe(29);
        return [.. page.Items("items").Select(i => string.Join(' ', i.Text("customer.reference"), i.Text("id"),
            i.Text("member.reference"), i.Text("team"), i.Text("bindingDue"), i.Text("overdue"))).Order()];
    }

    private static async Task<List<JsonElement>> WholeLogOfAsync(LedgerHttp client)
    {
        var events = new List<JsonElement>();
        for (long? after = -1; after is not null;)
        {
            var page = await client.GetAsync($"/v1/events?limit=5000&after={after}");
            events.AddRange(page.Items("events"));
            after = page.Number("next");
        }
        return events;
    }
}
