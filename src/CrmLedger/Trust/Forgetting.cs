using System.Numerics;

namespace CrmLedger.Trust;

/// <summary>
/// How much of a weight is left after a time, in whole numbers only, so that every platform and every second
/// implementation comes to the same bits.
/// </summary>
/// <remarks>
/// <para>The routine, for a weight w in thousandths, an age Δ and a half-life h in whole microseconds:</para>
/// <list type="number">
/// <item>n = ⌊Δ/h⌋ whole half-lives; nothing is left when n ≥ 64.</item>
/// <item>f = ⌊(Δ mod h)·2⁶⁴/h⌋, the rest of a half-life as a fraction of 64 binary digits.</item>
/// <item>
/// cₖ = 2^(−2⁻ᵏ) in units of 2⁻⁶⁴: c₁ = ⌊√2¹²⁷⌋, cₖ₊₁ = ⌊√(cₖ·2⁶⁴)⌋. p begins at 2⁶⁴; for k from 1 to 64, where the
/// k-th digit of f after the point is 1, p becomes ⌊p·cₖ/2⁶⁴⌋.
/// </item>
/// <item>q = ⌊(w·p + D/2)/D⌋ with D = 1000·2^(24+n): w·2^(−Δ/h) in units of 2⁻⁴⁰, halves up.</item>
/// </list>
/// </remarks>
public static class Forgetting
{
    private const int Digits = 64;

    private static readonly ulong[] s_roots = Roots();

    /// <summary>What is left of a weight.</summary>
    /// <param name="weightThousandths">The weight in thousandths, 0 to 1,000,000.</param>
    /// <param name="age">How long ago, ≥ 0.</param>
    /// <param name="halfLife">The time after which half is left, &gt; 0.</param>
    /// <returns>In units of 2⁻⁴⁰.</returns>
    public static long Left(int weightThousandths, TimeSpan age, TimeSpan halfLife)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(weightThousandths);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(weightThousandths, 1_000_000);
        ArgumentOutOfRangeException.ThrowIfLessThan(age, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(halfLife, TimeSpan.Zero);
        ulong microseconds = (ulong)(age.Ticks / TimeSpan.TicksPerMicrosecond);
        ulong half = (ulong)(halfLife.Ticks / TimeSpan.TicksPerMicrosecond);
        var (halvings, rest) = Math.DivRem(microseconds, half);
        if (halvings >= Digits)
            return 0;
        UInt128 numerator = (uint)weightThousandths * PowerOfHalf(FractionOf(rest, half));
        int shift = 24 + (int)halvings;
        // ⌊(x + D/2)/D⌋, a division by 2ᵏ before one by 1000; below 2⁶⁰ after the first.
        return (long)((ulong)((numerator + ((UInt128)500 << shift)) >> shift) / 1_000);
    }

    /// <summary>⌊rest·2⁶⁴/half⌋ for rest &lt; half, by long division: 128 bits take thrice as long.</summary>
    private static ulong FractionOf(ulong rest, ulong half)
    {
        const int step = 16;
        if (half >> (Digits - step) != 0)
            return (ulong)(((UInt128)rest << Digits) / half);
        ulong fraction = 0;
        for (int i = 0; i < Digits / step; i++)
        {
            (ulong digits, rest) = Math.DivRem(rest << step, half);
            fraction = fraction << step | digits;
        }
        return fraction;
    }

    /// <summary>2^(−fraction), in units of 2⁻⁶⁴.</summary>
    private static UInt128 PowerOfHalf(ulong fraction)
    {
        if (fraction == 0)
            return UInt128.One << Digits;
        // 2⁶⁴ times a root over 2⁶⁴ is the root.
        int first = BitOperations.LeadingZeroCount(fraction);
        ulong power = s_roots[first];
        for (ulong left = Without(fraction, first); left != 0;)
        {
            int digit = BitOperations.LeadingZeroCount(left);
            power = Math.BigMul(power, s_roots[digit], out _);
            left = Without(left, digit);
        }
        return power;
    }

    private static ulong Without(ulong fraction, int digit) => fraction & ~(1UL << (Digits - 1 - digit));

    private static ulong[] Roots()
    {
        var roots = new ulong[Digits];
        roots[0] = SquareRoot(UInt128.One << 127);
        for (int k = 1; k < Digits; k++)
            roots[k] = SquareRoot((UInt128)roots[k - 1] << Digits);
        return roots;
    }

    /// <summary>The whole part of the square root, digit by digit from the highest.</summary>
    private static ulong SquareRoot(UInt128 square)
    {
        ulong root = 0;
        for (int digit = Digits - 1; digit >= 0; digit--)
        {
            ulong larger = root | (1UL << digit);
            if ((UInt128)larger * larger <= square)
                root = larger;
        }
        return root;
    }
}
