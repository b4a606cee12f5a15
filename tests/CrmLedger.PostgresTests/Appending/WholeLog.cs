using System.Data;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Reading;
using CrmLedger.Transparency;
using Npgsql;

namespace CrmLedger.PostgresTests.Appending;

/// <summary>
/// The oracle that every test which appends ends with: reads one tenant's log raw, believes nothing, and checks that it
/// is as src/CrmLedger.EventStore/README.md has it.
/// </summary>
internal static class WholeLog
{
    private const int TileBytes = 256 * MerkleTree.HashLength;

    /// <summary>Checks the log and gives its rows, in order, to whoever wants to check more.</summary>
    public static async Task<IReadOnlyList<LogRow>> CheckAsync(LedgerConnections connections, string tenant) =>
        await CheckAsync(await PostgresCluster.AdminOfAsync(connections), tenant);

    /// <summary>The same through a superuser's connection.</summary>
    public static async Task<IReadOnlyList<LogRow>> CheckAsync(string adminConnection, string tenant)
    {
        await using var source = NpgsqlDataSource.Create(adminConnection);
        await using var admin = await source.OpenConnectionAsync();
        // The log may grow meanwhile, by deadlines that pass: all is looked at as it stood at one moment.
        await using var moment = await admin.BeginTransactionAsync(IsolationLevel.RepeatableRead);
        var rows = await RowsAsync(admin, tenant);
        CheckRows(rows, tenant);
        await CheckStreamsAsync(admin, tenant, rows);
        await CheckTreeAsync(admin, tenant, rows);
        return rows;
    }

    private static void CheckRows(List<LogRow> rows, string tenant)
    {
        rows.ConvertAll(r => r.Event.Position).ShouldBe(Enumerable.Range(0, rows.Count).Select(i => (long)i));
        foreach (var (before, row) in rows.Zip(rows.Skip(1)))
        {
            row.Event.RecordedAt.ShouldBeGreaterThanOrEqualTo(before.Event.RecordedAt);
        }
        rows.Select(r => r.Event.Id).Distinct().Count().ShouldBe(rows.Count, "an event id stands twice");
        foreach (var (stored, row) in rows.Select(r => (r.Event, r)))
        {
            if (LedgerEvents.RecordOf(stored.Type) is { } record)
                row.ClrName.ShouldBe(LedgerEvents.ClrNameOf(record));
            row.HasBinaryData.ShouldBeFalse();
            row.IsArchived.ShouldBeFalse();
        }
    }

    private static async Task CheckStreamsAsync(NpgsqlConnection admin, string tenant, List<LogRow> rows)
    {
        var versions = new Dictionary<string, long>();
        foreach (var stored in rows.Select(r => r.Event))
        {
            long next = versions.GetValueOrDefault(stored.Stream) + 1;
            stored.Version.ShouldBe(next, $"of {stored.Stream} at {stored.Position}");
            versions[stored.Stream] = next;
        }
        var streams = await QueryAsync(admin, """
            select id, version, type is null and not is_archived from ledger.mt_streams where tenant_id = $1
            """, tenant, r => (Id: r.GetString(0), Version: r.GetInt64(1), AsMade: r.GetBoolean(2)));
        streams.ShouldAllBe(s => s.AsMade);
        streams.ToDictionary(s => s.Id, s => s.Version).ShouldBe(versions, ignoreOrder: true);
    }

    private static async Task CheckTreeAsync(NpgsqlConnection admin, string tenant, List<LogRow> rows)
    {
        var leaves = rows.ConvertAll(r => r.Event.LeafHash);
        var heads = await QueryAsync(
            admin, "select size, recorded_at, root from ledger.heads where tenant_id = $1", tenant,
            r => (Size: r.GetInt64(0), RecordedAt: r.GetFieldValue<DateTimeOffset>(1), Root: (byte[])r[2]));
        var head = heads.ShouldHaveSingleItem();
        head.Size.ShouldBe(rows.Count);
        head.RecordedAt.ShouldBe(rows.Count == 0 ? DateTimeOffset.UnixEpoch : rows[^1].Event.RecordedAt);
        head.Root.ShouldBe(MerkleTree.Root(leaves));
        const string allTiles = """
            select level, index, hashes from ledger.tiles where tenant_id = $1 union all
            select level, index, hashes from ledger.tile_edges where tenant_id = $1 and octet_length(hashes) > 0
            """;
        var stored = (await QueryAsync(admin, allTiles, tenant,
            r => (Place: (Level: (int)r.GetInt16(0), Index: r.GetInt64(1)), Hashes: (byte[])r[2])))
            .ToDictionary(t => t.Place, t => t.Hashes);
        var expected = TilesOf(leaves);
        stored.Keys.ShouldBe(expected.Keys, ignoreOrder: true);
        foreach (var (place, hashes) in expected)
            stored[place].AsSpan().SequenceEqual(hashes).ShouldBeTrue($"tile {place} is not what its leaves give");
    }

    /// <summary>
    /// Every tile by C2SP tlog-tiles, made the plain way: a level's hash is the root of 256 of the one below.
    /// </summary>
    private static Dictionary<(int Level, long Index), byte[]> TilesOf(IReadOnlyList<byte[]> leaves)
    {
        var tiles = new Dictionary<(int, long), byte[]>();
        var hashes = leaves;
        for (int level = 0; hashes.Count > 0; level++)
        {
            var chunks = hashes.Chunk(256).ToList();
            for (int i = 0; i < chunks.Count; i++)
                tiles[(level, i)] = [.. chunks[i].SelectMany(h => h)];
            hashes = [.. chunks.Where(c => c.Length * MerkleTree.HashLength == TileBytes).Select(MerkleTree.Root)];
        }
        return tiles;
    }

    private static Task<List<LogRow>> RowsAsync(NpgsqlConnection admin, string tenant) => QueryAsync(admin, """
        select id, type, stream_id, version, seq_id - 1, timestamp, data::text, headers::text, correlation_id,
          causation_id, mt_dotnet_type, bdata is not null, is_archived
        from ledger.mt_events where tenant_id = $1 order by seq_id
        """, tenant, r => new LogRow(
        Hashed(tenant, new(r.GetGuid(0), r.GetString(1), r.GetString(2), r.GetInt64(3), r.GetInt64(4),
            r.GetFieldValue<DateTimeOffset>(5), [], Utf8(r.GetString(6)), Utf8(r.GetString(7)),
            r.IsDBNull(8) ? null : r.GetString(8), r.IsDBNull(9) ? null : r.GetString(9))),
        r.GetString(10), r.GetBoolean(11), r.GetBoolean(12)));

    /// <summary>With the leaf that its row hashes to, which the tiles must hold.</summary>
    private static StoredEvent Hashed(string tenant, StoredEvent stored) =>
        stored with { LeafHash = stored.HashLeaf(tenant) };

    private static byte[] Utf8(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private static async Task<List<T>> QueryAsync<T>(
        NpgsqlConnection admin, string sql, string tenant, Func<NpgsqlDataReader, T> read)
    {
        await using var command = new NpgsqlCommand(sql, admin);
        command.Parameters.Add(new() { Value = tenant });
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync())
            rows.Add(read(reader));
        return rows;
    }
}

/// <summary>A row of the log with the columns that only Marten's format asks for.</summary>
internal sealed record LogRow(StoredEvent Event, string ClrName, bool HasBinaryData, bool IsArchived);
