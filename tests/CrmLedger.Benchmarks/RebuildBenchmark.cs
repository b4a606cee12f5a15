using System.Globalization;
using CrmLedger.Customers;
using CrmLedger.EventStore.Projections;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Views;
using NpgsqlTypes;

namespace CrmLedger.Benchmarks;

/// <summary>How fast is a view made again from all events, and one customer's stream folded?</summary>
internal static class RebuildBenchmark
{
    private const int EventsOfStream = 1_000;
    private const int Folds = 40;
    private const int EventsOfRequest = 5_000;

    // What a rebuild has to read at the least; position and stream tell where an event belongs.
    private const string CopyLog = """
        copy (
          select seq_id, stream_id, version, id, type, timestamp, data, headers
          from ledger.mt_events where tenant_id = 'bench' and seq_id <= {0} + 1 order by seq_id
        ) to stdout (format binary)
        """;

    private const string ReadStream = """
        select id, type, version, seq_id, timestamp, data, headers
        from ledger.mt_events where tenant_id = $1 and stream_id = $2 order by version
        """;

    /// <summary>Measures.</summary>
    public static async Task<Section> RunAsync(Stage stage, Size size, CancellationToken cancel)
    {
        int events = size == Size.Full ? 1_000_000 : 50_000;
        int customers = Math.Max(EventsOfRequest, events / 50);
        await using var ledger = await stage.NewLedgerAsync(cancel);
        var samples = new SampleEvents(TimeProvider.System.GetUtcNow());
        await ImportBenchmark.LedgerAsync(ledger, samples.Lives(customers, events, EventsOfRequest), 3, cancel);
        await AppendLongStreamAsync(ledger, samples, customers, cancel);
        string longStream = SampleEvents.StreamOf(customers);
        var outcomes = await Rounds.RunAsync(
        [
            Rebuilding(stage, ledger, new KeptRateView()),
            new("bare PostgreSQL, COPY of the same columns to nowhere", false,
                (share, ct) => stage.MeasureAsync(() => CopyOutAsync(ledger, (long)(events * share), ct))),
            Rebuilding(stage, ledger, new OpenCommitmentsView()),
        ], 3, cancel);
        var folds = await Rounds.RunAsync(
        [
            new("ledger, read and fold a stream of 1,000 events", true,
                (_, ct) => FoldsAsync(stage, ledger, longStream, Fold, ct)),
            new("of that: reading and parsing its rows", false,
                (_, ct) => FoldsAsync(stage, ledger, longStream, _ => { }, ct)),
            new("bare PostgreSQL, the same rows read and dropped", false,
                (_, ct) => BareAsync(stage, ledger, longStream, ct)),
            new("of that: folding what was parsed", false, (_, ct) => InMemoryAsync(stage, ledger, longStream, ct)),
        ], 3, cancel);
        return new("rebuild: a view made again from all events",
            $"How fast is a view made again from a log of {events:N0} events of {customers:N0} customers, interleaved, "
            + "with every version of its rows written? And how long does it take to read one stream of 1,000 events "
            + "and fold it?",
            [
                Budget.AtLeast("events a second into the kept rate", 150_000, outcomes[0].Rate),
                Budget.AtLeast("events a second into open commitments", 150_000, outcomes[2].Rate),
                Budget.AtMost("ms to read and fold 1,000 events (p50)", 4, folds[0].Median(s => s.P50) ?? double.NaN),
            ],
            [.. outcomes, .. folds],
            [
                "A rebuild reads and parses the log, folds it, writes the new generation with its indexes, and removes "
                + "the old one. The bare copy only reads the columns and drops them.",
            ]);
    }

    private static async Task AppendLongStreamAsync(
        BenchLedger ledger, SampleEvents samples, int customer, CancellationToken cancel)
    {
        var life = Enumerable.Range(0, EventsOfStream).Select(step => samples.OfLife(customer, step)).ToList();
        await ImportBenchmark.LedgerAsync(
            ledger, [EventStore.Appending.AppendRequest.Of(SampleEvents.StreamOf(customer), 0, life)], 1, cancel);
    }

