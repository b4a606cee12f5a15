using CrmLedger.FollowUps;

namespace CrmLedger.Trust;

/// <summary>What a follow-up's events say about trust.</summary>
internal static class FollowUpEvidence
{
    /// <summary>The source, whose follow-up the event has changed already, with what the event says.</summary>
    public static EvidenceSource After(EvidenceSource source, IFollowUpEvent happened, Envelope entry)
    {
        var followUp = source.FollowUp!;
        var effective = entry.Moment.Effective;
        return happened switch
        {
            FollowUpCompleted when effective <= followUp.BindingDue && !followUp.MadeAfterDue =>
                source.Without(EvidenceKind.FollowUpMissed).With(EvidenceKind.FollowUpCompleted, effective, entry),
            FollowUpMissed or FollowUpCompleted =>
                source.WithPassed(EvidenceKind.FollowUpMissed, followUp.BindingDue, entry),
            FollowUpCancelled when effective > followUp.BindingDue =>
                source.WithPassed(EvidenceKind.FollowUpMissed, followUp.BindingDue, entry),
            FollowUpCancelled => source.Without(EvidenceKind.FollowUpMissed),
            FollowUpRescheduled when followUp.Status == FollowUpStatus.Scheduled =>
                source.Without(EvidenceKind.FollowUpMissed),
            _ => source,
        };
    }
}
