using System.Numerics;

namespace CrmLedger.Trust;

/// <summary>An exact number.</summary>
/// <param name="Numerator">Any whole number within ±2¹⁰⁸.</param>
/// <param name="Denominator">A whole number from 1 to 2¹⁰⁸.</param>
public readonly record struct Fraction(Int128 Numerator, Int128 Denominator) : IComparable<Fraction>
{
    /// <summary>The number with some digits after the point, a half to the even digit.</summary>
    /// <param name="digits">0 to 5.</param>
    public decimal Round(int digits)
    {
        long scale = (long)Math.Pow(10, digits);
        var (whole, rest) = Int128.DivRem(Int128.Abs(Numerator) * scale, Denominator);
        if (2 * rest > Denominator || 2 * rest == Denominator && Int128.IsOddInteger(whole))
            whole++;
        return Int128.Sign(Numerator) * new decimal((long)whole) / scale;
    }

    /// <inheritdoc />
    public int CompareTo(Fraction other) =>
        ((BigInteger)Numerator * other.Denominator).CompareTo((BigInteger)other.Numerator * Denominator);

    /// <summary>Whether the first is less.</summary>
    public static bool operator <(Fraction left, Fraction right) => left.CompareTo(right) < 0;

    /// <summary>Whether the first is greater.</summary>
    public static bool operator >(Fraction left, Fraction right) => left.CompareTo(right) > 0;

    /// <summary>Whether the first is not greater.</summary>
    public static bool operator <=(Fraction left, Fraction right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the first is not less.</summary>
    public static bool operator >=(Fraction left, Fraction right) => left.CompareTo(right) >= 0;
}
