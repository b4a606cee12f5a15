using System.Diagnostics;

namespace CrmLedger.Concerns;

/// <summary>Decides what may be recorded about a concern.</summary>
public static class ConcernDecider
{
    /// <summary>Decides a command about a concern.</summary>
    /// <param name="concern">The concern as it stands, or null when there is none of that id.</param>
    /// <param name="command">What is asked.</param>
    /// <param name="at">When it is claimed to have happened, and now.</param>
    public static Decision Decide(Concern? concern, IConcernCommand command, Moment at)
    {
        if (concern is null && command is not RaiseConcern)
        {
            return new Rejection(RejectionCode.ConcernUnknown,
                $"This customer has no concern '{command.ConcernId}'.", "concernId");
        }
        var asked = Event(command);
        var refusal = concern is null ? null : ConcernRules.Refusal(concern, asked, at);
        return Decision.Unless(refusal ?? Duplicates.Refusal((command as RaiseConcern)?.Topics, "topics"), asked);
    }

    private static IConcernEvent Event(IConcernCommand command) => command switch
    {
        RaiseConcern c => new ConcernRaised(
            c.ConcernId, c.Severity, c.Topics ?? [], c.Summary, c.RespondBy, c.MemberId, c.Team),
        AcknowledgeConcern c => new ConcernAcknowledged(c.ConcernId, c.MemberId, c.Team),
        ResolveConcern c => new ConcernResolved(c.ConcernId, c.Summary, c.MemberId, c.Team),
        ReopenConcern c => new ConcernReopened(c.ConcernId, c.Summary),
        MarkConcernUnanswered c => new ConcernUnanswered(c.ConcernId),
        _ => throw new UnreachableException($"No concern takes {command.GetType().Name}."),
    };
}
