using System.Collections.Immutable;
using CrmLedger.Trust;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests.Trust;

public class TrustScoreTests
{
    private static readonly DateTimeOffset s_halfLifeAgo = Noon.AddDays(-180);

    [Fact]
    public void Without_evidence_the_score_is_where_it_starts_and_all_is_doubt()
    {
        var score = Score();
        score.Score.Round(4).ShouldBe(50m);
        score.Doubt.Round(4).ShouldBe(1m);
        (score.AtLeast.Round(4), score.AtMost.Round(4)).ShouldBe((0m, 100m));
    }

    [Fact]
    public void A_promise_kept_today_makes_80()
    {
        // R = 3, S = 0, W = 2, a = ½: 100·(3 + 2·½)/(3 + 0 + 2) = 400/5 = 80; doubt 2/5.
        var score = Score((EvidenceKind.PromiseKept, Noon));
        score.Score.Round(4).ShouldBe(80m);
        score.Doubt.Round(4).ShouldBe(0.4m);
        (score.AtLeast.Round(4), score.AtMost.Round(4)).ShouldBe((60m, 100m));
    }

    [Fact]
    public void A_promise_that_lapsed_a_half_life_ago_makes_25() =>
        // R = 0, S = 4·½ = 2: 100·(0 + 1)/(0 + 2 + 2) = 25.
        Score((EvidenceKind.PromiseLapsed, s_halfLifeAgo)).Score.Round(4).ShouldBe(25m);

    [Fact]
    public void Both_make_four_sevenths_and_each_event_its_share()
    {
        // R = 3, S = 2: 100·(3 + 1)/(3 + 2 + 2) = 400/7 = 57.142857…
        // kept: 100·3·(1 − ½)/7 = 21.428571…; lapsed: 100·2·(0 − ½)/7 = −14.285714…; 50 + 21.428571… − 14.285714… .
        var trust = Of((EvidenceKind.PromiseKept, Noon), (EvidenceKind.PromiseLapsed, s_halfLifeAgo))
            .At(TrustPolicies.Default, Noon);
        trust.Score.Score.Round(4).ShouldBe(57.1429m);
        trust.Contributions.Select(c => c.Points.Round(4)).ShouldBe([21.4286m, -14.2857m]);
    }

    [Fact]
    public void Evidence_that_counts_only_from_later_is_left_out()
    {
        var trust = Of((EvidenceKind.PromiseKept, Noon)).At(TrustPolicies.Default, Noon - Microsecond);
        trust.Score.Score.Round(4).ShouldBe(50m);
        trust.Contributions.ShouldBeEmpty();
    }

    [Fact]
    public void Every_kind_of_evidence_has_the_weight_of_the_design()
    {
        (EvidenceKind Kind, double Weight)[] expected =
        [
            (EvidenceKind.PromiseKept, 3), (EvidenceKind.PromiseKeptLate, -1), (EvidenceKind.PromiseLapsed, -4),
            (EvidenceKind.PromiseWithdrawn, -4), (EvidenceKind.PromiseDisputed, -5),
            (EvidenceKind.PromiseRenegotiated, 0.5), (EvidenceKind.FollowUpCompleted, 1),
            (EvidenceKind.FollowUpMissed, -2), (EvidenceKind.ConcernAcknowledged, 1),
            (EvidenceKind.ConcernResolved, 2), (EvidenceKind.ConcernReopened, -2),
            (EvidenceKind.ConcernUnanswered, -2), (EvidenceKind.FeedbackActedUpon, 1.5),
            (EvidenceKind.FeedbackOutcomeTold, 1.5), (EvidenceKind.FeedbackUnanswered, -1.5),
            (EvidenceKind.SatisfactionHigh, 1), (EvidenceKind.SatisfactionLow, -1),
        ];
        expected.Select(e => e.Kind).ShouldBe(Enum.GetValues<EvidenceKind>());
        foreach (var (kind, weight) in expected)
        {
            double favourable = Math.Max(0, weight), all = Math.Abs(weight) + 2;
            decimal expectedScore = (decimal)Math.Round(100 * (favourable + 1) / all, 4);
            Score((kind, Noon)).Score.Round(4).ShouldBe(expectedScore, $"{kind}");
        }
    }

