using System.Security.Cryptography;

namespace CrmLedger.Transparency;

/// <summary>The Merkle tree of a log: its hashes, its proofs, and how proofs are checked.</summary>
/// <remarks>
/// RFC 6962 §2.1 and RFC 9162 §2.1, with SHA-256. Every hash is 32 bytes. Leaf indices count from 0; a tree size is a
/// count of leaves. Proofs list their hashes from the leaf towards the root.
/// </remarks>
public static class MerkleTree
{
    /// <summary>Bytes in a hash.</summary>
    public const int HashLength = 32;

    /// <summary>The root of the tree without leaves: SHA-256 of nothing (RFC 6962 §2.1). Always a new array.</summary>
    public static byte[] EmptyRoot => SHA256.HashData([]);

    /// <summary>SHA-256(0x00 ‖ entry), so that no leaf can pass for a node.</summary>
    public static byte[] HashLeaf(ReadOnlySpan<byte> entry)
    {
        const int stackLimit = 512;
        var length = entry.Length + 1;
        Span<byte> prefixed = length <= stackLimit ? stackalloc byte[stackLimit] : new byte[length];
        prefixed[0] = 0x00;
        entry.CopyTo(prefixed[1..]);
        var leaf = new byte[HashLength];
        LibCrypto.Sha256(prefixed[..length], leaf);
        return leaf;
    }

    /// <summary>SHA-256(0x01 ‖ left ‖ right).</summary>
    /// <exception cref="ArgumentException">A hash is not 32 bytes long.</exception>
    public static byte[] HashNode(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        var node = new byte[HashLength];
        HashNode(left, right, node);
        return node;
    }

    /// <summary>As the other, into <paramref name="node"/>, which may be one of the two hashed.</summary>
    internal static void HashNode(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, Span<byte> node)
    {
        if (left.Length != HashLength)
            throw new ArgumentException($"The hash has {left.Length} bytes, not {HashLength}.", nameof(left));
        if (right.Length != HashLength)
            throw new ArgumentException($"The hash has {right.Length} bytes, not {HashLength}.", nameof(right));
        Span<byte> prefixed = stackalloc byte[1 + (2 * HashLength)];
        prefixed[0] = 0x01;
        left.CopyTo(prefixed[1..]);
        right.CopyTo(prefixed[(1 + HashLength)..]);
        LibCrypto.Sha256(prefixed, node);
    }

    /// <summary>The root over all the leaves given.</summary>
    public static byte[] Root(IReadOnlyList<byte[]> leafHashes)
    {
        return TreeShape.Root(leafHashes.Count, Nodes(leafHashes));
    }

    /// <summary>The path that proves a leaf to be in the tree of all the leaves given (RFC 6962 §2.1.1).</summary>
    /// <param name="leafIndex">From 0, less than the number of leaves.</param>
    /// <param name="leafHashes">The leaves' hashes, in the log's order.</param>
    public static IReadOnlyList<byte[]> InclusionPath(long leafIndex, IReadOnlyList<byte[]> leafHashes)
    {
        return TreeShape.InclusionPath(leafIndex, leafHashes.Count, Nodes(leafHashes));
    }

    /// <summary>The proof that the tree of all the leaves begins with the tree of the first of them (§2.1.2).</summary>
    /// <param name="oldSize">A count, from 0 to the number of leaves; at either end the proof is empty.</param>
    /// <param name="leafHashes">The leaves' hashes, in the log's order.</param>
    public static IReadOnlyList<byte[]> ConsistencyProof(long oldSize, IReadOnlyList<byte[]> leafHashes)
    {
        return TreeShape.ConsistencyProof(oldSize, leafHashes.Count, Nodes(leafHashes));
    }

    /// <summary>Whether the path leads from the leaf to the root.</summary>
    /// <param name="leafHash">32 bytes.</param>
    /// <param name="leafIndex">From 0.</param>
    /// <param name="treeSize">The number of leaves under <paramref name="root"/>.</param>
    /// <param name="path">From the leaf towards the root.</param>
    /// <param name="root">32 bytes.</param>
    /// <returns>False, never an exception, for anything malformed.</returns>
    /// <remarks>RFC 9162 §2.1.3.2.</remarks>
    public static bool VerifyInclusion(
        ReadOnlySpan<byte> leafHash, long leafIndex, long treeSize, IReadOnlyList<byte[]> path, ReadOnlySpan<byte> root)
    {
        if (leafIndex < 0 || leafIndex >= treeSize || leafHash.Length != HashLength || !AreHashes(path))
            return false;
        var index = leafIndex;
        var last = treeSize - 1;
        Span<byte> hash = stackalloc byte[HashLength];
        leafHash.CopyTo(hash);
        foreach (var sibling in path)
        {
            if (last == 0)
                return false;
            if ((index & 1) == 1 || index == last)
            {
                HashNode(sibling, hash, hash);
                SkipLevelsWithoutSibling(ref index, ref last);
            }
            else
            {
                HashNode(hash, sibling, hash);
            }

            index >>= 1;
            last >>= 1;
        }

        return last == 0 && hash.SequenceEqual(root);
    }

