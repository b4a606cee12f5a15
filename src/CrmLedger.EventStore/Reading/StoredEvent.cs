using System.Text.Json;
using CrmLedger.Transparency;
using Npgsql;

namespace CrmLedger.EventStore.Reading;

/// <summary>A row of the log, its data and headers as JSON text; personal text in it is sealed.</summary>
/// <param name="Id">The event's id.</param>
/// <param name="Type">Its stored name.</param>
/// <param name="Stream">Its stream.</param>
/// <param name="Version">Its place in the stream, from 1.</param>
/// <param name="Position">Its place in the tenant's log, from 0.</param>
/// <param name="RecordedAt">UTC, in microseconds.</param>
/// <param name="LeafHash">Its leaf in the tenant's tree.</param>
/// <param name="Data">UTF-8 JSON.</param>
/// <param name="Headers">UTF-8 JSON.</param>
/// <param name="CorrelationId">What it belongs to, or null.</param>
/// <param name="CausationId">What brought it about, or null.</param>
public sealed record StoredEvent(
    Guid Id, string Type, string Stream, long Version, long Position, DateTimeOffset RecordedAt, byte[] LeafHash,
    byte[] Data, byte[] Headers, string? CorrelationId, string? CausationId)
{
    /// <summary>Reads a row of any of the queries that read events; they name the same columns.</summary>
    internal static StoredEvent Read(NpgsqlDataReader r) =>
        new(r.GetGuid(0), r.GetString(1), r.GetString(2), r.GetInt64(3), r.GetInt64(4),
            r.GetFieldValue<DateTimeOffset>(5), r.GetFieldValue<byte[]>(6), r.GetFieldValue<byte[]>(7),
            r.GetFieldValue<byte[]>(8),
            r.IsDBNull(9) ? null : r.GetString(9), r.IsDBNull(10) ? null : r.GetString(10));

    /// <summary>Reads a row of the query that reads only what a fold may look at.</summary>
    internal static StoredEvent ToFold(NpgsqlDataReader r, string stream) =>
        new(r.GetGuid(0), r.GetString(1), stream, r.GetInt64(2), r.GetInt64(3), r.GetFieldValue<DateTimeOffset>(4), [],
            r.GetFieldValue<byte[]>(5), r.GetFieldValue<byte[]>(6), null, null);

    /// <summary>The event with its data read, older shapes lifted to the current ones.</summary>
    /// <exception cref="UnknownEventException">Its name or its data is not one that this version knows.</exception>
    public Envelope ToEnvelope()
    {
        var headers = ReadHeaders();
        return new(Id, Type, Stream, Version, Position,
            new(headers.OccurredAt, RecordedAt, headers.ImportId is not null), headers, LedgerEvents.Read(Type, Data));
    }

    /// <summary>Whether it holds personal text, under its subject's key.</summary>
    public bool HoldsPersonalText()
    {
        var data = JsonElement.Parse(Data);
        return LedgerEvents.SealedFieldsOf(Type).Any(name => data.TryGetProperty(name, out _));
    }

    /// <summary>What was recorded beside the event.</summary>
    public EventHeaders ReadHeaders() =>
        JsonSerializer.Deserialize<EventHeaders>(Headers, LedgerJson.Options)
        ?? throw new UnknownEventException($"The headers of event {Id} are null.");

    /// <summary>When it is said to have happened, UTC: where nothing else of the headers is asked.</summary>
    /// <exception cref="JsonException">The headers do not say so.</exception>
    internal DateTimeOffset ReadOccurredAt()
    {
        var headers = new Utf8JsonReader(Headers);
        headers.Read();
        while (headers.Read() && headers.TokenType == JsonTokenType.PropertyName)
        {
            bool isWanted = headers.ValueTextEquals("occurredAt"u8);
            headers.Read();
            if (isWanted && headers.TokenType == JsonTokenType.String && headers.TryGetDateTimeOffset(out var time))
                return time;
            headers.Skip();
        }
        throw new JsonException("The headers do not say when it happened.");
    }

    /// <summary>
    /// The leaf that this row hashes to; another one than <see cref="LeafHash" /> means that the row was altered.
    /// </summary>
    public byte[] HashLeaf(string tenant) => ToEntry(tenant).LeafHash();

    /// <summary>The row as the log's tree commits to it.</summary>
    public LogEntry ToEntry(string tenant) =>
        new(tenant, Position, Stream, Version, Id, Type, RecordedAt, CorrelationId, CausationId, Headers, Data);
}
