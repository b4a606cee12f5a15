using CrmLedger.Customers;

namespace CrmLedger.Relationships;

/// <summary>A relationship ended, perhaps not for good.</summary>
/// <param name="At">When, UTC.</param>
/// <param name="Reason">Why.</param>
/// <param name="RenewedAt">When the customer came back, UTC; null while it is at an end.</param>
public sealed record Ending(DateTimeOffset At, EndReason Reason, DateTimeOffset? RenewedAt = null);

/// <summary>The relationship itself: when it began, and how it went on.</summary>
public sealed record Relationship
{
    /// <summary>When the customer is said to have come into the ledger, UTC; null when nobody registered it.</summary>
    public DateTimeOffset? RegisteredAt { get; init; }

    /// <summary>The tenant's own grouping.</summary>
    public string? Segment { get; init; }

    /// <summary>How often it ended, in the order of the events.</summary>
    public Sequence<Ending> Endings { get; init; }

    /// <summary>The customer that this one turned out to be, or null.</summary>
    public Guid? MergedInto { get; init; }

    /// <summary>Whether the customer was erased.</summary>
    public bool Erased { get; init; }

    /// <summary>Why the relationship is at an end at a time, or null when it is not.</summary>
    public EndReason? EndedAt(DateTimeOffset time)
    {
        EndReason? ended = null;
        foreach (var ending in Endings.AsSpan())
        {
            if (ending.At <= time)
                ended = ending.RenewedAt <= time ? null : ending.Reason;
        }
        return ended;
    }

    /// <summary>
    /// The relationship after the event. An event that its state does not allow has no effect: it can only stand there
    /// because an earlier entry was annulled.
    /// </summary>
    public static Relationship Evolve(Relationship? relationship, ICustomerEvent happened, Moment at)
    {
        var before = relationship ?? new();
        bool isEnded = before.Endings is [.., { RenewedAt: null }];
        return happened switch
        {
            CustomerRegistered e => before with { RegisteredAt = at.OccurredAt, Segment = e.Segment },
            CustomerDetailsCorrected e => before with { Segment = e.Segment ?? before.Segment },
            CustomerErased => before with { Erased = true },
            CustomerMergedInto e => before with { MergedInto = e.CustomerId },
            CustomerUnmerged => before with { MergedInto = null },
            RelationshipEnded e when !isEnded =>
                before with { Endings = before.Endings.Add(new(at.OccurredAt, e.Reason)) },
            RelationshipRenewed when isEnded => before with
            {
                Endings = before.Endings.WithLast(before.Endings[^1] with { RenewedAt = at.OccurredAt }),
            },
            _ => before,
        };
    }
}
