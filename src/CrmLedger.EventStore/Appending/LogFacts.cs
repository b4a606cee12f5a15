using CrmLedger.Transparency;
using Npgsql;

namespace CrmLedger.EventStore.Appending;

/// <summary>Reads what the sequencer must know of the log and does not remember.</summary>
internal sealed class LogFacts(NpgsqlDataSource pool, string tenant)
{
    private static readonly string s_head = Sql.Load("Appending/read_head.sql");
    private static readonly string s_since = Sql.Load("Appending/read_appended_since.sql");
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
        if (rows.Count == 0)
            throw new InvalidDataException($"Tenant '{tenant}' has no log.");
        var tree = Restore(rows[0].Size, [.. rows.Select(r => r.Edge).OfType<TileEdge>()]);
        return tree.Root().AsSpan().SequenceEqual(rows[0].Root)
            ? new(rows[0].RecordedAt, tree)
            : throw new InvalidDataException(
                $"The tiles of tenant '{tenant}' do not give the root of its head at size {tree.Size}.");
    }

    /// <summary>
    /// The committed head, made from one that is behind it by what others appended since, mostly a few events: that is
    /// cheaper than to begin anew. Read while the head is held, it stays the head.
    /// </summary>
    /// <param name="behind">The head that was known.</param>
    /// <param name="versions">The streams' versions as known then; brought up to the new head.</param>
    /// <param name="cancel">Stops the wait.</param>
    /// <returns>Null when too much was appended, or when the log does not continue the one that was known.</returns>
    public async Task<LogHead?> CatchUpAsync(
        LogHead behind, Dictionary<string, long> versions, CancellationToken cancel)
    {
        var rows = await LedgerDatabase.QueryAsync(pool, tenant, s_since, r => (
            Size: r.GetInt64(0),
            RecordedAt: r.GetFieldValue<DateTimeOffset>(1),
            Root: r.GetFieldValue<byte[]>(2),
            Appended: r.IsDBNull(3)
                ? ((string Stream, long Version, byte[] Leaf)?)null
                : (r.GetString(3), r.GetInt64(4), r.GetFieldValue<byte[]>(5))), cancel, tenant, behind.Size);
        var appended = rows.ConvertAll(r => r.Appended).OfType<(string Stream, long Version, byte[] Leaf)>().ToList();
        if (rows.Count == 0 || rows[0].Size != behind.Size + appended.Count)
            return null;
        var tree = appended.Count == 0 ? behind.Tree : behind.Tree.Append(appended.ConvertAll(a => a.Leaf)).Edge;
        if (!tree.Root().AsSpan().SequenceEqual(rows[0].Root))
            return null;
        foreach (var (stream, version, _) in appended)
            versions[stream] = version;
        return new(rows[0].RecordedAt, tree);
    }

    private TreeEdge Restore(long size, IReadOnlyList<TileEdge> edges)
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
