using System.Text;

namespace CrmLedger.Transparency;

/// <summary>A signature that was verified.</summary>
/// <param name="Key">Whose it is.</param>
/// <param name="UnixSeconds">
/// When it was made, by its maker's clock, in seconds since 1970-01-01T00:00:00Z; null for kinds that do not say.
/// </param>
public sealed record VerifiedSignature(VerifierKey Key, long? UnixSeconds);

/// <summary>A text with signatures, which are believed only after <see cref="Check"/>. Immutable.</summary>
/// <remarks>C2SP signed-note.</remarks>
public sealed class SignedNote
{
    /// <summary>The longest note that is read, in bytes.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>The most signatures that a note may carry. The specification asks for no fewer than 16.</summary>
    public const int MaxSignatures = 100;

    private readonly byte[] _utf8Text;

    private SignedNote(string text, IReadOnlyList<NoteSignature> signatures)
    {
        Text = text;
        _utf8Text = NoteText.Encode(text);
        Signatures = signatures;
    }

    /// <summary>What is signed: one line or more, each ended by a newline. It may hold blank lines.</summary>
    public string Text { get; }

    /// <summary>One at least, in the note's order, whoever they are by.</summary>
    public IReadOnlyList<NoteSignature> Signatures { get; }

    /// <summary>Signs a text.</summary>
    /// <exception cref="ArgumentException">
    /// The text does not end with a newline, is too long, or holds another control character or a lone surrogate.
    /// </exception>
    public static SignedNote Sign(string text, SignerKey key)
    {
        if (!text.EndsWith('\n') || NoteText.HoldsControls(text))
            throw new ArgumentException("A note's text ends with a newline and holds no other control.", nameof(text));
        return Readable(new SignedNote(text, [key.Sign(text)]));
    }

    /// <summary>Reads a note.</summary>
    /// <exception cref="FormatException">
    /// It is not written exactly as <see cref="ToUtf8"/> writes, is too long or has too many signatures.
    /// </exception>
    public static SignedNote Parse(ReadOnlySpan<byte> utf8)
    {
        var note = NoteText.Decode(utf8, MaxBytes);
        var blank = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (blank < 0 || !note.EndsWith('\n') || note.Length == blank + 2)
            throw new FormatException("A note has a text, a blank line, and signature lines ended by newlines.");
        var lines = note[(blank + 2)..^1].Split('\n');
        if (lines.Length > MaxSignatures)
            throw new FormatException($"The note has {lines.Length} signatures; at most {MaxSignatures} are read.");
        return new SignedNote(note[..(blank + 1)], [.. lines.Select(NoteSignature.Parse)]);
    }

    /// <summary>The note with one more signature, which takes the place of a former one by the same key.</summary>
    /// <exception cref="ArgumentException">The note would be too long, or have too many signatures.</exception>
    public SignedNote With(NoteSignature signature)
    {
        var others = Signatures.Where(s => s.KeyId != signature.KeyId || s.KeyName != signature.KeyName).ToList();
        return Readable(new SignedNote(Text, [.. others, signature]));
    }

    /// <summary>Verifies the signatures of these keys. Those of other keys are passed over.</summary>
    /// <param name="keys">Who is trusted.</param>
    /// <param name="verified">By whom the note is signed, one for each key; empty when it is refused.</param>
    /// <returns>Null when one of the keys at least has signed, and no signature in the name of any is wrong.</returns>
    public ProofRefusal? Check(IReadOnlyList<VerifierKey> keys, out IReadOnlyList<VerifiedSignature> verified)
    {
        verified = [];
        var found = new List<VerifiedSignature>();
        foreach (var signature in Signatures)
        {
            // Two different keys of one name and id would both have to fit, which they cannot: the note is refused.
            foreach (var key in keys.Where(key => key.IsNamedBy(signature)))
            {
                if (!key.Verify(_utf8Text, signature.Signature, out var unixSeconds))
                {
                    return new ProofRefusal(
                        ProofFault.WrongSignature, $"The signature of '{key.Name}' does not fit the text.");
                }

                if (found.TrueForAll(earlier => earlier.Key != key))
                    found.Add(new VerifiedSignature(key, unixSeconds));
            }
        }

        if (found.Count == 0)
            return new ProofRefusal(ProofFault.NotSigned, "None of the trusted keys has signed the note.");
        verified = found;
        return null;
    }

    /// <summary>The note as it is stored and sent.</summary>
    public byte[] ToUtf8()
    {
        var lines = new StringBuilder("\n");
        foreach (var signature in Signatures)
            lines.Append(signature).Append('\n');
        return [.. _utf8Text, .. NoteText.Encode(lines.ToString())];
    }

    // Nobody shall sign what nobody will read.
    private static SignedNote Readable(SignedNote note)
    {
        return note.Signatures.Count <= MaxSignatures && note.ToUtf8().Length <= MaxBytes
            ? note
            : throw new ArgumentException(
                $"A note has at most {MaxSignatures} signatures and {MaxBytes} bytes.", nameof(note));
    }
}
