using System.Buffers.Binary;
using System.Security.Cryptography;

namespace CrmLedger.Transparency;

/// <summary>A public key with a name, which verifies one kind of signature on notes.</summary>
/// <remarks>C2SP signed-note and tlog-cosignature; the text form is that of golang.org/x/mod/sumdb/note.</remarks>
public sealed class VerifierKey
{
    private const int TimeLength = 8;

    /// <summary>A key for signatures of one kind.</summary>
    /// <param name="name">Best the log's or witness's address without a scheme; no spaces, no plus sign.</param>
    /// <param name="kind">How its owner signs.</param>
    /// <param name="publicKey">32 bytes (RFC 8032); copied.</param>
    /// <exception cref="ArgumentException">
    /// The name breaks its rules, the kind is unknown, or <see cref="Ed25519.IsPublicKey"/> refuses the key.
    /// </exception>
    public VerifierKey(string name, SignatureKind kind, ReadOnlySpan<byte> publicKey)
    {
        if (!NoteText.IsKeyName(name))
            throw new ArgumentException($"'{name}' is no key name: no spaces, no plus.", nameof(name));
        if (kind is not (SignatureKind.Ed25519 or SignatureKind.Cosignature))
            throw new ArgumentException($"Signatures of type {(int)kind} are not known here.", nameof(kind));
        if (!Ed25519.IsPublicKey(publicKey))
            throw new ArgumentException($"The public key of '{name}' is no usable Ed25519 key.", nameof(publicKey));
        Name = name;
        Kind = kind;
        PublicKey = publicKey.ToArray();
        var hash = SHA256.HashData([.. NoteText.Encode(name), (byte)'\n', (byte)kind, .. publicKey]);
        KeyId = BinaryPrimitives.ReadUInt32BigEndian(hash);
    }

    /// <summary>The name that signature lines carry.</summary>
    public string Name { get; }

    /// <summary>What it verifies.</summary>
    public SignatureKind Kind { get; }

    /// <summary>The first four bytes, big-endian, of SHA-256(name ‖ 0x0A ‖ kind ‖ public key).</summary>
    public uint KeyId { get; }

    /// <summary>32 bytes. Not copied: do not write to it.</summary>
    public byte[] PublicKey { get; }

    /// <summary>Reads name+keyid+base64, eight lower-case hexadecimal digits between the plus signs.</summary>
    /// <exception cref="FormatException">It is not written exactly as <see cref="ToString"/> writes.</exception>
    public static VerifierKey Parse(string text)
    {
        var parts = text.Split('+', 3);
        var bytes = parts.Length == 3 ? NoteText.Bytes(parts[2]) : null;
        if (bytes is not [_, .. { Length: Ed25519.PublicKeyLength } publicKey])
            throw new FormatException($"A verifier key reads 'name+keyid+base64 of 33 bytes', not '{text}'.");
        VerifierKey key;
        try
        {
            key = new VerifierKey(parts[0], (SignatureKind)bytes[0], publicKey);
        }
        catch (ArgumentException refused)
        {
            throw new FormatException($"'{text}' is no verifier key: {refused.Message}", refused);
        }

        return key.ToString() == text
            ? key
            : throw new FormatException($"The key id of '{text}' does not belong to it; '{key}' would be right.");
    }

    /// <summary>The text form, as others are given it.</summary>
    public override string ToString()
    {
        return $"{Name}+{KeyId:x8}+{Convert.ToBase64String([(byte)Kind, .. PublicKey])}";
    }

    internal bool IsNamedBy(NoteSignature signature)
    {
        return signature.KeyId == KeyId && signature.KeyName == Name;
    }

    /// <summary>Whether the signature is this key's over the text; and when it was made, if its kind says so.</summary>
    internal bool Verify(ReadOnlySpan<byte> text, ReadOnlySpan<byte> signature, out long? unixSeconds)
    {
        unixSeconds = null;
        if (Kind == SignatureKind.Ed25519)
            return Ed25519.Verify(PublicKey, text, signature);
        if (signature.Length != TimeLength + Ed25519.SignatureLength)
            return false;
        var time = BinaryPrimitives.ReadInt64BigEndian(signature);
        unixSeconds = time;
        return time >= 0 && Ed25519.Verify(PublicKey, CosignedMessage(time, text), signature[TimeLength..]);
    }

    internal static byte[] CosignedMessage(long unixSeconds, ReadOnlySpan<byte> text)
    {
        return [.. NoteText.Encode($"cosignature/v1\ntime {unixSeconds}\n"), .. text];
    }
}
