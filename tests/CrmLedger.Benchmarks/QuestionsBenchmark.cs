using System.Diagnostics;
using System.Text.Json;
using CrmLedger.EventStore.Appending;
using CrmLedger.EventStore.Projections;
using CrmLedger.EventStore.Views;

namespace CrmLedger.Benchmarks;

/// <summary>How long do leaders and team members wait for their answers when there are a million promises?</summary>
internal static class QuestionsBenchmark
{
    private const int PromisesOfCustomer = 50;
    private const int CustomersOfRequest = 50;
    private const int OpenOfHundred = 5;

    // The least that counting by team can be: no classes, no dates, no medians, and no customers counted apart.
    private const string CountByTeam = """
        select team, count(*) from ledger.view_rows
        where tenant_id = 'bench' and view = 'kept-rate' and valid_to is null group by team
        """;

    /// <summary>Measures.</summary>
    public static async Task<Section> RunAsync(Stage stage, Size size, CancellationToken cancel)
    {
        int promises = size == Size.Full ? 1_000_000 : 20_000;
        var length = TimeSpan.FromSeconds(size == Size.Full ? 15 : 2);
        await using var ledger = await stage.NewLedgerAsync(cancel);
        await ImportBenchmark.LedgerAsync(ledger, Promises(promises / PromisesOfCustomer), 3, cancel);
        foreach (var view in LedgerViews.All)
            await new Rebuild(ledger.Database, new(ledger.Database)).RunAsync(BenchLedger.Tenant, view, cancel);
        await VacuumAsync(ledger, cancel);
        await using var server = await BenchServer.StartAsync(ledger, 4, cancel);
        string then = await HalfwayAsync(server, cancel);
        var tails = new Dictionary<string, List<double>>();
        Contender Asking(string name, string path) => new(name, true, (share, ct) => OnceAsync(
            stage, length * share, name, tails, () => server.AskAsync(path, ct)));
        var outcomes = await Rounds.RunAsync(
        [
            Asking("kept rate by team, now", "/v1/kept-rate?by=team"),
            Asking("kept rate by month, now", "/v1/kept-rate?by=month"),
            Asking("kept rate by team, as known then", $"/v1/kept-rate?by=team&asOf={then}"),
            new("bare PostgreSQL, rows counted by team", false, (share, ct) => OnceAsync(
                stage, length * share, "bare", tails, () => CountAsync(ledger, ct))),
            Asking("a page of 100 open commitments", "/v1/commitments/open?limit=100"),
            Asking("a page of one team's", "/v1/commitments/open?limit=100&team=team-7"),
            new("kept rate by team, now, first asked", true, (_, ct) => FirstAsync(stage, ledger, ct)),
        ], 3, cancel);
        double P95(int which) => tails[outcomes[which].Contender.Name].Order().ElementAt(1);
        return new("questions: answers out of many promises",
            $"How long does an answer take over HTTP, one question at a time, with {promises:N0} promises of "
            + $"{promises / PromisesOfCustomer:N0} customers, {OpenOfHundred} of a hundred of them open?",
            [
                Budget.AtMost("ms for the kept rate by team, now (p95)", 50, P95(0)),
                Budget.AtMost("ms for the kept rate by month, now (p95)", 50, P95(1)),
                Budget.AtMost("ms for the kept rate by team, as known then (p95)", 2_000, P95(2)),
                Budget.AtMost("ms for a page of open commitments (p95)", 10, P95(4)),
                Budget.AtMost("ms for a page of one team's (p95)", 10, P95(5)),
            ],
            outcomes,
            [
                "`then` is when half of the log had been recorded. The p95 is the median of those of three rounds.",
                "The first question to a server about now reads what it counts into memory and takes longer; the "
                + "others read what was recorded since, which here is nothing. About the past everything is read each "
                + "time.",
                "The views' table was vacuumed before, as PostgreSQL does by itself within minutes of a rebuild.",
            ],
            "answers");
    }

    /// <summary>Asks again and again for a while, one question at a time, and notes the p95.</summary>
    internal static async Task<Sample> OnceAsync(
        Stage stage, TimeSpan time, string name, Dictionary<string, List<double>> tails, Func<Task> ask)
    {
        var latencies = new Latencies();
        var sample = await stage.MeasureAsync(() => AppendBenchmark.TogetherAsync(1, time, latencies, async (_, _) =>
        {
            await ask();
            return 1;
        }), latencies);
        if (!tails.TryGetValue(name, out var ofName))
            tails[name] = ofName = [];
        ofName.Add(latencies.Milliseconds(0.95) ?? double.NaN);
        return sample;
    }

    private static async Task<Sample> FirstAsync(Stage stage, BenchLedger ledger, CancellationToken cancel)
    {
        await using var fresh = await BenchServer.StartAsync(ledger, 1, cancel);
        await fresh.AskAsync("/v1/status", cancel);
        var latencies = new Latencies();
        var ticks = latencies.OfWriter();
        return await stage.MeasureAsync(async () =>
        {
            long before = Stopwatch.GetTimestamp();
            await fresh.AskAsync("/v1/kept-rate?by=team", cancel);
            ticks.Add(Stopwatch.GetTimestamp() - before);
            return 1;
        }, latencies);
    }

    /// <summary>Customers with promises whose dates lie in three years; nearly all are kept, some late.</summary>
    private static IEnumerable<AppendRequest> Promises(int customers)
    {
        var samples = new SampleEvents(TimeProvider.System.GetUtcNow());
        for (int first = 0; first < customers; first += CustomersOfRequest)
        {
            yield return new([.. Enumerable.Range(first, CustomersOfRequest).Select(customer =>
                new StreamAppend(SampleEvents.StreamOf(customer), 0, [.. samples.OfPromises(
                    customer, PromisesOfCustomer, OpenOfHundred)]))], [], null);
        }
    }

    /// <summary>When half of the log had been recorded.</summary>
    internal static async Task<string> HalfwayAsync(BenchServer server, CancellationToken cancel)
    {
        using var status = JsonDocument.Parse(await server.AskAsync("/v1/status", cancel));
        long half = status.RootElement.GetProperty("head").GetProperty("size").GetInt64() / 2;
        using var page = JsonDocument.Parse(await server.AskAsync($"/v1/events?after={half}&limit=1", cancel));
        return page.RootElement.GetProperty("events")[0].GetProperty("recordedAt").GetString()!;
    }

    /// <summary>What PostgreSQL does by itself within minutes of a rebuild.</summary>
    internal static async Task VacuumAsync(BenchLedger ledger, CancellationToken cancel)
    {
        await using var vacuum = ledger.Raw.CreateCommand("vacuum analyze ledger.view_rows");
        vacuum.CommandTimeout = 600;
        await vacuum.ExecuteNonQueryAsync(cancel);
    }

    private static async Task CountAsync(BenchLedger ledger, CancellationToken cancel)
    {
        await using var command = ledger.Raw.CreateCommand(CountByTeam);
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
            rows.GetInt64(1);
    }
}
