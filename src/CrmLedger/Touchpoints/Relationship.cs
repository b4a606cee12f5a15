using CrmLedger.Customers;

namespace CrmLedger.Touchpoints;

/// <summary>What of a customer decides whether silence matters; nothing personal.</summary>
/// <param name="RegisteredAt">The effective time of the registration, UTC, or null when that is not known.</param>
/// <param name="Segment">The tenant's own grouping.</param>
/// <param name="Ended">Whether the relationship has ended and was not renewed.</param>
/// <param name="Erased">Whether the customer's data key was destroyed.</param>
/// <param name="MergedInto">The customer that it turned out to be, or null.</param>
public sealed record Relationship(
    DateTimeOffset? RegisteredAt = null, string? Segment = null, bool Ended = false, bool Erased = false,
    Guid? MergedInto = null)
{
    /// <summary>Whether there is nobody there who could be contacted.</summary>
    public bool IsOver => Ended || Erased || MergedInto is not null;

    /// <summary>Whether events of this record can change a relationship.</summary>
    public static bool Handles(Type record) =>
        record.IsAssignableTo(typeof(ICustomerEvent)) && record != typeof(ConsentRecorded);

    /// <summary>The relationship after the event.</summary>
    public Relationship Evolve(ICustomerEvent happened, Moment at) => happened switch
    {
        CustomerRegistered e => this with { RegisteredAt = at.Effective, Segment = e.Segment },
        CustomerDetailsCorrected e => this with { Segment = e.Segment ?? Segment },
        CustomerErased => this with { Erased = true },
        CustomerMergedInto e => this with { MergedInto = e.CustomerId },
        CustomerUnmerged => this with { MergedInto = null },
        RelationshipEnded => this with { Ended = true },
        RelationshipRenewed => this with { Ended = false },
        _ => this,
    };
}
