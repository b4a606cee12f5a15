using CrmLedger.Transparency;

namespace CrmLedger.Tests.Transparency;

public sealed class CheckpointTests
{
    // The example of C2SP tlog-checkpoint.
    private const string Text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    private const string Root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";

    [Fact]
    public void The_published_example_is_read_and_written_again()
    {
        var checkpoint = Checkpoint.Parse(Text);

        checkpoint.Origin.ShouldBe("example.com/behind-the-sofa");
        checkpoint.Size.ShouldBe(20852163);
        checkpoint.Root.ShouldBe(Convert.FromBase64String(Root));
        checkpoint.Extensions.ShouldBeEmpty();
        new Checkpoint(checkpoint.Origin, checkpoint.Size, checkpoint.Root).Text.ShouldBe(Text);
    }

    [Theory]
    [InlineData("log\n0\n" + Root + "\n")]
    [InlineData("a log with + and spaces\n9223372036854775807\n" + Root + "\n")]
    [InlineData("log\n1\n" + Root + "\nan extension\nand another\n")]
    public void Whatever_is_read_is_written_again_alike(string text)
    {
        var checkpoint = Checkpoint.Parse(text);

        checkpoint.Text.ShouldBe(text);
        new Checkpoint(checkpoint.Origin, checkpoint.Size, checkpoint.Root, checkpoint.Extensions).Text.ShouldBe(text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("log\n")]
    [InlineData("log\n1\n")]
    [InlineData("log\n1\n" + Root)]
    [InlineData("\n1\n" + Root + "\n")]
    [InlineData("log\n\n" + Root + "\n")]
    [InlineData("log\n1\n\n")]
    [InlineData("log\n1\n" + Root + "\n\n")]
    [InlineData("log\n1\n" + Root + "\n\nextension\n")]
    [InlineData("log\n01\n" + Root + "\n")]
    [InlineData("log\n00\n" + Root + "\n")]
    [InlineData("log\n-1\n" + Root + "\n")]
    [InlineData("log\n+1\n" + Root + "\n")]
    [InlineData("log\n 1\n" + Root + "\n")]
    [InlineData("log\n1 \n" + Root + "\n")]
    [InlineData("log\n1\0\n" + Root + "\n")]
    [InlineData("log\n1e3\n" + Root + "\n")]
    [InlineData("log\n0x1\n" + Root + "\n")]
    [InlineData("log\n\u0661\n" + Root + "\n")]
    [InlineData("log\n9223372036854775808\n" + Root + "\n")]
    [InlineData("log\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n")]
    [InlineData("log\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n")]
    [InlineData("log\n1\nCsUYapGGPo4dkMgIAUqom_Xajj7h2fB2MPA3j2jxq2I=\n")]
    [InlineData("log\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jx\n")]
    [InlineData("log\n1\n " + Root + "\n")]
    [InlineData("log\n1\n" + Root + " \n")]
    [InlineData("log\r\n1\r\n" + Root + "\r\n")]
    public void A_checkpoint_written_in_any_other_way_is_refused(string text)
    {
        Should.Throw<FormatException>(() => Checkpoint.Parse(text));
    }

    [Fact]
    public void A_checkpoint_that_could_not_be_read_is_not_made()
    {
        Should.Throw<ArgumentException>(() => new Checkpoint("", 0, MerkleTree.EmptyRoot));
        Should.Throw<ArgumentException>(() => new Checkpoint("a\nb", 0, MerkleTree.EmptyRoot));
        Should.Throw<ArgumentException>(() => new Checkpoint("a\uDC00", 0, MerkleTree.EmptyRoot));
        Should.Throw<ArgumentException>(() => new Checkpoint("a", -1, MerkleTree.EmptyRoot));
        Should.Throw<ArgumentException>(() => new Checkpoint("a", 0, new byte[31]));
        Should.Throw<ArgumentException>(() => new Checkpoint("a", 0, MerkleTree.EmptyRoot, ""));
        Should.Throw<ArgumentException>(() => new Checkpoint("a", 0, MerkleTree.EmptyRoot, "b\n"));
    }
}
