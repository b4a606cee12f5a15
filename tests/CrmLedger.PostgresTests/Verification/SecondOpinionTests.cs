using CrmLedger.Transparency;

namespace CrmLedger.PostgresTests.Verification;

/// <summary>Our proofs, checked by a verifier that shares no code with what made them.</summary>
public class SecondOpinionTests
{
    private const int LargestSize = 1_024;

    [SecondVerifierFact]
    public async Task Proofs_of_all_trees_up_to_1024_leaves_hold_for_both_and_altered_ones_for_neither()
    {
        var random = new Random(1024);
        var leaves = new List<byte[]>();
        for (int i = 0; i < LargestSize; i++)
            leaves.Add(MerkleTree.HashLeaf(BitConverter.GetBytes(random.NextInt64())));
        byte[][] roots = [.. Enumerable.Range(0, LargestSize + 1).Select(size => MerkleTree.Root(leaves[..size]))];
        var both = new TwoVerifiers();
        for (int size = 0; size <= LargestSize; size++)
        {
            var tree = leaves[..size];
            int older = random.Next(size + 1);
            foreach (bool altered in new[] { false, true })
            {
                // Every tree is consistent with the empty one, whatever its root.
                both.PutConsistency(!altered || (older == 0 && size > 0), older, roots[older], size,
                    altered ? Flipped(roots[size], random) : roots[size], MerkleTree.ConsistencyProof(older, tree));
                if (size == 0)
                    continue;
                int index = random.Next(size);
                both.PutInclusion(!altered, altered ? Flipped(leaves[index], random) : leaves[index], index, size,
                    MerkleTree.InclusionPath(index, tree), roots[size]);
            }
        }
        await using var second = new SecondVerifier();
        await both.ShouldAgreeAsync(second);
    }

    private static byte[] Flipped(byte[] hash, Random random)
    {
        byte[] flipped = [.. hash];
        flipped[random.Next(hash.Length)] ^= (byte)(1 << random.Next(8));
        return flipped;
    }
}
