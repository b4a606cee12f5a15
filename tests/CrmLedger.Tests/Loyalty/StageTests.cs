using CrmLedger.Concerns;
using CrmLedger.Customers;
using CrmLedger.Feedback;
using CrmLedger.Loyalty;
using CrmLedger.Purchases;
using CrmLedger.Trust;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests.Loyalty;

/// <summary>The stages, worked out by hand. Day 0 is the day of the registration.</summary>
public class StageTests
{
    private static DateTimeOffset Day(double days) => Noon.AddDays(days);

    [Fact]
    public void Who_bought_nothing_is_a_prospect_and_the_first_purchase_makes_a_new_customer_for_90_days() =>
        StagesOf(200, (10, Purchase("1"))).ShouldBe(
            [(Stage.Prospect, 0), (Stage.New, 10), (Stage.Established, 100), (Stage.AtRisk, 190)]);

    [Fact]
    public void Who_bought_once_is_judged_by_a_gap_of_90_days() =>
        // At risk after 2 × 90, lost after 4 × 90 days.
        StagesOf(1_000, (0, Purchase("1"))).ShouldBe(
            [(Stage.New, 0), (Stage.Established, 90), (Stage.AtRisk, 180), (Stage.Lapsed, 360)]);

    [Fact]
    public void Silence_is_measured_by_the_customers_own_median_gap() =>
        // Bought on days 0, 10, 40 and 60: gaps 10, 30, 20, their median 20. After day 60: at risk after 40 more days,
        // lost after 80 more. Before: after day 10 the gap is 10, so at risk from day 30 until they buy on day 40.
        StagesOf(300, (0, Purchase("1")), (10, Purchase("2")), (40, Purchase("3")), (60, Purchase("4"))).ShouldBe(
            [
                (Stage.New, 0), (Stage.AtRisk, 30), (Stage.New, 40), (Stage.Established, 90), (Stage.AtRisk, 100),
                (Stage.Lapsed, 140),
            ]);

    [Fact]
    public void An_even_number_of_gaps_has_the_mean_of_the_middle_two_for_median() =>
        // Days 0, 20, 50: gaps 20 and 30, median 25: at risk from 50 + 50, lost from 50 + 100.
        StagesOf(300, (0, Purchase("1")), (20, Purchase("2")), (50, Purchase("3"))).ShouldBe(
            [(Stage.New, 0), (Stage.Established, 90), (Stage.AtRisk, 100), (Stage.Lapsed, 150)]);

    [Fact]
    public void A_gap_below_seven_days_counts_as_seven() =>
        StagesOf(100, (0, Purchase("1")), (1, Purchase("2"))).ShouldBe(
            [(Stage.New, 0), (Stage.AtRisk, 15), (Stage.Lapsed, 29)]);

    [Fact]
    public void What_is_bought_on_one_day_is_one_occasion() =>
        StagesOf(400, (0, Purchase("1")), (0.01, Purchase("2")), (0.02, Purchase("3"))).ShouldBe(
            [(Stage.New, 0), (Stage.Established, 90), (Stage.AtRisk, 180.02), (Stage.Lapsed, 360.02)]);

    [Fact]
    public void Three_days_of_buying_and_a_year_make_a_loyal_customer_and_a_nine_an_advocate() =>
        StagesOf(400, (0, Purchase("1")), (180, Purchase("2")), (360, Purchase("3")),
            (380, Recommends("1", 9)), (390, Recommends("2", 8))).ShouldBe(
            [
                (Stage.New, 0), (Stage.Established, 90), (Stage.Loyal, 365), (Stage.Advocate, 380), (Stage.Loyal, 390),
            ]);

    [Fact]
    public void What_was_given_back_was_never_bought_from_then_on() =>
        StagesOf(50, (0, Purchase("1")), (20, new PurchaseReturned("1"))).ShouldBe(
            [(Stage.New, 0), (Stage.Prospect, 20)]);

    [Fact]
    public void A_customer_with_a_critical_concern_is_at_risk_until_it_is_put_right_for_good() =>
        StagesOf(80, (0, Purchase("1")), (10, new ConcernRaised("c", ConcernSeverity.Critical, [])),
            (20, new ConcernResolved("c")), (30, new ConcernReopened("c")), (40, new ConcernResolved("c"))).ShouldBe(
            [(Stage.New, 0), (Stage.AtRisk, 10), (Stage.New, 20), (Stage.AtRisk, 30), (Stage.New, 40)]);

    [Fact]
    public void An_ended_relationship_has_lapsed_until_it_is_renewed() =>
        StagesOf(60, (0, Purchase("1")), (10, new RelationshipEnded(EndReason.Price)),
            (50, new RelationshipRenewed())).ShouldBe([(Stage.New, 0), (Stage.Lapsed, 10), (Stage.New, 50)]);

    [Fact]
    public void Low_trust_is_a_risk_and_passes_to_the_microsecond_when_it_has_faded()
    {
        // A disputed promise weighs 5 against us: 100·(0 + 1)/(0 + 5·f + 2) = 40 where f = 0.1, which is
        // 180·log2(10) = 597.947... days later.
        var timeline = Timeline(700, (1, Made), (1.5, DeclaredKept), (2, Disputed));
        var spells = timeline.Stages.Where(s => s.Standing.Risks.Contains(RiskReason.LowTrust)).ToList();
        spells[0].From.ShouldBe(Day(2));
        var end = timeline.Stages.First(
            s => s.From > spells[^1].From && !s.Standing.Risks.Contains(RiskReason.LowTrust));
        (end.From - Day(2)).TotalDays.ShouldBe(180 * Math.Log2(10), 1e-3);
        var before = end.From.AddTicks(-TimeSpan.TicksPerMicrosecond);
        Standing.At(timeline.Facts, TrustPolicies.Default, before).Risks.ShouldContain(RiskReason.LowTrust);
        Standing.At(timeline.Facts, TrustPolicies.Default, end.From).Risks.ShouldNotContain(RiskReason.LowTrust);
    }

