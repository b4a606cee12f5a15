using CrmLedger.Transparency;

namespace CrmLedger.Tests.Transparency;

public sealed class MerkleTreeTests
{
    private static readonly byte[][] Leaves =
        [.. Enumerable.Range(0, 40).Select(i => MerkleTree.HashLeaf([(byte)i]))];

    [Fact]
    public void Every_size_has_the_published_root()
    {
        for (var size = 0; size <= 8; size++)
            MerkleTree.Root(Rfc6962Vectors.Leaves(size)).ShouldBe(Rfc6962Vectors.Root(size));
        MerkleTree.EmptyRoot.ShouldBe(Rfc6962Vectors.Root(0));
    }

    [Fact]
    public void A_long_entry_is_hashed_like_a_short_one()
    {
        var entry = new byte[10_000];

        MerkleTree.HashLeaf(entry).ShouldBe(System.Security.Cryptography.SHA256.HashData([0, .. entry]));
    }

    [Theory]
    [MemberData(nameof(Rfc6962Vectors.InclusionPaths), MemberType = typeof(Rfc6962Vectors))]
    public void Inclusion_paths_are_the_published_ones(int leafIndex, int treeSize, string[] expected)
    {
        var leaves = Rfc6962Vectors.Leaves(treeSize);

        var path = MerkleTree.InclusionPath(leafIndex, leaves);

        path.Select(Convert.ToHexStringLower).ShouldBe(expected);
        MerkleTree.VerifyInclusion(leaves[leafIndex], leafIndex, treeSize, path, Rfc6962Vectors.Root(treeSize))
            .ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Rfc6962Vectors.ConsistencyProofs), MemberType = typeof(Rfc6962Vectors))]
    public void Consistency_proofs_are_the_published_ones(int oldSize, int newSize, string[] expected)
    {
        var proof = MerkleTree.ConsistencyProof(oldSize, Rfc6962Vectors.Leaves(newSize));

        proof.Select(Convert.ToHexStringLower).ShouldBe(expected);
        MerkleTree.VerifyConsistency(
            oldSize, Rfc6962Vectors.Root(oldSize), newSize, Rfc6962Vectors.Root(newSize), proof).ShouldBeTrue();
    }

    [Fact]
    public void Inclusion_holds_for_every_leaf_and_for_no_other_place_size_or_length_of_path()
    {
        for (var size = 1; size <= Leaves.Length; size++)
        {
            var root = MerkleTree.Root(Leaves[..size]);
            for (var index = 0; index < size; index++)
            {
                var path = MerkleTree.InclusionPath(index, Leaves[..size]);
                MerkleTree.VerifyInclusion(Leaves[index], index, size, path, root).ShouldBeTrue();
                for (var other = -1; other <= size; other++)
                {
                    MerkleTree.VerifyInclusion(Leaves[index], other, size, path, root).ShouldBe(other == index);
                }

                MerkleTree.VerifyInclusion(Leaves[index], index, size, [.. path, root], root).ShouldBeFalse();
                MerkleTree.VerifyInclusion(Leaves[index], index, size, [.. path.Skip(1)], root)
                    .ShouldBe(path.Count == 0);
            }
        }
    }

    [Fact]
    public void Consistency_holds_between_any_two_sizes_and_not_with_a_proof_of_other_length()
    {
        for (var size = 0; size <= Leaves.Length; size++)
        {
            var root = MerkleTree.Root(Leaves[..size]);
            for (var old = 0; old <= size; old++)
            {
                var oldRoot = MerkleTree.Root(Leaves[..old]);
                var proof = MerkleTree.ConsistencyProof(old, Leaves[..size]);
                MerkleTree.VerifyConsistency(old, oldRoot, size, root, proof).ShouldBeTrue($"{old} to {size}");
                MerkleTree.VerifyConsistency(old, oldRoot, size, root, [.. proof, root]).ShouldBeFalse();
                MerkleTree.VerifyConsistency(old, oldRoot, size, root, [.. proof.Skip(1)])
                    .ShouldBe(proof.Count == 0);
                if (old != size)
                    MerkleTree.VerifyConsistency(size, root, old, oldRoot, proof).ShouldBeFalse();
            }
        }
    }

    [Fact]
    public void A_flipped_bit_anywhere_breaks_an_inclusion_proof()
    {
        const int size = 13, index = 9;
        var root = MerkleTree.Root(Leaves[..size]);
        var path = MerkleTree.InclusionPath(index, Leaves[..size]);
        for (var bit = 0; bit < 256; bit++)
        {
            MerkleTree.VerifyInclusion(Flip(Leaves[index], bit), index, size, path, root).ShouldBeFalse();
            MerkleTree.VerifyInclusion(Leaves[index], index, size, path, Flip(root, bit)).ShouldBeFalse();
            for (var step = 0; step < path.Count; step++)
                MerkleTree.VerifyInclusion(Leaves[index], index, size, Flip(path, step, bit), root).ShouldBeFalse();
        }
    }

    [Theory]
    [InlineData(8, 13)]
    [InlineData(9, 13)]
    [InlineData(11, 39)]
    [InlineData(12, 12)]
    [InlineData(0, 5)]
    public void A_flipped_bit_anywhere_breaks_a_consistency_proof(int oldSize, int newSize)
    {
        var oldRoot = MerkleTree.Root(Leaves[..oldSize]);
        var newRoot = MerkleTree.Root(Leaves[..newSize]);
        var proof = MerkleTree.ConsistencyProof(oldSize, Leaves[..newSize]);
        for (var bit = 0; bit < 256; bit++)
        {
            MerkleTree.VerifyConsistency(oldSize, Flip(oldRoot, bit), newSize, newRoot, proof).ShouldBeFalse();
            // Nothing about the new root follows from a tree that was empty.
            MerkleTree.VerifyConsistency(oldSize, oldRoot, newSize, Flip(newRoot, bit), proof).ShouldBe(oldSize == 0);
            for (var step = 0; step < proof.Count; step++)
            {
                MerkleTree.VerifyConsistency(oldSize, oldRoot, newSize, newRoot, Flip(proof, step, bit))
                    .ShouldBeFalse();
            }
        }
    }

    [Fact]
    public void Malformed_proofs_are_false_and_no_exception()
    {
        var root = MerkleTree.Root(Leaves[..2]);

        MerkleTree.VerifyInclusion(Leaves[0], 0, 2, [new byte[31]], root).ShouldBeFalse();
        MerkleTree.VerifyInclusion(Leaves[0], 0, 2, [null!], root).ShouldBeFalse();
        MerkleTree.VerifyInclusion([], 0, 2, [Leaves[1]], root).ShouldBeFalse();
        MerkleTree.VerifyInclusion(Leaves[0], 0, long.MaxValue, [Leaves[1]], root).ShouldBeFalse();
        MerkleTree.VerifyInclusion(Leaves[0], long.MinValue, -1, [Leaves[1]], root).ShouldBeFalse();
        MerkleTree.VerifyConsistency(1, Leaves[0], 2, root, [new byte[33]]).ShouldBeFalse();
        MerkleTree.VerifyConsistency(-1, Leaves[0], 2, root, [Leaves[1]]).ShouldBeFalse();
        MerkleTree.VerifyConsistency(1, [], 2, root, [Leaves[1]]).ShouldBeFalse();
        MerkleTree.VerifyConsistency(0, root, 0, root, []).ShouldBeFalse();
    }

    [Fact]
    public void A_proof_outside_the_tree_cannot_be_asked_for()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => MerkleTree.InclusionPath(3, Leaves[..3]));
        Should.Throw<ArgumentOutOfRangeException>(() => MerkleTree.InclusionPath(-1, Leaves[..3]));
        Should.Throw<ArgumentOutOfRangeException>(() => MerkleTree.ConsistencyProof(4, Leaves[..3]));
        Should.Throw<ArgumentException>(() => MerkleTree.HashNode(Leaves[0], new byte[31]));
    }

    private static byte[] Flip(byte[] hash, int bit)
    {
        var flipped = hash.ToArray();
        flipped[bit / 8] ^= (byte)(1 << (bit % 8));
        return flipped;
    }

    private static byte[][] Flip(IReadOnlyList<byte[]> path, int step, int bit)
    {
        byte[][] flipped = [.. path];
        flipped[step] = Flip(flipped[step], bit);
        return flipped;
    }
}
