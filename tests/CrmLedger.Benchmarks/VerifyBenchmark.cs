using CrmLedger.EventStore.Checkpoints;
using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Projections;
using CrmLedger.EventStore.Tenants;
using CrmLedger.EventStore.Verification;
using CrmLedger.EventStore.Views;
using CrmLedger.Server.EvidenceBundles;
using CrmLedger.Transparency;
using NpgsqlTypes;

namespace CrmLedger.Benchmarks;

/// <summary>How fast is a whole database read again and verified, and in how much memory?</summary>
internal static class VerifyBenchmark
{
    private const int EventsOfRequest = 5_000;

    // Every column that a hash or a rule looks at.
    private const string CopyLog = """
        copy (
          select seq_id, stream_id, version, id, type, timestamp, headers, data, mt_dotnet_type
          from ledger.mt_events where tenant_id = 'bench' order by seq_id
        ) to stdout (format binary)
        """;

    /// <summary>Measures.</summary>
    public static async Task<Section> RunAsync(Stage stage, Size size, CancellationToken cancel)
    {
        int events = size == Size.Full ? 1_000_000 : 50_000;
        var quarter = await PeakAsync(stage, events / 4, cancel);
        await using var ledger = await LedgerAsync(stage, events, cancel);
        string bundle = Path.Combine(Path.GetTempPath(), $"crmledger-bundle-{Guid.CreateVersion7():N}");
        try
        {
            var policy = await ExportAsync(ledger, bundle, cancel);
            return await MeasureAsync(stage, ledger, events, quarter, bundle, policy, cancel);
        }
        finally
        {
            File.Delete(bundle);
        }
    }

    private static async Task<Section> MeasureAsync(
        Stage stage, BenchLedger ledger, int events, double quarter, string bundle, LogPolicy policy,
        CancellationToken cancel)
    {
        var outcomes = await Rounds.RunAsync(
        [
            new("ledger, the log: rows, leaves, tiles, root, checkpoints, versions", true,
                (_, ct) => stage.MeasureAsync(() => VerifyAsync(ledger, views: false, ct))),
            new("bare PostgreSQL, COPY of the same columns to nowhere", false,
                (_, ct) => stage.MeasureAsync(() => CopyOutAsync(ledger, ct))),
            new($"ledger, all of it: the log and {LedgerViews.All.Count} views folded again", true,
                (_, ct) => stage.MeasureAsync(() => VerifyAsync(ledger, views: true, ct))),
            new("ledger, offline: a bundle of the whole log, with no database", true,
                (_, ct) => stage.MeasureAsync(() => CheckBundleAsync(bundle, policy, ct))),
        ], 3, cancel);
        double whole = await PeakOfAsync(ledger, cancel);
        return new("verify: a whole database read again",
            $"How fast is a log of {events:N0} events read again, hashed and compared with all that is stored? Does "
            + "the memory that it takes grow with the log?",
            [
                Budget.AtLeast("events a second, the database's log", 150_000, outcomes[0].Rate),
                Budget.AtLeast("events a second, a bundle", 150_000, outcomes[3].Rate),
                Budget.AtMost(
                    "memory at the whole log, as a multiple of that at a quarter of it", 1.5, whole / quarter),
            ],
            outcomes,
            [
                "The most that the heap held after a collection, views included: "
                + FormattableString.Invariant($"{quarter / 1e6:N0} MB at {events / 4:N0} events, ")
                + FormattableString.Invariant($"{whole / 1e6:N0} MB at {events:N0}."),
            ]);
    }

    private static async Task<double> PeakAsync(Stage stage, int events, CancellationToken cancel)
    {
        await using var ledger = await LedgerAsync(stage, events, cancel);
        return await PeakOfAsync(ledger, cancel);
    }

    private static async Task<BenchLedger> LedgerAsync(Stage stage, int events, CancellationToken cancel)
    {
        int customers = Math.Max(EventsOfRequest, events / 50);
        var ledger = await stage.NewLedgerAsync(cancel);
        var samples = new SampleEvents(TimeProvider.System.GetUtcNow());
        var keys = await new TenantDirectory(ledger.Database, BenchLedger.Master).FindAsync(BenchLedger.Tenant, cancel);
        var subjects = new SubjectKeys(ledger.Database, keys!);
        await ImportBenchmark.LedgerAsync(ledger, samples.Lives(customers, events, EventsOfRequest).Select(
            r => r with
            {
                NewKeys = [.. r.Streams.Where(s => s.ExpectedVersion == 0).Select(
                    s => subjects.Make(View.IdOf(s.StreamId)))],
            }), 3, cancel);
        foreach (var view in LedgerViews.All)
            await new Rebuild(ledger.Database, new(ledger.Database)).RunAsync(BenchLedger.Tenant, view, cancel);
        await new CheckpointSigner(ledger.Database, new(ledger.Database), new(new(ledger.Database)), new(null))
            .SignAsync(keys!, cancel);
        return ledger;
    }

