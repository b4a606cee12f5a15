namespace CrmLedger;

/// <summary>A stored event with everything that deciders and folds may look at.</summary>
/// <param name="Id">The event's id: UUIDv5 of the client's source and id, or UUIDv7.</param>
/// <param name="Type">
/// The stored name that it was read under, which may be older than its record's current name.
/// </param>
/// <param name="Stream">The stream's id, for example <c>customer-4f0c…</c>.</param>
/// <param name="Version">The event's place in its stream, from 1.</param>
/// <param name="Position">The event's place in the tenant's log and its Merkle leaf index: dense, from 0.</param>
/// <param name="Moment">Both clocks, UTC, in microseconds.</param>
/// <param name="Headers">Who recorded it, from where, and under which import.</param>
/// <param name="Data">The fact itself.</param>
public sealed record Envelope(
    Guid Id, string Type, string Stream, long Version, long Position, Moment Moment, EventHeaders Headers, IEvent Data);

/// <summary>
/// What is recorded beside an event's own data; stored as the <c>headers</c> column and part of its hash.
/// </summary>
/// <param name="Actor">
/// Who recorded it: <c>key:</c> and an API key's id, or <c>system</c>. Never a person's name.
/// </param>
/// <param name="OccurredAt">The client's claim of when it happened, UTC.</param>
/// <param name="Source">The CloudEvents source, where the client gave one.</param>
/// <param name="ImportId">The declared import that brought it, or null.</param>
/// <param name="Fingerprint">
/// A keyed hash of what the client sent, base64url: tells a repeated event from another one with the same id. Keyed by
/// the subject's own key, so that it says nothing once that key is destroyed.
/// </param>
/// <param name="Extensions">CloudEvents extension attributes as the client sent them; never personal data.</param>
public sealed record EventHeaders(
    string Actor,
    DateTimeOffset OccurredAt,
    string? Source = null,
    Guid? ImportId = null,
    string? Fingerprint = null,
    IReadOnlyDictionary<string, string>? Extensions = null);
