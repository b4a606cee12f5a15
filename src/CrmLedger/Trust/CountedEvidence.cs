namespace CrmLedger.Trust;

/// <summary>A piece of evidence without the event that shows it, since there may be millions.</summary>
/// <param name="Kind">What was seen.</param>
/// <param name="AtTicks">From when it counts, in ticks of UTC.</param>
/// <param name="Position">The position of the event that shows it.</param>
public readonly record struct CountedEvidence(EvidenceKind Kind, long AtTicks, long Position)
{
    /// <summary>From when it counts, UTC.</summary>
    public DateTimeOffset At => new(AtTicks, TimeSpan.Zero);

    /// <summary>What counts of a piece of evidence.</summary>
    public static CountedEvidence Of(Evidence evidence) =>
        new(evidence.Kind, evidence.At.UtcTicks, evidence.Position);
}
