using System.Text.Json;
using System.Text.RegularExpressions;
using CrmLedger.PostgresTests.Http;
using CrmLedger.Tests.Imports;
using Xunit.Abstractions;

namespace CrmLedger.PostgresTests.Imports;

/// <summary>The real files, brought in by the command line into a running ledger.</summary>
public sealed partial class RealImportTests(RunningLedger ledger, ITestOutputHelper output)
    : LedgerTest(ledger), IClassFixture<RunningLedger>
{
    private const string Incidents = "uci-incident-event-log-sample.csv";

    [RealFileFact(Incidents)]
    public async Task The_incident_log_gives_the_kept_rate_of_an_independent_recount_by_API_and_by_command_line()
    {
        string file = RealFileFactAttribute.PathTo(Incidents);
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
        var types = await TypesAsync(Http);
        (types["customer_registered"], types["promise_made"], types["touchpoint_recorded"])
            .ShouldBe((639, 890, recount.Rows + 890));
    }

    [RealFileFact(Incidents)]
    public async Task The_same_import_again_adds_nothing_and_says_so()
    {
        string file = RealFileFactAttribute.PathTo(Incidents);
        (await CommandLineOf.RunAsync(Ledger, Http, "import", "uci-incidents", file)).ExitCode.ShouldBe(0);
        int size = await ImportedAsync();
        var again = await CommandLineOf.RunAsync(Ledger, Http, "import", "uci-incidents", file);
        again.ExitCode.ShouldBe(0, again.Error);
        again.Out.ShouldContain("0 events added");
        (await ImportedAsync()).ShouldBe(size);

        // The clock judges what an import has left open as soon as it is complete, in its own time.
        async Task<int> ImportedAsync() => (await WholeLogOfAsync(Http)).Count(e => e.Text("actor") != "system");
    }

    [RealFileFact(Incidents)]
    public async Task An_import_that_was_killed_half_way_and_run_again_ends_as_one_that_was_not()
    {
        string file = RealFileFactAttribute.PathTo(Incidents);
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
        await ShouldHaveTheSameRatesAsync(other);
        (await OpenAsync(Http)).ShouldBe(await OpenAsync(other));
    }

    [RealFileFact(Incidents)]
    public async Task A_first_part_and_then_the_whole_log_give_the_kept_rate_of_the_whole_log_alone()
    {
        string file = RealFileFactAttribute.PathTo(Incidents);
        string[] lines = await File.ReadAllLinesAsync(file);
        var firstIncidents = lines.Skip(1).Select(NumberOf).Distinct().Take(445).ToHashSet();
        string part = Path.Combine(Directory.CreateTempSubdirectory("crmledger-part-").FullName, "part.csv");
        await File.WriteAllLinesAsync(
            part, lines.Where((line, i) => i == 0 || firstIncidents.Contains(NumberOf(line))));
        // Two whom the log names are in the ledger before it, by another way.
        await DoAsync("/v1/customers", new { reference = "Caller 2403", name = "Caller 2403" });
        await DoAsync("/v1/members", new { reference = "Resolver 13", name = "Resolver 13", team = "Group 56" });
        foreach (string name in new[] { part, file })
        {
            var run = await CommandLineOf.RunAsync(Ledger, Http, "import", "uci-incidents", name, "--json");
            run.ExitCode.ShouldBe(0, run.Error + run.Out);
            JsonElement.Parse(run.Out).At("completed")!.Value.GetBoolean().ShouldBeTrue();
            output.WriteLine(run.Out);
        }
        Directory.Delete(Path.GetDirectoryName(part)!, recursive: true);

        using var whole = await Ledger.ClientAsync(Tenant + "-whole");
        (await CommandLineOf.RunAsync(Ledger, whole, "import", "uci-incidents", file)).ExitCode.ShouldBe(0);
        await ShouldHaveTheSameRatesAsync(whole);
        (await OpenAsync(Http)).ShouldBe(await OpenAsync(whole));
        (await TypesAsync(Http)).ShouldBe(await TypesAsync(whole), ignoreOrder: true);

        static string NumberOf(string line) => line.Split(',')[0];
    }

    [RealFileFact("cdnow-sample.txt")]
    public async Task The_purchases_of_CDNOW_are_all_there()
    {
        string file = RealFileFactAttribute.PathTo("cdnow-sample.txt");
        var run = await CommandLineOf.RunAsync(Ledger, Http, "import", "cdnow", file);
        run.ExitCode.ShouldBe(0, run.Error);
        output.WriteLine(run.Out);
        var types = await TypesAsync(Http);
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

    /// <summary>How many events of each type; how many imports there were is not part of what they brought.</summary>
    private static async Task<Dictionary<string, int>> TypesAsync(LedgerHttp client) =>
        (await WholeLogOfAsync(client)).GroupBy(e => e.Text("type")!)
            .Where(g => !g.Key.StartsWith("import_", StringComparison.Ordinal))
            .ToDictionary(g => g.Key, g => g.Count());

    /// <summary>
    /// Each stream as the sequence of its events with all that they say. The import's own stream was declared at
    /// another moment.
    /// </summary>
    private static async Task<IReadOnlyList<string>> StreamsAsync(LedgerHttp client)
    {
        var log = await WholeLogOfAsync(client);
        var references = References(log);
        // The clock judges what an import has left open as soon as it is complete, in its own time.
        return [.. log.Where(e => e.Text("actor") != "system").GroupBy(e => e.Text("stream")!)
            .Where(g => !g.Key.StartsWith("import-", StringComparison.Ordinal))
            .Select(g => ByReference(references, string.Join('\n', g.Select(e => string.Join(' ',
                e.Text("stream"), e.Text("version"), e.Text("id"), e.Text("type"), e.Text("occurredAt"),
                e.Text("source"), e.Text("extensions"), e.Text("data"))))))
            .Order()];
    }

    private async Task ShouldHaveTheSameRatesAsync(LedgerHttp other)
    {
        var mine = References(await WholeLogOfAsync(Http));
        var others = References(await WholeLogOfAsync(other));
        foreach (string by in new[] { "team", "kind", "month", "maker", "holder", "customer" })
            (await RatesAsync(Http, mine, by)).ShouldBe(await RatesAsync(other, others, by), by);
    }

    private static async Task<IReadOnlyList<string>> RatesAsync(
        LedgerHttp client, Dictionary<string, string> references, string by)
    {
        var answer = await client.GetAsync($"/v1/kept-rate?by={by}");
        answer.Items("groups").Count.ShouldBeGreaterThan(0);
        return [answer.Text("total")!,
            .. answer.Items("groups").Select(g => ByReference(references, g.GetRawText())).Order()];
    }

    /// <summary>The references of customers and members by their ids, which each tenant has its own of.</summary>
    private static Dictionary<string, string> References(IEnumerable<JsonElement> log) => log
        .Where(e => e.Text("type") is "customer_registered" or "member_joined")
        .ToDictionary(e => e.Text("stream")!.Split('-', 2)[1], e => e.Text("data.reference")!);

    private static string ByReference(Dictionary<string, string> references, string text) =>
        Id().Replace(text, id => references.GetValueOrDefault(id.Value, id.Value));

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

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Id();
}
