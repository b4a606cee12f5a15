namespace CrmLedger.Annulments;

/// <summary>
/// An earlier entry of the same stream was wrong. It stays in the log and in its proofs; every fold leaves it out and
/// judges anew what followed.
/// </summary>
/// <param name="EventId">The entry that was wrong.</param>
/// <param name="Reason">Why.</param>
public sealed record EntryAnnulled(Guid EventId, string Reason) : ICustomerStreamEvent, IMemberStreamEvent;
