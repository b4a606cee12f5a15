using CrmLedger.Annulments;
using CrmLedger.EventStore.Views;
using CrmLedger.Relationships;
using CrmLedger.Tests.Customers;
using CrmLedger.Trust;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests.Trust;

/// <summary>
/// What holds for every history. A failure prints the commands and the seed; give the seed to <c>Config.WithReplay</c>
/// to see it again.
/// </summary>
public class TrustProperties
{
    private static readonly RelationshipsView s_view = new();

    [Fact]
    public void The_points_of_all_events_and_the_start_sum_to_the_score_exactly() => ForAll((stream, random) =>
    {
        var time = stream[^1].Moment.RecordedAt.AddHours(random.Next(10_000));
        var trust = CustomerTrust.Fold(stream, WhatCounts.Everything).At(TrustPolicies.Default, time);
        var sum = trust.Contributions.Aggregate(trust.Score.Start.Numerator, (so, c) => so + c.Points.Numerator);
        sum.ShouldBe(trust.Score.Score.Numerator);
        trust.Contributions.ShouldAllBe(c => c.Points.Denominator == trust.Score.Score.Denominator);
        trust.Score.Score.Round(4).ShouldBeInRange(0, 100);
        trust.Score.AtLeast.ShouldBeLessThanOrEqualTo(trust.Score.Score);
        trust.Score.AtMost.ShouldBeGreaterThanOrEqualTo(trust.Score.Score);
    });

    [Fact]
    public void The_order_of_the_evidence_changes_nothing() => ForAll((stream, random) =>
    {
        var time = stream[^1].Moment.RecordedAt.AddHours(random.Next(10_000));
        Evidence[] evidence =
            [.. CustomerTrust.Fold(stream, WhatCounts.Everything).Sources.Values.SelectMany(s => s.Evidence)];
        var score = TrustScore.At(evidence, TrustPolicies.Default, time);
        random.Shuffle(evidence);
        TrustScore.At(evidence, TrustPolicies.Default, time).ShouldBe(score);
    });

    [Fact]
    public void Annulling_an_event_gives_exactly_the_trust_without_it() => ForAll((stream, random) =>
    {
        var annulled = stream[random.Next(1, stream.Count)];
        if (annulled.Data is EntryAnnulled)
            return;
        var annulment = Entry(new EntryAnnulled(annulled.Id, "a slip"), stream[^1].Moment, stream.Count + 1);
        Written(CustomerTrust.Fold([.. stream, annulment], WhatCounts.Everything))
            .ShouldBe(Written(CustomerTrust.Fold(stream.FindAll(e => e != annulled), WhatCounts.Everything)));
    });

    [Fact]
    public void Random_histories_give_every_kind_of_evidence()
    {
        var seen = new HashSet<EvidenceKind>();
        ForAll((stream, _) =>
            seen.UnionWith(CustomerTrust.Fold(stream, WhatCounts.Everything).Sources.Values
                .SelectMany(s => s.Evidence).Select(e => e.Kind)));
        seen.ShouldBe(Enum.GetValues<EvidenceKind>(), ignoreOrder: true);
    }

    private static string Written(CustomerTrust trust) => string.Join('\n', trust.Sources.Select(s =>
        $"{s.Key} {Convert.ToBase64String(s_view.Write(new RelationshipPart(s.Value)))}"));

    private static void ForAll(Action<List<Envelope>, Random> check) => RandomHistories.ForAll(10_000, check);
}
