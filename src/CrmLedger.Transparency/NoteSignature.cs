using System.Buffers.Binary;

namespace CrmLedger.Transparency;

/// <summary>How a key signs, as the byte that goes into its key id.</summary>
/// <remarks>C2SP signed-note, "Signature types". Other types are read and not verified.</remarks>
#pragma warning disable CA1027 // these are names for bytes, not flags
public enum SignatureKind
#pragma warning restore CA1027
{
    /// <summary>Ed25519 over the note's text: how a log signs.</summary>
    Ed25519 = 0x01,

    /// <summary>Ed25519 over a time and a checkpoint: how a witness cosigns (C2SP tlog-cosignature v1).</summary>
    Cosignature = 0x04,
}

/// <summary>One signature line of a note. Whether it is true only a key can tell.</summary>
/// <remarks>C2SP signed-note, "Format": — name base64(key id ‖ signature).</remarks>
public sealed class NoteSignature
{
    private const string Dash = "\u2014 ";
    private const int KeyIdLength = 4;

    internal NoteSignature(string keyName, uint keyId, byte[] signature)
    {
        KeyName = keyName;
        KeyId = keyId;
        Signature = signature;
    }

    /// <summary>The name of the key that is said to have signed.</summary>
    public string KeyName { get; }

    /// <summary>Which of the keys of this name: the first four bytes of a hash, read big-endian.</summary>
    public uint KeyId { get; }

    /// <summary>At least one byte; how many is the kind's matter. Not copied: do not write to it.</summary>
    public byte[] Signature { get; }

    /// <summary>Reads a signature line, such as a witness answers with.</summary>
    /// <param name="line">Without the newline that ends it.</param>
    /// <exception cref="FormatException">It is not written exactly as <see cref="ToString"/> writes.</exception>
    public static NoteSignature Parse(string line)
    {
        var parts = line.StartsWith(Dash, StringComparison.Ordinal) ? line[Dash.Length..].Split(' ') : [];
        if (parts.Length != 2 || !NoteText.IsKeyName(parts[0]))
            throw new FormatException($"A line after the blank one does not read '{Dash}name base64'.");
        var bytes = NoteText.Bytes(parts[1]);
        return bytes?.Length > KeyIdLength
            ? new NoteSignature(parts[0], BinaryPrimitives.ReadUInt32BigEndian(bytes), bytes[KeyIdLength..])
            : throw new FormatException("A signature is not base64 of a key id of 4 bytes and one byte or more.");
    }

    /// <summary>The line, without newline.</summary>
    public override string ToString()
    {
        var bytes = new byte[KeyIdLength + Signature.Length];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, KeyId);
        Signature.CopyTo(bytes, KeyIdLength);
        return $"{Dash}{KeyName} {Convert.ToBase64String(bytes)}";
    }
}
