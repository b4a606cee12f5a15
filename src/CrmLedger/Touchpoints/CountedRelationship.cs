using CrmLedger.Relationships;

namespace CrmLedger.Touchpoints;

/// <summary>What of a customer decides whether silence matters.</summary>
/// <param name="RegisteredAt">When the customer is said to have been registered, UTC, or null when never.</param>
/// <param name="Segment">The tenant's own grouping.</param>
/// <param name="Ended">Whether the relationship has ended and was not renewed.</param>
/// <param name="Erased">Whether the customer's data key was destroyed.</param>
/// <param name="MergedInto">The customer that it turned out to be, or null.</param>
public sealed record CountedRelationship(
    DateTimeOffset? RegisteredAt = null, string? Segment = null, bool Ended = false, bool Erased = false,
    Guid? MergedInto = null)
{
    /// <summary>Whether there is nobody there who could be contacted.</summary>
    public bool IsOver => Ended || Erased || MergedInto is not null;

    /// <summary>What counts of a whole relationship.</summary>
    public static CountedRelationship Of(Relationship whole) => new(whole.RegisteredAt, whole.Segment,
        whole.Endings is [.., { RenewedAt: null }], whole.Erased, whole.MergedInto);
}
