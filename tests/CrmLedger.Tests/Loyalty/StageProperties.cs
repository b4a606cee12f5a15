using CrmLedger.Loyalty;
using CrmLedger.Tests.Customers;
using CrmLedger.Trust;

namespace CrmLedger.Tests.Loyalty;

/// <summary>What holds for the stages of every history.</summary>
public class StageProperties
{
    [Fact]
    public void Every_stage_lasts_from_where_the_history_says_to_where_it_says()
    {
        var seen = new HashSet<Stage>();
        var risks = new HashSet<RiskReason>();
        RandomHistories.ForAll(1_000, (stream, random) =>
        {
            var end = stream[^1].Moment.RecordedAt.AddDays(random.Next(800));
            var timeline = LoyaltyTimeline.Fold(stream, TrustPolicies.Default, end, WhatCounts.Everything);
            var spells = timeline.Stages;
            spells.Select(s => s.From).ShouldBeInOrder();
            for (int i = 0; i < spells.Length; i++)
            {
                var from = spells[i].From;
                var to = i + 1 < spells.Length ? spells[i + 1].From.AddTicks(-10) : end;
                foreach (var time in new[] { from, to, from + (to - from) * random.NextDouble() })
                {
                    Standing.At(timeline.Facts, TrustPolicies.Default, time)
                        .ShouldBe(spells[i].Standing, $"at {time:O}, in {from:O} to {to:O}");
                }
                seen.Add(spells[i].Standing.Stage);
                risks.UnionWith(spells[i].Standing.Risks);
            }
        });
        new[] { Stage.Prospect, Stage.New, Stage.Established, Stage.AtRisk, Stage.Lapsed }.ShouldBeSubsetOf(seen);
        risks.ShouldBe(Enum.GetValues<RiskReason>(), ignoreOrder: true);
    }
}
