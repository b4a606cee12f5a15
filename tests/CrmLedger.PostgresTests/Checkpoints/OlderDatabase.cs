using CrmLedger.EventStore;
using Npgsql;

namespace CrmLedger.PostgresTests.Checkpoints;

/// <summary>Sets a database back, or changes it, as only its superuser can: with no trigger in the way.</summary>
internal static class OlderDatabase
{
    private static readonly string[] s_tables =
        ["heads", "mt_streams", "mt_events", "tiles", "tile_edges", "idempotency_keys", "checkpoints", "log_keys"];

    /// <summary>Keeps the log as it stands beside itself; a copy that was kept before is thrown away.</summary>
    /// <param name="connections">The database.</param>
    /// <param name="more">Tables to be kept beside those of the log.</param>
    public static Task BackUpAsync(LedgerConnections connections, params string[] more) => ChangeAsync(connections,
        "drop schema if exists older cascade; create schema older;" + string.Concat(
            s_tables.Concat(more).Select(t => $"create table older.{t} as select * from ledger.{t};")));

    /// <summary>Puts back what was kept.</summary>
    public static Task RestoreAsync(LedgerConnections connections, params string[] more) =>
        ChangeAsync(connections, string.Concat(s_tables.Concat(more)
            .Select(t => $"delete from ledger.{t}; insert into ledger.{t} select * from older.{t};")));

    /// <summary>Does what a superuser can.</summary>
    public static async Task ChangeAsync(LedgerConnections connections, string sql)
    {
        await using var admin = NpgsqlDataSource.Create(await PostgresCluster.AdminOfAsync(connections));
        await using var command = admin.CreateCommand($"set session_replication_role = replica; {sql}; reset all");
        await command.ExecuteNonQueryAsync();
    }
}
