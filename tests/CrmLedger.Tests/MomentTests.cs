using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests;

public class MomentTests
{
    private static readonly DateTimeOffset s_graceEnds = Noon.AddHours(24);

    [Fact]
    public void A_claim_recorded_within_the_grace_is_taken_at_its_word()
    {
        new Moment(Noon, s_graceEnds, false).Effective.ShouldBe(Noon);
        new Moment(Noon, s_graceEnds, false).RecordedLate.ShouldBeFalse();
    }

    [Fact]
    public void A_claim_recorded_a_microsecond_after_the_grace_counts_from_its_recording()
    {
        new Moment(Noon, s_graceEnds + Microsecond, false).Effective.ShouldBe(s_graceEnds + Microsecond);
        new Moment(Noon, s_graceEnds + Microsecond, false).RecordedLate.ShouldBeTrue();
    }

    [Fact]
    public void An_import_is_taken_at_its_word()
    {
        Imported(Noon).Effective.ShouldBe(Noon);
        Imported(Noon).RecordedLate.ShouldBeFalse();
        Imported(Noon).IsAfter(Noon).ShouldBeFalse();
        Imported(Noon).IsAfter(Noon - Microsecond).ShouldBeTrue("by its own word it came later");
    }

    [Fact]
    public void What_comes_after_a_date_by_either_clock_comes_after_it()
    {
        At(Noon).IsAfter(Noon).ShouldBeFalse();
        new Moment(Noon + Microsecond, Noon, false).IsAfter(Noon).ShouldBeTrue();
        new Moment(Noon, Noon + Microsecond, false).IsAfter(Noon).ShouldBeTrue();
    }
}
