using System.Diagnostics;

namespace CrmLedger.FollowUps;

/// <summary>Decides what may be recorded about a follow-up.</summary>
public static class FollowUpDecider
{
    /// <summary>Decides a command about a follow-up.</summary>
    /// <param name="followUp">The follow-up as it stands, or null when there is none of that id.</param>
    /// <param name="command">What is asked.</param>
    /// <param name="at">When it is claimed to have happened, and now.</param>
    public static Decision Decide(FollowUp? followUp, IFollowUpCommand command, Moment at)
    {
        if (command is ScheduleFollowUp c)
        {
            var made = new FollowUpScheduled(c.FollowUpId, c.DueAt, c.Purpose, c.MemberId, c.Team, c.TouchpointId);
            return Decision.Unless(followUp is null ? null : FollowUpRules.Refusal(followUp, made, at), made);
        }
        if (followUp is null)
        {
            return new Rejection(RejectionCode.FollowUpUnknown,
                $"This customer has no follow-up '{command.FollowUpId}'.", "followUpId");
        }
        var asked = Event(followUp, command);
        return Decision.Unless(FollowUpRules.Refusal(followUp, asked, at), asked);
    }

    private static IFollowUpEvent Event(FollowUp followUp, IFollowUpCommand command) => command switch
    {
        ReassignFollowUp c => new FollowUpReassigned(c.FollowUpId, followUp.HolderId, c.ToMemberId, c.ToTeam, c.Reason),
        RescheduleFollowUp c => new FollowUpRescheduled(c.FollowUpId, c.NewDueAt, c.Reason, c.AgreedWithCustomer),
        CompleteFollowUp c => new FollowUpCompleted(c.FollowUpId, c.TouchpointId),
        CancelFollowUp c => new FollowUpCancelled(c.FollowUpId, c.Reason),
        MarkFollowUpMissed c => new FollowUpMissed(c.FollowUpId),
        _ => throw new UnreachableException($"No follow-up takes {command.GetType().Name}."),
    };
}
