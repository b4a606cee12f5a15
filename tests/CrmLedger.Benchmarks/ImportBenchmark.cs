using System.Threading.Channels;
using CrmLedger.EventStore.Appending;

namespace CrmLedger.Benchmarks;

/// <summary>How fast does a large number of events come into the log?</summary>
internal static class ImportBenchmark
{
    private const int BulkOfRequest = 5_000;
    private const int BulkOutstanding = 3;
    private const int BatchOfRequest = 100;
    private const int BatchWriters = 8;

    /// <summary>Measures.</summary>
    public static async Task<Section> RunAsync(Stage stage, Size size, CancellationToken cancel)
    {
        int events = size == Size.Full ? 200_000 : 15_000;
        var bulk = new Volume(events, BulkOfRequest);
        var batches = new Volume(size == Size.Full ? 100_000 : 10_000, BatchOfRequest);
        var outcomes = await Rounds.RunAsync(
        [
            new("ledger, bulk: requests of 5,000 events, 3 outstanding", true, (share, ct) =>
                OnceAsync(stage, bulk, share, (l, r) => LedgerAsync(l, r, BulkOutstanding, ct), ct)),
            new("bare PostgreSQL, one binary COPY of all rows", false, (share, ct) =>
                OnceAsync(stage, bulk, share, (l, r) => CopyAsync(l, r, ct), ct)),
            new("ledger, batches: requests of 100 events, 8 writers", true, (share, ct) =>
                OnceAsync(stage, batches, share, (l, r) => LedgerAsync(l, r, BatchWriters, ct), ct)),
            new("bare PostgreSQL, 8 connections, 100 rows a commit", false, (share, ct) =>
                OnceAsync(stage, batches, share, (l, r) => GroupsAsync(l, r, ct), ct)),
        ], 3, cancel);
        return new("import: many events at a time",
            $"How fast do {events:N0} events come into an empty log? Whole lives of {bulk.Customers:N0} customers, "
            + "five events of each at a time, with ids from the client, which are looked up, and exact versions "
            + "expected. The requests are made before the clock starts.",
            [
                Budget.AtLeast("bulk events a second", 25_000, outcomes[0].Rate),
                Budget.AtLeast("share of bare COPY in %", 60, 100 * outcomes[0].Rate / outcomes[1].Rate),
                Budget.AtLeast("events a second in batches of 100", 15_000, outcomes[2].Rate),
            ],
            outcomes,
            [
                "The copy is of the events table only, with the same five indexes and checks: no look-ups, no streams' "
                + "rows, no hashes, no tree, no head. It is one transaction; the ledger commits every batch.",
            ]);
    }

    private static async Task<Sample> OnceAsync(
        Stage stage, Volume volume, double share, Func<BenchLedger, List<AppendRequest>, Task> run,
        CancellationToken cancel)
    {
        long events = Math.Max(volume.OfRequest, (long)(volume.Events * share));
        var samples = new SampleEvents(TimeProvider.System.GetUtcNow());
        var requests = samples.Lives(volume.Customers, events, volume.OfRequest).ToList();
        await using var ledger = await stage.NewLedgerAsync(cancel);
        GC.Collect();
        return await stage.MeasureAsync(async () =>
        {
            await run(ledger, requests);
            return (long)requests.Count * volume.OfRequest;
        });
    }

    /// <summary>Keeps so many requests on their way.</summary>
    internal static async Task LedgerAsync(
        BenchLedger ledger, IEnumerable<AppendRequest> requests, int outstanding, CancellationToken cancel)
    {
        await using var sequencer = ledger.NewSequencer();
        using var each = requests.GetEnumerator();
        var onTheirWay = new Queue<Task<AppendOutcome>>();
        bool more = true;
        while (more || onTheirWay.Count > 0)
        {
            while (onTheirWay.Count < outstanding && (more = more && each.MoveNext()))
                onTheirWay.Enqueue(sequencer.AppendAsync(each.Current, cancel));
            if (onTheirWay.Count > 0 && await onTheirWay.Dequeue() is not AppendOutcome.Appended)
                throw new InvalidOperationException("A request of the benchmark was not appended.");
        }
    }

    private static async Task CopyAsync(BenchLedger ledger, List<AppendRequest> requests, CancellationToken cancel)
    {
        await using var connection = await ledger.Raw.OpenConnectionAsync(cancel);
        await RawTable.CopyAsync(connection, RawTable.RowsOf(requests), cancel);
    }

    private static async Task GroupsAsync(BenchLedger ledger, List<AppendRequest> requests, CancellationToken cancel)
    {
        var queue = Channel.CreateUnbounded<RawRow[]>();
        foreach (var rows in RawTable.RowsOf(requests).Chunk(BatchOfRequest))
            queue.Writer.TryWrite(rows);
        queue.Writer.Complete();
        await Task.WhenAll(Enumerable.Range(0, BatchWriters).Select(_ => Task.Run(async () =>
        {
            await using var connection = await ledger.Raw.OpenConnectionAsync(cancel);
            await using var insert = await RawTable.PrepareInsertManyAsync(connection, cancel);
            await foreach (var rows in queue.Reader.ReadAllAsync(cancel))
            {
                RawTable.BindMany(insert, rows);
                await insert.ExecuteNonQueryAsync(cancel);
            }
        }, cancel)));
    }

    private sealed record Volume(int Events, int OfRequest)
    {
        /// <summary>Twenty events for each.</summary>
        public int Customers => Events / 20;
    }
}
