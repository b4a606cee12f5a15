using CrmLedger.Commitments;
using MathNet.Numerics.Distributions;

namespace CrmLedger.Server.Commitments;

/// <summary>A share with something beside the same share without it.</summary>
/// <param name="With">The share with it.</param>
/// <param name="Without">The share without it.</param>
/// <param name="Difference">With less without; null when either is of nothing.</param>
/// <param name="Low">The lower bound of its 95 % interval.</param>
/// <param name="High">The upper bound of its 95 % interval.</param>
/// <param name="Z">The statistic of the test.</param>
/// <param name="P">How likely chance alone makes a difference at least as large.</param>
public sealed record ShareComparison(
    Share With, Share Without, double? Difference, double? Low, double? High, double? Z, double? P)
{
    /// <summary>Compares.</summary>
    public static ShareComparison Of(Share with, Share without)
    {
        var change = new ShareChange(without, with);
        return new(with, without, change.Difference, change.Low, change.High, change.Z, ChanceOf(change));
    }

    /// <summary>How likely chance alone makes a difference at least as large; null without a difference.</summary>
    internal static double? ChanceOf(ShareChange change) =>
        change.Z is { } z ? 2 * Normal.CDF(0, 1, -Math.Abs(z)) : null;
}
