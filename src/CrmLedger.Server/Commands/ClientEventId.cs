using System.Security.Cryptography;
using System.Text;

namespace CrmLedger.Server.Commands;

/// <summary>UUIDv5 (RFC 9562 §5.5) of a client's source and id: a repeated event is the same event for ever.</summary>
public static class ClientEventId
{
    // The namespace of URLs (RFC 9562 §6.6): a CloudEvents source is a URI reference.
    private static readonly Guid s_urls = new("6ba7b811-9dad-11d1-80b4-00c04fd430c8");

    /// <summary>The event's id.</summary>
    public static Guid Of(string source, string id) => Version5(Version5(s_urls, source), id);

    private static Guid Version5(Guid space, string name)
    {
        byte[] text = Encoding.UTF8.GetBytes(name);
        byte[] input = new byte[16 + text.Length];
        space.TryWriteBytes(input, bigEndian: true, out _);
        text.CopyTo(input, 16);
#pragma warning disable CA5350 // RFC 9562 defines version 5 with SHA-1; it names here and protects nothing
        Span<byte> hash = SHA1.HashData(input).AsSpan(0, 16);
#pragma warning restore CA5350
        hash[6] = (byte)(hash[6] & 0x0F | 0x50);
        hash[8] = (byte)(hash[8] & 0x3F | 0x80);
        return new Guid(hash, bigEndian: true);
    }
}
