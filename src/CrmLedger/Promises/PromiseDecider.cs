using System.Diagnostics;

namespace CrmLedger.Promises;

/// <summary>Decides what may be recorded about a promise.</summary>
public static class PromiseDecider
{
    /// <summary>Decides a command about a promise.</summary>
    /// <param name="promise">The promise as it stands, or null when there is none of that id.</param>
    /// <param name="command">What is asked.</param>
    /// <param name="at">When it is claimed to have happened, and now.</param>
    public static Decision Decide(Promise? promise, IPromiseCommand command, Moment at)
    {
        if (command is MakePromise make)
            return Make(promise, make, at);
        if (promise is null)
        {
            return new Rejection(RejectionCode.PromiseUnknown,
                $"This customer has no promise '{command.PromiseId}'.", "promiseId");
        }
        var asked = Event(promise, command);
        return Decision.Unless(PromiseRules.Refusal(promise, asked, at), asked);
    }

    private static Decision Make(Promise? promise, MakePromise c, Moment at)
    {
        var made = new PromiseMade(
            c.PromiseId, c.Kind, c.Conditions, c.DueAt, c.MemberId, c.Team, c.Channel, c.TouchpointId, c.ConcernId);
        return Decision.Unless(promise is null ? null : PromiseRules.Refusal(promise, made, at), made);
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
}
