using System.Text;

namespace CrmLedger.Transparency;

/// <summary>
/// Reads an evidence bundle, a line at a time, and computes the root that it leads to: some of a log's entries with
/// everything of the tree that is needed beside them. Memory does not grow with the bundle.
/// </summary>
/// <remarks>
/// Lines end with a newline and follow each other in this order: <c>crmledger-evidence@v1</c>; <c>about …</c>, what the
/// bundle says it is; <c>key …</c>, one or more, the log's keys, not to be trusted; <c>statement …</c>, any number,
/// signed notes in base64; <c>checkpoint …</c>, a signed note in base64; then, from the log's beginning to the
/// checkpoint's size, <c>event …</c>, the canonical form of an entry exactly as it was hashed, and
/// <c>node HEIGHT HASH</c>, a subtree of which nothing is shown. So an entry's leaf is
/// SHA-256(0x00 ‖ SHA-256(the line without <c>event </c>)), and no canonical form has to be computed.
/// </remarks>
public sealed class EvidenceWalk
{
    /// <summary>The first line.</summary>
    public const string Header = "crmledger-evidence@v1";

    private const int MaxNoteBytes = 1 << 20;

    private readonly TreeFrontier _tree = new();
    private readonly List<VerifierKey> _keys = [];
    private readonly List<SignedNote> _statements = [];
    private readonly Dictionary<long, byte[]?> _rootsAt = [];
    private Part _part = Part.Header;

    private enum Part
    {
        Header,
        About,
        Keys,
        Statements,
        Tree,
    }

    /// <summary>What the bundle says it is, the words after <c>about</c>. To be checked.</summary>
    public IReadOnlyList<string> About { get; private set; } = [];

    /// <summary>The log's keys, as they came with it: they tell nothing of whose log it is.</summary>
    public IReadOnlyList<VerifierKey> Keys => _keys;

    /// <summary>What was stated about the log, signed notes.</summary>
    public IReadOnlyList<SignedNote> Statements => _statements;

    /// <summary>The checkpoint; null before its line has come.</summary>
    public SignedCheckpoint? Checkpoint { get; private set; }

    /// <summary>How many leaves have come, those that are not shown included.</summary>
    public long Size => _tree.Size;

    /// <summary>How many entries were shown.</summary>
    public long Shown { get; private set; }

    /// <summary>Asks for the root at a size, which must not have been passed yet.</summary>
    public void Ask(long size)
    {
        _rootsAt.TryAdd(size, null);
        NoteRoot();
    }

    /// <summary>The root that the bundle leads to at a size asked for; null when it does not stop there.</summary>
    public byte[]? RootAt(long size) => _rootsAt[size];

    /// <summary>Takes the next line.</summary>
    /// <exception cref="FormatException">It is not a line that may stand here.</exception>
    public void Take(EvidenceLine line)
    {
        if (_part == Part.Tree)
        {
            TakeOfTree(line);
            return;
        }
        if (_part == Part.Header)
        {
            if (line.Word != Header || line.Rest.Length > 0)
                throw new FormatException($"An evidence bundle begins with the line '{Header}'.");
            _part = Part.About;
            return;
        }
        string text = NoteText.Decode(line.Rest.Span, MaxNoteBytes);
        switch (line.Word)
        {
            case "about" when _part == Part.About:
                About = text.Split(' ');
                _part = Part.Keys;
                break;
            case "key" when _part == Part.Keys:
                _keys.Add(VerifierKey.Parse(text));
                break;
            case "statement" when _part is Part.Keys or Part.Statements && _keys.Count > 0:
                _statements.Add(SignedNote.Parse(Note(text)));
                _part = Part.Statements;
                break;
            case "checkpoint" when _part is Part.Keys or Part.Statements && _keys.Count > 0:
                Checkpoint = SignedCheckpoint.Parse(Note(text));
                _part = Part.Tree;
                break;
            default:
                throw new FormatException($"A line '{line.Word} …' does not belong here.");
        }
    }

    /// <summary>Whether a log that is trusted has signed the tree that the bundle leads to.</summary>
    /// <param name="policy">Whom to trust; nothing of it comes from the bundle.</param>
    /// <returns>Null when it has.</returns>
    public ProofRefusal? Check(LogPolicy policy)
    {
        if (Checkpoint is not { } signed)
            return new(ProofFault.NotSigned, "The bundle ends before its checkpoint.");
        if (signed.Check(policy) is { } refusal)
            return refusal;
        var said = signed.Checkpoint;
        return Size == said.Size && _tree.Root().AsSpan().SequenceEqual(said.Root)
            ? null
            : new(ProofFault.WrongPath, $"What it shows leads to another tree than the one of {said.Size} events that "
                + "was signed: something was altered, left out or added.");
    }

    private void TakeOfTree(EvidenceLine line)
    {
        try
        {
            if (line.Leaf is { } leaf)
            {
                _tree.Append(0, leaf);
                Shown++;
                NoteRoot();
                return;
            }
            string[] parts = Encoding.ASCII.GetString(line.Rest.Span).Split(' ');
            if (line.Word != "node" || parts.Length != 2 || NoteText.Bytes(parts[1]) is not { } hash
                || NoteText.Count(parts[0]) is not { } height)
            {
                throw new FormatException(
                    "After the checkpoint there are lines 'event …' and 'node HEIGHT HASH' only.");
            }
            _tree.Append((int)Math.Min(height, 63), hash);
            NoteRoot();
        }
        catch (ArgumentException misplaced)
        {
            throw new FormatException(misplaced.Message, misplaced);
        }
    }

    private void NoteRoot()
    {
        if (_rootsAt.ContainsKey(_tree.Size))
            _rootsAt[_tree.Size] = _tree.Root();
    }

    private static byte[] Note(string base64) =>
        NoteText.Bytes(base64) ?? throw new FormatException("A note is not written in base64.");
}
