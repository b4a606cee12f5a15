namespace CrmLedger.Benchmarks;

/// <summary>What does an append cost when the log has grown?</summary>
internal static class GrowthBenchmark
{
    private const int EventsOfRequest = 5_000;
    private const int Rounds = 3;

    /// <summary>Measures.</summary>
    public static async Task<Section> RunAsync(Stage stage, Size size, CancellationToken cancel)
    {
        var (small, large) = size == Size.Full ? (100_000L, 5_000_000L) : (10_000L, 50_000L);
        var length = TimeSpan.FromSeconds(size == Size.Full ? 10 : 1);
        var events = new SampleEvents(TimeProvider.System.GetUtcNow());
        await using var ledger = await stage.NewLedgerAsync(cancel);
        int customers = (int)(large / 20);
        var lives = events.Lives(customers, large, EventsOfRequest).GetEnumerator();
        int nextCustomer = customers;

        async Task<Outcome> AtAsync(long goal, long from)
        {
            for (long there = from; there < goal; there += EventsOfRequest * 20)
            {
                int requests = (int)Math.Min(20, (goal - there) / EventsOfRequest);
                await ImportBenchmark.LedgerAsync(ledger, Next(lives, requests), 3, cancel);
                if (there % 1_000_000 == 0)
                    await Console.Error.WriteLineAsync($"  the log holds {there:N0} events");
            }
            var contender = new Contender($"ledger, 32 writers, {goal:N0} events in the log", true, async (share, ct) =>
            {
                var latencies = new Latencies();
                var way = new AppendBenchmark.Way(FirstCustomer: nextCustomer);
                nextCustomer += 10_000;
                return await stage.MeasureAsync(() =>
                    AppendBenchmark.LedgerAsync(ledger, events, way, length * share, latencies, ct), latencies);
            });
            return (await Benchmarks.Rounds.RunAsync([contender], Rounds, cancel))[0];
        }

        var first = await AtAsync(small, 0);
        var last = await AtAsync(large, small);
        double ratio = (last.Median(s => s.P50) ?? double.NaN) / (first.Median(s => s.P50) ?? double.NaN);
        return new("growth: an append to a long log",
            $"What does a single append cost at {large:N0} events, beside {small:N0}? The same 32 writers as in "
            + $"`append`, on new streams. The p50 of the long log is {ratio:0.00} times that of the short one.",
            [], [first, last],
            ["The log grows by import between the two, so that they are not taken in turn."]);
    }

    private static IEnumerable<EventStore.Appending.AppendRequest> Next(
        IEnumerator<EventStore.Appending.AppendRequest> lives, int count)
    {
        while (count-- > 0 && lives.MoveNext())
            yield return lives.Current;
    }
}
