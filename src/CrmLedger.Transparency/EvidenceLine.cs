using System.Text;

namespace CrmLedger.Transparency;

/// <summary>A line of an evidence bundle, read by itself: what is costly about it needs no other line.</summary>
public sealed class EvidenceLine
{
    private EvidenceLine(string word, ReadOnlyMemory<byte> rest, byte[]? leaf) =>
        (Word, Rest, Leaf) = (word, rest, leaf);

    /// <summary>The first word; all of a line of one.</summary>
    public string Word { get; }

    /// <summary>What follows it, after a blank; of an event the canonical form.</summary>
    public ReadOnlyMemory<byte> Rest { get; }

    /// <summary>The leaf that an event hashes to, 32 bytes; null of another line.</summary>
    public byte[]? Leaf { get; }

    /// <summary>Reads a line.</summary>
    /// <param name="line">Without its newline.</param>
    public static EvidenceLine Read(ReadOnlyMemory<byte> line)
    {
        int space = line.Span.IndexOf((byte)' ');
        var (word, rest) = space < 0 ? (line, default) : (line[..space], line[(space + 1)..]);
        // With a blank at its end it is another line, which a first word alone does not tell.
        if (space < 0 || rest.IsEmpty)
            return new(Encoding.ASCII.GetString(line.Span), default, null);
        if (!word.Span.SequenceEqual("event"u8))
            return new(Encoding.ASCII.GetString(word.Span), rest, null);
        Span<byte> entry = stackalloc byte[MerkleTree.HashLength];
        LibCrypto.Sha256(rest.Span, entry);
        return new("event", rest, MerkleTree.HashLeaf(entry));
    }
}