    /// <summary>Whether the proof shows that the new tree begins with the old one.</summary>
    /// <param name="oldSize">Leaves under the old root.</param>
    /// <param name="oldRoot">32 bytes.</param>
    /// <param name="newSize">Leaves under the new root, not fewer.</param>
    /// <param name="newRoot">32 bytes.</param>
    /// <param name="proof">Empty when the sizes are equal or the old tree is empty.</param>
    /// <returns>False, never an exception, for anything malformed.</returns>
    /// <remarks>
    /// RFC 9162 §2.1.4.2, which leaves the empty old tree undefined: here every tree begins with it, if
    /// <paramref name="oldRoot"/> is <see cref="EmptyRoot"/>.
    /// </remarks>
    public static bool VerifyConsistency(
        long oldSize, ReadOnlySpan<byte> oldRoot, long newSize, ReadOnlySpan<byte> newRoot, IReadOnlyList<byte[]> proof)
    {
        if (oldSize < 0 || newSize < oldSize || !AreHashes(proof)
            || oldRoot.Length != HashLength || newRoot.Length != HashLength)
            return false;
        if (newSize == 0 && !newRoot.SequenceEqual(EmptyRoot))
            return false;
        if (oldSize == newSize)
            return proof.Count == 0 && oldRoot.SequenceEqual(newRoot);
        if (oldSize == 0)
            return proof.Count == 0 && oldRoot.SequenceEqual(EmptyRoot);
        return proof.Count > 0 && VerifyGrowth(oldSize, oldRoot, newSize, newRoot, proof);
    }

    private static bool VerifyGrowth(
        long oldSize, ReadOnlySpan<byte> oldRoot, long newSize, ReadOnlySpan<byte> newRoot, IReadOnlyList<byte[]> proof)
    {
        var index = oldSize - 1;
        var last = newSize - 1;
        while ((index & 1) == 1)
        {
            index >>= 1;
            last >>= 1;
        }

        // A perfect old tree is itself a node of the new one, so the proof does not repeat its root.
        var next = long.IsPow2(oldSize) ? 0 : 1;
        Span<byte> oldHash = stackalloc byte[HashLength];
        Span<byte> newHash = stackalloc byte[HashLength];
        (next == 0 ? oldRoot : proof[0]).CopyTo(oldHash);
        oldHash.CopyTo(newHash);
        for (; next < proof.Count; next++)
        {
            if (last == 0)
                return false;
            if ((index & 1) == 1 || index == last)
            {
                HashNode(proof[next], oldHash, oldHash);
                HashNode(proof[next], newHash, newHash);
                SkipLevelsWithoutSibling(ref index, ref last);
            }
            else
            {
                HashNode(newHash, proof[next], newHash);
            }

            index >>= 1;
            last >>= 1;
        }

        return last == 0 && oldHash.SequenceEqual(oldRoot) && newHash.SequenceEqual(newRoot);
    }

    // On the tree's right edge a node without a right sibling rises unchanged.
    private static void SkipLevelsWithoutSibling(ref long index, ref long last)
    {
        while ((index & 1) == 0 && index != 0)
        {
            index >>= 1;
            last >>= 1;
        }
    }

    private static bool AreHashes(IReadOnlyList<byte[]> hashes)
    {
        foreach (var hash in hashes)
        {
            if (hash?.Length != HashLength)
                return false;
        }

        return true;
    }

    private static Func<int, long, byte[]> Nodes(IReadOnlyList<byte[]> leafHashes)
    {
        byte[] Node(int height, long index)
        {
            return height == 0
                ? leafHashes[(int)index]
                : HashNode(Node(height - 1, 2 * index), Node(height - 1, (2 * index) + 1));
        }

        return Node;
    }
}
