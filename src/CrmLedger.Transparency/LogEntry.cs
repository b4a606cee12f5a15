using System.Runtime.InteropServices;
using System.Text.Json;

namespace CrmLedger.Transparency;

/// <summary>An event as the log's tree commits to it: the same from the request and from the row read back.</summary>
/// <param name="Tenant">The tenant, whose log this is.</param>
/// <param name="Position">The place in the tenant's log, from 0; also the leaf index.</param>
/// <param name="Stream">The stream's name.</param>
/// <param name="Version">The place in the stream, from 1.</param>
/// <param name="Id">The event's id.</param>
/// <param name="Type">The stored name of the event's type.</param>
/// <param name="RecordedAt">Hashed in UTC and whole microseconds: finer ticks are cut off, as Npgsql does.</param>
/// <param name="Correlation">Null leaves the member out of what is hashed.</param>
/// <param name="Causation">Null leaves the member out of what is hashed.</param>
/// <param name="Headers">A JSON object in UTF-8, in any form; I-JSON.</param>
/// <param name="Data">A JSON object in UTF-8, in any form; I-JSON.</param>
public sealed record LogEntry(
    string Tenant,
    long Position,
    string Stream,
    long Version,
    Guid Id,
    string Type,
    DateTimeOffset RecordedAt,
    string? Correlation,
    string? Causation,
    ReadOnlyMemory<byte> Headers,
    ReadOnlyMemory<byte> Data)
{
    /// <summary>SHA-256 of the canonical form (RFC 8785) of the object of all members above, 32 bytes.</summary>
    /// <remarks>
    /// Members are causation, correlation, data, headers, id (lower case, with hyphens), position, recordedAt
    /// (yyyy-MM-ddTHH:mm:ss.ffffffZ), stream, tenant, type and version.
    /// </remarks>
    /// <exception cref="JsonException">Headers or data are not an I-JSON object.</exception>
    /// <exception cref="ArgumentException">A text holds a lone surrogate, or a number is beyond ±2^53.</exception>
    public byte[] EntryHash()
    {
        var hash = new byte[MerkleTree.HashLength];
        EntryHash(hash);
        return hash;
    }

    /// <summary>SHA-256(0x00 ‖ entry hash), the leaf in the tenant's tree, 32 bytes.</summary>
    /// <inheritdoc cref="EntryHash()" path="/exception"/>
    public byte[] LeafHash()
    {
        Span<byte> entry = stackalloc byte[MerkleTree.HashLength];
        EntryHash(entry);
        return MerkleTree.HashLeaf(entry);
    }

    /// <summary>The canonical form (RFC 8785) of the object of all members above, UTF-8: what is hashed.</summary>
    /// <inheritdoc cref="EntryHash()" path="/exception"/>
    public byte[] ToCanonicalUtf8()
    {
        var buffer = CanonicalBuffer.Take();
        WriteCanonical(buffer);
        byte[] canonical = buffer.Written.ToArray();
        buffer.Return();
        return canonical;
    }

    /// <summary>Reads an entry back from its canonical form.</summary>
    /// <exception cref="FormatException">It is not an entry's.</exception>
    public static LogEntry Parse(ReadOnlyMemory<byte> canonicalUtf8)
    {
        try
        {
            using var document = JsonDocument.Parse(
                canonicalUtf8, new JsonDocumentOptions { AllowDuplicateProperties = false });
            var entry = document.RootElement;
            string? Optional(string name) => entry.TryGetProperty(name, out var value) ? value.GetString() : null;
            return new(
                entry.GetProperty("tenant").GetString()!, entry.GetProperty("position").GetInt64(),
                entry.GetProperty("stream").GetString()!, entry.GetProperty("version").GetInt64(),
                entry.GetProperty("id").GetGuid(), entry.GetProperty("type").GetString()!,
                entry.GetProperty("recordedAt").GetDateTimeOffset(), Optional("correlation"), Optional("causation"),
                JsonMarshal.GetRawUtf8Value(entry.GetProperty("headers")).ToArray(),
                JsonMarshal.GetRawUtf8Value(entry.GetProperty("data")).ToArray());
        }
        catch (Exception other) when (other is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException($"This is not the canonical form of an entry: {other.Message}", other);
        }
    }

    private void EntryHash(Span<byte> hash)
    {
        var buffer = CanonicalBuffer.Take();
        WriteCanonical(buffer);
        LibCrypto.Sha256(buffer.Written, hash);
        buffer.Return();
    }

    private void WriteCanonical(CanonicalBuffer buffer)
    {
        buffer.Literal("{"u8);
        if (Causation is not null)
        {
            buffer.Literal("\"causation\":"u8);
            buffer.Quoted(Causation);
            buffer.Literal(","u8);
        }

        if (Correlation is not null)
        {
            buffer.Literal("\"correlation\":"u8);
            buffer.Quoted(Correlation);
            buffer.Literal(","u8);
        }

        buffer.Literal("\"data\":"u8);
        CanonicalJson.AppendObject(buffer, Data.Span);
        buffer.Literal(",\"headers\":"u8);
        CanonicalJson.AppendObject(buffer, Headers.Span);
        buffer.Literal(",\"id\":"u8);
        buffer.QuotedGuid(Id);
        buffer.Literal(",\"position\":"u8);
        buffer.Integer(Position);
        buffer.Literal(",\"recordedAt\":"u8);
        buffer.QuotedTime(RecordedAt);
        buffer.Literal(",\"stream\":"u8);
        buffer.Quoted(Stream);
        buffer.Literal(",\"tenant\":"u8);
        buffer.Quoted(Tenant);
        buffer.Literal(",\"type\":"u8);
        buffer.Quoted(Type);
        buffer.Literal(",\"version\":"u8);
        buffer.Integer(Version);
        buffer.Literal("}"u8);
    }
}
