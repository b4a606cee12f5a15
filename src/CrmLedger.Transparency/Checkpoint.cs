namespace CrmLedger.Transparency;

/// <summary>What a log states about itself: so many leaves, under this root. Immutable.</summary>
/// <remarks>C2SP tlog-checkpoint, "Note text".</remarks>
public sealed class Checkpoint
{
    /// <summary>A statement, not yet signed.</summary>
    /// <param name="origin">The log's identity, one line; best its address without a scheme.</param>
    /// <param name="size">The number of leaves, from 0.</param>
    /// <param name="root">32 bytes; copied.</param>
    /// <param name="extensions">Lines with a meaning of the log's own; not advised, as nobody audits them.</param>
    /// <exception cref="ArgumentException">A line is blank or holds a control character.</exception>
    public Checkpoint(string origin, long size, ReadOnlySpan<byte> root, params IReadOnlyList<string> extensions)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        if (!NoteText.IsLine(origin))
            throw new ArgumentException("The origin is not one line of text.", nameof(origin));
        if (root.Length != MerkleTree.HashLength)
            throw new ArgumentException($"The root has {root.Length} bytes, not 32.", nameof(root));
        if (!extensions.All(NoteText.IsLine))
            throw new ArgumentException("An extension is not one line of text.", nameof(extensions));
        Origin = origin;
        Size = size;
        Root = root.ToArray();
        Extensions = [.. extensions];
        Text = string.Concat(
            ((string[])[origin, $"{size}", Convert.ToBase64String(root), .. extensions]).Select(line => line + "\n"));
    }

    /// <summary>The log's identity.</summary>
    public string Origin { get; }

    /// <summary>The number of leaves.</summary>
    public long Size { get; }

    /// <summary>The root of the tree of this size, 32 bytes. Not copied: do not write to it.</summary>
    public byte[] Root { get; }

    /// <summary>Further lines, without newlines; mostly none.</summary>
    public IReadOnlyList<string> Extensions { get; }

    /// <summary>What is signed: origin, size, root in base64 and extensions, each a line ended by newline.</summary>
    public string Text { get; }

    /// <summary>Reads <see cref="Text"/>.</summary>
    /// <exception cref="FormatException">
    /// It is not written exactly so: a blank or missing line, a size with a leading zero or above 2^63−1, a root that
    /// is not the canonical base64 of 32 bytes.
    /// </exception>
    public static Checkpoint Parse(string text)
    {
        var lines = text.Split('\n');
        if (lines.Length < 4 || lines[^1].Length > 0 || !lines.SkipLast(1).All(NoteText.IsLine))
            throw new FormatException("A checkpoint has three lines or more, none blank, each ended by a newline.");
        var size = NoteText.Count(lines[1])
            ?? throw new FormatException("Line 2 is no tree size: digits without a leading zero, at most 2^63−1.");
        var root = NoteText.Bytes(lines[2]);
        return root?.Length == MerkleTree.HashLength
            ? new Checkpoint(lines[0], size, root, lines[3..^1])
            : throw new FormatException("Line 3 is no root hash: base64 of 32 bytes.");
    }
}
