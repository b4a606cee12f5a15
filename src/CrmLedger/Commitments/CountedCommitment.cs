using CrmLedger.FollowUps;
using CrmLedger.Promises;

namespace CrmLedger.Commitments;

/// <summary>
/// All of a commitment that a kept rate counts, in 32 bytes, since there may be millions of them.
/// </summary>
/// <remarks>
/// What became of a settled commitment is a class for ever; an open one's class depends on the time asked about, and so
/// does whether either counts at all.
/// </remarks>
public readonly record struct CountedCommitment
{
    private const long None = long.MinValue;
    private readonly long _firstDue;
    private readonly long _bindingDue;
    private readonly long _afterFirstDue;
    private readonly sbyte _settled;
    private readonly sbyte _missCause;

    /// <summary>What a kept rate counts.</summary>
    /// <param name="settled">Its class for good, or null while it is open.</param>
    /// <param name="firstDue">The date first promised, UTC.</param>
    /// <param name="bindingDue">The last date that the customer agreed to in time, UTC.</param>
    /// <param name="afterFirstDue">
    /// From the first due date to the last declaration that it was kept, negative before; null without one.
    /// </param>
    /// <param name="missCause">The cause of a miss that was stated last.</param>
    public CountedCommitment(
        KeptClass? settled, DateTimeOffset firstDue, DateTimeOffset bindingDue, TimeSpan? afterFirstDue,
        MissCause? missCause)
    {
        (_firstDue, _bindingDue) = (firstDue.UtcTicks, bindingDue.UtcTicks);
        _afterFirstDue = afterFirstDue?.Ticks ?? None;
        _settled = settled is { } which ? (sbyte)which : (sbyte)-1;
        _missCause = missCause is { } cause ? (sbyte)cause : (sbyte)-1;
    }

    /// <summary>Its class for good, or null while it is open.</summary>
    public KeptClass? Settled => _settled < 0 ? null : (KeptClass)_settled;

    /// <summary>The date first promised, UTC.</summary>
    public DateTimeOffset FirstDue => new(_firstDue, TimeSpan.Zero);

    /// <summary>The date first promised, in ticks of UTC.</summary>
    public long FirstDueTicks => _firstDue;

    /// <summary>The last date that the customer agreed to in time, UTC.</summary>
    public DateTimeOffset BindingDue => new(_bindingDue, TimeSpan.Zero);

    /// <summary>
    /// From the first due date to the last declaration that it was kept, negative before; null without one.
    /// </summary>
    public TimeSpan? AfterFirstDue => _afterFirstDue == None ? null : new(_afterFirstDue);

    /// <summary>The cause of a miss that was stated last.</summary>
    public MissCause? MissCause => _missCause < 0 ? null : (MissCause)_missCause;

    /// <summary>How often another date was agreed in time.</summary>
    public required int Renegotiations { get; init; }

    /// <summary>Whether it rests, whole or in part, on a declared import.</summary>
    public required bool Imported { get; init; }

    /// <summary>Whether it was recorded too late to be taken at its word.</summary>
    public required bool RecordedLate { get; init; }

    /// <summary>What counts of a promise.</summary>
    /// <param name="promise">The promise as known at some time; annulled events taken out.</param>
    public static CountedCommitment Of(Promise promise) => new(
        KeptRate.Settled(promise), promise.FirstDue, promise.BindingDue, promise.KeptAt - promise.FirstDue,
        promise.MissCause)
    {
        Renegotiations = promise.Renegotiations,
        Imported = promise.Imported,
        RecordedLate = promise.RecordedLate,
    };

    /// <summary>What counts of a follow-up.</summary>
    /// <param name="followUp">The follow-up as known at some time; annulled events taken out.</param>
    public static CountedCommitment Of(FollowUp followUp) => new(
        KeptRate.Settled(followUp), followUp.FirstDue, followUp.BindingDue, followUp.CompletedAt - followUp.FirstDue,
        null)
    {
        Renegotiations = followUp.Renegotiations,
        Imported = followUp.Imported,
        RecordedLate = followUp.RecordedLate,
    };

    /// <summary>Its class at a time.</summary>
    /// <param name="asOf">The time asked about, UTC.</param>
    /// <returns>The class, or null when its first due date lies after that time: not yet due.</returns>
    public KeptClass? ClassAt(DateTimeOffset asOf)
    {
        long time = asOf.UtcTicks;
        if (_firstDue > time)
            return null;
        if (_settled >= 0)
            return (KeptClass)_settled;
        return _bindingDue > time ? KeptClass.MovedByAgreement : KeptClass.Overdue;
    }
}
