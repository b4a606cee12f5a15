using System.Diagnostics;
using CrmLedger.EventStore.Appending;

namespace CrmLedger.Benchmarks;

/// <summary>
/// How many single events do 32 writers get into the log, each waiting for its answer before its next one?
/// </summary>
internal static class AppendBenchmark
{
    private delegate Task<long> Work(
        BenchLedger ledger, TimeSpan time, Latencies latencies, CancellationToken cancel);

    /// <summary>How the ledger's writers go about it.</summary>
    /// <param name="IdsFromClients">Whether the events' ids are the clients', which are looked up.</param>
    /// <param name="Servers">How many servers share the writers.</param>
    /// <param name="FirstCustomer">The first of the customers; none of them has a stream yet.</param>
    internal sealed record Way(bool IdsFromClients = false, int Servers = 1, int FirstCustomer = 0);

    private const int Writers = 32;
    private const int StreamsOfWriter = 63; // 2,016 in all

    /// <summary>Measures.</summary>
    public static async Task<Section> RunAsync(Stage stage, Size size, CancellationToken cancel)
    {
        var length = TimeSpan.FromSeconds(size == Size.Full ? 10 : 1);
        var events = new SampleEvents(TimeProvider.System.GetUtcNow());
        Contender Of(string name, bool ours, Work run) =>
            new(name, ours, (share, ct) => OnceAsync(stage, length * share, run, ct));
        var outcomes = await Rounds.RunAsync(
        [
            Of("ledger, 32 writers", true, (l, time, lat, ct) => LedgerAsync(l, events, new(), time, lat, ct)),
            Of("bare PostgreSQL, 32 connections, one row a commit", false,
                (l, time, lat, ct) => SingleRowsAsync(l, events, time, lat, ct)),
            Of("ledger, 32 writers, ids from clients", true,
                (l, time, lat, ct) => LedgerAsync(l, events, new(IdsFromClients: true), time, lat, ct)),
            Of("ledger, two servers on one log, 16 writers each", true,
                (l, time, lat, ct) => LedgerAsync(l, events, new(Servers: 2), time, lat, ct)),
            Of("bare PostgreSQL, 1 connection, 32 rows a commit", false,
                (l, time, lat, ct) => GroupsAsync(l, events, time, lat, ct)),
        ], size == Size.Full ? 5 : 3, cancel);
        return new("append: one event at a time",
            "How many single events do 32 writers get into the log, each waiting for the answer before it sends its "
            + "next one? Promises and touchpoints of about 400 bytes, on 2,016 streams, each with the exact version "
            + "expected.",
            [
                Budget.AtLeast("single-event appends a second", 10_000, outcomes[0].Rate),
                Budget.AtMost("their p99 in ms", 20, outcomes[0].Median(s => s.P99) ?? double.NaN),
            ],
            outcomes,
            [
                "Bare PostgreSQL writes the same rows into a copy of the events table with the same five indexes, "
                + "and nothing else: no proofs, no stream versions, no order of positions.",
                "With ids from clients every batch first looks up whether an id is in the log already.",
                "32 rows a commit on one connection is what a group commit could come to that does nothing but insert.",
            ]);
    }

    private static async Task<Sample> OnceAsync(
        Stage stage, TimeSpan time, Work run, CancellationToken cancel)
    {
        await using var ledger = await stage.NewLedgerAsync(cancel);
        var latencies = new Latencies();
        return await stage.MeasureAsync(() => run(ledger, time, latencies, cancel), latencies);
    }

    /// <summary>32 writers, each on streams of its own, that are new.</summary>
    internal static async Task<long> LedgerAsync(
        BenchLedger ledger, SampleEvents events, Way way, TimeSpan time, Latencies latencies, CancellationToken cancel)
    {
        var sequencers = Enumerable.Range(0, way.Servers).Select(_ => ledger.NewSequencer()).ToList();
        long count = await TogetherAsync(Writers, time, latencies, async (writer, turn) =>
        {
            int customer = way.FirstCustomer + writer * StreamsOfWriter + turn % StreamsOfWriter;
            long version = turn / StreamsOfWriter;
            var request = AppendRequest.Of(
                SampleEvents.StreamOf(customer), version, events.Single(customer, turn, way.IdsFromClients));
            var outcome = await sequencers[writer % way.Servers].AppendAsync(request, cancel);
            return outcome is AppendOutcome.Appended ? 1 : throw new InvalidOperationException($"{outcome}");
        });
        foreach (var sequencer in sequencers)
            await sequencer.DisposeAsync();
        return count;
    }

    private static async Task<long> SingleRowsAsync(
        BenchLedger ledger, SampleEvents events, TimeSpan time, Latencies latencies, CancellationToken cancel)
    {
        long position = -1;
        var inserts = await Task.WhenAll(Enumerable.Range(0, Writers).Select(async _ =>
            await RawTable.PrepareInsertAsync(await ledger.Raw.OpenConnectionAsync(cancel), cancel)));
        long count = await TogetherAsync(Writers, time, latencies, async (writer, turn) =>
        {
            RawTable.Bind(inserts[writer], Row(events, writer, turn, Interlocked.Increment(ref position)));
            return await inserts[writer].ExecuteNonQueryAsync(cancel);
        });
        foreach (var insert in inserts)
        {
            await insert.Connection!.DisposeAsync();
            await insert.DisposeAsync();
        }
        return count;
    }

    private static async Task<long> GroupsAsync(
        BenchLedger ledger, SampleEvents events, TimeSpan time, Latencies latencies, CancellationToken cancel)
    {
        await using var connection = await ledger.Raw.OpenConnectionAsync(cancel);
        await using var insert = await RawTable.PrepareInsertManyAsync(connection, cancel);
        return await TogetherAsync(1, time, latencies, async (_, turn) =>
        {
            var rows = new RawRow[Writers];
            for (int writer = 0; writer < Writers; writer++)
                rows[writer] = Row(events, writer, turn, (long)turn * Writers + writer);
            RawTable.BindMany(insert, rows);
            return await insert.ExecuteNonQueryAsync(cancel);
        });
    }

    private static RawRow Row(SampleEvents events, int writer, int turn, long position)
    {
        int customer = writer * StreamsOfWriter + turn % StreamsOfWriter;
        long version = 1 + turn / StreamsOfWriter;
        return new(events.Single(customer, turn), SampleEvents.StreamOf(customer), version, position);
    }

    /// <summary>Every writer takes its turns one after the other until the time is over.</summary>
    /// <returns>The events in all.</returns>
    internal static async Task<long> TogetherAsync(
        int writers, TimeSpan time, Latencies latencies, Func<int, int, Task<int>> turnAsync)
    {
        long started = Stopwatch.GetTimestamp();
        async Task<long> WriteAsync(int writer, List<long> ticks)
        {
            long events = 0;
            for (int turn = 0; Stopwatch.GetElapsedTime(started) < time; turn++)
            {
                long before = Stopwatch.GetTimestamp();
                events += await turnAsync(writer, turn);
                ticks.Add(Stopwatch.GetTimestamp() - before);
            }
            return events;
        }
        var lists = Enumerable.Range(0, writers).Select(_ => latencies.OfWriter()).ToList();
        long[] counts = await Task.WhenAll(lists.Select((ticks, i) => Task.Run(() => WriteAsync(i, ticks))));
        return counts.Sum();
    }
}
