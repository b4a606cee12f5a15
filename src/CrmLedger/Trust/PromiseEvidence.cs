using CrmLedger.Promises;

namespace CrmLedger.Trust;

/// <summary>
/// What a promise's events say about trust. Whatever became of it counts once: a dispute takes the place of the keeping
/// that it disputes, keeping again that of the dispute, a late keeping that of the lapse.
/// </summary>
internal static class PromiseEvidence
{
    private static readonly EvidenceKind[] s_outcomes =
    [
        EvidenceKind.PromiseKept, EvidenceKind.PromiseKeptLate, EvidenceKind.PromiseLapsed,
        EvidenceKind.PromiseWithdrawn, EvidenceKind.PromiseDisputed,
    ];

    /// <summary>The source, whose promise the event has changed already, with what the event says.</summary>
    public static EvidenceSource After(EvidenceSource source, IPromiseEvent happened, Envelope entry)
    {
        var promise = source.Promise!;
        var effective = entry.Moment.Effective;
        return happened switch
        {
            PromiseDeclaredKept => source.Without(s_outcomes).With(
                IsInTime(promise) ? EvidenceKind.PromiseKept : EvidenceKind.PromiseKeptLate, effective, entry),
            PromiseDisputed => source.Without(s_outcomes).With(EvidenceKind.PromiseDisputed, effective, entry),
            PromiseWithdrawn => source.Without(s_outcomes).With(EvidenceKind.PromiseWithdrawn, effective, entry),
            PromiseLapsed => source.WithPassed(EvidenceKind.PromiseLapsed, promise.BindingDue, entry),
            PromiseReleased when effective > promise.BindingDue =>
                source.WithPassed(EvidenceKind.PromiseLapsed, promise.BindingDue, entry),
            PromiseReleased => source.Without(s_outcomes),
            PromiseRenegotiationAccepted =>
                source.Without(s_outcomes).With(EvidenceKind.PromiseRenegotiated, effective, entry),
            _ => source,
        };
    }

    private static bool IsInTime(Promise promise) =>
        !promise.EverDisputed && !promise.MadeAfterDue && promise.KeptAt <= promise.BindingDue;
}
