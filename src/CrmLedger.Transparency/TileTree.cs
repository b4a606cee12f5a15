namespace CrmLedger.Transparency;

/// <summary>Roots and proofs computed from stored tiles.</summary>
/// <remarks>
/// C2SP tlog-tiles. In every method <c>readTile(level, index)</c> gives a tile's hashes, 32 bytes each: at least those
/// that a tree of the asked size has there, more if the log has grown since. Each tile is read at most once a call,
/// and only if it is needed. Tiles are believed: who does not trust their source checks the result against a signed
/// root.
/// </remarks>
public static class TileTree
{
    private const int HashLength = MerkleTree.HashLength;

    /// <summary>The root of the tree of the first <paramref name="treeSize"/> leaves, 32 bytes.</summary>
    /// <param name="treeSize">A count of leaves, from 0.</param>
    /// <param name="readTile">From level and tile index to hashes.</param>
    /// <exception cref="ArgumentException">A tile has fewer hashes than the tree needs of it.</exception>
    public static byte[] Root(long treeSize, Func<int, long, byte[]> readTile)
    {
        return TreeShape.Root(treeSize, Nodes(readTile));
    }

    /// <summary>The path that proves a leaf to be in the tree (RFC 6962 §2.1.1), from the leaf upwards.</summary>
    /// <param name="leafIndex">From 0, less than <paramref name="treeSize"/>.</param>
    /// <param name="treeSize">A count of leaves.</param>
    /// <param name="readTile">From level and tile index to hashes.</param>
    /// <exception cref="ArgumentException">A tile has fewer hashes than the tree needs of it.</exception>
    public static IReadOnlyList<byte[]> InclusionPath(long leafIndex, long treeSize, Func<int, long, byte[]> readTile)
    {
        return TreeShape.InclusionPath(leafIndex, treeSize, Nodes(readTile));
    }

    /// <summary>The proof that the new tree begins with the old one (RFC 6962 §2.1.2).</summary>
    /// <param name="oldSize">A count of leaves, from 0; at 0 and at <paramref name="newSize"/> no tile is read.</param>
    /// <param name="newSize">A count of leaves, not smaller.</param>
    /// <param name="readTile">From level and tile index to hashes.</param>
    /// <exception cref="ArgumentException">A tile has fewer hashes than the tree needs of it.</exception>
    public static IReadOnlyList<byte[]> ConsistencyProof(long oldSize, long newSize, Func<int, long, byte[]> readTile)
    {
        return TreeShape.ConsistencyProof(oldSize, newSize, Nodes(readTile));
    }

    /// <summary>The hash of a perfect subtree, 32 bytes.</summary>
    /// <param name="height">0 for a leaf; a subtree of height h has 2^h leaves.</param>
    /// <param name="index">Its place among those of its height, from 0.</param>
    /// <param name="readTile">From level and tile index to hashes.</param>
    /// <exception cref="ArgumentException">A tile has fewer hashes than the tree needs of it.</exception>
    public static byte[] Node(int height, long index, Func<int, long, byte[]> readTile)
    {
        return Nodes(readTile)(height, index);
    }

    /// <summary>
    /// Which tiles a computation needs, for whoever cannot read them while it runs. They depend on sizes alone, so that
    /// running it once over blank tiles tells.
    /// </summary>
    /// <typeparam name="T">What is computed; what it is over blank tiles is thrown away.</typeparam>
    /// <param name="compute">Given readTile, calls one of the methods above, or several.</param>
    public static IReadOnlySet<(int Level, long Index)> Needed<T>(Func<Func<int, long, byte[]>, T> compute)
    {
        var needed = new HashSet<(int Level, long Index)>();
        var blank = new byte[TreeEdge.TileWidth * HashLength];
        _ = compute((level, index) =>
        {
            needed.Add((level, index));
            return blank;
        });
        return needed;
    }

    /// <summary>How many hashes a tile has in a tree: 256 but for the last one of a level.</summary>
    /// <param name="treeSize">A count of leaves.</param>
    /// <param name="level">0 for leaf hashes.</param>
    /// <param name="index">The tile's place in its level, from 0.</param>
    /// <returns>0 where the tree has no such tile.</returns>
    public static int Width(long treeSize, int level, long index)
    {
        var hashes = TreeEdge.HashesInLevel(treeSize, level);
        return (int)Math.Clamp(hashes - (index * TreeEdge.TileWidth), 0, TreeEdge.TileWidth);
    }

    /// <summary>The root over a power of two of hashes, which stand one behind the other.</summary>
    internal static byte[] PerfectRoot(ReadOnlySpan<byte> hashes)
    {
        Span<byte> level = stackalloc byte[TreeEdge.TileWidth * HashLength];
        hashes.CopyTo(level);
        for (var count = hashes.Length / HashLength; count > 1; count /= 2)
        {
            for (var i = 0; i < count / 2; i++)
            {
                var left = level.Slice(2 * i * HashLength, HashLength);
                var right = level.Slice(((2 * i) + 1) * HashLength, HashLength);
                MerkleTree.HashNode(left, right, level.Slice(i * HashLength, HashLength));
            }
        }

        return level[..HashLength].ToArray();
    }

    private static Func<int, long, byte[]> Nodes(Func<int, long, byte[]> readTile)
    {
        var read = new Dictionary<(int Level, long Index), byte[]>();
        return (height, index) =>
        {
            var level = height / TreeEdge.TileHeight;
            var heightInTile = height % TreeEdge.TileHeight;
            var first = index << heightInTile;
            var tileIndex = first / TreeEdge.TileWidth;
            if (!read.TryGetValue((level, tileIndex), out var tile))
                read.Add((level, tileIndex), tile = readTile(level, tileIndex));

            var start = (int)(first % TreeEdge.TileWidth) * HashLength;
            var length = HashLength << heightInTile;
            if (tile.Length < start + length)
            {
                throw new ArgumentException(
                    $"Tile {tileIndex} of level {level} has {tile.Length} bytes; {start + length} were needed.",
                    nameof(readTile));
            }

            return PerfectRoot(tile.AsSpan(start, length));
        };
    }
}
