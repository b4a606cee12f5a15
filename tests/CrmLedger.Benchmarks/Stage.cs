using System.Diagnostics;
using System.Globalization;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Appending;
using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Schema;
using CrmLedger.EventStore.Tenants;
using CrmLedger.Postgres;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CrmLedger.Benchmarks;

/// <summary>
/// The private cluster of one run, in a temporary folder and with the settings that the server gives its own: fsync
/// and synchronous_commit are on. Every measurement gets a database of its own in it, so that none inherits another's
/// bloat.
/// </summary>
internal sealed class Stage : IAsyncDisposable
{
    private const string Template = "bench_template";

    private readonly EmbeddedPostgres _cluster;
    private readonly NpgsqlDataSource _admin;
    private readonly string _home;
    private readonly int _postmaster;
    private int _databases;

    private Stage(EmbeddedPostgres cluster, string home)
    {
        (_cluster, _home) = (cluster, home);
        _admin = NpgsqlDataSource.Create(cluster.AdminConnectionString);
        string firstLine = File.ReadLines(Path.Combine(home, "postgres", "postmaster.pid")).First();
        _postmaster = int.Parse(firstLine, CultureInfo.InvariantCulture);
    }

    /// <summary>The server's version.</summary>
    public Version PostgresVersion => _cluster.ServerVersion;

    /// <summary>Makes the cluster and starts it.</summary>
    public static async Task<Stage> StartAsync(CancellationToken cancel)
    {
        string home = Path.Combine(Path.GetTempPath(), $"crmledger-bench-{Environment.ProcessId}");
        var options = new EmbeddedPostgresOptions { Home = home };
        return new(await EmbeddedPostgres.StartAsync(options, NullLogger.Instance, cancel), home);
    }

    /// <summary>
    /// A new database with the ledger's schema, one empty tenant, and the bare table beside it. The one before it goes.
    /// </summary>
    public async Task<BenchLedger> NewLedgerAsync(CancellationToken cancel)
    {
        if (_databases == 0)
            await MakeTemplateAsync(cancel);
        else
            await ExecuteAsync($"drop database {NameOf(_databases)} with (force)", cancel);
        // Copied as files, which checkpoints: nothing written before is flushed on the time of what is measured next.
        await ExecuteAsync(
            $"create database {NameOf(++_databases)} owner ledger_owner template {Template} strategy file_copy",
            cancel);
        return Open(NameOf(_databases));
    }

    /// <summary>Measures some work.</summary>
    /// <param name="work">Does it and answers how many events it was.</param>
    /// <param name="latencies">What the work filled with the time of each operation, or null.</param>
    public async Task<Sample> MeasureAsync(Func<Task<long>> work, Latencies? latencies = null)
    {
        double ours = OurCpuSeconds();
        double postgres = Machine.CpuSecondsOfTree(_postmaster);
        long started = Stopwatch.GetTimestamp();
        long events = await work();
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return new(events, seconds, OurCpuSeconds() - ours, Machine.CpuSecondsOfTree(_postmaster) - postgres,
            latencies?.Milliseconds(0.50), latencies?.Milliseconds(0.99));
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _admin.DisposeAsync();
        await _cluster.DisposeAsync();
        Directory.Delete(_home, recursive: true);
    }

    private static double OurCpuSeconds()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime.TotalSeconds;
    }

    private static string NameOf(int database) => $"bench_{database}";

    private async Task MakeTemplateAsync(CancellationToken cancel)
    {
        await ExecuteAsync($"create database {Template} owner ledger_owner", cancel);
        await using var template = Open(Template);
        await template.PrepareAsync(cancel);
    }

    private BenchLedger Open(string name)
    {
        string In(string connectionString) =>
            new NpgsqlConnectionStringBuilder(connectionString) { Database = name }.ConnectionString;
        return new(new(In(_cluster.OwnerConnectionString), In(_cluster.ServerConnectionString),
            In(_cluster.LoaderConnectionString)));
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancel)
    {
        await using var command = _admin.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancel);
    }
}

/// <summary>A database of one measurement.</summary>
internal sealed class BenchLedger(LedgerConnections connections) : IAsyncDisposable
{
    /// <summary>The one tenant.</summary>
    public const string Tenant = "bench";

    /// <summary>How to reach it.</summary>
    public LedgerConnections Connections => connections;

    /// <summary>Opens the tenant's keys.</summary>
    public static MasterKey Master { get; } = MasterKey.Of(new byte[KeyWrap.KeyBytes]);

    /// <summary>The ledger.</summary>
    public LedgerDatabase Database { get; } = new(connections);

    /// <summary>Connections that go past the ledger, as the owner, whom no row-level security holds.</summary>
    public NpgsqlDataSource Raw { get; } = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connections.Owner)
    {
        MaxPoolSize = 40,
        NoResetOnClose = true,
    }.ConnectionString);

    /// <summary>Makes the schema, the tenant and the bare table.</summary>
    public async Task PrepareAsync(CancellationToken cancel)
    {
        await Migration.RunAsync(Database, cancel);
        await new TenantDirectory(Database, Master).FindOrCreateAsync(Tenant, cancel);
        await RawTable.CreateAsync(Raw, cancel);
    }

    /// <summary>A sequencer as the server has one.</summary>
    public Sequencer NewSequencer() => new(Database, Tenant, TimeProvider.System, NullLogger.Instance);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Raw.DisposeAsync();
        await Database.DisposeAsync();
    }
}
