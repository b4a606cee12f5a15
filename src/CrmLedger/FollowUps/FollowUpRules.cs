namespace CrmLedger.FollowUps;

/// <summary>
/// What may happen to a follow-up next. The decider refuses by it and the fold skips by it, so they cannot differ.
/// </summary>
public static class FollowUpRules
{
    /// <summary>Why the follow-up's state does not allow the event, or null when it does.</summary>
    public static Rejection? Refusal(FollowUp followUp, IFollowUpEvent next) => next switch
    {
        FollowUpScheduled => new(RejectionCode.FollowUpExists,
            $"There is a follow-up '{followUp.FollowUpId}' already. Give the new one another followUpId.",
            "followUpId"),
        FollowUpMissed when followUp.Status == FollowUpStatus.Missed => Closed(followUp),
        _ when !followUp.IsOpen => Closed(followUp),
        _ => null,
    };

    private static Rejection Closed(FollowUp followUp) => new(RejectionCode.FollowUpClosed,
        $"Follow-up '{followUp.FollowUpId}' is {followUp.Status.ToString().ToLowerInvariant()}; "
        + "this can no longer happen to it.");
}
