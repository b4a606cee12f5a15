using System.Text.Json.Nodes;
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
        var requests = new List<JsonObject>();
        var ours = new List<bool>();
        for (int size = 0; size <= LargestSize; size++)
        {
            var tree = leaves[..size];
            int older = random.Next(size + 1);
            foreach (bool altered in new[] { false, true })
            {
                AddConsistency(requests, ours, older, roots[older], size,
                    altered ? Flipped(roots[size], random) : roots[size], MerkleTree.ConsistencyProof(older, tree));
                if (size == 0)
                    continue;
                int index = random.Next(size);
                AddInclusion(requests, ours, altered ? Flipped(leaves[index], random) : leaves[index], index, size,
                    MerkleTree.InclusionPath(index, tree), roots[size]);
            }
        }
        var theirs = await SecondVerifier.AskAsync(requests);
        theirs.Select(v => v["ok"]!.GetValue<bool>()).ShouldBe(ours);
        // Every tree is consistent with the empty one, whatever its root.
        ours.Count(ok => ok).ShouldBeInRange(LargestSize * 2 + 1, LargestSize * 2 + 40);
    }

    private static void AddInclusion(
        List<JsonObject> requests, List<bool> ours, byte[] leaf, long index, long size, IReadOnlyList<byte[]> path,
        byte[] root)
    {
        requests.Add(new()
        {
            ["op"] = "inclusion",
            ["leafHash"] = Convert.ToBase64String(leaf),
            ["index"] = index,
            ["size"] = size,
            ["path"] = Hashes(path),
            ["root"] = Convert.ToBase64String(root),
        });
        ours.Add(MerkleTree.VerifyInclusion(leaf, index, size, path, root));
    }

    private static void AddConsistency(
        List<JsonObject> requests, List<bool> ours, long oldSize, byte[] oldRoot, long newSize, byte[] newRoot,
        IReadOnlyList<byte[]> proof)
    {
        requests.Add(new()
        {
            ["op"] = "consistency",
            ["oldSize"] = oldSize,
            ["oldRoot"] = Convert.ToBase64String(oldRoot),
            ["newSize"] = newSize,
            ["newRoot"] = Convert.ToBase64String(newRoot),
            ["proof"] = Hashes(proof),
        });
        ours.Add(MerkleTree.VerifyConsistency(oldSize, oldRoot, newSize, newRoot, proof));
    }

    private static JsonArray Hashes(IReadOnlyList<byte[]> hashes) =>
        [.. hashes.Select(h => JsonValue.Create(Convert.ToBase64String(h)))];

    private static byte[] Flipped(byte[] hash, Random random)
    {
        byte[] flipped = [.. hash];
        flipped[random.Next(hash.Length)] ^= (byte)(1 << random.Next(8));
        return flipped;
    }
}
