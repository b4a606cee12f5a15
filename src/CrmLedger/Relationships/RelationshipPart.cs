using System.Diagnostics;
using CrmLedger.Customers;
using CrmLedger.Purchases;
using CrmLedger.Trust;

namespace CrmLedger.Relationships;

/// <summary>
/// One thing of a relationship, as all that happened to it tells: something that gives evidence of trust, a purchase,
/// or the relationship itself.
/// </summary>
/// <param name="Source">A promise, follow-up, concern or feedback, with its evidence.</param>
/// <param name="Purchase">A purchase.</param>
/// <param name="Relationship">The relationship itself.</param>
public sealed record RelationshipPart(
    EvidenceSource? Source = null, Purchase? Purchase = null, Relationship? Relationship = null)
{
    /// <summary>The key of the relationship itself.</summary>
    public const string RelationshipKey = "relationship";

    /// <summary>Whether events of this record can change a part.</summary>
    public static bool Handles(Type record) => EvidenceSource.Handles(record)
        || record.IsAssignableTo(typeof(IPurchaseEvent))
        || record.IsAssignableTo(typeof(ICustomerEvent)) && record != typeof(ConsentRecorded);

    /// <summary>Which part the event is about, for example <c>purchase/u-17</c>; null for none.</summary>
    public static string? KeyOf(IEvent happened) => happened switch
    {
        IPurchaseEvent e => $"purchase/{e.PurchaseId}",
        ConsentRecorded => null,
        ICustomerEvent => RelationshipKey,
        _ => EvidenceSource.KeyOf(happened),
    };

    /// <summary>The part after the event; null only while it has not begun.</summary>
    public static RelationshipPart? Evolve(RelationshipPart? part, Envelope entry) => entry.Data switch
    {
        IPurchaseEvent e => Purchase.Evolve(part?.Purchase, e, entry.Moment) is { } purchase
            ? new(Purchase: purchase) : null,
        ICustomerEvent e => new(Relationship: Relationship.Evolve(part?.Relationship, e, entry.Moment)),
        _ => EvidenceSource.KeyOf(entry.Data) is null
            ? throw new UnreachableException($"{entry.Data.GetType().Name} is no part of a relationship.")
            : EvidenceSource.Evolve(part?.Source, entry) is { } source ? new(Source: source) : null,
    };
}