    private static Contender Rebuilding(Stage stage, BenchLedger ledger, View view) =>
        new($"ledger, {view.Name}", true, (_, cancel) => stage.MeasureAsync(async () =>
        {
            var rebuild = new Rebuild(ledger.Database, new(ledger.Database));
            var result = await rebuild.RunAsync(BenchLedger.Tenant, view, cancel);
            return result.Quarantined == 0
                ? result.Events
                : throw new InvalidOperationException($"{result.Quarantined} streams could not be folded.");
        }));

    private static async Task<long> CopyOutAsync(BenchLedger ledger, long upTo, CancellationToken cancel)
    {
        await using var connection = await ledger.Database.Loader.OpenConnectionAsync(cancel);
        await using var copy = await connection.BeginBinaryExportAsync(
            string.Format(CultureInfo.InvariantCulture, CopyLog, upTo), cancel);
        long rows = 0;
        while (await copy.StartRowAsync(cancel) != -1)
        {
            // Read from the buffer: waiting for each column asynchronously would cost more than the columns.
            copy.Read<long>(NpgsqlDbType.Bigint);
            copy.Read<string>(NpgsqlDbType.Varchar);
            copy.Read<long>(NpgsqlDbType.Bigint);
            copy.Read<Guid>(NpgsqlDbType.Uuid);
            copy.Read<string>(NpgsqlDbType.Varchar);
            copy.Read<DateTimeOffset>(NpgsqlDbType.TimestampTz);
            copy.Read<byte[]>(NpgsqlDbType.Jsonb);
            copy.Read<byte[]>(NpgsqlDbType.Jsonb);
            rows++;
        }
        return rows;
    }

    private static Task<Sample> FoldsAsync(
        Stage stage, BenchLedger ledger, string streamId, Action<List<Envelope>> then, CancellationToken cancel)
    {
        var reader = new EventReader(ledger.Database);
        return RepeatAsync(stage, async () =>
            then(await reader.ReadEnvelopesAsync(BenchLedger.Tenant, streamId, cancel)));
    }

    private static Task<Sample> BareAsync(
        Stage stage, BenchLedger ledger, string streamId, CancellationToken cancel) => RepeatAsync(stage, async () =>
    {
        await using var connection = await ledger.Raw.OpenConnectionAsync(cancel);
        await using var command = new Npgsql.NpgsqlCommand(ReadStream, connection);
        command.Parameters.Add(new() { Value = BenchLedger.Tenant });
        command.Parameters.Add(new() { Value = streamId });
        await command.PrepareAsync(cancel);
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
        {
        }
    });

    private static Task<Sample> RepeatAsync(Stage stage, Func<Task> once)
    {
        var latencies = new Latencies();
        var ticks = latencies.OfWriter();
        return stage.MeasureAsync(async () =>
        {
            for (int i = 0; i < Folds; i++)
            {
                long before = System.Diagnostics.Stopwatch.GetTimestamp();
                await once();
                ticks.Add(System.Diagnostics.Stopwatch.GetTimestamp() - before);
            }
            return Folds * EventsOfStream;
        }, latencies);
    }

    private static async Task<Sample> InMemoryAsync(
        Stage stage, BenchLedger ledger, string streamId, CancellationToken cancel)
    {
        var read = await new EventReader(ledger.Database).ReadEnvelopesAsync(BenchLedger.Tenant, streamId, cancel);
        var latencies = new Latencies();
        return await stage.MeasureAsync(() => AppendBenchmark.TogetherAsync(
            1, TimeSpan.FromSeconds(0.5), latencies, (_, _) =>
            {
                Fold(read);
                return Task.FromResult(EventsOfStream);
            }), latencies);
    }

    private static void Fold(List<Envelope> read)
    {
        if (CustomerStream.Fold(read).Promises.IsEmpty)
            throw new InvalidOperationException("The stream of the benchmark folds to nothing.");
    }
}
