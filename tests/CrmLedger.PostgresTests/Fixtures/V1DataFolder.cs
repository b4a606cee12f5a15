using System.Runtime.Versioning;
using System.Text.Json;
using CrmLedger.EventStore;
using CrmLedger.Postgres;
using CrmLedger.EventStore.Privacy;
using CrmLedger.Tests;
using Npgsql;

namespace CrmLedger.PostgresTests.Fixtures;

/// <summary>
/// A data folder as the first store left it, of which everybody gets a copy of their own; see
/// tests/CrmLedger.PostgresTests/Fixtures/v1/README.md.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal static class V1DataFolder
{
    private static readonly Dictionary<string, string> s_keys =
        JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(PathTo("keys.json")))!;

    /// <summary>A moment after all that is in it: what a server's clock says, so that answers do not move.</summary>
    public static DateTimeOffset Afterwards { get; } = new(2026, 12, 15, 12, 0, 0, TimeSpan.Zero);

    /// <summary>The fixture itself is the copy that a move asks for.</summary>
    public static Task Copied(CancellationToken cancel) => Task.CompletedTask;

    /// <summary>Opens the keys of its tenants.</summary>
    public static MasterKey Master => MasterKey.Of(Convert.FromBase64String(File.ReadAllText(PathTo("master.key"))));

    /// <summary>Where something of it lies in the repository.</summary>
    public static string PathTo(params string[] parts) =>
        Checkout.PathTo(["tests", "CrmLedger.PostgresTests", "Fixtures", "v1", .. parts]);

    /// <summary>An API key, by the name of its tenant and its own.</summary>
    public static string Key(string name) => s_keys[name];

    /// <summary>Its database, schema and all, in a new one of the tests' cluster. Nothing is migrated.</summary>
    public static async Task<LedgerConnections> LoadAsync()
    {
        var connections = await PostgresCluster.NewDatabaseAsync();
        // A dump changes its session's settings, which nobody else is to find in a pool.
        string admin = new NpgsqlConnectionStringBuilder(await PostgresCluster.AdminOfAsync(connections))
        {
            Pooling = false,
        }.ConnectionString;
        await using var connection = new NpgsqlConnection(admin);
        await connection.OpenAsync();
        await using var load = new NpgsqlCommand(await File.ReadAllTextAsync(PathTo("database.sql")), connection);
        await load.ExecuteNonQueryAsync();
        return connections;
    }

    /// <summary>Its copies of checkpoints and its journal of erasures, in a new folder.</summary>
    public static string CopyCheckpoints()
    {
        string copy = Path.Combine(Path.GetTempPath(), $"crmledger-v1-{Guid.CreateVersion7():N}");
        Directory.CreateDirectory(copy, UnixFiles.OwnerOnlyFolder);
        foreach (string file in Directory.EnumerateFiles(PathTo("checkpoints")))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        return copy;
    }
}
