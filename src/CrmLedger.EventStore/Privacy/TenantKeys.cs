using System.Security.Cryptography;
using System.Text;

namespace CrmLedger.EventStore.Privacy;

/// <summary>A tenant's keys: what wraps its other keys, and what derives ids that say nothing.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Wrapping">Wraps data keys and the keys that sign; can be replaced.</param>
/// <param name="IndexKey">Derives ids and fingerprints, and so is the same for ever.</param>
public sealed record TenantKeys(string Tenant, WrappingKeys Wrapping, byte[] IndexKey)
{
    /// <summary>The customer of a reference: the same reference always gives the same id.</summary>
    public Guid CustomerId(string reference) => Derive("customer", reference);

    /// <summary>The member of a reference.</summary>
    public Guid MemberId(string reference) => Derive("member", reference);

    /// <summary>The import of a file.</summary>
    public Guid ImportId(string source, string sha256) => Derive("import", $"{source}\n{sha256}");

    /// <summary>
    /// A keyed hash of something that must be recognised again but not kept, such as an Idempotency-Key.
    /// </summary>
    public byte[] Fingerprint(string purpose, ReadOnlySpan<byte> content) => Fingerprint(IndexKey, purpose, content);

    /// <summary>The same under a subject's data key, so that it says nothing once that key is destroyed.</summary>
    public static byte[] Fingerprint(byte[] key, string purpose, ReadOnlySpan<byte> content)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hmac.AppendData(Encoding.UTF8.GetBytes(purpose));
        hmac.AppendData([0]);
        hmac.AppendData(content);
        return hmac.GetHashAndReset();
    }

    /// <summary>UUIDv8 (RFC 9562 §5.8): 122 bits of HMAC-SHA256 under the index key.</summary>
    private Guid Derive(string kind, string reference)
    {
        Span<byte> id = Fingerprint(IndexKey, $"{kind} id", Encoding.UTF8.GetBytes(reference)).AsSpan(0, 16);
        id[6] = (byte)(id[6] & 0x0F | 0x80);
        id[8] = (byte)(id[8] & 0x3F | 0x80);
        return new Guid(id, bigEndian: true);
    }
}