    [Fact]
    public void Evidence_has_the_weight_of_the_policy_of_its_time_and_fades_by_the_last_one()
    {
        var heavier = TrustPolicy.Default with
        {
            HalfLife = TimeSpan.FromDays(90),
            WeightsThousandths = TrustPolicy.Default.WeightsThousandths.SetItem(EvidenceKind.PromiseKept, 7_000),
        };
        var policies = TrustPolicies.Default.With(10, heavier);
        Evidence[] evidence =
        [
            new(EvidenceKind.PromiseKept, Noon.AddDays(-90), EventId(1), 9),
            new(EvidenceKind.PromiseKept, Noon, EventId(2), 11),
        ];
        // 3·½ by the policy of position 9 and 7 by that of position 11: 100·(8.5 + 1)/(8.5 + 2) = 90.476190…
        TrustScore.At(evidence, policies, Noon).Score.Round(4).ShouldBe(90.4762m);
    }

    [Fact]
    public void What_moved_a_score_names_what_came_what_went_and_what_faded()
    {
        var old = new Evidence(EvidenceKind.ConcernResolved, s_halfLifeAgo, EventId(1), 0);
        var gone = new Evidence(EvidenceKind.PromiseLapsed, s_halfLifeAgo, EventId(2), 1);
        var came = new Evidence(EvidenceKind.PromiseKept, Noon, EventId(3), 2);
        // Before: R = 2, S = 4: concern +100·2·½/8 = 12.5, lapse −25; 50 + 12.5 − 25 = 37.5.
        var before = Of(old, gone).At(TrustPolicies.Default, s_halfLifeAgo);
        before.Score.Score.Round(4).ShouldBe(37.5m);
        // After: R = 3 + 1: kept +100·3·½/6 = 25, concern +100·1·½/6 = 8.3333; 83.3333.
        var after = Of(old, came).At(TrustPolicies.Default, Noon);
        after.Score.Score.Round(4).ShouldBe(83.3333m);
        CustomerTrust.Changes(before, after)
            .Select(c => (c.Evidence, c.Before?.Round(4), c.After?.Round(4), c.Moved))
            .ShouldBe(
            [
                (gone, -25m, null, 25m), (came, null, 25m, 25m), (old, 12.5m, 8.3333m, -4.16667m),
            ]);
    }

    [Theory]
    [InlineData(1, 8, 3, "0.125")]
    [InlineData(1, 8, 2, "0.12")] // a half goes to the even digit
    [InlineData(3, 8, 2, "0.38")]
    [InlineData(-1, 8, 2, "-0.12")]
    [InlineData(-2, 3, 4, "-0.6667")]
    [InlineData(0, 7, 4, "0")]
    public void A_fraction_is_rounded_half_to_even(int numerator, int denominator, int digits, string rounded) =>
        new Fraction(numerator, denominator).Round(digits)
            .ShouldBe(decimal.Parse(rounded, System.Globalization.CultureInfo.InvariantCulture));

    private static TrustScore Score(params (EvidenceKind Kind, DateTimeOffset At)[] evidence) =>
        Of(evidence).At(TrustPolicies.Default, Noon).Score;

    private static CustomerTrust Of(params (EvidenceKind Kind, DateTimeOffset At)[] evidence) =>
        Of([.. evidence.Select((e, i) => new Evidence(e.Kind, e.At, EventId(i + 1), i))]);

    private static CustomerTrust Of(params Evidence[] evidence) => new(
        ImmutableSortedDictionary<string, EvidenceSource>.Empty
            .Add("promise/p1", new() { Evidence = [.. evidence] }));
}
