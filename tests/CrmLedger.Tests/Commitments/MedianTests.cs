using CrmLedger.Commitments;
using FsCheck;
using FsCheck.Fluent;

namespace CrmLedger.Tests.Commitments;

public class MedianTests
{
    private static readonly Gen<long[]> s_values =
        from count in Gen.Choose(1, 300)
        from spread in Gen.Elements(0, 1, 5, 1_000_000)
        from values in Gen.ArrayOf(Gen.Choose(-spread, spread).Select(value => (long)value), count)
        select values;

    [Fact]
    public void It_is_the_middle_of_the_sorted_values() => Prop.ForAll(
        s_values.ToArbitrary(), values => ShouldBeMiddle(values)).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    [Fact]
    public void Values_that_are_sorted_equal_or_an_organ_pipe_are_no_worse()
    {
        const int count = 100_001;
        ShouldBeMiddle([.. Enumerable.Range(0, count).Select(i => (long)i)]);
        ShouldBeMiddle([.. Enumerable.Range(0, count).Select(i => (long)-i)]);
        ShouldBeMiddle([.. Enumerable.Repeat(7L, count)]);
        ShouldBeMiddle([.. Enumerable.Range(0, count).Select(i => (long)Math.Min(i, count - i))]);
        ShouldBeMiddle([long.MaxValue / 2, -long.MaxValue / 2]);
    }

    private static void ShouldBeMiddle(long[] values)
    {
        long[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        long expected = sorted.Length % 2 == 1 ? 2 * sorted[middle] : sorted[middle - 1] + sorted[middle];
        Median.Doubled(values).ShouldBe(expected);
    }
}
