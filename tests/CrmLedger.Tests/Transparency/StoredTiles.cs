using CrmLedger.Transparency;

namespace CrmLedger.Tests.Transparency;

/// <summary>What a database would hold: full tiles are only ever inserted, partial ones only grow.</summary>
internal sealed class StoredTiles
{
    private readonly Dictionary<(int Level, long Index), byte[]> _full = [];
    private readonly Dictionary<int, TileEdge> _edges = [];

    public List<(int Level, long Index)> Read { get; } = [];

    public static byte[][] Leaves(int count)
    {
        return [.. Enumerable.Range(0, count).Select(i => MerkleTree.HashLeaf(BitConverter.GetBytes(i)))];
    }

    public static byte[] Concatenated(IEnumerable<byte[]> hashes) => [.. hashes.SelectMany(hash => hash)];

    public static StoredTiles Of(byte[][] leaves)
    {
        var stored = new StoredTiles();
        stored.Apply(TreeEdge.Empty.Append(leaves));
        return stored;
    }

    public void Apply(TreeGrowth growth)
    {
        foreach (var tile in growth.FullTiles)
        {
            tile.Hashes.Length.ShouldBe(8192);
            _full.Add((tile.Level, tile.Index), tile.Hashes);
        }

        foreach (var edge in growth.ChangedEdges)
        {
            if (_edges.TryGetValue(edge.Level, out var before) && before.Index == edge.Index)
                edge.Hashes.AsSpan().StartsWith(before.Hashes).ShouldBeTrue();
            _edges[edge.Level] = edge;
        }
    }

    public byte[] Tile(int level, long index)
    {
        Read.Add((level, index));
        if (_full.TryGetValue((level, index), out var full))
            return full;
        _edges[level].Index.ShouldBe(index);
        return _edges[level].Hashes;
    }

    public void ShouldHoldExactly(byte[][] leaves)
    {
        var hashes = leaves;
        var full = 0;
        var level = 0;
        for (; hashes.Length > 0; level++)
        {
            var tiles = hashes.Chunk(256).ToList();
            for (var index = 0; index < hashes.Length / 256; index++, full++)
                _full[(level, index)].ShouldBe(Concatenated(tiles[index]));
            _edges[level].Index.ShouldBe(hashes.Length / 256);
            _edges[level].Hashes.ShouldBe(Concatenated(hashes[(hashes.Length / 256 * 256)..]));
            hashes = [.. tiles.Where(tile => tile.Length == 256).Select(MerkleTree.Root)];
        }

        _full.Count.ShouldBe(full);
        _edges.Count.ShouldBe(level);
    }
}
