namespace CrmLedger.Promises;

/// <summary>
/// What may happen to a promise next. The decider refuses by it and the fold skips by it, so they cannot differ.
/// </summary>
public static class PromiseRules
{
    /// <summary>Why the promise's state does not allow the event, or null when it does.</summary>
    public static Rejection? Refusal(Promise promise, IPromiseEvent next) => next switch
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

    private static Rejection Closed(Promise promise) => new(RejectionCode.PromiseClosed,
        $"Promise '{promise.PromiseId}' is {Word(promise)}; this can no longer happen to it.");

    private static string Word(Promise promise) => promise.Status.ToString().ToLowerInvariant();
}
