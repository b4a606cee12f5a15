using System.Text.Json;
using CrmLedger.EventStore.Privacy;

namespace CrmLedger.EventStore.Appending;

/// <summary>A decided event, ready to be placed in the log.</summary>
/// <param name="Id">Its id.</param>
/// <param name="IdFromClient">
/// Whether the id was derived from the client's source and id, so that it may be there already.
/// </param>
/// <param name="Data">The fact.</param>
/// <param name="DataUtf8">The fact as it is stored.</param>
/// <param name="Headers">What is recorded beside it.</param>
/// <param name="HeadersUtf8">The same as it is stored.</param>
/// <param name="CorrelationId">What it belongs to, or null.</param>
/// <param name="CausationId">What brought it about, or null.</param>
public sealed record EventToAppend(
    Guid Id, bool IdFromClient, IEvent Data, byte[] DataUtf8, EventHeaders Headers, byte[] HeadersUtf8,
    string? CorrelationId, string? CausationId)
{
    /// <summary>Writes the event's data and headers as they are stored.</summary>
    public static EventToAppend Of(
        Guid id, bool idFromClient, IEvent data, EventHeaders headers, string? correlationId = null,
        string? causationId = null) =>
        new(id, idFromClient, data, LedgerEvents.Write(data), headers,
            JsonSerializer.SerializeToUtf8Bytes(headers, LedgerJson.Options), correlationId, causationId);
}

/// <summary>Events for one stream.</summary>
/// <param name="StreamId">The stream.</param>
/// <param name="ExpectedVersion">
/// The version that was decided on: 0 for a new stream, <see cref="AnyVersion" /> for any.
/// </param>
/// <param name="Events">In order; at least one.</param>
public sealed record StreamAppend(string StreamId, long ExpectedVersion, IReadOnlyList<EventToAppend> Events)
{
    /// <summary>Whatever the stream's version is.</summary>
    public const long AnyVersion = -1;
}

/// <summary>A stream that was looked at.</summary>
/// <param name="StreamId">The stream.</param>
/// <param name="Version">The version that it was at; 0 when it was not there.</param>
public readonly record struct SeenStream(string StreamId, long Version);

/// <summary>A client's Idempotency-Key as it is kept.</summary>
/// <param name="KeyHash">A keyed hash of the key and of who sent it.</param>
/// <param name="RequestHash">A keyed hash of what was asked.</param>
public sealed record IdempotencyMark(byte[] KeyHash, byte[] RequestHash);

/// <summary>What is to be appended together: all of it or nothing.</summary>
/// <param name="Streams">Each stream once.</param>
/// <param name="NewKeys">Data keys of subjects that come into the ledger with it.</param>
/// <param name="Idempotency">The client's key, or null.</param>
public sealed record AppendRequest(
    IReadOnlyList<StreamAppend> Streams, IReadOnlyList<NewSubjectKey> NewKeys, IdempotencyMark? Idempotency)
{
    /// <summary>
    /// Streams that the decision rests on and nothing is written to. Each must still be at its version, else the
    /// request conflicts. The swap of the head vouches for that as it does for the versions of what is written, so that
    /// no server need ask the database first.
    /// </summary>
    public IReadOnlyList<SeenStream> Seen { get; init; } = [];

    /// <summary>
    /// Whether what was decided stands when it is recorded at a time, later than the one that it was decided at; null
    /// when it does at any. Asked when that time is known, before anything is written. Pure and quick.
    /// </summary>
    public Func<DateTimeOffset, bool>? StandsAt { get; init; }

    /// <summary>Events of one stream.</summary>
    public static AppendRequest Of(string streamId, long expectedVersion, params IReadOnlyList<EventToAppend> events) =>
        new([new(streamId, expectedVersion, events)], [], null);
}

/// <summary>Where an event came to stand.</summary>
/// <param name="Id">The event's id.</param>
/// <param name="Type">Its stored name.</param>
/// <param name="Stream">Its stream.</param>
/// <param name="Version">Its place in the stream, from 1.</param>
/// <param name="Position">Its place in the tenant's log, from 0.</param>
/// <param name="RecordedAt">UTC, in microseconds.</param>
/// <param name="LeafHash">Its leaf in the tenant's tree.</param>
/// <param name="Fingerprint">What tells it from another event that a client gave the same id, or null.</param>
public sealed record AppendedEvent(
    Guid Id, string Type, string Stream, long Version, long Position, DateTimeOffset RecordedAt, byte[] LeafHash,
    string? Fingerprint);

/// <summary>What became of a request.</summary>
public abstract record AppendOutcome
{
    private AppendOutcome()
    {
    }

    /// <summary>Committed.</summary>
    public sealed record Appended(IReadOnlyList<AppendedEvent> Events) : AppendOutcome;

    /// <summary>A stream, written or only seen, is at another version than was decided on; decide again.</summary>
    public sealed record Conflict(string StreamId, long ExpectedVersion, long ActualVersion) : AppendOutcome;

    /// <summary>
    /// The log's time has moved on so far that the decision stands no more; nothing was written; decide again.
    /// </summary>
    /// <param name="RecordedAt">When it would have been recorded.</param>
    public sealed record Overtaken(DateTimeOffset RecordedAt) : AppendOutcome;

    /// <summary>Events with client ids of this request are in the log already; nothing was written.</summary>
    public sealed record AlreadyThere(IReadOnlyList<AppendedEvent> Events) : AppendOutcome;

    /// <summary>The Idempotency-Key was used before.</summary>
    /// <param name="SameRequest">Whether for the same request.</param>
    /// <param name="FirstPosition">Where the first answer's events begin.</param>
    /// <param name="EventCount">How many they are.</param>
    public sealed record KeyUsed(bool SameRequest, long FirstPosition, int EventCount) : AppendOutcome;
}

/// <summary>
/// The queue is full: the request was not taken, and nothing of it was written. Try again a little later.
/// </summary>
public sealed class LedgerBusyException : Exception
{
    /// <inheritdoc />
    public LedgerBusyException() : base("The ledger is busy; the request was not taken.")
    {
    }

    /// <inheritdoc />
    public LedgerBusyException(string message) : base(message)
    {
    }

    /// <inheritdoc />
    public LedgerBusyException(string message, Exception inner) : base(message, inner)
    {
    }
}

/// <summary>
/// PostgreSQL could not be reached or could not write; it is certain that nothing of the request was written, or
/// unknown.
/// </summary>
public sealed class LedgerUnavailableException : Exception
{
    /// <inheritdoc />
    public LedgerUnavailableException(string message, Exception inner) : base(message, inner)
    {
    }

    /// <inheritdoc />
    public LedgerUnavailableException(string message) : base(message)
    {
    }

    /// <inheritdoc />
    public LedgerUnavailableException()
    {
    }
}
