using CrmLedger.Commitments;

namespace CrmLedger.Touchpoints;

/// <summary>How some touchpoints went.</summary>
/// <param name="Touchpoints">How many there were.</param>
/// <param name="Toned">With a tone noted.</param>
/// <param name="Positive">Whose tone was positive or very positive.</param>
/// <param name="Negative">Whose tone was negative or very negative.</param>
/// <param name="Csat">CSAT scores given about them.</param>
/// <param name="Satisfied">Those of 4 or 5.</param>
public readonly record struct Outcomes(
    long Touchpoints, long Toned, long Positive, long Negative, long Csat, long Satisfied)
{
    /// <summary>How one touchpoint went.</summary>
    public static Outcomes Of(in CountedTouchpoint one) => new(
        1, one.Tone is null ? 0 : 1, one.Tone >= Tone.Positive ? 1 : 0, one.Tone <= Tone.Negative ? 1 : 0, one.Csat,
        one.Satisfied);

    /// <summary>The share of a good tone among those with a tone noted.</summary>
    public Share PositiveTone => new(Positive, Toned);

    /// <summary>The share of a bad tone among those with a tone noted.</summary>
    public Share NegativeTone => new(Negative, Toned);

    /// <summary>The share of 4 and 5 among the CSAT scores.</summary>
    public Share Satisfaction => new(Satisfied, Csat);

    /// <summary>Both together.</summary>
    public Outcomes Plus(Outcomes others) => new(Touchpoints + others.Touchpoints, Toned + others.Toned,
        Positive + others.Positive, Negative + others.Negative, Csat + others.Csat, Satisfied + others.Satisfied);

    /// <summary>These without some that are among them.</summary>
    public Outcomes Without(Outcomes some) => new(Touchpoints - some.Touchpoints, Toned - some.Toned,
        Positive - some.Positive, Negative - some.Negative, Csat - some.Csat, Satisfied - some.Satisfied);
}
