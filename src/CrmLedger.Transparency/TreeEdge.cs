using System.Numerics;

namespace CrmLedger.Transparency;

/// <summary>The right edge of a tiled tree: all that is needed to append to it. Immutable.</summary>
/// <remarks>
/// C2SP tlog-tiles: 256 hashes a tile. Beside the partial tiles it keeps the roots of the perfect subtrees that the
/// leaves make up, one for each bit set in <see cref="Size"/>, so that an appended leaf costs about one hash.
/// </remarks>
public sealed class TreeEdge
{
    /// <summary>Hashes in a full tile.</summary>
    public const int TileWidth = 256;

    internal const int TileHeight = 8;
    private const int HashLength = MerkleTree.HashLength;

    private readonly TileEdge[] _edges;

    // The perfect subtree of height h stands at h·32; what a clear bit of Size leaves there means nothing.
    private readonly byte[] _subtrees;

    private TreeEdge(long size, TileEdge[] edges, byte[] subtrees)
    {
        Size = size;
        _edges = edges;
        _subtrees = subtrees;
    }

    /// <summary>The edge of the tree without leaves.</summary>
    public static TreeEdge Empty { get; } = new(0, [], []);

    /// <summary>The number of leaves.</summary>
    public long Size { get; }

    /// <summary>Every level's partial tile, by level from 0; none when the tree is empty.</summary>
    public IReadOnlyList<TileEdge> Edges => _edges;

    /// <summary>Restores the edge from the stored partial tiles.</summary>
    /// <param name="size">The number of leaves.</param>
    /// <param name="edges">One for each level, in any order; those without hashes may be left out.</param>
    /// <exception cref="ArgumentException">The tiles are not those of a tree of this size.</exception>
    /// <remarks>It cannot see a wrong hash: compare <see cref="Root"/> with the stored root.</remarks>
    public static TreeEdge Restore(long size, IReadOnlyList<TileEdge> edges)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        var restored = new TileEdge[Levels(size)];
        for (var level = 0; level < restored.Length; level++)
            restored[level] = new TileEdge(level, TileIndex(size, level), []);

        var seen = new HashSet<int>();
        foreach (var edge in edges)
        {
            if (edge.Level < 0 || !seen.Add(edge.Level))
                throw new ArgumentException($"Tile level {edge.Level} is listed twice or negative.", nameof(edges));
            if (edge.Index != TileIndex(size, edge.Level))
            {
                throw new ArgumentException(
                    $"The last tile of level {edge.Level} has index {edge.Index}; in a tree of {size} leaves it is "
                    + $"{TileIndex(size, edge.Level)}.",
                    nameof(edges));
            }

            if (edge.Level < restored.Length)
                restored[edge.Level] = edge;
            else if (edge.Hashes.Length > 0)
                throw new ArgumentException($"A tree of {size} leaves has no level {edge.Level}.", nameof(edges));
        }

        foreach (var edge in restored)
        {
            var expected = HashesInTile(size, edge.Level);
            if (edge.Hashes.Length != expected * HashLength)
            {
                throw new ArgumentException(
                    $"The last tile of level {edge.Level} has {edge.Hashes.Length} bytes; in a tree of {size} leaves "
                    + $"it has {expected * HashLength}.",
                    nameof(edges));
            }
        }

