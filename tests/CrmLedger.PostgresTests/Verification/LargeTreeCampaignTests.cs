using CrmLedger.Tests.Transparency;
using CrmLedger.Transparency;
using Xunit.Abstractions;

namespace CrmLedger.PostgresTests.Verification;

/// <summary>Random proofs in a large tree before both verifiers, as they are and altered.</summary>
public sealed class LargeTreeCampaignTests(ITestOutputHelper output)
{
    private readonly TwoVerifiers _both = new();
    private Random _random = null!;

    [SecondVerifierFact]
    public async Task Both_verifiers_accept_every_proof_of_a_large_tree_and_neither_an_altered_one()
    {
        var campaign = new Campaign("LargeTreeCampaign", output);
        _random = campaign.Random;
        int leafCount = Campaign.Size(small: 20_000, full: 1_000_000);
        int pairs = Campaign.Size(small: 200, full: 5_000);
        byte[][] leaves = StoredTiles.Leaves(leafCount);
        var stored = StoredTiles.Of(leaves);
        TileTree.Root(leafCount, stored.Tile).ShouldBe(MerkleTree.Root(leaves));
        await using var second = new SecondVerifier();
        int verdicts = 0;
        for (int pair = 0; pair < pairs; pair++)
        {
            // Over all orders of magnitude: of numbers up to a million drawn evenly, nearly all are large.
            long size = 1 + (long)((leafCount - 1) * Math.Pow(_random.NextDouble(), 3));
            byte[] root = TileTree.Root(size, stored.Tile);
            PutInclusions(leaves, size, root, stored);
            PutConsistencies(size, root, stored);
            if (pair % 500 == 499 || pair == pairs - 1)
            {
                verdicts += _both.Count;
                await _both.ShouldAgreeAsync(second);
                stored.Read.Clear();
            }
        }
        campaign.Say("tree", $"{leafCount:N0} leaves");
        campaign.Say("pairs", $"{pairs:N0} of index and size, {pairs:N0} of old size and new size");
        campaign.Say("verdicts", $"{verdicts:N0} of each verifier: {2 * pairs:N0} proofs accepted by both, "
            + $"{verdicts - (2 * pairs):N0} altered ones refused by both");
        campaign.SayBound("verdicts", verdicts);
        await campaign.WriteAsync("""
            Random inclusion and consistency proofs, computed from stored tiles, of trees of up to a million leaves. Do
            the C# verifier and the TypeScript one, which shares no code with it, both accept each of them, and both
            refuse it once its leaf, its place, a root or a hash of it is altered?
            """);
    }

    private void PutInclusions(byte[][] leaves, long size, byte[] root, StoredTiles stored)
    {
        long index = _random.NextInt64(size);
        byte[] leaf = leaves[index];
        byte[][] path = [.. TileTree.InclusionPath(index, size, stored.Tile)];
        _both.PutInclusion(true, leaf, index, size, path, root);
        _both.PutInclusion(false, Flipped(leaf), index, size, path, root);
        _both.PutInclusion(false, leaf, index, size, path, Flipped(root));
        _both.PutInclusion(false, leaf, size, size, path, root);
        if (size > 1)
            _both.PutInclusion(false, leaf, (index + _random.NextInt64(1, size)) % size, size, path, root);
        foreach (byte[][] altered in Altered(path))
            _both.PutInclusion(false, leaf, index, size, altered, root);
    }

    private void PutConsistencies(long size, byte[] root, StoredTiles stored)
    {
        // From 1: every tree is consistent with the empty one, whatever its root.
        long older = _random.NextInt64(1, size + 1);
        byte[] oldRoot = TileTree.Root(older, stored.Tile);
        byte[][] proof = [.. TileTree.ConsistencyProof(older, size, stored.Tile)];
        _both.PutConsistency(true, older, oldRoot, size, root, proof);
        _both.PutConsistency(false, older, Flipped(oldRoot), size, root, proof);
        _both.PutConsistency(false, older, oldRoot, size, Flipped(root), proof);
        if (older < size)
            _both.PutConsistency(false, size, root, older, oldRoot, proof);
        foreach (byte[][] altered in Altered(proof))
            _both.PutConsistency(false, older, oldRoot, size, root, altered);
    }

    /// <summary>One hash more; and where there are any, one less, one flipped, one doubled and two exchanged.</summary>
    private IEnumerable<byte[][]> Altered(byte[][] hashes)
    {
        int at = _random.Next(hashes.Length + 1);
        yield return [.. hashes[..at], MerkleTree.EmptyRoot, .. hashes[at..]];
        if (hashes.Length == 0)
            yield break;
        at = _random.Next(hashes.Length);
        yield return [.. hashes[..at], .. hashes[(at + 1)..]];
        yield return [.. hashes[..at], Flipped(hashes[at]), .. hashes[(at + 1)..]];
        yield return [.. hashes[..at], hashes[at], .. hashes[at..]];
        if (at > 0)
            yield return [.. hashes[..(at - 1)], hashes[at], hashes[at - 1], .. hashes[(at + 1)..]];
    }

    private byte[] Flipped(byte[] hash)
    {
        byte[] flipped = [.. hash];
        flipped[_random.Next(hash.Length)] ^= (byte)(1 << _random.Next(8));
        return flipped;
    }
}
