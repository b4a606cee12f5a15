namespace CrmLedger.FollowUps;

/// <summary>
/// What may happen to a follow-up next. The decider refuses by it and the fold skips by it, so they cannot differ.
/// </summary>
public static class FollowUpRules
{
    /// <summary>Why the follow-up's state or the time does not allow the event, or null when both do.</summary>
    /// <param name="followUp">The follow-up as it stands.</param>
    /// <param name="next">What would happen.</param>
    /// <param name="at">When it is claimed to have happened, and when it is or was recorded.</param>
    public static Rejection? Refusal(FollowUp followUp, IFollowUpEvent next, Moment at) =>
        OutOfPlace(followUp, next) ?? Untimely(followUp, next, at);

    private static Rejection? OutOfPlace(FollowUp followUp, IFollowUpEvent next) => next switch
    {
        FollowUpScheduled => new(RejectionCode.FollowUpExists,
            $"There is a follow-up '{followUp.FollowUpId}' already. Give the new one another followUpId.",
            "followUpId"),
        FollowUpMissed when followUp.Status == FollowUpStatus.Missed => Closed(followUp),
        _ when !followUp.IsOpen => Closed(followUp),
        _ => null,
    };

    private static Rejection? Untimely(FollowUp followUp, IFollowUpEvent next, Moment at) => next switch
    {
        FollowUpRescheduled e when e.NewDueAt <= at.Effective => new(RejectionCode.DateNotAhead,
            $"The new date {LedgerJson.Format(e.NewDueAt)} has already passed. Choose one that lies ahead.",
            "newDueAt"),
        FollowUpMissed when at.RecordedAt <= followUp.BindingDue => new(RejectionCode.NotDueYet,
            $"Follow-up '{followUp.FollowUpId}' is due by {LedgerJson.Format(followUp.BindingDue)}; it is not missed."),
        _ => null,
    };

    private static Rejection Closed(FollowUp followUp) => new(RejectionCode.FollowUpClosed,
        $"Follow-up '{followUp.FollowUpId}' is {followUp.Status.ToString().ToLowerInvariant()}; "
        + "this can no longer happen to it.");
}
