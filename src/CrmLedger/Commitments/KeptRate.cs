using System.Diagnostics;
using CrmLedger.FollowUps;
using CrmLedger.Promises;

namespace CrmLedger.Commitments;

/// <summary>How a commitment whose first due date has come counts in the kept rate.</summary>
public enum KeptClass
{
    /// <summary>K1: kept by the date first promised.</summary>
    KeptFirstDate,

    /// <summary>K2: kept by a date that the customer agreed to in time.</summary>
    KeptAgreedDate,

    /// <summary>L: kept late, again after a dispute, or made only after its own due date.</summary>
    KeptLate,

    /// <summary>B: taken back, in dispute, or let off only after the date had passed.</summary>
    Broken,

    /// <summary>X: let off in time; reported, not counted.</summary>
    Released,

    /// <summary>R: open, and moved by agreement to a date that lies ahead.</summary>
    MovedByAgreement,

    /// <summary>O: open, and its binding date has come.</summary>
    Overdue,
}

/// <summary>
/// The classes of the commitment-kept rate: the first that fits, in the order of README.md beside this file. What
/// counts from exactly a due date is in time.
/// </summary>
public static class KeptRate
{
    /// <summary>The class of a promise.</summary>
    /// <param name="promise">The promise as known at that time; annulled events taken out.</param>
    /// <param name="asOf">The time asked about, UTC.</param>
    /// <returns>The class, or null when its first due date lies after that time: not yet due.</returns>
    public static KeptClass? Classify(Promise promise, DateTimeOffset asOf) =>
        CountedCommitment.Of(promise).ClassAt(asOf);

    /// <summary>The class of a follow-up, by the same table; nobody releases us from one.</summary>
    /// <param name="followUp">The follow-up as known at that time; annulled events taken out.</param>
    /// <param name="asOf">The time asked about, UTC.</param>
    /// <returns>The class, or null when its first due date lies after that time: not yet due.</returns>
    public static KeptClass? Classify(FollowUp followUp, DateTimeOffset asOf) =>
        CountedCommitment.Of(followUp).ClassAt(asOf);

    /// <summary>The class that a promise has whenever it is due, or null while it is open.</summary>
    public static KeptClass? Settled(Promise promise) => promise.Status switch
    {
        PromiseStatus.Withdrawn or PromiseStatus.Disputed => KeptClass.Broken,
        PromiseStatus.Released => promise.ReleasedAt <= promise.BindingDue ? KeptClass.Released : KeptClass.Broken,
        PromiseStatus.Kept => promise.EverDisputed
            ? KeptClass.KeptLate
            : Kept(promise.KeptAt, promise.MadeAfterDue, promise.FirstDue, promise.BindingDue),
        PromiseStatus.Made or PromiseStatus.Renegotiating or PromiseStatus.Lapsed => null,
        _ => throw new UnreachableException($"No promise is {promise.Status}."),
    };

    /// <summary>The class that a follow-up has whenever it is due, or null while it is open.</summary>
    public static KeptClass? Settled(FollowUp followUp) => followUp.Status switch
    {
        FollowUpStatus.Cancelled => KeptClass.Broken,
        FollowUpStatus.Completed =>
            Kept(followUp.CompletedAt, followUp.MadeAfterDue, followUp.FirstDue, followUp.BindingDue),
        FollowUpStatus.Scheduled or FollowUpStatus.Missed => null,
        _ => throw new UnreachableException($"No follow-up is {followUp.Status}."),
    };

    private static KeptClass Kept(
        DateTimeOffset? keptAt, bool madeAfterDue, DateTimeOffset firstDue, DateTimeOffset bindingDue)
    {
        if (madeAfterDue || keptAt is null || keptAt > bindingDue)
            return KeptClass.KeptLate;
        return keptAt <= firstDue ? KeptClass.KeptFirstDate : KeptClass.KeptAgreedDate;
    }
}
