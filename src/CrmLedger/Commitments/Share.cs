namespace CrmLedger.Commitments;

/// <summary>A share that names its denominator and says how far it can be trusted.</summary>
/// <param name="Numerator">Those of which it is true.</param>
/// <param name="Denominator">All that were looked at.</param>
public sealed record Share(long Numerator, long Denominator)
{
    // The 97.5 % point of the standard normal distribution: 95 % lie between it and its negative.
    private const double Z = 1.959963984540054;

    /// <summary>The share, 0 to 1, or null of nothing.</summary>
    public double? Rate => Denominator == 0 ? null : (double)Numerator / Denominator;

    // None and all are bounds of their own, exactly, so that no rounding puts one of them before another.

    /// <summary>The lower bound of the Wilson 95 % interval, or null of nothing.</summary>
    public double? Low => Numerator == 0 ? Rate : Rate is { } rate ? Centre(rate) - HalfWidth(rate) : null;

    /// <summary>The upper bound of the Wilson 95 % interval, or null of nothing.</summary>
    public double? High => Numerator == Denominator ? Rate : Rate is { } rate ? Centre(rate) + HalfWidth(rate) : null;

    /// <summary>Where its interval lies beside a rate, such as that of all; of nothing, anywhere.</summary>
    public ShareStanding StandingBeside(double rate) =>
        Low > rate ? ShareStanding.Above : High < rate ? ShareStanding.Below : ShareStanding.Within;

    private double Spread => 1 + Z * Z / Denominator;

    private double Centre(double rate) => (rate + Z * Z / (2 * Denominator)) / Spread;

    private double HalfWidth(double rate) =>
        Z * Math.Sqrt(rate * (1 - rate) / Denominator + Z * Z / (4.0 * Denominator * Denominator)) / Spread;
}