        return new TreeEdge(size, restored, Subtrees(size, restored));
    }

    /// <summary>What the tree becomes with these leaves at its end. This edge stays as it is.</summary>
    /// <param name="leafHashes">32 bytes each, in the log's order; may be empty.</param>
    /// <exception cref="ArgumentException">A hash is not 32 bytes long.</exception>
    public TreeGrowth Append(IReadOnlyList<byte[]> leafHashes)
    {
        if (leafHashes.Count == 0)
            return new TreeGrowth(this, [], [], Root());
        var size = checked(Size + leafHashes.Count);
        var subtrees = new byte[(BitOperations.Log2((ulong)size) + 1) * HashLength];
        _subtrees.CopyTo(subtrees, 0);
        var levels = new GrowingLevel[Levels(size)];
        for (var level = 0; level < levels.Length; level++)
        {
            var before = level < _edges.Length ? _edges[level] : new TileEdge(level, 0, []);
            levels[level] = new GrowingLevel(before, HashesInLevel(size, level) - HashesInLevel(Size, level));
        }

        Span<byte> hash = stackalloc byte[HashLength];
        for (var i = 0; i < leafHashes.Count; i++)
        {
            var leaf = leafHashes[i];
            if (leaf.Length != HashLength)
                throw new ArgumentException($"Leaf hash {i} has {leaf.Length} bytes, not 32.", nameof(leafHashes));
            leaf.CopyTo(hash);
            levels[0].Add(hash);
            var height = 0;
            for (var before = Size + i; (before & 1) == 1; before >>= 1)
            {
                MerkleTree.HashNode(subtrees.AsSpan(height * HashLength, HashLength), hash, hash);
                height++;
                if (height % TileHeight == 0)
                    levels[height / TileHeight].Add(hash);
            }

            hash.CopyTo(subtrees.AsSpan(height * HashLength));
        }

        var edge = new TreeEdge(size, [.. levels.Select(level => level.Edge())], subtrees);
        return new TreeGrowth(
            edge,
            [.. levels.SelectMany(level => level.Full)],
            [.. levels.Where(level => level.IsChanged).Select(level => edge._edges[level.Level])],
            edge.Root());
    }

    /// <summary>The root, 32 bytes, a new array. Costs at most one hash for each bit of the size.</summary>
    public byte[] Root()
    {
        if (Size == 0)
            return MerkleTree.EmptyRoot;
        var lowest = BitOperations.TrailingZeroCount(Size);
        var root = _subtrees.AsSpan(lowest * HashLength, HashLength).ToArray();
        for (var height = lowest + 1; height < 63; height++)
        {
            if (((Size >> height) & 1) == 1)
                MerkleTree.HashNode(_subtrees.AsSpan(height * HashLength, HashLength), root, root);
        }

        return root;
    }

    private static byte[] Subtrees(long size, TileEdge[] edges)
    {
        var subtrees = new byte[size == 0 ? 0 : (BitOperations.Log2((ulong)size) + 1) * HashLength];
        foreach (var edge in edges)
        {
            var at = 0;
            var hashes = edge.Hashes.Length / HashLength;
            for (var height = TileHeight - 1; height >= 0; height--)
            {
                if (((hashes >> height) & 1) == 0)
                    continue;
                var covered = edge.Hashes.AsSpan(at, HashLength << height);
                TileTree.PerfectRoot(covered).CopyTo(subtrees, ((edge.Level * TileHeight) + height) * HashLength);
                at += covered.Length;
            }
        }

        return subtrees;
    }

    private static int Levels(long size)
    {
        return size == 0 ? 0 : (BitOperations.Log2((ulong)size) / TileHeight) + 1;
    }

    internal static long HashesInLevel(long size, int level)
    {
        // Shift counts wrap at 64 bits, and no tree is that high.
        return level >= 64 / TileHeight ? 0 : size >> (level * TileHeight);
    }

    private static long TileIndex(long size, int level)
    {
        return HashesInLevel(size, level) / TileWidth;
    }

    private static int HashesInTile(long size, int level)
    {
        return (int)(HashesInLevel(size, level) % TileWidth);
    }

    private sealed class GrowingLevel
    {
        private readonly TileEdge _before;
        private long _toCome;
        private byte[] _hashes;
        private int _length;
        private long _index;

        internal GrowingLevel(TileEdge before, long toCome)
        {
            _before = before;
            _index = before.Index;
            _toCome = toCome;
            IsChanged = toCome > 0;
            _length = before.Hashes.Length;
            _hashes = IsChanged ? NewTile(_length / HashLength) : before.Hashes;
            if (IsChanged)
                before.Hashes.CopyTo(_hashes, 0);
        }

        internal int Level => _before.Level;

        internal bool IsChanged { get; }

        internal List<FullTile> Full { get; } = [];

        internal void Add(ReadOnlySpan<byte> hash)
        {
            hash.CopyTo(_hashes.AsSpan(_length));
            _length += HashLength;
            _toCome--;
            if (_length < TileWidth * HashLength)
                return;
            Full.Add(new FullTile(Level, _index, _hashes));
            _index++;
            _length = 0;
            _hashes = NewTile(0);
        }

        internal TileEdge Edge()
        {
            return IsChanged ? new TileEdge(Level, _index, _hashes) : _before;
        }

        // How many hashes will come is known beforehand, so no tile is ever made larger or cut.
        private byte[] NewTile(int taken)
        {
            return new byte[Math.Min(TileWidth, taken + _toCome) * HashLength];
        }
    }
}
