using System.Diagnostics;

namespace CrmLedger.Promises;

/// <summary>
/// What may happen to a promise next. The decider refuses by it and the fold skips by it, so they cannot differ.
/// </summary>
public static class PromiseRules
{
    /// <summary>Why the promise's state or the time does not allow the event, or null when both do.</summary>
    /// <param name="promise">The promise as it stands.</param>
    /// <param name="next">What would happen.</param>
    /// <param name="at">When it is claimed to have happened, and when it is or was recorded.</param>
    public static Rejection? Refusal(Promise promise, IPromiseEvent next, Moment at) =>
        OutOfPlace(promise, next) ?? Untimely(promise, next, at);

    private static Rejection? OutOfPlace(Promise promise, IPromiseEvent next) => next switch
    {
        PromiseMade => new(RejectionCode.PromiseExists,
            $"There is a promise '{promise.PromiseId}' already. Give the new one another promiseId.", "promiseId"),
        PromiseRenegotiationAccepted or PromiseRenegotiationRefused when promise.ProposedDue is null =>
            new(RejectionCode.NoDateProposed,
                $"No new date is proposed for promise '{promise.PromiseId}'. Propose one first."),
        PromiseReassigned or PromiseRenegotiationProposed or PromiseRenegotiationAccepted
            or PromiseRenegotiationRefused or PromiseWithdrawn or PromiseReleased when !promise.IsOpen =>
            Closed(promise),
        PromiseLapsed when !promise.IsOpen || promise.Status == PromiseStatus.Lapsed => Closed(promise),
        PromiseDeclaredKept when !promise.IsOpen && promise.Status != PromiseStatus.Disputed => Closed(promise),
        PromiseConfirmed or PromiseDisputed when promise.Status != PromiseStatus.Kept =>
            new(RejectionCode.PromiseNotDeclaredKept,
                $"Promise '{promise.PromiseId}' is {Word(promise)}; only one that was declared kept can be confirmed "
                + "or disputed."),
        PromiseConfirmed or PromiseDisputed when promise.Confirmed => new(RejectionCode.PromiseAlreadyConfirmed,
            $"The customer has already confirmed promise '{promise.PromiseId}'. Raise a concern, or annul "
            + "the confirmation."),
        _ => null,
    };

    private static Rejection? Untimely(Promise promise, IPromiseEvent next, Moment at) => next switch
    {
        PromiseRenegotiationProposed or PromiseRenegotiationAccepted when at.Effective > promise.BindingDue =>
            new(RejectionCode.PromisePastDue,
                $"Promise '{promise.PromiseId}' was due by {LedgerJson.Format(promise.BindingDue)}; a date can be "
                + "moved only before it passes. Declare the promise kept when it is, or withdraw it.", "occurredAt"),
        PromiseRenegotiationProposed e when e.NewDueAt <= at.Effective => new(RejectionCode.DateNotAhead,
            $"The new date {LedgerJson.Format(e.NewDueAt)} has already passed. Propose one that lies ahead.",
            "newDueAt"),
        PromiseRenegotiationAccepted when promise.ProposedDue <= at.Effective => new(RejectionCode.DateNotAhead,
            $"The date proposed, {LedgerJson.Format(promise.ProposedDue.Value)}, has already passed. "
            + "Propose one that lies ahead.", "occurredAt"),
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
        PromiseStatus.Made or PromiseStatus.Renegotiating =>
            at.Effective > promise.FirstDue || at.Effective > promise.BindingDue,
        _ => throw new UnreachableException($"No promise is {promise.Status}."),
    };

    private static Rejection Closed(Promise promise) => new(RejectionCode.PromiseClosed,
        $"Promise '{promise.PromiseId}' is {Word(promise)}; this can no longer happen to it.");

    private static string Word(Promise promise) => promise.Status.ToString().ToLowerInvariant();
}
