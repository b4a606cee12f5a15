using System.Text;
using CrmLedger.Transparency;

namespace CrmLedger.Tests.Transparency;

public sealed class ReceiptTests
{
    private static readonly SampleLog Log = new("log.example/tenant", 300);
    private static readonly string Hash = Convert.ToBase64String(Log.Leaf(0));
    private static readonly string Signed = Encoding.UTF8.GetString(Log.Signed(5).ToUtf8());

    [Fact]
    public void A_receipt_is_written_line_by_line_as_specified()
    {
        var receipt = Log.Receipt(3, 5);

        Encoding.UTF8.GetString(receipt.ToUtf8()).ShouldBe(
            "c2sp.org/tlog-proof@v1\nindex 3\n"
            + string.Concat(receipt.Path.Select(hash => Convert.ToBase64String(hash) + "\n"))
            + "\n" + Signed);
        receipt.Path.Count.ShouldBe(3);
    }

    [Fact]
    public void Every_entry_of_many_trees_gets_a_receipt_that_verifies_and_is_read_as_it_was_written()
    {
        foreach (var size in new[] { 1, 2, 3, 8, 33, 255, 256, 257, 300 })
        {
            for (var index = 0; index < size; index += 1 + (size / 30))
            {
                var utf8 = Log.Receipt(index, size).ToUtf8();
                var receipt = Receipt.Parse(utf8);

                receipt.ToUtf8().ShouldBe(utf8);
                receipt.LeafIndex.ShouldBe(index);
                receipt.Extra.IsEmpty.ShouldBeTrue();
                receipt.Check(Log.Leaf(index), Log.Policy).ShouldBeNull();
            }
        }
    }

    [Fact]
    public void Extra_data_is_carried_and_proves_nothing()
    {
        byte[] extra = [0, 1, 0xFF];
        var receipt = Receipt.Parse(new Receipt(3, Log.Path(3, 5), Log.Signed(5), extra).ToUtf8());

        receipt.Extra.ToArray().ShouldBe(extra);
        receipt.Check(Log.Leaf(3), Log.Policy).ShouldBeNull();
        new Receipt(3, receipt.Path, receipt.Checkpoint, "forged"u8.ToArray()).Check(Log.Leaf(3), Log.Policy)
            .ShouldBeNull();
    }

    [Fact]
    public void What_is_wrong_is_named()
    {
        var other = new SampleLog("other.example/tenant", 300);
        var receipt = Log.Receipt(3, 5);
        var unwitnessed = SignedCheckpoint.Sign(Log.Checkpoint(5), Log.Key);
        var stranger = SampleLog.Signer("log.example/stranger", SignatureKind.Ed25519);

        receipt.Check(Log.Leaf(4), Log.Policy).ShouldBeFor(ProofFault.WrongPath);
        receipt.Check([], Log.Policy).ShouldBeFor(ProofFault.WrongPath);
        new Receipt(2, receipt.Path, receipt.Checkpoint).Check(Log.Leaf(3), Log.Policy)
            .ShouldBeFor(ProofFault.WrongPath);
        new Receipt(5, receipt.Path, receipt.Checkpoint).Check(Log.Leaf(3), Log.Policy)
            .ShouldBeFor(ProofFault.OutsideTree);
        new Receipt(long.MaxValue, [], receipt.Checkpoint).Check(Log.Leaf(3), Log.Policy)
            .ShouldBeFor(ProofFault.OutsideTree);
        new Receipt(3, receipt.Path, unwitnessed).Check(Log.Leaf(3), Log.Policy)
            .ShouldBeFor(ProofFault.TooFewWitnesses);
        new Receipt(3, receipt.Path, SignedCheckpoint.Sign(Log.Checkpoint(5), stranger))
            .Check(Log.Leaf(3), new LogPolicy(Log.Key.Verifier)).ShouldBeFor(ProofFault.NotSigned);
        other.Receipt(3, 5).Check(other.Leaf(3), Log.Policy).ShouldBeFor(ProofFault.OtherLog);
    }

    [Fact]
    public void A_receipt_written_in_any_other_way_is_refused()
    {
        const string header = "c2sp.org/tlog-proof@v1\n";
        string[] refused =
        [
            "",
            header,
            Signed,
            $"{header}\n{Signed}",
            $"{header}{Hash}\n\n{Signed}",
            $"{header}index 0\n{Signed}",
            $"{header}index 0\n\n\n{Signed}",
            $"{header}index 0\n\n{Signed}\n",
            $"{header}index 0\n\nlog.example/tenant\n5\n{Hash}\n",
            $"{header}index 0\n\n{Signed[Signed.IndexOf('\n')..]}",
            $" {header}index 0\n\n{Signed}",
            $"\n{header}index 0\n\n{Signed}",
            $"c2sp.org/tlog-proof@v2\nindex 0\n\n{Signed}",
            $"{header}index 00\n\n{Signed}",
            $"{header}index 01\n\n{Signed}",
            $"{header}index -1\n\n{Signed}",
            $"{header}index \n\n{Signed}",
            $"{header}index\n\n{Signed}",
            $"{header}index  0\n\n{Signed}",
            $"{header}index 0 \n\n{Signed}",
            $"{header}index 9223372036854775808\n\n{Signed}",
            $"{header}index 0\nindex 0\n\n{Signed}",
            $"{header}0\n\n{Signed}",
            $"{header}extra \nindex 0\n\n{Signed}",
            $"{header}extra AB==\nindex 0\n\n{Signed}",
            $"{header}extra AA==\nextra AA==\nindex 0\n\n{Signed}",
            $"{header}index 0\nextra AA==\n\n{Signed}",
            $"{header}index 0\n{Hash[..^1]}\n\n{Signed}",
            $"{header}index 0\n {Hash}\n\n{Signed}",
            $"{header}index 0\n{Hash}{Hash}\n\n{Signed}",
            $"{header}index 0\nAAAA\n\n{Signed}",
            $"{header}index 0\n{string.Concat(Enumerable.Repeat(Hash + "\n", 64))}\n{Signed}",
            $"{header}extra {new string('A', 200_000)}\nindex 0\n\n{Signed}",
            $"{header.Replace("\n", "\r\n")}index 0\n\n{Signed}",
        ];
        foreach (var text in refused)
            Should.Throw<FormatException>(() => Receipt.Parse(Encoding.UTF8.GetBytes(text)), text);
        Receipt.Parse(Encoding.UTF8.GetBytes($"{header}extra AA==\nindex 0\n{Hash}\n\n{Signed}"))
            .Path.Count.ShouldBe(1);
    }

    [Fact]
    public void A_receipt_that_could_not_be_read_is_not_made()
    {
        var signed = Log.Signed(5);

        Should.Throw<ArgumentException>(() => new Receipt(-1, [], signed));
        Should.Throw<ArgumentException>(() => new Receipt(0, [new byte[31]], signed));
        Should.Throw<ArgumentException>(() => new Receipt(0, [.. Enumerable.Repeat(Log.Leaf(0), 64)], signed));
        Should.Throw<ArgumentException>(() => new Receipt(0, [], signed, new byte[Receipt.MaxExtraBytes + 1]));
        Receipt.Parse(new Receipt(0, [.. Enumerable.Repeat(Log.Leaf(0), 63)], signed, new byte[Receipt.MaxExtraBytes])
            .ToUtf8()).Path.Count.ShouldBe(63);
    }
}
