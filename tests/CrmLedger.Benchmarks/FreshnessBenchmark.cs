using System.Diagnostics;

namespace CrmLedger.Benchmarks;

/// <summary>How long after its answer is an append visible in a view, while 1,000 a second come in?</summary>
internal static class FreshnessBenchmark
{
    private const int Clients = 64;
    private const int Customers = 256;
    private const int CommandsOfSecond = 1_000;
    private const int Watched = 25; // every so many commands, one is waited for in the view

    /// <summary>Measures.</summary>
    public static async Task<Section> RunAsync(Stage stage, Size size, CancellationToken cancel)
    {
        int seconds = size == Size.Full ? 30 : 3;
        double slowest = 0;
        var outcomes = await Rounds.RunAsync(
        [
            new("ledger, from the answer until a view shows it", true, async (share, ct) =>
            {
                var sample = await OnceAsync(stage, (int)(seconds * CommandsOfSecond * share), ct);
                slowest = Math.Max(slowest, sample.P99 ?? double.NaN);
                return sample;
            }),
        ], 3, cancel);
        return new("freshness: from an append to a view",
            $"While {CommandsOfSecond:N0} commands a second come in over HTTP, evenly: how long after the answer to a "
            + "command does the list of open commitments reflect it?",
            [
                Budget.AtMost("ms until visible (p99)", 250, outcomes[0].Median(s => s.P99) ?? double.NaN),
                Budget.AtLeast("commands a second meanwhile", CommandsOfSecond * 0.95, outcomes[0].Rate),
            ],
            outcomes,
            [
                "A reader asks for the list with `atLeast=` the command's position as soon as the command is answered; "
                + "its whole request counts, so the time holds an HTTP request and the reading of the view too.",
                $"One in {Watched} commands is watched. The slowest round's p99 was {slowest:0} ms.",
            ], "commands");
    }

    private static async Task<Sample> OnceAsync(Stage stage, int commands, CancellationToken cancel)
    {
        await using var ledger = await stage.NewLedgerAsync(cancel);
        await using var server = await BenchServer.StartAsync(ledger, Clients + 16, cancel);
        await server.RegisterAsync(Customers, cancel);
        var latencies = new Latencies();
        var ticks = latencies.OfWriter();
        int next = -1;
        long started = Stopwatch.GetTimestamp();

        async Task SendAsync()
        {
            for (int number; (number = Interlocked.Increment(ref next)) < commands;)
            {
                var due = TimeSpan.FromSeconds(number / (double)CommandsOfSecond);
                if (due - Stopwatch.GetElapsedTime(started) is { Ticks: > 0 } early)
                    await Task.Delay(early, cancel);
                long position = await server.CommandAsync(number % Customers, number / Customers, cancel);
                if (number % Watched != 0)
                    continue;
                long answered = Stopwatch.GetTimestamp();
                await server.AskAsync($"/v1/commitments/open?limit=1&atLeast={position}", cancel);
                lock (ticks)
                    ticks.Add(Stopwatch.GetTimestamp() - answered);
            }
        }

        return await stage.MeasureAsync(async () =>
        {
            await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => SendAsync()));
            return commands;
        }, latencies);
    }
}
