namespace CrmLedger.Commitments;

/// <summary>How a share changed, and how far that can be trusted.</summary>
/// <param name="Before">The share before.</param>
/// <param name="After">The share after.</param>
public sealed record ShareChange(Share Before, Share After)
{
    /// <summary>After less before, −1 to 1, or null when either is of nothing.</summary>
    public double? Difference => After.Rate - Before.Rate;

    /// <summary>
    /// The lower bound of the 95 % interval of the difference: the hybrid score interval made of both Wilson intervals
    /// (Newcombe 1998, "Interval estimation for the difference between independent proportions", method 10).
    /// </summary>
    public double? Low => Difference - Root(After.Rate - After.Low, Before.High - Before.Rate);

    /// <summary>The upper bound of the same interval.</summary>
    public double? High => Difference + Root(After.High - After.Rate, Before.Rate - Before.Low);

    /// <summary>
    /// The statistic of the pooled two-proportion z test: the difference in standard deviations of chance, were both
    /// shares of one and the same rate. Null when either is of nothing; 0 when all or none are alike.
    /// </summary>
    public double? Z
    {
        get
        {
            if (Difference is not { } difference)
                return null;
            double n = Before.Denominator, m = After.Denominator;
            double pooled = (Before.Numerator + After.Numerator) / (n + m);
            double deviation = Math.Sqrt(pooled * (1 - pooled) * (1 / n + 1 / m));
            return deviation == 0 ? 0 : difference / deviation;
        }
    }

    private static double? Root(double? one, double? other) =>
        one is { } a && other is { } b ? Math.Sqrt(a * a + b * b) : null;
}
