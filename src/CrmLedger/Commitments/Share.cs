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

    /// <summary>The lower bound of the Wilson 95 % interval, or null of nothing.</summary>
    public double? Low => Rate is { } rate ? Math.Max(0, Centre(rate) - HalfWidth(rate)) : null;

    /// <summary>The upper bound of the Wilson 95 % interval, or null of nothing.</summary>
    public double? High => Rate is { } rate ? Math.Min(1, Centre(rate) + HalfWidth(rate)) : null;

    private double Spread => 1 + Z * Z / Denominator;

    private double Centre(double rate) => (rate + Z * Z / (2 * Denominator)) / Spread;

    private double HalfWidth(double rate) =>
        Z * Math.Sqrt(rate * (1 - rate) / Denominator + Z * Z / (4.0 * Denominator * Denominator)) / Spread;
}