    [Fact]
    public void A_prospect_may_be_at_risk_without_being_a_customer()
    {
        var timeline = Timeline(10, (1, new ConcernRaised("c", ConcernSeverity.Critical, [])));
        timeline.Stages[^1].Standing.ShouldBe(new(Stage.Prospect, [RiskReason.CriticalConcern]));
    }

    [Fact]
    public void Since_when_a_stage_lasts_does_not_change_when_only_the_risks_do()
    {
        var timeline = Timeline(30, (0, Purchase("1")), (10, new ConcernRaised("c", ConcernSeverity.Critical, [])),
            (20, Made), (20.5, DeclaredKept), (21, Disputed));
        timeline.Stages[^1].Standing.Risks.ShouldBe([RiskReason.LowTrust, RiskReason.CriticalConcern]);
        StageHistory.Since(timeline.Stages).ShouldBe(Day(10));
    }

    [Fact]
    public void Milestones_are_told_in_the_order_of_their_times()
    {
        var timeline = Timeline(800, (1, Touched), (2, Purchase("1")), (3, Purchase("2")), (4, Purchase("3")),
            (5, Purchase("4")), (6, Purchase("5")), (7, Recommends("1", 3)), (8, Recommends("2", 10)),
            (9, new ConcernRaised("c", ConcernSeverity.Critical, [])),
            (10, Made with { ConcernId = "c", DueAt = Day(20) }), (11, new ConcernResolved("c")),
            (12, DeclaredKept), (13, Disputed), (14, DeclaredKept), (400, Purchase("6")));
        timeline.Milestones.Where(m => m.At <= Day(399)).Select(m => (m.Kind, (m.At - Noon).TotalDays, m.Number))
            .ShouldBe(
            [
                (MilestoneKind.FirstContact, 1, null), (MilestoneKind.FirstPurchase, 2, 1),
                (MilestoneKind.RepeatPurchase, 3, 2), (MilestoneKind.RepeatPurchase, 4, 3),
                (MilestoneKind.RepeatPurchase, 6, 5), (MilestoneKind.BecameDetractor, 7, 3),
                (MilestoneKind.BecamePromoter, 8, 10), (MilestoneKind.AtRisk, 9, null),
                (MilestoneKind.KeptAfterCriticalConcern, 12, null), (MilestoneKind.KeptAfterDispute, 14, null),
                // Silent for twice and four times seven days since day 6.
                (MilestoneKind.AtRisk, 20, null), (MilestoneKind.Lapsed, 34, null),
                (MilestoneKind.Anniversary, 367, 1),
            ]);
        timeline.Milestones.Single(m => m.Kind == MilestoneKind.WonBack).At.ShouldBe(Day(400));
        timeline.Milestones.Where(m => m.Position is not null)
            .ShouldAllBe(m => m.EventId == EventId((int)m.Position! + 1));
    }

    [Fact]
    public void Value_to_date_is_what_was_paid_and_not_paid_back_in_each_currency()
    {
        var facts = Timeline(10, (0, new PurchaseRecorded("1", 1_000, "EUR", 300)),
            (1, new PurchaseRecorded("2", 500, "EUR")), (2, new PurchaseReturned("1", 400)),
            (3, new PurchaseRecorded("3", 70, "USD", 7))).Facts;
        CustomerValue.ToDate(facts.Purchases, Day(10)).Values.ShouldBe(
            [new("EUR", 2, 1_500, 400, 300, 1), new("USD", 1, 70, 0, 7, 1)]);
        CustomerValue.ToDate(facts.Purchases, Day(1)).Values.Select(v => v.ValueMinor).ShouldBe([1_500m]);
        CustomerValue.Of(facts.Purchases, Day(2), Day(3)).Values.ShouldBe([new("EUR", 0, 0, 400, 0, 0)]);
    }

    [Fact]
    public void Sums_of_the_largest_amounts_do_not_overflow()
    {
        var large = new CustomerValue("EUR", 1, 1L << 53, 0, 0, 0);
        var sum = large;
        for (int doubled = 0; doubled < 12; doubled++)
            sum = sum.Plus(sum);
        sum.AmountMinor.ShouldBe((decimal)(1L << 53) * 4_096);
    }

    private static (Stage, double)[] StagesOf(double until, params (double Day, IEvent Happened)[] history) =>
        [.. Timeline(until, history).Stages.Select(s => (s.Standing.Stage, Math.Round((s.From - Noon).TotalDays, 6)))
            .Aggregate(new List<(Stage, double)>(), (turns, turn) =>
            {
                if (turns.Count == 0 || turns[^1].Item1 != turn.Stage)
                    turns.Add(turn);
                return turns;
            })];

    private static LoyaltyTimeline Timeline(double until, params (double Day, IEvent Happened)[] history)
    {
        var stream = new List<Envelope> { Entry(Registered, At(Noon), 1) };
        foreach (var (day, happened) in history)
            stream.Add(Entry(happened, At(Day(day)), stream.Count + 1));
        return LoyaltyTimeline.Fold(stream, TrustPolicies.Default, Day(until), WhatCounts.Everything);
    }

    private static PurchaseRecorded Purchase(string id) => new(id, 1_000, "EUR");

    private static FeedbackReceived Recommends(string id, int score) => new(id, FeedbackKind.Nps, [], score);
}
