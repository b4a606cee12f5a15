using System.Text;

namespace CrmLedger.Transparency;

/// <summary>The proof, for keeping, that an entry is in a log. Needs no server to be checked. Immutable.</summary>
/// <remarks>C2SP tlog-proof v1; files of it are named *.tlog-proof.</remarks>
public sealed class Receipt
{
    /// <summary>The longest extra data, in bytes.</summary>
    public const int MaxExtraBytes = 1 << 16;

    private const string Header = "c2sp.org/tlog-proof@v1";
    private const string ExtraPrefix = "extra ";
    private const string IndexPrefix = "index ";

    // A tree of 2^63−1 leaves is 63 nodes high.
    private const int LongestPath = 63;

    // Room for the longest extra data and path in base64.
    private const int MaxProofBytes = 2 * MaxExtraBytes;

    /// <summary>Puts the parts together, without looking whether they fit.</summary>
    /// <param name="leafIndex">The entry's place in the log, from 0.</param>
    /// <param name="path">Its inclusion path in the checkpoint's tree, from the leaf's sibling upwards.</param>
    /// <param name="checkpoint">The signed tree.</param>
    /// <param name="extra">Any bytes with a meaning of their own; empty for none.</param>
    /// <exception cref="ArgumentException">
    /// A hash is not 32 bytes long, there are more than 63, or more extra data than <see cref="MaxExtraBytes"/>.
    /// </exception>
    public Receipt(
        long leafIndex, IReadOnlyList<byte[]> path, SignedCheckpoint checkpoint, ReadOnlyMemory<byte> extra = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(leafIndex);
        if (path.Count > LongestPath || path.Any(hash => hash.Length != MerkleTree.HashLength))
            throw new ArgumentException("A path is at most 63 hashes of 32 bytes.", nameof(path));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(extra.Length, MaxExtraBytes, nameof(extra));
        LeafIndex = leafIndex;
        Path = path;
        Checkpoint = checkpoint;
        Extra = extra;
    }

    /// <summary>The entry's place in the log, from 0.</summary>
    public long LeafIndex { get; }

    /// <summary>From the leaf's sibling to the root's child, 32 bytes each.</summary>
    public IReadOnlyList<byte[]> Path { get; }

    /// <summary>The tree that the path leads into.</summary>
    public SignedCheckpoint Checkpoint { get; }

    /// <summary>Whatever came with it, which nothing proves: anybody may have written it. Empty for none.</summary>
    public ReadOnlyMemory<byte> Extra { get; }

    /// <summary>Reads a receipt.</summary>
    /// <exception cref="FormatException">It is not written exactly as <see cref="ToUtf8"/> writes.</exception>
    public static Receipt Parse(ReadOnlySpan<byte> utf8)
    {
        // The first blank line ends the proof's own lines: there is none among them.
        var proofLength = utf8.IndexOf("\n\n"u8) + 1;
        if (proofLength == 0)
            throw new FormatException("A receipt has a blank line between its proof and its checkpoint.");
        var lines = new Queue<string>(NoteText.Decode(utf8[..proofLength], MaxProofBytes)[..^1].Split('\n'));
        if (lines.Dequeue() != Header)
            throw new FormatException($"A receipt begins with the line '{Header}'.");

        byte[] extra = [];
        if (lines.TryPeek(out var next) && next.StartsWith(ExtraPrefix, StringComparison.Ordinal))
        {
            var base64 = lines.Dequeue().AsSpan(ExtraPrefix.Length);
            extra = NoteText.Bytes(base64) is { Length: > 0 and <= MaxExtraBytes } bytes
                ? bytes
                : throw new FormatException($"The extra data is not base64 of 1 to {MaxExtraBytes} bytes.");
        }

        if (!lines.TryDequeue(out var index) || !index.StartsWith(IndexPrefix, StringComparison.Ordinal)
            || NoteText.Count(index.AsSpan(IndexPrefix.Length)) is not { } leafIndex)
            throw new FormatException("The line 'index n' is missing, or n has other than digits or a leading zero.");
        if (lines.Count > LongestPath)
            throw new FormatException($"The path has {lines.Count} hashes; no tree needs more than {LongestPath}.");
        var path = new List<byte[]>();
        foreach (var line in lines)
        {
            path.Add(NoteText.Bytes(line) is { Length: MerkleTree.HashLength } hash
                ? hash
                : throw new FormatException($"Hash {path.Count + 1} of the path is not base64 of 32 bytes."));
        }

        return new Receipt(leafIndex, path, SignedCheckpoint.Parse(utf8[(proofLength + 1)..]), extra);
    }

    /// <summary>The receipt as it is stored and sent.</summary>
    public byte[] ToUtf8()
    {
        var lines = new StringBuilder(Header).Append('\n');
        if (!Extra.IsEmpty)
            lines.Append(ExtraPrefix).Append(Convert.ToBase64String(Extra.Span)).Append('\n');
        lines.Append(IndexPrefix).Append(LeafIndex).Append('\n');
        foreach (var hash in Path)
            lines.Append(Convert.ToBase64String(hash)).Append('\n');
        lines.Append('\n');
        return [.. NoteText.Encode(lines.ToString()), .. Checkpoint.ToUtf8()];
    }

    /// <summary>Whether the log has signed for this entry at this place.</summary>
    /// <param name="leafHash">Of the entry that one has, 32 bytes, computed by oneself.</param>
    /// <param name="policy">Whom to trust.</param>
    /// <returns>Null when it has; never an exception, whatever is in the receipt.</returns>
    public ProofRefusal? Check(ReadOnlySpan<byte> leafHash, LogPolicy policy)
    {
        if (Checkpoint.Check(policy) is { } refusal)
            return refusal;
        var (size, root) = (Checkpoint.Checkpoint.Size, Checkpoint.Checkpoint.Root);
        if (LeafIndex >= size)
            return new ProofRefusal(ProofFault.OutsideTree, $"Index {LeafIndex} is not in a tree of {size} leaves.");
        return MerkleTree.VerifyInclusion(leafHash, LeafIndex, size, Path, root)
            ? null
            : new ProofRefusal(
                ProofFault.WrongPath, $"The path does not lead from this entry at {LeafIndex} to the signed root.");
    }
}
