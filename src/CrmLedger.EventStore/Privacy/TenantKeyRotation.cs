using System.Security.Cryptography;
using CrmLedger.EventStore.Checkpoints;
using CrmLedger.EventStore.Tenants;
using Npgsql;
using NpgsqlTypes;

namespace CrmLedger.EventStore.Privacy;

/// <summary>What the replacement of a tenant's key came to.</summary>
/// <param name="KeyNumber">Which of the tenant's keys wraps its other keys now.</param>
/// <param name="Wrapped">How many keys were wrapped anew.</param>
/// <param name="Continued">Whether this completed one that was interrupted.</param>
/// <param name="Unopened">
/// Some of the keys that the old key does not open; empty when all went well. With any the old key stays.
/// </param>
public sealed record ReplacedTenantKey(
    int KeyNumber, long Wrapped, bool Continued, IReadOnlyList<string> Unopened);

/// <summary>
/// Replaces the key that wraps a tenant's other keys, as the owner, while servers go on: a new key is added, from then
/// on what is wrapped by the old one is wrapped by the new one, a piece at a time, and the old key is destroyed once it
/// wraps nothing. Whenever that is interrupted, everything can be read, and the next time completes it.
/// </summary>
public sealed class TenantKeyRotation(LedgerDatabase database, TenantDirectory directory)
{
    private static readonly string s_readKeys = Sql.Load("Privacy/read_keys_to_wrap.sql");
    private static readonly string s_wrapKeys = Sql.Load("Privacy/wrap_subject_keys_anew.sql");
    private static readonly string s_readLogKeys = Sql.Load("Privacy/read_log_keys_to_wrap.sql");
    private static readonly string s_wrapLogKeys = Sql.Load("Privacy/wrap_log_keys_anew.sql");
    private static readonly string s_hold = Sql.Load("Privacy/hold_old_tenant_keys.sql");
    private static readonly string s_destroy = Sql.Load("Privacy/destroy_old_tenant_keys.sql");
    private static readonly string s_vacuum = Sql.Load("Privacy/vacuum_wrapped_keys.sql");

    /// <summary>Keys that are wrapped in one transaction: nobody waits for it longer than some milliseconds.</summary>
    internal int PieceKeys { get; init; } = 1_000;

    /// <summary>Replaces it.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="progress">Is told how many keys have been wrapped anew.</param>
    /// <param name="cancel">Interrupts it.</param>
    /// <returns>What it came to; null when there is no such tenant.</returns>
    public async Task<ReplacedTenantKey?> RunAsync(
        string tenant, Action<long>? progress, CancellationToken cancel)
    {
        if (await directory.FindAsync(tenant, cancel) is not { } keys)
            return null;
        bool continued = keys.Wrapping.IsBeingReplaced;
        if (!continued)
            await BeginAsync(keys, cancel);
        var unopened = new List<string>();
        long wrapped = 0;
        for (bool isDone = false; !isDone && unopened.Count == 0;)
        {
            wrapped += await WrapRoundsAsync(keys, unopened, n => progress?.Invoke(wrapped + n), cancel);
            (isDone, long last) = await FinishAsync(keys, unopened, cancel);
            wrapped += last;
        }
        return new(keys.Wrapping.Newest, wrapped, continued, [.. unopened.Distinct().Take(10)]);
    }

    /// <summary>
    /// Goes through the subjects' keys until a round finds few: what servers that hold the old key add meanwhile is
    /// left for the next round, and a little for the end.
    /// </summary>
    private async Task<long> WrapRoundsAsync(
        TenantKeys keys, List<string> unopened, Action<long> progress, CancellationToken cancel)
    {
        long wrapped = 0;
        while (true)
        {
            long before = wrapped;
            for (Guid? after = Guid.Empty; after is { } at;)
            {
                (after, int count) = await WrapPieceAsync(keys, at, unopened, cancel);
                progress(wrapped += count);
            }
            if (wrapped - before < PieceKeys)
                return wrapped;
        }
    }

    /// <summary>The first step: a key that wraps what is new.</summary>
    internal async Task BeginAsync(TenantKeys keys, CancellationToken cancel)
    {
        int old = keys.Wrapping.Newest;
        await directory.AddKeyAsync(keys, cancel);
        await keys.Wrapping.ReadAgainAsync(old, cancel);
    }

    /// <summary>A step between: some of the subjects' keys.</summary>
    /// <param name="keys">The tenant's, as they are after the first step.</param>
    /// <param name="after">Where the last piece ended; an empty id for the first.</param>
    /// <param name="unopened">Gets those that the old key does not open; they stay as they are.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>Where this piece ended, null at the end; and how many were wrapped anew.</returns>
    internal async Task<(Guid? End, int Count)> WrapPieceAsync(
        TenantKeys keys, Guid after, List<string> unopened, CancellationToken cancel)
    {
        await using var connection = await database.Owner.OpenConnectionAsync(cancel);
        return await WrapPieceAsync(connection, keys, after, unopened, cancel);
    }

