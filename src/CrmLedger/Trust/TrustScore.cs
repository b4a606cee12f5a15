namespace CrmLedger.Trust;

/// <summary>
/// The trust that a customer can have in us, 0 to 100, by the evidence at a time: a Beta reputation (Jøsang and Ismail
/// 2002, "The Beta Reputation System") that forgets by time.
/// </summary>
/// <remarks>
/// With q = what is left of each weight in units of 2⁻⁴⁰ (<see cref="Forgetting" />), R = Σq of what speaks for us,
/// S = Σq of what speaks against us and W' = W·2⁴⁰, the score is 100·(R + W'·a)/(R + S + W'). All are whole numbers,
/// over one denominator, 10⁶·(R + S) + 10³·(1000·W)·2⁴⁰; so neither order nor platform changes a digit.
/// </remarks>
/// <param name="Favourable">R, in units of 2⁻⁴⁰.</param>
/// <param name="Adverse">S, in units of 2⁻⁴⁰.</param>
/// <param name="Policy">The policy at the read: W and a.</param>
public sealed record TrustScore(Int128 Favourable, Int128 Adverse, TrustPolicy Policy)
{
    private const int UnitBits = 40;
    private static readonly Int128 s_thousand = 1_000;
    private static readonly Int128 s_million = 1_000_000;

    private Int128 Prior => (Int128)Policy.PriorThousandths << UnitBits;

    private Int128 Denominator => s_million * (Favourable + Adverse) + s_thousand * Prior;

    /// <summary>0 to 100.</summary>
    public Fraction Score => new(100 * (s_million * Favourable + Policy.StartThousandths * Prior), Denominator);

    /// <summary>The share of the score that nothing is known about, 0 to 1; 1 without any evidence.</summary>
    public Fraction Doubt => new(s_thousand * Prior, Denominator);

    /// <summary>Where the score would be if all that is not known spoke against us, 0 to 100.</summary>
    public Fraction AtLeast => new(100 * s_million * Favourable, Denominator);

    /// <summary>Where the score would be if all that is not known spoke for us, 0 to 100.</summary>
    public Fraction AtMost => new(100 * (s_million * Favourable + s_thousand * Prior), Denominator);

    /// <summary>Where every score starts, over the same denominator.</summary>
    public Fraction Start => new(Policy.StartThousandths * Denominator / 10, Denominator);

    /// <summary>
    /// What a piece of evidence adds to the score or, below 0, takes from it. These and <see cref="Start" /> sum to the
    /// score exactly.
    /// </summary>
    /// <param name="left">What is left of its weight, in units of 2⁻⁴⁰.</param>
    /// <param name="isFavourable">Whether it speaks for us.</param>
    public Fraction ContributionOf(long left, bool isFavourable) =>
        new(100 * s_thousand * left * ((isFavourable ? 1_000 : 0) - Policy.StartThousandths), Denominator);

    /// <summary>The score at a time.</summary>
    /// <param name="evidence">Known evidence; what counts only from after that time is left out.</param>
    /// <param name="policies">The weights; half-life, prior and start are the last policy's.</param>
    /// <param name="time">The time asked about, UTC.</param>
    public static TrustScore At(IEnumerable<Evidence> evidence, TrustPolicies policies, DateTimeOffset time)
    {
        Int128 favourable = 0, adverse = 0;
        foreach (var one in evidence)
        {
            long left = LeftOf(one.Kind, one.At, one.Position, policies, time);
            if (one.IsFavourable)
                favourable += left;
            else
                adverse += left;
        }
        return new(favourable, adverse, policies.Current);
    }

    /// <inheritdoc cref="At(IEnumerable{Evidence}, TrustPolicies, DateTimeOffset)" />
    public static TrustScore At(
        ReadOnlySpan<CountedEvidence> evidence, TrustPolicies policies, DateTimeOffset time)
    {
        Int128 favourable = 0, adverse = 0;
        foreach (ref readonly var one in evidence)
        {
            long left = LeftOf(one.Kind, one.At, one.Position, policies, time);
            if (Evidence.Speaks(one.Kind))
                favourable += left;
            else
                adverse += left;
        }
        return new(favourable, adverse, policies.Current);
    }

    /// <summary>What is left of a piece of evidence at a time, in units of 2⁻⁴⁰; 0 before it counts.</summary>
    /// <param name="kind">What was seen.</param>
    /// <param name="at">From when it counts, UTC.</param>
    /// <param name="position">The position of the event that shows it.</param>
    /// <param name="policies">The weights, and how fast they are forgotten.</param>
    /// <param name="time">The time asked about, UTC.</param>
    public static long LeftOf(
        EvidenceKind kind, DateTimeOffset at, long position, TrustPolicies policies, DateTimeOffset time) =>
        at > time ? 0 : Forgetting.Left(policies.WeightOf(kind, position), time - at, policies.Current.HalfLife);
}
