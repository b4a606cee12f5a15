using System.Numerics;

namespace CrmLedger.Transparency;

/// <summary>Which perfect subtrees make up roots and proofs, wherever the subtrees' hashes come from.</summary>
/// <remarks>A node (height h, index i) covers the leaves from i·2^h to (i+1)·2^h − 1.</remarks>
internal static class TreeShape
{
    internal static byte[] Root(long treeSize, Func<int, long, byte[]> node)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(treeSize);
        return treeSize == 0 ? MerkleTree.EmptyRoot : RangeRoot(0, treeSize, node);
    }

    internal static List<byte[]> InclusionPath(long leafIndex, long treeSize, Func<int, long, byte[]> node)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(leafIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(leafIndex, treeSize);
        var path = new List<byte[]>();
        long low = 0;
        var high = treeSize;
        while (high - low > 1)
        {
            var middle = low + Split(high - low);
            if (leafIndex < middle)
            {
                path.Add(RangeRoot(middle, high, node));
                high = middle;
            }
            else
            {
                path.Add(RangeRoot(low, middle, node));
                low = middle;
            }
        }

        path.Reverse();
        return path;
    }

    internal static List<byte[]> ConsistencyProof(long oldSize, long newSize, Func<int, long, byte[]> node)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(oldSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(oldSize, newSize);
        var proof = new List<byte[]>();
        if (oldSize == 0 || oldSize == newSize)
            return proof;
        long low = 0;
        var high = newSize;
        while (high != oldSize)
        {
            var middle = low + Split(high - low);
            if (oldSize <= middle)
            {
                proof.Add(RangeRoot(middle, high, node));
                high = middle;
            }
            else
            {
                proof.Add(RangeRoot(low, middle, node));
                low = middle;
            }
        }

        // From the left border the range is the old tree itself, whose root the verifier has.
        if (low > 0)
            proof.Add(RangeRoot(low, high, node));
        proof.Reverse();
        return proof;
    }

    // The largest power of two smaller than the size: RFC 6962's k.
    private static long Split(long size)
    {
        return 1L << BitOperations.Log2((ulong)(size - 1));
    }

    // Splitting at powers of two starts every range at a multiple of its largest perfect subtree.
    private static byte[] RangeRoot(long low, long high, Func<int, long, byte[]> node)
    {
        byte[]? root = null;
        while (low < high)
        {
            var height = BitOperations.TrailingZeroCount(high - low);
            var smallest = node(height, (high >> height) - 1);
            root = root is null ? smallest : MerkleTree.HashNode(smallest, root);
            high -= 1L << height;
        }

        return root!;
    }
}
