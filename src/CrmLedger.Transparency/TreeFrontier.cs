using System.Numerics;

namespace CrmLedger.Transparency;

/// <summary>
/// A tree that grows by leaves and by whole subtrees of which only the hash is known, so that a root follows from some
/// of a log's entries. Takes no more memory than one hash for each bit of its size.
/// </summary>
/// <remarks>RFC 6962 §2.1: the subtrees are the perfect ones that a tree of any larger size has, too.</remarks>
public sealed class TreeFrontier
{
    private readonly Stack<(int Height, byte[] Hash)> _subtrees = new();

    /// <summary>How many leaves it has, those within subtrees included.</summary>
    public long Size { get; private set; }

    /// <summary>The perfect subtrees that make up the leaves from one place to another, as high as can be.</summary>
    /// <param name="first">The first leaf, from 0.</param>
    /// <param name="end">The leaf after the last one.</param>
    /// <returns>Each one's height, 0 for a leaf, and its place among those of its height, from 0.</returns>
    public static IEnumerable<(int Height, long Index)> Cover(long first, long end)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        while (first < end)
        {
            int height = Math.Min(
                first == 0 ? 62 : BitOperations.TrailingZeroCount(first), BitOperations.Log2((ulong)(end - first)));
            yield return (height, first >> height);
            first += 1L << height;
        }
    }

    /// <summary>Appends the perfect subtree that begins where the tree ends.</summary>
    /// <param name="height">0 for a leaf; a subtree of height h has 2^h leaves.</param>
    /// <param name="hash">Its hash, 32 bytes; of a leaf, the leaf hash.</param>
    /// <exception cref="ArgumentException">
    /// No subtree of this height begins here, or the hash has another length.
    /// </exception>
    public void Append(int height, byte[] hash)
    {
        if (hash.Length != MerkleTree.HashLength)
            throw new ArgumentException($"A hash has 32 bytes, not {hash.Length}.", nameof(hash));
        if (height is < 0 or > 62 || (Size & ((1L << height) - 1)) != 0 || Size > long.MaxValue - (1L << height))
            throw new ArgumentException($"No subtree of height {height} begins at {Size}.", nameof(height));
        Size += 1L << height;
        while (_subtrees.TryPeek(out var left) && left.Height == height)
        {
            _subtrees.Pop();
            hash = MerkleTree.HashNode(left.Hash, hash);
            height++;
        }
        _subtrees.Push((height, hash));
    }

    /// <summary>The root of the tree as it is, 32 bytes.</summary>
    public byte[] Root()
    {
        byte[]? root = null;
        foreach (var (_, hash) in _subtrees)
            root = root is null ? hash : MerkleTree.HashNode(hash, root);
        return root ?? MerkleTree.EmptyRoot;
    }
}
