using System.Text;
using CrmLedger.Transparency;

namespace CrmLedger.Tests.Transparency;

/// <summary>Whatever is changed in a proof, the one change that may pass is none.</summary>
public sealed class ProofMutationTests
{
    private static readonly SampleLog Log = new("log.example/tenant", 66_000);
    private static readonly SampleLog Other = new("log.example/other", 600);

    public static TheoryData<int> Sizes =>
    [
        1, 2, 7, 12, 31, 32, 33, 63, 100, 128, 129, 181, 200, 231, 300,
        255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 66_000,
    ];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_bit_flipped_in_a_receipt_is_refused(int size)
    {
        var index = new Random(size).Next(size);
        var receipt = Log.Receipt(index, size).ToUtf8();

        Refusal(receipt, index).ShouldBeNull();
        foreach (var flipped in Mutations.FlippedBits(receipt, Flips(size)))
            Refusal(flipped, index).ShouldNotBeNull(Encoding.UTF8.GetString(flipped));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_bit_flipped_in_a_checkpoint_is_refused(int size)
    {
        foreach (var flipped in Mutations.FlippedBits(Log.Signed(size).ToUtf8(), Flips(size)))
            Refused(() => SignedCheckpoint.Parse(flipped).Check(Log.Policy)).ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_byte_left_out_put_in_or_put_elsewhere_is_refused(int size)
    {
        var random = new Random(size);
        var index = random.Next(size);
        var receipt = Log.Receipt(index, size).ToUtf8();
        for (var round = 0; round < 100; round++)
        {
            var at = random.Next(receipt.Length);
            var to = random.Next(receipt.Length);
            byte[] shorter = [.. receipt[..at], .. receipt[(at + 1)..]];
            Refusal(receipt[..at], index).ShouldNotBeNull();
            Refusal(shorter, index).ShouldNotBeNull();
            Refusal([.. receipt[..at], (byte)random.Next(256), .. receipt[at..]], index).ShouldNotBeNull();
            byte[] moved = [.. shorter[..Math.Min(to, shorter.Length)], receipt[at], .. shorter[to..]];
            if (!moved.AsSpan().SequenceEqual(receipt))
                Refusal(moved, index).ShouldNotBeNull();
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_hash_dropped_doubled_swapped_or_added_is_refused(int size)
    {
        var index = new Random(size).Next(size);
        var signed = Log.Signed(size);
        byte[][] path = [.. Log.Path(index, size)];
        IEnumerable<byte[][]> paths =
        [
            [.. path, signed.Checkpoint.Root],
            [Log.Leaf(index), .. path],
            .. path.Select((_, i) => (byte[][])[.. path[..i], .. path[(i + 1)..]]),
            .. path.Select((hash, i) => (byte[][])[.. path[..i], hash, .. path[i..]]),
            .. path.Skip(1).Select((hash, i) => (byte[][])[.. path[..i], hash, path[i], .. path[(i + 2)..]]),
            .. path.Select((_, i) => (byte[][])[.. path[..i], new byte[32], .. path[(i + 1)..]]),
        ];
        foreach (var changed in paths)
            new Receipt(index, changed, signed).Check(Log.Leaf(index), Log.Policy).ShouldBeFor(ProofFault.WrongPath);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Parts_of_another_place_size_log_or_key_are_refused(int size)
    {
        var random = new Random(size);
        var index = random.Next(size);
        var path = Log.Path(index, size);
        var leaf = Log.Leaf(index);
        for (var round = 0; round < 20; round++)
        {
            var otherSize = random.Next(1, 66_001);
            var otherIndex = random.Next(66_000);
            if (otherIndex != index)
            {
                Refused(() => new Receipt(otherIndex, path, Log.Signed(size)).Check(leaf, Log.Policy)).ShouldBeTrue();
                Refused(() => new Receipt(index, path, Log.Signed(size)).Check(Log.Leaf(otherIndex), Log.Policy))
                    .ShouldBeTrue();
            }

            if (otherSize != size)
                Refused(() => new Receipt(index, path, Log.Signed(otherSize)).Check(leaf, Log.Policy)).ShouldBeTrue();
        }

        var otherKey = new LogPolicy(Log.Policy.Origin, [Other.Key.Verifier], [], 0);
        new Receipt(index, path, Log.Signed(size)).Check(leaf, Other.Policy).ShouldBeFor(ProofFault.OtherLog);
        new Receipt(index, path, Log.Signed(size)).Check(leaf, otherKey).ShouldBeFor(ProofFault.NotSigned);
        new Receipt(0, Other.Path(0, 600), Other.Signed(600)).Check(Other.Leaf(0), Log.Policy)
            .ShouldBeFor(ProofFault.OtherLog);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void An_altered_consistency_proof_and_an_older_checkpoint_are_refused(int size)
    {
        var random = new Random(size);
        var policy = new LogPolicy(Log.Key.Verifier);
        for (var round = 0; round < 3; round++)
        {
            var oldSize = random.Next(1, size + 1);
            var (older, newer) = (Log.Signed(oldSize), Log.Signed(size));
            byte[][] proof = [.. Log.Proof(oldSize, size)];
            newer.CheckExtends(older, proof, policy).ShouldBeNull();
            if (oldSize < size)
                older.CheckExtends(newer, proof, policy).ShouldBeFor(ProofFault.OlderThanKnown);

            IEnumerable<byte[][]> proofs =
            [
                [.. proof, older.Checkpoint.Root],
                [newer.Checkpoint.Root, .. proof],
                .. proof.Select((_, i) => (byte[][])[.. proof[..i], .. proof[(i + 1)..]]),
                .. proof.Select((hash, i) => (byte[][])[.. proof[..i], hash, .. proof[i..]]),
                .. proof.Skip(1).Select((hash, i) => (byte[][])[.. proof[..i], hash, proof[i], .. proof[(i + 2)..]]),
                .. proof.SelectMany((hash, i) => Mutations.FlippedBits(hash, 8)
                    .Select(flipped => (byte[][])[.. proof[..i], flipped, .. proof[(i + 1)..]])),
            ];
            foreach (var changed in proofs)
                newer.CheckExtends(older, changed, policy).ShouldBeFor(ProofFault.NotConsistent);
        }
    }

    [Fact]
    public void Whatever_is_read_is_refused_as_documented_or_written_again_alike()
    {
        var random = new Random(8785);
        var valid = Encoding.UTF8.GetString(Log.Receipt(200, 300).ToUtf8());
        string[] fragments =
        [
            .. valid.Split('\n'), "\n", "\n\n", " ", "+", "— ", "— a AAAAAAA=", "index 0", "extra AA==", "0", "01",
            "9223372036854775807", "9223372036854775808", "AA==", "\0", "\t", "é", "\uFFFD", "\u00A0", "PRIVATE+KEY+",
            Log.Key.Verifier.ToString(), Log.Key.ToSecretText(), "c2sp.org/tlog-proof@v1",
        ];
        for (var round = 0; round < 20_000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ =>
                fragments[random.Next(fragments.Length)] + (random.Next(3) == 0 ? "" : "\n")));
            var utf8 = Encoding.UTF8.GetBytes(text);
            if (round % 4 == 0)
                random.NextBytes(utf8);
            AlikeOrRefused(utf8, bytes => SignedNote.Parse(bytes).ToUtf8());
            AlikeOrRefused(utf8, bytes => SignedCheckpoint.Parse(bytes).ToUtf8());
            AlikeOrRefused(utf8, bytes => Receipt.Parse(bytes).ToUtf8());
            AlikeOrRefused(utf8, _ => Encoding.UTF8.GetBytes(Checkpoint.Parse(text).Text), text);
            AlikeOrRefused(utf8, _ => Encoding.UTF8.GetBytes(NoteSignature.Parse(text).ToString()), text);
            AlikeOrRefused(utf8, _ => Encoding.UTF8.GetBytes(VerifierKey.Parse(text).ToString()), text);
            AlikeOrRefused(utf8, _ => Encoding.UTF8.GetBytes(SignerKey.Parse(text).ToSecretText()), text);
        }
    }

    // Every bit in the smallest trees, a sample in others.
    private static int Flips(int size) => size <= 7 ? int.MaxValue : 200;

    private static void AlikeOrRefused(byte[] utf8, Func<byte[], byte[]> readAndWrite, string? text = null)
    {
        try
        {
            readAndWrite(utf8).ShouldBe(text is null ? utf8 : Encoding.UTF8.GetBytes(text));
        }
        catch (FormatException refusal)
        {
            refusal.Message.ShouldNotBeEmpty();
        }
    }

    private static string? Refusal(byte[] receipt, int index)
    {
        try
        {
            return Receipt.Parse(receipt).Check(Log.Leaf(index), Log.Policy)?.Detail;
        }
        catch (FormatException refusal)
        {
            return refusal.Message;
        }
    }

    private static bool Refused(Func<ProofRefusal?> check)
    {
        try
        {
            return check() is not null;
        }
        catch (FormatException)
        {
            return true;
        }
    }
}
