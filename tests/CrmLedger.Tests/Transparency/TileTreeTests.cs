using CrmLedger.Transparency;

namespace CrmLedger.Tests.Transparency;

public sealed class TileTreeTests
{
    private static readonly byte[][] Leaves = StoredTiles.Leaves(66_000);

    [Theory]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(700)]
    [InlineData(1000)]
    public void Roots_and_proofs_from_tiles_are_those_from_leaves(int size)
    {
        // The log has grown since: tiles that were partial at this size are read full, or with more hashes.
        foreach (var stored in new[] { StoredTiles.Of(Leaves[..size]), StoredTiles.Of(Leaves[..(size + 300)]) })
        {
            var leaves = Leaves[..size];
            TileTree.Root(size, stored.Tile).ShouldBe(MerkleTree.Root(leaves));
            for (var other = 0; other < size; other += 1 + (size / 40))
            {
                TileTree.InclusionPath(other, size, stored.Tile).ShouldBe(MerkleTree.InclusionPath(other, leaves));
                TileTree.ConsistencyProof(other, size, stored.Tile)
                    .ShouldBe(MerkleTree.ConsistencyProof(other, leaves));
            }
        }
    }

    [Fact]
    public void Proofs_verify_at_random_places_of_a_tree_of_three_levels()
    {
        var stored = StoredTiles.Of(Leaves);
        var random = new Random(7);
        for (var round = 0; round < 60; round++)
        {
            var size = random.Next(1, Leaves.Length + 1);
            var index = random.Next(size);
            var root = TileTree.Root(size, stored.Tile);
            var oldRoot = TileTree.Root(index, stored.Tile);
            var path = TileTree.InclusionPath(index, size, stored.Tile);
            var proof = TileTree.ConsistencyProof(index, size, stored.Tile);

            MerkleTree.VerifyInclusion(Leaves[index], index, size, path, root).ShouldBeTrue();
            MerkleTree.VerifyInclusion(Leaves[(index + 1) % Leaves.Length], index, size, path, root).ShouldBeFalse();
            MerkleTree.VerifyConsistency(index, oldRoot, size, root, proof).ShouldBeTrue();
            if (index > 0)
                MerkleTree.VerifyConsistency(index, root, size, oldRoot, proof).ShouldBeFalse();
        }
    }

    [Fact]
    public void The_empty_tree_needs_no_tile()
    {
        TileTree.Root(0, (_, _) => throw new InvalidOperationException()).ShouldBe(MerkleTree.EmptyRoot);
        TileTree.ConsistencyProof(0, 9, (_, _) => throw new InvalidOperationException()).ShouldBeEmpty();
    }

    [Fact]
    public void Only_needed_tiles_are_read_and_each_once()
    {
        var stored = StoredTiles.Of(Leaves);

        _ = TileTree.InclusionPath(1000, Leaves.Length, stored.Tile);

        // 66,000 = 65,536 + 256 + 208: the leaf's own tiles and the two partial ones on the right edge.
        stored.Read.Order().ShouldBe([(0, 3L), (0, 257L), (1, 0L), (1, 1L)]);
    }

    [Fact]
    public void The_tiles_that_are_needed_are_known_before_they_are_read()
    {
        var random = new Random(256);
        for (var round = 0; round < 100; round++)
        {
            var size = random.Next(1, Leaves.Length + 1);
            var older = random.Next(size + 1);
            var stored = StoredTiles.Of(Leaves[..size]);
            object Compute(Func<int, long, byte[]> read) =>
                (TileTree.Root(older, read), TileTree.ConsistencyProof(older, size, read));
            _ = Compute(stored.Tile);
            var read = stored.Read.Distinct().ToList();
            TileTree.Needed(Compute).ShouldBe(read, ignoreOrder: true);
            foreach (var (level, index) in read)
                TileTree.Width(size, level, index).ShouldBe(stored.Tile(level, index).Length / 32);
        }
    }

    [Fact]
    public void A_tile_with_too_few_hashes_is_refused()
    {
        var stored = StoredTiles.Of(Leaves[..300]);

        Should.Throw<ArgumentException>(() => TileTree.Root(301, stored.Tile)).Message.ShouldContain("level 0");
    }
}
