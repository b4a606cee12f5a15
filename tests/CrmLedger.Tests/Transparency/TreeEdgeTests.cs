using CrmLedger.Transparency;
using FsCheck;
using FsCheck.Fluent;

namespace CrmLedger.Tests.Transparency;

public sealed class TreeEdgeTests
{
    private static readonly byte[][] Leaves = StoredTiles.Leaves(66_600);

    [Fact]
    public void The_root_is_the_tree_s_at_every_size_to_2000()
    {
        var edge = TreeEdge.Empty;
        edge.Root().ShouldBe(MerkleTree.EmptyRoot);
        for (var size = 1; size <= 2000; size++)
        {
            var growth = edge.Append(Leaves[(size - 1)..size]);
            edge = growth.Edge;
            edge.Size.ShouldBe(size);
            growth.Root.ShouldBe(MerkleTree.Root(Leaves[..size]));
            edge.Root().ShouldBe(growth.Root);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Batches_of_any_size_make_the_same_tree_across_256_and_65536(int seed)
    {
        var random = new Random(seed);
        var stored = new StoredTiles();
        var edge = TreeEdge.Empty;
        while (edge.Size < Leaves.Length)
        {
            var batch = random.Next(4) == 0 ? random.Next(5000) : random.Next(300);
            var to = (int)Math.Min(Leaves.Length, edge.Size + batch);
            var growth = edge.Append(Leaves[(int)edge.Size..to]);
            stored.Apply(growth);
            edge = growth.Edge;
        }

        edge.Root().ShouldBe(MerkleTree.Root(Leaves));
        stored.ShouldHoldExactly(Leaves);
    }

    [Theory]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    public void Tiles_hold_exactly_the_right_hashes_on_both_sides_of_a_full_tile(int size)
    {
        var stored = new StoredTiles();
        var growth = TreeEdge.Empty.Append(Leaves[..size]);

        stored.Apply(growth);

        stored.ShouldHoldExactly(Leaves[..size]);
        growth.Root.ShouldBe(MerkleTree.Root(Leaves[..size]));
    }

    [Fact]
    public void A_tile_that_becomes_full_is_emitted_and_its_level_goes_on_empty()
    {
        var before = TreeEdge.Empty.Append(Leaves[..255]).Edge;

        var growth = before.Append(Leaves[255..256]);

        growth.FullTiles.Select(tile => (tile.Level, tile.Index)).ShouldBe([(0, 0L)]);
        growth.FullTiles[0].Hashes.ShouldBe(StoredTiles.Concatenated(Leaves[..256]));
        growth.ChangedEdges.Select(edge => (edge.Level, edge.Index, edge.Hashes.Length))
            .ShouldBe([(0, 1L, 0), (1, 0L, 32)]);
        growth.ChangedEdges[1].Hashes.ShouldBe(growth.Root);
    }

    [Fact]
    public void Only_touched_levels_are_listed_as_changed()
    {
        var edge = TreeEdge.Empty.Append(Leaves[..300]).Edge;

        edge.Append(Leaves[300..301]).ChangedEdges.Select(changed => changed.Level).ShouldBe([0]);
        edge.Append([]).ChangedEdges.ShouldBeEmpty();
        edge.Append([]).Root.ShouldBe(edge.Root());
    }

    [Fact]
    public void An_append_leaves_the_edge_as_it_was()
    {
        var edge = TreeEdge.Empty.Append(Leaves[..300]).Edge;
        var root = edge.Root();
        var hashes = edge.Edges.Select(tile => tile.Hashes.ToArray()).ToList();

        var lost = edge.Append(Leaves[5000..7000]);

        lost.Edge.Size.ShouldBe(2300);
        edge.Size.ShouldBe(300);
        edge.Root().ShouldBe(root);
        edge.Edges.Select(tile => tile.Hashes).ShouldBe(hashes);
        edge.Append(Leaves[300..2000]).Root.ShouldBe(MerkleTree.Root(Leaves[..2000]));
    }

    [Fact]
    public void An_edge_restored_from_what_was_stored_grows_like_the_one_that_was_kept()
    {
        FsCheck.Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(40),
            Prop.ForAll(Gen.Choose(0, 66_000).ToArbitrary(), Gen.Choose(0, 600).ToArbitrary(), (size, more) =>
            {
                var kept = TreeEdge.Empty.Append(Leaves[..size]).Edge;
                var restored = TreeEdge.Restore(size, [.. kept.Edges.Where(edge => edge.Hashes.Length > 0).Reverse()]);
                var batch = Leaves[size..(size + more)];
                return restored.Root().AsSpan().SequenceEqual(kept.Root())
                    && restored.Append(batch).Root.AsSpan().SequenceEqual(kept.Append(batch).Root);
            }));
    }

    [Fact]
    public void Stored_tiles_of_another_size_are_refused()
    {
        var edges = TreeEdge.Empty.Append(Leaves[..600]).Edge.Edges;

        TreeEdge.Restore(600, [.. edges, new TileEdge(2, 0, [])]).Size.ShouldBe(600);
        Should.Throw<ArgumentException>(() => TreeEdge.Restore(599, edges));
        Should.Throw<ArgumentException>(() => TreeEdge.Restore(600 + 256, edges));
        Should.Throw<ArgumentException>(() => TreeEdge.Restore(600 + 65_536, edges));
        Should.Throw<ArgumentException>(() => TreeEdge.Restore(600, [edges[0]]));
        Should.Throw<ArgumentException>(() => TreeEdge.Restore(600, [.. edges, edges[1]]));
        Should.Throw<ArgumentException>(() => TreeEdge.Restore(600, [edges[0], edges[1] with { Index = 1 }]));
        Should.Throw<ArgumentException>(() => TreeEdge.Restore(600, [edges[0], edges[1] with { Level = -1 }]));
        Should.Throw<ArgumentException>(() => TreeEdge.Restore(600, [.. edges, new TileEdge(2, 0, new byte[32])]));
        var ragged = edges[0] with { Hashes = new byte[33] };
        Should.Throw<ArgumentException>(() => TreeEdge.Restore(600, [ragged, edges[1]]));
        Should.Throw<ArgumentException>(() => TreeEdge.Restore(-1, []));
    }

    [Fact]
    public void A_hash_of_another_length_is_refused()
    {
        Should.Throw<ArgumentException>(() => TreeEdge.Empty.Append([Leaves[0], new byte[31]]));
    }
}
