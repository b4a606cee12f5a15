namespace CrmLedger.Annulments;

/// <summary>What annulled an entry, as far as it is known.</summary>
/// <param name="By">Who recorded the annulment.</param>
/// <param name="At">When the ledger recorded it, UTC.</param>
/// <param name="Reason">Why.</param>
/// <param name="EventId">The annulment's own id, not that of the entry.</param>
/// <param name="Position">The annulment's place in the log.</param>
public sealed record KnownAnnulment(string By, DateTimeOffset At, string Reason, Guid EventId, long Position)
{
    /// <summary>Every annulment among some entries, by the id of the entry that it annulled.</summary>
    public static IReadOnlyDictionary<Guid, KnownAnnulment> In(IEnumerable<Envelope> entries)
    {
        var known = new Dictionary<Guid, KnownAnnulment>();
        foreach (var entry in entries)
        {
            if (entry.Data is EntryAnnulled annulment)
            {
                known.TryAdd(annulment.EventId, new(entry.Headers.Actor, entry.Moment.RecordedAt, annulment.Reason,
                    entry.Id, entry.Position));
            }
        }
        return known;
    }
}
