using CrmLedger.Transparency;

namespace CrmLedger.Tests.Transparency;

public class TreeFrontierTests
{
    private static readonly byte[][] s_leaves =
        [.. Enumerable.Range(0, 200).Select(i => MerkleTree.HashLeaf(BitConverter.GetBytes(i)))];

    [Fact]
    public void Leaves_one_after_another_give_the_root_of_every_size()
    {
        var tree = new TreeFrontier();
        for (int size = 0; size <= s_leaves.Length; size++)
        {
            tree.Root().ShouldBe(MerkleTree.Root(s_leaves[..size]));
            if (size < s_leaves.Length)
                tree.Append(0, s_leaves[size]);
        }
    }

    [Fact]
    public void Whatever_is_not_shown_gives_way_to_subtrees_and_the_root_stays_the_same()
    {
        var random = new Random(7);
        for (int trial = 0; trial < 500; trial++)
        {
            int size = random.Next(1, s_leaves.Length + 1);
            var tree = new TreeFrontier();
            for (int next = 0; next < size;)
            {
                int end = random.Next(next, size) + 1;
                if (random.Next(2) == 0)
                {
                    tree.Append(0, s_leaves[next++]);
                    continue;
                }
                foreach (var (height, index) in TreeFrontier.Cover(next, end))
                {
                    int first = (int)index << height;
                    tree.Append(height, MerkleTree.Root(s_leaves[first..(first + (1 << height))]));
                }
                next = end;
            }
            tree.Size.ShouldBe(size);
            tree.Root().ShouldBe(MerkleTree.Root(s_leaves[..size]));
        }
    }

    [Fact]
    public void A_subtree_stands_only_where_one_of_its_height_begins()
    {
        var tree = new TreeFrontier();
        tree.Append(0, s_leaves[0]);
        Should.Throw<ArgumentException>(() => tree.Append(1, s_leaves[1])).Message.ShouldContain("begins at 1");
        Should.Throw<ArgumentException>(() => tree.Append(-1, s_leaves[1]));
        Should.Throw<ArgumentException>(() => tree.Append(63, s_leaves[1]));
        Should.Throw<ArgumentException>(() => tree.Append(0, [1, 2, 3]));
        tree.Size.ShouldBe(1);
    }

    [Theory]
    [InlineData(0, 0, "")]
    [InlineData(0, 8, "3:0")]
    [InlineData(0, 7, "2:0 1:2 0:6")]
    [InlineData(3, 13, "0:3 2:1 2:2 0:12")]
    public void A_range_is_covered_by_the_highest_subtrees(long first, long end, string cover) =>
        string.Join(' ', TreeFrontier.Cover(first, end).Select(s => $"{s.Height}:{s.Index}")).ShouldBe(cover);
}