    /// <summary>
    /// The last step, in one transaction: what the old key wraps still, and the end of it. Whoever writes with it waits
    /// until it is gone, is refused, and takes the new one.
    /// </summary>
    /// <returns>Whether the old key is gone, and how many keys were wrapped anew for that.</returns>
    internal async Task<(bool IsDone, long Wrapped)> FinishAsync(
        TenantKeys keys, List<string> unopened, CancellationToken cancel)
    {
        await using var connection = await database.Owner.OpenConnectionAsync(cancel);
        long wrapped;
        try
        {
            await using var transaction = await connection.BeginTransactionAsync(cancel);
            await ExecuteAsync(connection, s_hold, cancel, Tenant(keys), Newest(keys));
            wrapped = await WrapLogKeysAsync(connection, keys, unopened, cancel);
            for (Guid? after = Guid.Empty; after is { } at;)
            {
                (after, int count) = await WrapPieceAsync(connection, keys, at, unopened, cancel);
                wrapped += count;
            }
            if (unopened.Count > 0)
                return (false, 0);
            await ExecuteAsync(connection, s_destroy, cancel, Tenant(keys), Newest(keys));
            await transaction.CommitAsync(cancel);
        }
        catch (PostgresException refused) when (WrappingKeys.IsRefusal(refused))
        {
            return (false, 0); // somebody was being erased, and then was not
        }
        // What was written over stands in the tables' files until then.
        await ExecuteAsync(connection, s_vacuum, cancel);
        return (true, wrapped);
    }

    private async Task<(Guid? End, int Count)> WrapPieceAsync(
        NpgsqlConnection connection, TenantKeys keys, Guid after, List<string> unopened, CancellationToken cancel)
    {
        var rows = await ReadAsync(connection, s_readKeys,
            r => (Id: r.GetGuid(0), Key: new WrappedKey(r.GetInt32(2), r.GetFieldValue<byte[]>(1))), cancel,
            Tenant(keys), Newest(keys), new() { Value = after }, new() { Value = PieceKeys });
        var anew = WrapAnew(
            keys, rows, id => SubjectKeys.LabelOf(keys.Tenant, id), id => $"of subject {id:D}", unopened);
        int count = anew.Count == 0 ? 0 : await ExecuteAsync(connection, s_wrapKeys, cancel, Tenant(keys),
            Newest(keys), Array(NpgsqlDbType.Uuid, anew.Select(a => a.Id)),
            Array(NpgsqlDbType.Bytea, anew.Select(a => a.Bytes)));
        return (rows.Count < PieceKeys ? null : rows[^1].Id, count);
    }

    private static async Task<int> WrapLogKeysAsync(
        NpgsqlConnection connection, TenantKeys keys, List<string> unopened, CancellationToken cancel)
    {
        var rows = await ReadAsync(connection, s_readLogKeys,
            r => (Id: r.GetInt32(0), Key: new WrappedKey(r.GetInt32(2), r.GetFieldValue<byte[]>(1))), cancel,
            Tenant(keys), Newest(keys));
        var anew = WrapAnew(
            keys, rows, number => LogKeys.LabelOf(keys.Tenant, number), number => $"{number} of the log", unopened);
        return anew.Count == 0 ? 0 : await ExecuteAsync(connection, s_wrapLogKeys, cancel, Tenant(keys),
            Newest(keys), Array(NpgsqlDbType.Integer, anew.Select(a => a.Id)),
            Array(NpgsqlDbType.Bytea, anew.Select(a => a.Bytes)));
    }

    private static List<(TId Id, byte[] Bytes)> WrapAnew<TId>(
        TenantKeys keys, IReadOnlyList<(TId Id, WrappedKey Key)> rows, Func<TId, string> labelOf,
        Func<TId, string> nameOf, List<string> unopened)
    {
        var anew = new List<(TId, byte[])>(rows.Count);
        foreach (var (id, key) in rows)
        {
            try
            {
                anew.Add((id, keys.Wrapping.Wrap(keys.Wrapping.Unwrap(key, labelOf(id)), labelOf(id)).Bytes));
            }
            catch (CryptographicException)
            {
                unopened.Add($"key {nameOf(id)}");
            }
        }
        return anew;
    }

    private static async Task<List<TRow>> ReadAsync<TRow>(
        NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, TRow> read, CancellationToken cancel,
        params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var rows = new List<TRow>();
        while (await reader.ReadAsync(cancel))
            rows.Add(read(reader));
        return rows;
    }

    private static async Task<int> ExecuteAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancel, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        command.Parameters.AddRange(parameters);
        return await command.ExecuteNonQueryAsync(cancel);
    }

    private static NpgsqlParameter Tenant(TenantKeys keys) => new() { Value = keys.Tenant };

    private static NpgsqlParameter Newest(TenantKeys keys) => new() { Value = keys.Wrapping.Newest };

    private static NpgsqlParameter Array<T>(NpgsqlDbType element, IEnumerable<T> values) =>
        LedgerDatabase.Typed(NpgsqlDbType.Array | element, values.ToArray());
}
