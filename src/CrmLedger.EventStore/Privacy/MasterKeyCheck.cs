using CrmLedger.EventStore.Tenants;
using NpgsqlTypes;

namespace CrmLedger.EventStore.Privacy;

/// <summary>
/// Sees to it that a database is served with the master key that it was made with: another one would open nothing that
/// is there, and what it seals the right one would not open.
/// </summary>
public static class MasterKeyCheck
{
    private static readonly string s_read = Sql.Load("Privacy/read_master_key_check.sql");
    private static readonly string s_write = Sql.Load("Privacy/write_master_key_check.sql");

    /// <summary>The database's master key: the environment's, else the file's; made for a new database.</summary>
    /// <param name="database">The database, its schema brought to this version.</param>
    /// <param name="home">The data folder.</param>
    /// <param name="environment">The value of <see cref="MasterKey.Variable" />, or null.</param>
    /// <param name="cancel">Stops the wait.</param>
    /// <exception cref="MasterKeyException">There is none, or it is another database's.</exception>
    public static async Task<MasterKey> LoadAsync(
        LedgerDatabase database, string home, string? environment, CancellationToken cancel)
    {
        byte[]? check = await ReadAsync(database, cancel);
        var tenants = await TenantDirectory.ListAsync(database, cancel);
        bool isNew = check is null && tenants.Count == 0;
        if (!isNew && !MasterKey.IsThere(home, environment))
        {
            throw new MasterKeyException($"There is no master key in {home}, and the database was made with one, "
                + "without which no name in it can be read: " + MasterKey.Remedy);
        }
        var master = MasterKey.Load(home, environment);
        if (check is null)
        {
            // A database that is older than the check tells by its tenants.
            if (tenants is [var first, ..])
                await new TenantDirectory(database, master).FindAsync(first, cancel);
            await WriteAsync(database, master.WrapCheck(), cancel);
            check = await ReadAsync(database, cancel)
                ?? throw new InvalidOperationException("The master key's check was written and is not there.");
        }
        master.RequireOpens(check);
        return master;
    }

    private static async Task<byte[]?> ReadAsync(LedgerDatabase database, CancellationToken cancel)
    {
        await using var command = database.Server.CreateCommand(s_read);
        return (byte[]?)await command.ExecuteScalarAsync(cancel);
    }

    private static async Task WriteAsync(LedgerDatabase database, byte[] check, CancellationToken cancel)
    {
        await using var command = database.Server.CreateCommand(s_write);
        command.Parameters.Add(LedgerDatabase.Typed(NpgsqlDbType.Bytea, check));
        await command.ExecuteNonQueryAsync(cancel);
    }
}
