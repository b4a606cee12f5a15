using CrmLedger.Commitments;

namespace CrmLedger.Tests.Commitments;

public class ShareTests
{
    [Theory]
    [InlineData(8, 10, 0.8, 0.4902, 0.9433)]
    [InlineData(100, 101, 0.9901, 0.9460, 0.9983)]
    [InlineData(0, 10, 0, 0, 0.2775)]
    [InlineData(10, 10, 1, 0.7225, 1)]
    [InlineData(1, 1, 1, 0.2065, 1)]
    public void A_share_has_a_Wilson_interval(long numerator, long denominator, double rate, double low, double high)
    {
        var share = new Share(numerator, denominator);
        share.Rate!.Value.ShouldBe(rate, 0.00005);
        share.Low!.Value.ShouldBe(low, 0.00005);
        share.High!.Value.ShouldBe(high, 0.00005);
    }

    [Fact]
    public void None_and_all_are_bounds_exactly_and_no_other_share_reaches_them()
    {
        for (long n = 1; n <= 5_000; n++)
        {
            (new Share(0, n).Low, new Share(n, n).High).ShouldBe((0, 1), $"of {n}");
            new Share(1, n).Low!.Value.ShouldBeGreaterThan(0);
            new Share(n - 1, n).High!.Value.ShouldBeLessThan(1);
        }
    }

    [Theory]
    [InlineData(8, 10, 0.49, ShareStanding.Above)]
    [InlineData(8, 10, 0.50, ShareStanding.Within)]
    [InlineData(8, 10, 0.94, ShareStanding.Within)]
    [InlineData(8, 10, 0.95, ShareStanding.Below)]
    [InlineData(10, 10, 1, ShareStanding.Within)]
    [InlineData(0, 0, 0.5, ShareStanding.Within)]
    public void A_share_stands_above_or_below_a_rate_only_with_its_whole_interval(
        long numerator, long denominator, double rate, ShareStanding standing) =>
        new Share(numerator, denominator).StandingBeside(rate).ShouldBe(standing);

    [Fact]
    public void A_share_of_nothing_is_no_number()
    {
        var share = new Share(0, 0);
        share.Rate.ShouldBeNull();
        share.Low.ShouldBeNull();
        share.High.ShouldBeNull();
    }
}
