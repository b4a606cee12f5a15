using System.Diagnostics;

namespace CrmLedger.Promises;

/// <summary>Decides what may be recorded about a promise (DESIGN section 4).</summary>
public static class PromiseDecider
{
    /// <param name="promise">The promise as it stands, or null when there is none of that id.</param>
    /// <param name="command">What is asked.</param>
    /// <param name="at">When it is claimed to have happened, and now.</param>
    public static Decision Decide(Promise? promise, IPromiseCommand command, Moment at)
    {
        if (command is MakePromise make)
            return Make(promise, make);
        if (promise is null)
        {
            return new Rejection(RejectionCode.PromiseUnknown,
                $"This customer has no promise '{command.PromiseId}'.", "promiseId");
        }
        var asked = Event(promise, command);
        return Decision.Unless(PromiseRules.Refusal(promise, asked) ?? Untimely(promise, asked, at), asked);
    }

    private static Decision Make(Promise? promise, MakePromise c)
    {
        var made = new PromiseMade(
            c.PromiseId, c.Kind, c.Conditions, c.DueAt, c.MemberId, c.Team, c.Channel, c.TouchpointId, c.ConcernId);
        return Decision.Unless(promise is null ? null : PromiseRules.Refusal(promise, made), made);
    }

    private static IPromiseEvent Event(Promise promise, IPromiseCommand command) => command switch
    {
        ReassignPromise c => new PromiseReassigned(c.PromiseId, promise.HolderId, c.ToMemberId, c.ToTeam, c.Reason),
        ProposeRenegotiation c => new PromiseRenegotiationProposed(c.PromiseId, c.NewDueAt, c.Reason),
        AcceptRenegotiation c => new PromiseRenegotiationAccepted(c.PromiseId),
        RefuseRenegotiation c => new PromiseRenegotiationRefused(c.PromiseId),
        DeclarePromiseKept c => new PromiseDeclaredKept(c.PromiseId),
        ConfirmPromise c => new PromiseConfirmed(c.PromiseId),
        DisputePromise c => new PromiseDisputed(c.PromiseId, c.Note),
        WithdrawPromise c => new PromiseWithdrawn(c.PromiseId, c.Reason),
        ReleasePromise c => new PromiseReleased(c.PromiseId),
        LapsePromise c => new PromiseLapsed(c.PromiseId),
        ExplainMiss c => new PromiseMissExplained(c.PromiseId, c.Cause, c.Note),
        _ => throw new UnreachableException($"No promise takes {command.GetType().Name}."),
    };

    /// <summary>What the state allows but the time does not.</summary>
    private static Rejection? Untimely(Promise promise, IPromiseEvent asked, Moment at) => asked switch
    {
        PromiseRenegotiationProposed or PromiseRenegotiationAccepted when at.Effective > promise.BindingDue =>
            new(RejectionCode.PromisePastDue,
                $"Promise '{promise.PromiseId}' was due by {LedgerJson.Format(promise.BindingDue)}; a date can be "
                + "moved only before it passes. Declare the promise kept when it is, or withdraw it.", "occurredAt"),
        PromiseRenegotiationProposed e when e.NewDueAt <= at.Effective => new(RejectionCode.DateNotAhead,
            $"The new date {LedgerJson.Format(e.NewDueAt)} has already passed. Propose one that lies ahead.",
            "newDueAt"),
        PromiseLapsed when at.RecordedAt <= promise.BindingDue => new(RejectionCode.NotDueYet,
            $"Promise '{promise.PromiseId}' is due by {LedgerJson.Format(promise.BindingDue)}; it has not lapsed."),
        PromiseMissExplained when !Missed(promise, at) => new(RejectionCode.NotMissed,
            $"Promise '{promise.PromiseId}' was not missed: there is nothing to explain."),
        _ => null,
    };

    private static bool Missed(Promise promise, Moment at) => promise.Status switch
    {
        PromiseStatus.Withdrawn or PromiseStatus.Disputed or PromiseStatus.Lapsed => true,
        PromiseStatus.Kept => promise.EverDisputed || promise.MadeAfterDue
            || promise.KeptAt > promise.FirstDue || promise.KeptAt > promise.BindingDue,
        PromiseStatus.Released => promise.ReleasedAt > promise.BindingDue,
        PromiseStatus.Made or PromiseStatus.Renegotiating => at.Effective > promise.FirstDue,
        _ => throw new UnreachableException($"No promise is {promise.Status}."),
    };
}
