using CrmLedger.EventStore;
using CrmLedger.EventStore.Schema;
using CrmLedger.Postgres;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CrmLedger.PostgresTests;

/// <summary>
/// The one real PostgreSQL of a test run, made in a temporary folder when the first test asks for it and stopped with
/// the process. Each test class makes databases of its own in it.
/// </summary>
internal static class PostgresCluster
{
    private static readonly Lazy<Task<EmbeddedPostgres>> s_running = new(StartAsync);
    private static int s_databases;

    /// <summary>The cluster's data folder, for tests that search its files.</summary>
    public static string Home { get; } = Path.Combine(Path.GetTempPath(), $"crmledger-tests-{Environment.ProcessId}");

    /// <summary>The cluster.</summary>
    public static Task<EmbeddedPostgres> RunningAsync() => s_running.Value;

    /// <summary>A new database with the schema of this version.</summary>
    public static async Task<LedgerConnections> NewLedgerAsync()
    {
        var connections = await NewDatabaseAsync();
        await using var database = new LedgerDatabase(connections);
        await Migration.RunAsync(database, CancellationToken.None);
        return connections;
    }

    /// <summary>A new, empty database.</summary>
    public static async Task<LedgerConnections> NewDatabaseAsync()
    {
        var cluster = await RunningAsync();
        string name = $"test_{Interlocked.Increment(ref s_databases)}";
        await using var admin = NpgsqlDataSource.Create(cluster.AdminConnectionString);
        await using (var create = admin.CreateCommand($"create database {name} owner ledger_owner"))
            await create.ExecuteNonQueryAsync();
        string In(string connectionString) =>
            new NpgsqlConnectionStringBuilder(connectionString) { Database = name }.ConnectionString;
        return new(
            In(cluster.OwnerConnectionString), In(cluster.ServerConnectionString), In(cluster.LoaderConnectionString));
    }

    /// <summary>
    /// The superuser's connection string to a ledger's database, for tests that look at or tamper with it.
    /// </summary>
    public static async Task<string> AdminOfAsync(LedgerConnections connections) =>
        new NpgsqlConnectionStringBuilder((await RunningAsync()).AdminConnectionString)
        {
            Database = new NpgsqlConnectionStringBuilder(connections.Owner).Database,
        }.ConnectionString;

    /// <summary>A run that was killed leaves its folder; the next one removes it.</summary>
    private static void RemoveLeftOvers()
    {
        foreach (string folder in Directory.GetDirectories(Path.GetTempPath(), "crmledger-tests-*"))
        {
            if (Directory.Exists($"/proc/{folder[(folder.LastIndexOf('-') + 1)..]}"))
                continue;
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (Exception theirs) when (theirs is UnauthorizedAccessException or IOException)
            {
                // Another user's, or another run removes it at this moment.
            }
        }
    }

    private static async Task<EmbeddedPostgres> StartAsync()
    {
        RemoveLeftOvers();
        var options = new EmbeddedPostgresOptions { Home = Home };
        var cluster = await EmbeddedPostgres.StartAsync(options, NullLogger.Instance, CancellationToken.None);
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            cluster.DisposeAsync().AsTask().Wait(TimeSpan.FromSeconds(20));
            Directory.Delete(Home, recursive: true);
        };
        return cluster;
    }
}
