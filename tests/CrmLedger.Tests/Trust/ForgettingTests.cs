using System.Numerics;
using CrmLedger.Trust;
using FsCheck;
using FsCheck.Fluent;

namespace CrmLedger.Tests.Trust;

public class ForgettingTests
{
    private const long Whole = 1L << 40;
    private const int Bits = 200;
    private static readonly TimeSpan s_halfLife = TimeSpan.FromDays(180);

    [Theory]
    [InlineData(0, Whole)]
    [InlineData(180, Whole / 2)]
    [InlineData(360, Whole / 4)]
    [InlineData(40 * 180, 1)]
    [InlineData(41 * 180, 1)] // a half is rounded up
    [InlineData(42 * 180, 0)]
    [InlineData(64 * 180, 0)]
    [InlineData(1_000 * 180, 0)]
    public void A_weight_halves_with_each_half_life(int days, long left) =>
        Forgetting.Left(1_000, TimeSpan.FromDays(days), s_halfLife).ShouldBe(left);

    [Fact]
    public void After_half_a_half_life_its_root_is_left() =>
        // 2^40 / √2 = 777 472 127 993.998…
        Forgetting.Left(1_000, s_halfLife / 2, s_halfLife).ShouldBe(777_472_127_994);

    [Fact]
    public void A_weight_is_in_thousandths() =>
        Forgetting.Left(1, TimeSpan.Zero, s_halfLife).ShouldBe(1_099_511_628); // 2^40 / 1000 = 1 099 511 627.776

    [Fact]
    public void What_is_left_is_the_power_of_half_to_the_last_digit() => Prop.ForAll(
        Gen.Choose(0, 1_000_000).ToArbitrary(),
        Gen.Choose(0, int.MaxValue).Select(seconds => TimeSpan.FromMicroseconds(7_919L * seconds)).ToArbitrary(),
        Gen.Choose(1, 36_500).Select(days => TimeSpan.FromDays(days)).ToArbitrary(),
        (weight, age, halfLife) =>
        {
            var exact = weight * PowerOfHalf(age, halfLife) * Whole / 1_000;
            var left = (BigInteger)Forgetting.Left(weight, age, halfLife) << Bits;
            // Half a digit for rounding; each of at most 64 products drops less than 2^-64 of a power, which by the
            // largest weight, 1000, are 64·1000·2^-24 = 0.0038 digits.
            BigInteger.Abs(left - exact).ShouldBeLessThan((BigInteger.One << Bits) * 504 / 1_000);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    [Fact]
    public void Nothing_comes_back_with_age() => Prop.ForAll(
        Gen.Choose(0, int.MaxValue).ToArbitrary(), Gen.Choose(0, int.MaxValue).ToArbitrary(), (one, other) =>
            Forgetting.Left(3_000, TimeSpan.FromSeconds(Math.Max(one, other)), s_halfLife)
                <= Forgetting.Left(3_000, TimeSpan.FromSeconds(Math.Min(one, other)), s_halfLife))
        .Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    [Fact]
    public void What_is_not_a_weight_or_an_age_is_refused()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => Forgetting.Left(-1, TimeSpan.Zero, s_halfLife));
        Should.Throw<ArgumentOutOfRangeException>(() => Forgetting.Left(1_000_001, TimeSpan.Zero, s_halfLife));
        Should.Throw<ArgumentOutOfRangeException>(() => Forgetting.Left(1, -TimeSpan.FromTicks(10), s_halfLife));
        Should.Throw<ArgumentOutOfRangeException>(() => Forgetting.Left(1, TimeSpan.Zero, TimeSpan.Zero));
    }

    /// <summary>
    /// 2^(−age/halfLife) in units of 2⁻²⁰⁰, another way: e^(−x·ln 2) by its series, with 400 bits.
    /// </summary>
    private static BigInteger PowerOfHalf(TimeSpan age, TimeSpan halfLife)
    {
        const int bits = 400;
        var one = BigInteger.One << bits;
        // ln 2 = Σ 1/(k·2^k)
        var ln2 = BigInteger.Zero;
        for (int k = 1; k < bits; k++)
            ln2 += (one >> k) / k;
        long whole = age.Ticks / halfLife.Ticks;
        var x = ln2 * (age.Ticks % halfLife.Ticks) / halfLife.Ticks;
        var (sum, term) = (one, one);
        for (int k = 1; term != 0; k++)
        {
            term = -term * x / (one * k);
            sum += term;
        }
        return sum >> (bits - Bits) >> (int)Math.Min(whole, 10_000);
    }
}
