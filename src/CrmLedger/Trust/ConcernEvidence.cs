using CrmLedger.Concerns;

namespace CrmLedger.Trust;

/// <summary>What a concern's events say about trust.</summary>
internal static class ConcernEvidence
{
    /// <summary>The source, whose concern the event has changed already, with what the event says.</summary>
    /// <param name="source">The source.</param>
    /// <param name="before">The concern before the event; null before it was raised.</param>
    /// <param name="happened">The event.</param>
    /// <param name="entry">The same with its place and time.</param>
    public static EvidenceSource After(EvidenceSource source, Concern? before, IConcernEvent happened, Envelope entry)
    {
        var effective = entry.Moment.Effective;
        if (before is { AwaitsAnswer: true } && happened is ConcernAcknowledged or ConcernResolved)
        {
            source = effective <= before!.RespondBy
                ? source.WithoutPassed(EvidenceKind.ConcernUnanswered, before.RespondBy)
                : source.WithPassed(EvidenceKind.ConcernUnanswered, before.RespondBy, entry);
        }
        return happened switch
        {
            ConcernAcknowledged when effective <= before!.RespondBy =>
                source.With(EvidenceKind.ConcernAcknowledged, effective, entry),
            ConcernResolved => source.With(EvidenceKind.ConcernResolved, effective, entry),
            ConcernReopened => source.With(EvidenceKind.ConcernReopened, effective, entry),
            ConcernUnanswered => source.WithPassed(EvidenceKind.ConcernUnanswered, before!.RespondBy, entry),
            _ => source,
        };
    }
}
