using System.Buffers.Binary;

namespace CrmLedger.Transparency;

/// <summary>A secret key with a name, which makes one kind of signature on notes. Kept as its seed.</summary>
/// <remarks>
/// C2SP signed-note and tlog-cosignature; the text form is that of golang.org/x/mod/sumdb/note. One seed should serve
/// one name and one kind only: a cosignature does not say which witness made it.
/// </remarks>
public sealed class SignerKey
{
    private const string Prefix = "PRIVATE+KEY+";

    private readonly byte[] _seed;

    /// <summary>A key that signs in one way.</summary>
    /// <param name="name">See <see cref="VerifierKey"/>.</param>
    /// <param name="kind">How it signs.</param>
    /// <param name="seed">32 secret bytes; copied.</param>
    /// <exception cref="ArgumentException">The name breaks its rules, or the seed has another length.</exception>
    public SignerKey(string name, SignatureKind kind, ReadOnlySpan<byte> seed)
    {
        Verifier = new VerifierKey(name, kind, Ed25519.PublicKey(seed));
        _seed = seed.ToArray();
    }

    /// <summary>What others need to verify.</summary>
    public VerifierKey Verifier { get; }

    /// <summary>Reads PRIVATE+KEY+name+keyid+base64. What is wrong is told without the text, which is secret.</summary>
    /// <exception cref="FormatException">It is not written exactly as <see cref="ToSecretText"/> writes.</exception>
    public static SignerKey Parse(string secretText)
    {
        var parts = secretText.StartsWith(Prefix, StringComparison.Ordinal)
            ? secretText[Prefix.Length..].Split('+', 3)
            : [];
        var bytes = parts.Length == 3 ? NoteText.Bytes(parts[2]) : null;
        if (bytes is not [_, .. { Length: Ed25519.SeedLength } seed])
            throw new FormatException($"A signer key reads '{Prefix}name+keyid+base64 of 33 bytes'; this does not.");
        SignerKey key;
        try
        {
            key = new SignerKey(parts[0], (SignatureKind)bytes[0], seed);
        }
        catch (ArgumentException refused)
        {
            throw new FormatException($"The signer key cannot be used: {refused.Message}", refused);
        }

        return key.ToSecretText() == secretText
            ? key
            : throw new FormatException($"The key id is not that of the key, which verifies as '{key.Verifier}'.");
    }

    /// <summary>The text form with the seed in it: whoever reads it can sign.</summary>
    public string ToSecretText()
    {
        return $"{Prefix}{Verifier.Name}+{Verifier.KeyId:x8}+"
            + Convert.ToBase64String([(byte)Verifier.Kind, .. _seed]);
    }

    /// <summary>Signs a note's text.</summary>
    /// <param name="text">As <see cref="SignedNote.Text"/> has it, with the newline at its end.</param>
    /// <exception cref="InvalidOperationException">The key makes cosignatures.</exception>
    public NoteSignature Sign(string text)
    {
        Require(SignatureKind.Ed25519);
        return Signature(Ed25519.Sign(_seed, NoteText.Encode(text)));
    }

    /// <summary>States that, at a time, this checkpoint was the largest consistent one its witness had seen.</summary>
    /// <param name="checkpoint">Extension lines are signed as well, though nothing is stated about them.</param>
    /// <param name="unixSeconds">Seconds since 1970-01-01T00:00:00Z, not negative.</param>
    /// <exception cref="InvalidOperationException">The key signs notes.</exception>
    public NoteSignature Cosign(Checkpoint checkpoint, long unixSeconds)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(unixSeconds);
        Require(SignatureKind.Cosignature);
        var time = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(time, unixSeconds);
        var message = VerifierKey.CosignedMessage(unixSeconds, NoteText.Encode(checkpoint.Text));
        return Signature([.. time, .. Ed25519.Sign(_seed, message)]);
    }

    private void Require(SignatureKind kind)
    {
        if (Verifier.Kind != kind)
        {
            throw new InvalidOperationException(
                $"The key '{Verifier.Name}' signs by {Verifier.Kind}, not by {kind}.");
        }
    }

    private NoteSignature Signature(byte[] signature) => new(Verifier.Name, Verifier.KeyId, signature);
}
