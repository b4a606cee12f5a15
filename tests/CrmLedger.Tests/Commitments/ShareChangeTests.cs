using CrmLedger.Commitments;

namespace CrmLedger.Tests.Commitments;

public class ShareChangeTests
{
    /// <summary>Newcombe 1998, table II, method 10.</summary>
    [Theory]
    [InlineData(48, 80, 56, 70, 0.0524, 0.3339)]
    [InlineData(3, 10, 9, 10, 0.1705, 0.8090)]
    [InlineData(0, 20, 10, 10, 0.6791, 1.0)]
    public void A_difference_has_the_hybrid_score_interval(
        long before, long ofBefore, long after, long ofAfter, double low, double high)
    {
        var change = new ShareChange(new(before, ofBefore), new(after, ofAfter));
        change.Low!.Value.ShouldBe(low, 0.0001);
        change.High!.Value.ShouldBe(high, 0.0001);
    }

    [Fact]
    public void The_statistic_is_that_of_the_pooled_test()
    {
        // 48 of 80 and 56 of 70: p = 104/150, z = 0.2/√(p(1−p)(1/80 + 1/70)) = 2.6502.
        new ShareChange(new(48, 80), new(56, 70)).Z!.Value.ShouldBe(2.6502, 0.0001);
        new ShareChange(new(56, 70), new(48, 80)).Z!.Value.ShouldBe(-2.6502, 0.0001);
        new ShareChange(new(5, 5), new(7, 7)).Z.ShouldBe(0);
    }

    [Fact]
    public void Of_nothing_there_is_no_change()
    {
        var change = new ShareChange(new(0, 0), new(7, 10));
        (change.Difference, change.Low, change.High, change.Z).ShouldBe((null, null, null, null));
    }
}
