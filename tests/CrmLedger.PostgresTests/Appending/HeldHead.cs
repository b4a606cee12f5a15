using Npgsql;

namespace CrmLedger.PostgresTests.Appending;

/// <summary>A tenant's head, locked: what is appended meanwhile waits until this is given up.</summary>
internal sealed class HeldHead : IAsyncDisposable
{
    private readonly TestStore _store;
    private readonly NpgsqlConnection _connection;

    private HeldHead(TestStore store, NpgsqlConnection connection) => (_store, _connection) = (store, connection);

    public static async Task<HeldHead> TakeAsync(TestStore store, string tenant)
    {
        var connection = new NpgsqlConnection(store.Admin);
        await connection.OpenAsync();
        await using var hold = new NpgsqlCommand(
            $"begin; select from ledger.heads where tenant_id = '{tenant}' for update", connection);
        await hold.ExecuteNonQueryAsync();
        return new(store, connection);
    }

    /// <summary>Returns when a batch waits for it.</summary>
    public Task UntilWaitedForAsync() => Eventually.TrueAsync(async () => await _store.AsAdminAsync("""
        select exists (select from pg_stat_activity where datname = current_database()
          and usename = 'ledger_server' and wait_event_type = 'Lock')
        """) is true, "a batch waits for the head");

    public async ValueTask DisposeAsync()
    {
        await using (var give = new NpgsqlCommand("rollback", _connection))
            await give.ExecuteNonQueryAsync();
        await _connection.DisposeAsync();
    }
}
