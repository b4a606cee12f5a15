using CrmLedger.EventStore.Reading;

namespace CrmLedger.Server.Customers;

/// <summary>What an erasure did, and what it cannot reach.</summary>
/// <param name="CustomerId">The customer who was asked for.</param>
/// <param name="AlreadyErased">Whether all of it was erased before this was asked.</param>
/// <param name="ErasedAt">When the customer was erased, UTC.</param>
/// <param name="Reason">On what ground.</param>
/// <param name="Customers">The customer, and those who by merges are the same person; each has lost its key.</param>
/// <param name="Events">Events of their streams.</param>
/// <param name="SealedEvents">Events with personal text, which nobody can read any more.</param>
/// <param name="ProvableEvents">
/// Events whose leaf in the log still recomputes from what is stored: all of them, or the log was altered.
/// </param>
/// <param name="Proof">What stays provable, in words.</param>
/// <param name="NotReached">What an erasure does not reach, and why.</param>
public sealed record ErasureReport(
    Guid CustomerId, bool AlreadyErased, DateTimeOffset ErasedAt, string Reason,
    IReadOnlyList<ErasedCustomer> Customers, long Events, long SealedEvents, long ProvableEvents, string Proof,
    IReadOnlyList<BeyondErasure> NotReached)
{
    /// <summary>What stays provable, in words.</summary>
    public const string WhatStays =
        "Every event stays in the log at its position, with the hash that it had: receipts, checkpoints and numbers "
        + "that rest on it still verify. Where personal text stood, [erased] is read.";

    /// <summary>What no erasure reaches.</summary>
    public static IReadOnlyList<BeyondErasure> Limits { get; } =
    [
        new("ids", "They are derived from your references by a keyed hash, and stay so that the log can be proved. Who "
            + "has the tenant's key and a reference can tell whether there was such a customer; nobody can read the "
            + "reference from the id."),
        new("keyed hashes of requests", "An Idempotency-Key and its request are kept as keyed hashes, to tell a "
            + "repetition; nothing can be read from them."),
        new("facts that are not personal text", "Kinds, dates, scores, amounts, channels, topics, teams, reasons and "
            + "segments stay in clear: the numbers of the past are made of them."),
        new("backups", "A copy of the database from before holds the key, wrapped by the tenant's key, until it is "
            + "deleted. The journal in the data folder keeps a restored copy erased: never lose or set back that "
            + "folder with the database."),
        new("remains on the database's disk", "PostgreSQL overwrites the place of the wrapped key, and its write-ahead "
            + "log, when it needs the room. Without the tenant's key those bytes open nothing."),
        new("what was given out", "Exports, answers, receipts with their events and copies that others made are not "
            + "the ledger's any more."),
    ];
}

/// <summary>A customer who was erased.</summary>
/// <param name="CustomerId">The customer.</param>
/// <param name="EventId">The event that says so.</param>
/// <param name="Position">Its place in the log.</param>
/// <param name="ErasedAt">When it was recorded, UTC.</param>
/// <param name="Events">Events of the stream.</param>
/// <param name="SealedEvents">Those with personal text.</param>
/// <param name="Receipt">Where the proof that the log holds the erasure is to be had.</param>
public sealed record ErasedCustomer(
    Guid CustomerId, Guid EventId, long Position, DateTimeOffset ErasedAt, long Events, long SealedEvents,
    string Receipt)
{
    internal static ErasedCustomer Of(Guid customerId, IReadOnlyList<StoredEvent> stream, StoredEvent erased) =>
        new(customerId, erased.Id, erased.Position, erased.RecordedAt, stream.Count,
            stream.Count(e => e.HoldsPersonalText()), $"/v1/events/{erased.Id}/receipt");
}

/// <summary>Something that an erasure does not reach.</summary>
/// <param name="What">What it is.</param>
/// <param name="Why">Why, and what can be done.</param>
public sealed record BeyondErasure(string What, string Why);
