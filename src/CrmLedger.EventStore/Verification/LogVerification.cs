using System.Globalization;
using CrmLedger.EventStore.Tenants;
using CrmLedger.Transparency;

namespace CrmLedger.EventStore.Verification;

/// <summary>
/// Reads one tenant's log again from its beginning, hashes every row, and compares what follows from that with what is
/// stored: leaves, tiles, the head, and every root that was signed. Rows are read and hashed some pieces ahead on the
/// other cores; what is kept of them does not grow with the log.
/// </summary>
/// <remarks>
/// The tree is made from the stored leaf hashes of the tiles, wherever there are any, and each row is held against its
/// own: so one altered row is one finding, and not every tile above it as well. A row is right when it hashes to its
/// leaf, and the leaves are right when they lead to a root that was signed.
/// </remarks>
internal sealed class LogVerification(
    LedgerDatabase database, string tenant, Findings findings, SignedRoots signed, Action<long, long> progress)
{
    /// <summary>Rows that are read at a time: a hundred tiles.</summary>
    private const int PieceEvents = 100 * TreeEdge.TileWidth;

    private const int HashLength = MerkleTree.HashLength;

    private static readonly int s_readers = Math.Clamp(Environment.ProcessorCount, 1, 4);
    private static readonly string s_head = Sql.Load("Verification/read_head_and_edges.sql");
    private static readonly string s_log = Sql.Load("Verification/read_log_for_verification.sql");
    private static readonly string s_tiles = Sql.Load("Verification/read_full_tiles.sql");

    private readonly string _quotedTenant = TenantDirectory.IsName(tenant)
        ? $"'{tenant}'"
        : throw new ArgumentException($"'{tenant}' is not a tenant's name.", nameof(tenant));

    private TreeEdge _tree = TreeEdge.Empty;
    private DateTimeOffset _lastRecordedAt = DateTimeOffset.MinValue;
    private long _met;

    private sealed record Head(
        long Size, DateTimeOffset RecordedAt, byte[] Root, IReadOnlyDictionary<int, TileEdge> Edges);

    /// <summary>Verifies the log as it stood when this began.</summary>
    /// <returns>Its size and the root that the tiles lead to; null when it has no head.</returns>
    public async Task<(long Size, byte[] Root)?> RunAsync(CancellationToken cancel)
    {
        if (await ReadHeadAsync(cancel) is not { } head)
        {
            findings.Note(FindingKind.Head, "head", "The log has none.");
            return null;
        }
        Meet(await signed.BetweenAsync(-1, 0, cancel), 0);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var ahead = new Queue<Task<List<VerifiedRow>>>();
        try
        {
            for (long next = 0; next < head.Size || ahead.Count > 0;)
            {
                for (; next < head.Size && ahead.Count < s_readers; next += PieceEvents)
                {
                    var (first, last) = (next, Math.Min(head.Size, next + PieceEvents) - 1);
                    ahead.Enqueue(Task.Run(() => ReadPieceAsync(first, last, ending.Token), cancel));
                }
                await WalkAsync(head, await ahead.Dequeue(), cancel);
                progress(_tree.Size, head.Size);
            }
        }
        finally
        {
            await ending.CancelAsync();
            await ((Task)Task.WhenAll(ahead)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        CompareHead(head);
        signed.RequireNoneAbove(head.Size);
        return (head.Size, _tree.Root());
    }

    private async Task<Head?> ReadHeadAsync(CancellationToken cancel)
    {
        var rows = await LedgerDatabase.QueryAsync(database.Loader, tenant, s_head, r => (
            Size: r.GetInt64(0), RecordedAt: r.GetFieldValue<DateTimeOffset>(1), Root: r.GetFieldValue<byte[]>(2),
            Edge: r.IsDBNull(3) ? null : new TileEdge(r.GetInt16(3), r.GetInt64(4), r.GetFieldValue<byte[]>(5))),
            cancel, tenant);
        return rows.Count == 0
            ? null
            : new(rows[0].Size, rows[0].RecordedAt, rows[0].Root,
                rows.Select(r => r.Edge).OfType<TileEdge>().ToDictionary(e => e.Level));
    }

    private async Task<List<VerifiedRow>> ReadPieceAsync(long first, long last, CancellationToken cancel)
    {
        string sql = string.Format(CultureInfo.InvariantCulture, s_log, first, last, _quotedTenant);
        await using var connection = await database.Loader.OpenConnectionAsync(cancel);
        await using var copy = await connection.BeginBinaryExportAsync(sql, cancel);
        var rows = new List<VerifiedRow>((int)(last - first + 1));
        while (await copy.StartRowAsync(cancel) != -1)
            rows.Add(VerifiedRow.Read(copy, tenant));
        return rows;
    }

    /// <summary>Goes on by one piece; its rows come in the order of their positions.</summary>
    private async Task WalkAsync(Head head, List<VerifiedRow> rows, CancellationToken cancel)
    {
        var (first, end) = (_tree.Size, Math.Min(head.Size, _tree.Size + PieceEvents));
        byte[]?[] leaves = await ReadLeavesAsync(head, first, end, cancel);
        var seen = new bool[leaves.Length];
        foreach (var row in rows)
        {
            int at = (int)(row.Position - first);
            Check(row, seen[at]);
            if (row.Leaf is { } hashed && leaves[at] is { } stored && !hashed.AsSpan().SequenceEqual(stored))
                findings.Event(row.Position, "It does not hash to its leaf in the tree: it was altered.");
            leaves[at] ??= row.Leaf;
            seen[at] = true;
        }
        for (int i = 0; i < leaves.Length; i++)
        {
            if (!seen[i])
                findings.Event(first + i, "It is missing.");
            leaves[i] ??= new byte[HashLength];
        }
        await GrowAsync(leaves!, await signed.BetweenAsync(first, end, cancel), cancel);
    }

    private void Check(VerifiedRow row, bool again)
    {
        foreach (string fault in row.Faults ?? [])
            findings.Event(row.Position, fault);
        if (again)
            findings.Event(row.Position, "There are several of this position.");
        if (row.RecordedAt < _lastRecordedAt)
            findings.Event(row.Position, "It says to have been recorded earlier than the event before it.");
        _lastRecordedAt = row.RecordedAt;
    }

    /// <summary>The leaf hashes that the tiles hold of events; null where a tile is missing.</summary>
    private async Task<byte[]?[]> ReadLeavesAsync(Head head, long first, long end, CancellationToken cancel)
    {
        var leaves = new byte[]?[end - first];
        var tiles = (await ReadTilesAsync(0, first / TreeEdge.TileWidth, (end - 1) / TreeEdge.TileWidth, cancel))
            .ToDictionary(t => t.Index, t => t.Hashes);
        for (long tile = first / TreeEdge.TileWidth; tile * TreeEdge.TileWidth < end; tile++)
        {
            long start = tile * TreeEdge.TileWidth;
            int width = (int)(Math.Min(head.Size, start + TreeEdge.TileWidth) - start);
            byte[]? hashes = width == TreeEdge.TileWidth
                ? tiles.GetValueOrDefault(tile)
                : head.Edges.GetValueOrDefault(0) is { } edge && edge.Index == tile ? edge.Hashes : null;
            if (hashes is null)
                findings.Note(FindingKind.Tile, $"tile 0/{tile}", "It is missing.");
            else if (hashes.Length != width * HashLength)
                findings.Note(FindingKind.Tile, $"tile 0/{tile}", $"It has {hashes.Length / HashLength} hashes.");
            for (int i = 0; i < width && (i + 1) * HashLength <= (hashes?.Length ?? 0); i++)
                leaves[start + i - first] = hashes![(i * HashLength)..((i + 1) * HashLength)];
        }
        return leaves;
    }

    private Task<List<(long Index, byte[] Hashes)>> ReadTilesAsync(
        int level, long first, long last, CancellationToken cancel) =>
        LedgerDatabase.QueryAsync(database.Loader, tenant, s_tiles,
            r => (r.GetInt64(0), r.GetFieldValue<byte[]>(1)), cancel, tenant, (short)level, first, last);

    /// <summary>Lets the tree grow, with a stop at every size that was signed.</summary>
    private async Task GrowAsync(
        byte[][] leaves, ILookup<long, (string Where, byte[] Root)> roots, CancellationToken cancel)
    {
        long first = _tree.Size;
        foreach (long stop in roots.Select(r => r.Key).Append(first + leaves.Length).Distinct().Order())
        {
            var growth = _tree.Append(leaves[(int)(_tree.Size - first)..(int)(stop - first)]);
            _tree = growth.Edge;
            foreach (var tile in growth.FullTiles.Where(t => t.Level > 0))
            {
                var stored = await ReadTilesAsync(tile.Level, tile.Index, tile.Index, cancel);
                string? fault = stored.Count == 0 ? "It is missing."
                    : stored[0].Hashes.AsSpan().SequenceEqual(tile.Hashes) ? null
                    : "It is not what the tiles below it lead to.";
                if (fault is not null)
                    findings.Note(FindingKind.Tile, $"tile {tile.Level}/{tile.Index}", fault);
            }
            Meet(roots, stop);
        }
    }

    private void Meet(ILookup<long, (string Where, byte[] Root)> roots, long size)
    {
        byte[] root = _tree.Root();
        bool met = false;
        foreach (var (where, expected) in roots[size])
        {
            if (root.AsSpan().SequenceEqual(expected))
                met = true;
            else
                signed.NoteOther(size, where, _met);
        }
        if (met)
            _met = size;
    }

    private void CompareHead(Head head)
    {
        foreach (var edge in _tree.Edges)
        {
            var stored = head.Edges.GetValueOrDefault(edge.Level);
            bool same = stored is null
                ? edge.Hashes.Length == 0
                : stored.Index == edge.Index && stored.Hashes.AsSpan().SequenceEqual(edge.Hashes);
            if (!same)
                findings.Note(FindingKind.Tile, $"tile {edge.Level}/{edge.Index}", "It is not what the log leads to.");
        }
        foreach (var beyond in head.Edges.Values.Where(e => e.Level >= _tree.Edges.Count && e.Hashes.Length > 0))
            findings.Note(FindingKind.Tile, $"tile {beyond.Level}/{beyond.Index}", "So small a log has none there.");
        if (!_tree.Root().AsSpan().SequenceEqual(head.Root))
            findings.Note(FindingKind.Head, "head", $"Its root is not that of the log's {head.Size} events.");
        if (head.Size > 0 && head.RecordedAt != _lastRecordedAt)
            findings.Note(FindingKind.Head, "head", "Its time is not that of the last event.");
    }
}
