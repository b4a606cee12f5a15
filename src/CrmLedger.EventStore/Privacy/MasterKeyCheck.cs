using CrmLedger.EventStore.Tenants;
using Npgsql;
using NpgsqlTypes;

namespace CrmLedger.EventStore.Privacy;

/// <summary>
/// Sees to it that a database is served with the master key that it was made with: another one would open nothing that
/// is there, and what it seals the right one would not open.
/// </summary>
public static class MasterKeyCheck
{
    private static readonly string s_read = Sql.Load("Privacy/read_master_key_check.sql");
    private static readonly string s_hold = Sql.Load("Privacy/hold_master_key.sql");
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
        var known = await ReadAsync(database, cancel);
        var tenants = await TenantDirectory.ListAsync(database, cancel);
        var file = new MasterKeyFile(home);
        bool isNew = known.Check is null && tenants.Count == 0;
        if (!isNew && string.IsNullOrEmpty(environment) && !file.IsThere)
        {
            throw new MasterKeyException($"There is no master key in {home}, and the database was made with one, "
                + "without which no name in it can be read: " + MasterKey.Remedy);
        }
        var settled = string.IsNullOrEmpty(environment) ? await SettleAsync(database, file, cancel) : null;
        var master = MasterKey.Load(home, environment);
        if (known.Check is null)
        {
            // A database that is older than the check tells by its tenants.
            if (tenants is [var first, ..])
                await new TenantDirectory(database, master).FindAsync(first, cancel);
            await WriteAsync(database, master.WrapCheck(), cancel);
        }
        known = await ReadAsync(database, cancel);
        if (known.Check is null)
            throw new InvalidOperationException("The master key's check was written and is not there.");
        master.Require(known);
        master.Settled = settled;
        return master;
    }

    /// <summary>
    /// Takes up where a replacement of the key ended: of the two keys that lie in the folder then, the one that the
    /// database knows stays.
    /// </summary>
    /// <remarks>
    /// Whoever replaces the key holds its row until the database has taken the new one, or has not: nobody removes a
    /// key that may still be taken.
    /// </remarks>
    /// <returns>What was done; null when there was nothing to do.</returns>
    internal static async Task<SettledReplacement?> SettleAsync(
        LedgerDatabase database, MasterKeyFile file, CancellationToken cancel)
    {
        if (!file.IsBeingReplaced)
            return null;
        await using var connection = await database.Owner.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var known = await HoldAsync(connection, cancel);
        if (!file.IsBeingReplaced || known.Check is null)
            return null;
        var keys = file.ReadAll().Select(MasterKey.Of).ToList();
        if (keys[0].Opens(known.Check))
        {
            file.Exchange();
            return new(true, "The master key was being replaced when that was interrupted: the database has the new "
                + $"one, {known}, which is in {file.Name} now. Keep a copy of it elsewhere.");
        }
        if (!keys[^1].Opens(known.Check))
            return null; // neither is this database's, and whose they are is not for us to say
        file.DropNext();
        return new(false, "The master key was being replaced when that was interrupted: the database has the old one "
            + "still, and the new one was removed.");
    }

    /// <summary>Looks whether a server's master key was replaced, and has it take the new one where it can.</summary>
    /// <returns>What to tell the operator where it is not; null when all is well.</returns>
    public static async Task<string?> FollowAsync(
        LedgerDatabase database, MasterKey master, CancellationToken cancel) =>
        master.Follow(await ReadAsync(database, cancel));

    /// <summary>Keeps others from replacing the key until the transaction ends.</summary>
    internal static async Task<MasterKeyInForce> HoldAsync(NpgsqlConnection owner, CancellationToken cancel)
    {
        await using (var hold = new NpgsqlCommand(s_hold, owner))
            await hold.ExecuteNonQueryAsync(cancel);
        return await ReadAsync(new NpgsqlCommand(s_read, owner), cancel);
    }

    private static Task<MasterKeyInForce> ReadAsync(LedgerDatabase database, CancellationToken cancel) =>
        ReadAsync(database.Server.CreateCommand(s_read), cancel);

    private static async Task<MasterKeyInForce> ReadAsync(NpgsqlCommand command, CancellationToken cancel)
    {
        await using (command)
        {
            await using var reader = await command.ExecuteReaderAsync(cancel);
            await reader.ReadAsync(cancel);
            return Read(reader);
        }
    }

    private static MasterKeyInForce Read(NpgsqlDataReader r) => new(
        r.IsDBNull(0) ? null : r.GetFieldValue<byte[]>(0), r.GetInt32(1), r.GetFieldValue<DateTimeOffset>(2));

    private static async Task WriteAsync(LedgerDatabase database, byte[] check, CancellationToken cancel)
    {
        await using var command = database.Server.CreateCommand(s_write);
        command.Parameters.Add(LedgerDatabase.Typed(NpgsqlDbType.Bytea, check));
        await command.ExecuteNonQueryAsync(cancel);
    }
}

/// <summary>The master key that a database needs.</summary>
/// <param name="Check">Nothing, wrapped by it; null before the first server has written that.</param>
/// <param name="Number">Which it is of those that the database has had, from 1.</param>
/// <param name="Since">Since when, UTC; of the first one, as far as is known.</param>
internal sealed record MasterKeyInForce(byte[]? Check, int Number, DateTimeOffset Since)
{
    /// <summary>Which one, in words.</summary>
    public override string ToString() =>
        Number == 1 ? "number 1" : $"number {Number}, in force since {LedgerJson.Format(Since)}";
}
