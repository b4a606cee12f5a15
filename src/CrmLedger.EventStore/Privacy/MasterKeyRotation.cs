using Npgsql;
using NpgsqlTypes;

namespace CrmLedger.EventStore.Privacy;

/// <summary>A master key that took another one's place.</summary>
/// <param name="Number">Which it is of those that the database has had, from 1.</param>
/// <param name="TenantKeys">How many keys of tenants it wraps.</param>
/// <param name="File">The file that holds it; null when it is given by the environment.</param>
public sealed record ReplacedMasterKey(int Number, int TenantKeys, string? File);

/// <summary>
/// Replaces the master key, as the owner. All that it wraps is wrapped anew in one transaction: there is one key for
/// each tenant, and it wraps nothing else.
/// </summary>
/// <remarks>
/// Where the key is a file, three steps are durable, in this order: the new key is on disk beside the old one; the
/// database takes it; the file takes its name. Whoever opens the folder after any of them takes up there
/// (<see cref="MasterKeyCheck.SettleAsync" />).
/// </remarks>
public sealed class MasterKeyRotation(LedgerDatabase database, MasterKey master)
{
    private static readonly string s_readKeys = Sql.Load("Privacy/read_all_tenant_keys.sql");
    private static readonly string s_writeKeys = Sql.Load("Privacy/wrap_tenant_keys_anew.sql");
    private static readonly string s_replace = Sql.Load("Privacy/replace_master_key.sql");

    /// <summary>Replaces it.</summary>
    /// <param name="given">The new key; null has one made, where the key is a file.</param>
    /// <param name="cancel">Gives up, unless the database has taken it.</param>
    /// <exception cref="MasterKeyException">Nothing was replaced; the message says why.</exception>
    public async Task<ReplacedMasterKey> RunAsync(byte[]? given, CancellationToken cancel)
    {
        if (given is null && master.File is null)
        {
            throw new MasterKeyException($"The master key is in the environment variable {MasterKey.Variable}: give "
                + $"the new one, too, by --new-key-file or in {MasterKey.NewVariable}. Make it with head -c 32 "
                + "/dev/urandom | base64, and keep it well.");
        }
        byte[] key = given ?? KeyWrap.NewKey();
        var (number, count) = await WrapAnewAsync(MasterKey.Of(key), () => master.File?.WriteNext(key), cancel);
        if (master.File is { } file)
            await MasterKeyCheck.SettleAsync(database, file, CancellationToken.None);
        return new(number, count, master.File?.Name);
    }

    /// <summary>Has the database take the new key.</summary>
    /// <param name="next">The new key.</param>
    /// <param name="keep">Puts it on disk; called when nobody else can replace the key any more.</param>
    /// <param name="cancel">Gives up.</param>
    internal async Task<(int Number, int Count)> WrapAnewAsync(
        MasterKey next, Action keep, CancellationToken cancel)
    {
        await using var connection = await database.Owner.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var known = await MasterKeyCheck.HoldAsync(connection, cancel);
        if (known.Check is null)
            throw new InvalidOperationException("The database knows no master key yet; there is nothing to replace.");
        master.Require(known);
        if (next.Opens(known.Check))
            throw new MasterKeyException("The new master key is the old one. Nothing was replaced.");
        keep();
        var rows = await ReadAsync(connection, cancel);
        await ExecuteAsync(connection, s_writeKeys, cancel,
            Array(NpgsqlDbType.Varchar, rows.Select(r => r.Tenant)), Array(NpgsqlDbType.Integer, rows.Select(
                r => r.Number)), Array(NpgsqlDbType.Bytea, rows.Select(r => next.WrapTenantKey(
                    r.Tenant, master.UnwrapTenantKey(r.Tenant, r.Wrapped, known.Number)).Wrapped)));
        await ExecuteAsync(connection, s_replace, cancel,
            LedgerDatabase.Typed(NpgsqlDbType.Bytea, next.WrapCheck()),
            LedgerDatabase.Typed(NpgsqlDbType.Integer, known.Number + 1));
        await transaction.CommitAsync(cancel);
        return (known.Number + 1, rows.Count);
    }

    private static async Task<List<(string Tenant, int Number, byte[] Wrapped)>> ReadAsync(
        NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(s_readKeys, connection);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var rows = new List<(string, int, byte[])>();
        while (await reader.ReadAsync(cancel))
            rows.Add(Read(reader));
        return rows;
    }

    private static (string Tenant, int Number, byte[] Wrapped) Read(NpgsqlDataReader r) =>
        (r.GetString(0), r.GetInt32(1), r.GetFieldValue<byte[]>(2));

    private static async Task ExecuteAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancel, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static NpgsqlParameter Array<T>(NpgsqlDbType element, IEnumerable<T> values) =>
        LedgerDatabase.Typed(NpgsqlDbType.Array | element, values.ToArray());
}