    private static async Task<long> VerifyAsync(BenchLedger ledger, bool views, CancellationToken cancel)
    {
        var report = await new DatabaseVerification(ledger.Database, BenchLedger.Master, new(null))
            .RunAsync(new([], [], [], views), null, cancel);
        return report.Count == 0
            ? report.Tenants[0].Size
            : throw new InvalidOperationException($"{report.Count} findings, the first one: {report.Findings[0]}");
    }

    /// <summary>Writes a bundle of the whole log.</summary>
    /// <returns>Whom to trust for it.</returns>
    private static async Task<LogPolicy> ExportAsync(BenchLedger ledger, string file, CancellationToken cancel)
    {
        var keys = await new TenantDirectory(ledger.Database, BenchLedger.Master).FindAsync(BenchLedger.Tenant, cancel);
        var tree = new StoredTree(new(ledger.Database));
        var logKeys = new LogKeys(ledger.Database);
        var signed = await new CheckpointSigner(ledger.Database, logKeys, tree, new(null)).SignAsync(keys!, cancel);
        VerifierKey[] verifiers = [.. (await logKeys.ListAsync(keys!, cancel)).Select(k => k.Signer.Verifier)];
        await using var to = File.Create(file);
        await new EvidenceBundle(new(ledger.Database), tree).WriteAsync(
            new(BenchLedger.Tenant, new EvidenceScope.WholeLog(), signed, verifiers, [], []), to, cancel);
        return new(signed.Checkpoint.Origin, verifiers, [], 0);
    }

    private static async Task<long> CheckBundleAsync(string file, LogPolicy policy, CancellationToken cancel)
    {
        await using var from = File.OpenRead(file);
        var report = await EvidenceVerification.CheckAsync(from, _ => policy, [], null, cancel);
        return report.Refusal is null ? report.Events : throw new InvalidOperationException(report.Refusal);
    }

    /// <summary>The most bytes that the heap had after a collection while everything was verified.</summary>
    private static async Task<double> PeakOfAsync(BenchLedger ledger, CancellationToken cancel)
    {
        GC.Collect();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var watching = Task.Run(async () =>
        {
            double peak = 0;
            while (!enough.IsCancellationRequested)
            {
                peak = Math.Max(peak, GC.GetGCMemoryInfo(GCKind.FullBlocking).HeapSizeBytes);
                peak = Math.Max(peak, GC.GetGCMemoryInfo(GCKind.Any).HeapSizeBytes);
                await Task.Delay(20, CancellationToken.None);
            }
            return peak;
        }, CancellationToken.None);
        await VerifyAsync(ledger, views: true, cancel);
        await enough.CancelAsync();
        return await watching;
    }

    private static async Task<long> CopyOutAsync(BenchLedger ledger, CancellationToken cancel)
    {
        await using var connection = await ledger.Database.Loader.OpenConnectionAsync(cancel);
        await using var copy = await connection.BeginBinaryExportAsync(CopyLog, cancel);
        long rows = 0;
        while (await copy.StartRowAsync(cancel) != -1)
        {
            copy.Read<long>(NpgsqlDbType.Bigint);
            copy.Read<long>(NpgsqlDbType.Bigint);
            copy.Read<string>(NpgsqlDbType.Varchar);
            copy.Read<long>(NpgsqlDbType.Bigint);
            copy.Read<Guid>(NpgsqlDbType.Uuid);
            copy.Read<string>(NpgsqlDbType.Varchar);
            copy.Read<DateTimeOffset>(NpgsqlDbType.TimestampTz);
            copy.Read<byte[]>(NpgsqlDbType.Jsonb);
            copy.Read<byte[]>(NpgsqlDbType.Jsonb);
            copy.Read<byte[]>(NpgsqlDbType.Bytea);
            copy.Read<string>(NpgsqlDbType.Varchar);
            rows++;
        }
        return rows;
    }
}
