using CrmLedger.Concerns;
using CrmLedger.Responsiveness;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests.Responsiveness;

public class ResponsivenessTests
{
    [Fact]
    public void Percentiles_are_times_that_were_really_taken()
    {
        // Of 1 h … 20 h: half took no longer than 10 h, 75 % than 15 h, 90 % than 18 h, 95 % than 19 h.
        var result = Count(
            [.. Enumerable.Range(1, 20).Reverse().Select(h => Concern((h, new ConcernAcknowledged("c1"))))]);
        result.FirstResponse.ShouldBe(new(20, 36_000, 54_000, 64_800, 68_400, 72_000));
        Count(Concern((3, new ConcernAcknowledged("c1")))).FirstResponse.ShouldBe(
            new(1, 10_800, 10_800, 10_800, 10_800, 10_800));
        Count().FirstResponse.ShouldBe(new(0, null, null, null, null, null));
    }

    [Fact]
    public void The_first_word_is_an_acknowledgement_or_a_resolution_and_stays_the_first()
    {
        var result = Count(Concern((2, new ConcernAcknowledged("c1")), (30, new ConcernResolved("c1")),
            (50, new ConcernReopened("c1")), (51, new ConcernAcknowledged("c1")), (60, new ConcernResolved("c1"))));
        (result.FirstResponse.Longest, result.Resolution.Longest).ShouldBe((2 * 3_600, 60 * 3_600));
        (result.Resolved.Numerator, result.Reopened.Numerator, result.Reopened.Denominator).ShouldBe((1, 1, 1));
        Count(Concern((5, new ConcernResolved("c1")))).FirstResponse.Longest.ShouldBe(5 * 3_600);
    }

    [Fact]
    public void A_concern_that_was_reopened_is_not_put_right()
    {
        var result = Count(Concern((1, new ConcernResolved("c1")), (2, new ConcernReopened("c1"))));
        (result.Resolved.Numerator, result.Resolution.N, result.Unanswered).ShouldBe((0, 0, 0));
    }

    [Fact]
    public void In_time_is_by_the_date_first_agreed()
    {
        // To be answered within 24 h: one in time, one late, one waits and is late, one waits and is not.
        var inTime = Concern((24, new ConcernAcknowledged("c1")));
        var late = Concern((25, new ConcernAcknowledged("c1")), (26, new ConcernResolved("c1")),
            (90, new ConcernReopened("c1")), (91, new ConcernAcknowledged("c1")));
        var waits = Concern();
        var result = Count(inTime, late, waits, waits with { RespondBy = Noon.AddDays(9) });
        (result.AnsweredInTime.Numerator, result.AnsweredInTime.Denominator, result.Unanswered).ShouldBe((1, 3, 2));
    }

    private static ResponsivenessResult Count(params Concern[] concerns)
    {
        var tally = new ResponsivenessTally(Noon.AddDays(2));
        foreach (var concern in concerns)
            tally.Add(concern);
        return tally.Result();
    }

    private static Concern Concern(params (double Hours, IConcernEvent Happened)[] life)
    {
        var concern = CrmLedger.Concerns.Concern.Evolve(null, Raised with { RespondBy = null }, At(Noon))!;
        foreach (var (hours, happened) in life)
            concern = CrmLedger.Concerns.Concern.Evolve(concern, happened, At(Noon.AddHours(hours)))!;
        return concern;
    }
}
