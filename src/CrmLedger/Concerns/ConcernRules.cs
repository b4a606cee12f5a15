namespace CrmLedger.Concerns;

/// <summary>
/// What may happen to a concern next. The decider refuses by it and the fold skips by it, so they cannot differ.
/// </summary>
public static class ConcernRules
{
    /// <summary>Why the concern's state or the time does not allow the event, or null when both do.</summary>
    /// <param name="concern">The concern as it stands.</param>
    /// <param name="next">What would happen.</param>
    /// <param name="at">When it is claimed to have happened, and when it is or was recorded.</param>
    public static Rejection? Refusal(Concern concern, IConcernEvent next, Moment at) => next switch
    {
        ConcernRaised => new(RejectionCode.ConcernExists,
            $"There is a concern '{concern.ConcernId}' already. Give the new one another concernId.", "concernId"),
        ConcernAcknowledged or ConcernResolved when concern.Status == ConcernStatus.Resolved =>
            new(RejectionCode.ConcernAlreadyResolved,
                $"Concern '{concern.ConcernId}' is resolved. Reopen it first if it was not put right."),
        ConcernAcknowledged when concern.Status == ConcernStatus.Acknowledged =>
            new(RejectionCode.ConcernAlreadyAcknowledged,
                $"Concern '{concern.ConcernId}' was acknowledged already and not reopened since."),
        ConcernReopened when concern.Status != ConcernStatus.Resolved => new(RejectionCode.ConcernNotResolved,
            $"Concern '{concern.ConcernId}' is not resolved; only a resolved one can be reopened."),
        ConcernUnanswered when !concern.AwaitsAnswer || concern.FoundUnanswered =>
            new(RejectionCode.NoAnswerAwaited,
                $"Concern '{concern.ConcernId}' was answered, or found unanswered already."),
        ConcernUnanswered when at.RecordedAt <= concern.RespondBy => new(RejectionCode.NotDueYet,
            $"Concern '{concern.ConcernId}' is to be answered by {LedgerJson.Format(concern.RespondBy)}."),
        _ => null,
    };
}
