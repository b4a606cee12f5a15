using CrmLedger.Feedback;
using CrmLedger.Satisfaction;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests.Satisfaction;

public class SatisfactionTests
{
    [Fact]
    public void Csat_is_the_share_of_fours_and_fives()
    {
        var result = Count(Csat(5), Csat(4), Csat(3), Csat(1), Nps(10));
        (result.Csat.Numerator, result.Csat.Denominator, result.Received).ShouldBe((2, 4, 5));
    }

    [Fact]
    public void The_net_promoter_score_has_its_standard_error()
    {
        // 5 promoters, 3 passives, 2 detractors: 50 − 20 = 30; SE = 100·√((0.5 + 0.2 − 0.3²)/10) = 24.698...
        var nps = Count([.. Enumerable.Repeat(Nps(9), 4), Nps(10), Nps(7), Nps(8), Nps(8), Nps(0), Nps(6)]).Nps;
        (nps.Promoters, nps.Passives, nps.Detractors, nps.N).ShouldBe((5, 3, 2, 10));
        nps.Score.ShouldBe(30);
        nps.StandardError!.Value.ShouldBe(24.698178, 1e-6);
        Count().Nps.Score.ShouldBeNull();
        Count().Nps.StandardError.ShouldBeNull();
    }

    [Fact]
    public void Effort_is_the_mean()
    {
        var result = Count(Of(FeedbackKind.Ces, 7), Of(FeedbackKind.Ces, 4), Of(FeedbackKind.Ces, 2));
        (result.CesN, result.CesMean).ShouldBe((3, 13.0 / 3));
    }

    [Fact]
    public void A_loop_is_closed_when_the_customer_was_told_and_times_are_medians()
    {
        var acted = Csat(2) with { ActedUponAt = Noon.AddDays(4) };
        var told = acted with { OutcomeToldAt = Noon.AddDays(6) };
        var result = Count(acted, told, Csat(1) with { OutcomeToldAt = Noon.AddDays(2) }, Csat(5));
        (result.ActedUpon.Numerator, result.ClosedLoop.Numerator, result.ClosedLoop.Denominator).ShouldBe((2, 2, 4));
        (result.MedianActedUponSeconds, result.MedianClosedLoopSeconds).ShouldBe((4 * 86_400, 4 * 86_400));
        (result.Waiting, result.Overdue).ShouldBe((1, 0));
    }

    [Fact]
    public void What_waits_for_more_than_thirty_days_is_overdue()
    {
        Count(Noon.AddDays(30), Csat(1)).Overdue.ShouldBe(0);
        Count(Noon.AddDays(30) + Microsecond, Csat(1)).Overdue.ShouldBe(1);
    }

    [Fact]
    public void Response_is_of_those_who_were_asked()
    {
        var tally = new SatisfactionTally(Noon);
        tally.AddRequest(Csat(4) with { RequestedAt = Noon.AddHours(-3) });
        tally.AddRequest(new() { FeedbackId = "b2", Kind = FeedbackKind.Csat, RequestedAt = Noon });
        var result = tally.Result();
        (result.Responded.Numerator, result.Responded.Denominator).ShouldBe((1, 2));
        (result.MedianResponseSeconds, result.Received).ShouldBe((3 * 3_600, 0));
    }

    private static SatisfactionResult Count(params CustomerFeedback[] received) => Count(Noon.AddDays(1), received);

    private static SatisfactionResult Count(DateTimeOffset time, params CustomerFeedback[] received)
    {
        var tally = new SatisfactionTally(time);
        foreach (var one in received)
            tally.AddReceipt(one);
        return tally.Result();
    }

    private static CustomerFeedback Csat(int score) => Of(FeedbackKind.Csat, score);

    private static CustomerFeedback Nps(int score) => Of(FeedbackKind.Nps, score);

    private static CustomerFeedback Of(FeedbackKind kind, int score) =>
        new() { FeedbackId = "b1", Kind = kind, ReceivedAt = Noon, Score = score };
}
