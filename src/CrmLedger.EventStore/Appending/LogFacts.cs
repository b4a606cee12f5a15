using CrmLedger.Transparency;
using Npgsql;

namespace CrmLedger.EventStore.Appending;

/// <summary>Reads what the sequencer must know of the log and does not remember.</summary>
internal sealed class LogFacts(NpgsqlDataSource pool, string tenant)
{
    private static readonly string s_head = Sql.Load("Appending/read_head.sql");
    private static readonly string s_versions = Sql.Load("Appending/read_versions.sql");
    private static readonly string s_events = Sql.Load("Appending/read_known_events.sql");
    private static readonly string s_keys = Sql.Load("Appending/read_idempotency_keys.sql");

    /// <summary>The committed head and the tree's right edge.</summary>
    /// <exception cref="InvalidDataException">
    /// The stored tiles do not give the stored root: the log was tampered with.
    /// </exception>
    public async Task<LogHead> ReadHeadAsync(CancellationToken cancel)
    {
        var rows = await LedgerDatabase.QueryAsync(pool, tenant, s_head, r => (
            Size: r.GetInt64(0),
            RecordedAt: r.GetFieldValue<DateTimeOffset>(1),
            Root: r.GetFieldValue<byte[]>(2),
            Edge: r.IsDBNull(3) ? null : new TileEdge(r.GetInt16(3), r.GetInt64(4), r.GetFieldValue<byte[]>(5))),
            cancel, tenant);
        return rows.Count == 0
            ? throw NoLog(tenant)
            : HeadOf(tenant, rows[0].Size, rows[0].RecordedAt, rows[0].Root,
                [.. rows.Select(r => r.Edge).OfType<TileEdge>()]);
    }

    /// <summary>A head, made of what is stored of it.</summary>
    /// <exception cref="InvalidDataException">The tiles do not give the root.</exception>
    public static LogHead HeadOf(
        string tenant, long size, DateTimeOffset recordedAt, byte[] root, IReadOnlyList<TileEdge> edges)
    {
        var tree = Restore(tenant, size, edges);
        return tree.Root().AsSpan().SequenceEqual(root)
            ? new(recordedAt, tree)
            : throw new InvalidDataException(
                $"The tiles of tenant '{tenant}' do not give the root of its head at size {tree.Size}.");
    }

    /// <summary>The tenant has none.</summary>
    public static InvalidDataException NoLog(string tenant) => new($"Tenant '{tenant}' has no log.");

    private static TreeEdge Restore(string tenant, long size, IReadOnlyList<TileEdge> edges)
    {
        try
        {
            return TreeEdge.Restore(size, edges);
        }
        catch (ArgumentException contradiction)
        {
            throw new InvalidDataException(
                $"The tiles of tenant '{tenant}' do not fit its head at size {size}: {contradiction.Message}",
                contradiction);
        }
    }

    /// <summary>The versions of those streams that are there.</summary>
    public async Task<IEnumerable<(string Id, long Version)>> ReadVersionsAsync(
        string[] streamIds, CancellationToken cancel) =>
        await LedgerDatabase.QueryAsync(
            pool, tenant, s_versions, r => (r.GetString(0), r.GetInt64(1)), cancel, tenant, streamIds);

    /// <summary>The events of those ids that are there.</summary>
    public async Task<IReadOnlyDictionary<Guid, AppendedEvent>> ReadEventsAsync(Guid[] ids, CancellationToken cancel) =>
        ids.Length == 0
            ? new Dictionary<Guid, AppendedEvent>()
            : (await LedgerDatabase.QueryAsync(pool, tenant, s_events, ReadAppended, cancel, tenant, ids))
                .ToDictionary(e => e.Id);

    /// <summary>The Idempotency-Keys of those hashes that were used.</summary>
    public async Task<IReadOnlyDictionary<string, (byte[] RequestHash, long FirstPosition, int EventCount)>>
        ReadKeysAsync(byte[][] hashes, CancellationToken cancel)
    {
        if (hashes.Length == 0)
            return new Dictionary<string, (byte[], long, int)>();
        var rows = await LedgerDatabase.QueryAsync(pool, tenant, s_keys, r => (
            Hash: Convert.ToHexString(r.GetFieldValue<byte[]>(0)),
            Used: (r.GetFieldValue<byte[]>(1), r.GetInt64(2), r.GetInt32(3))), cancel, tenant, hashes);
        return rows.ToDictionary(r => r.Hash, r => r.Used);
    }

    private static AppendedEvent ReadAppended(NpgsqlDataReader r) =>
        new(r.GetGuid(0), r.GetString(1), r.GetString(2), r.GetInt64(3), r.GetInt64(4),
            r.GetFieldValue<DateTimeOffset>(5), r.GetFieldValue<byte[]>(6), r.IsDBNull(7) ? null : r.GetString(7));
}
