using System.Collections.Immutable;
using CrmLedger.Concerns;
using CrmLedger.Feedback;
using CrmLedger.Promises;
using CrmLedger.Purchases;
using CrmLedger.Relationships;
using CrmLedger.Touchpoints;
using CrmLedger.Trust;

namespace CrmLedger.Loyalty;

/// <summary>A customer's relationship from its beginning to a time.</summary>
/// <param name="Time">The time, UTC.</param>
/// <param name="Facts">What it rests on.</param>
/// <param name="Stages">Every stage; empty when nothing of the relationship lies by that time.</param>
/// <param name="Milestones">In the order of their times.</param>
public sealed record LoyaltyTimeline(
    DateTimeOffset Time, LoyaltyFacts Facts, ImmutableArray<StageSpell> Stages, ImmutableArray<Milestone> Milestones)
{
    /// <summary>Folds a stream's events, in order.</summary>
    /// <param name="stream">What is known of the stream.</param>
    /// <param name="policies">The weights of trust.</param>
    /// <param name="time">The time, UTC.</param>
    /// <param name="counts">What of what is known counts.</param>
    public static LoyaltyTimeline Fold(
        IReadOnlyList<Envelope> stream, TrustPolicies policies, DateTimeOffset time, WhatCounts counts)
    {
        List<Envelope> standing = [.. counts.Of(stream)];
        var parts = new Dictionary<string, RelationshipPart>(StringComparer.Ordinal);
        var happenings = new List<Milestone>();
        foreach (var entry in standing)
        {
            if (RelationshipPart.KeyOf(entry.Data) is not { } key)
                continue;
            var before = parts.GetValueOrDefault(key);
            if (RelationshipPart.Evolve(before, entry) is not { } after || after == before)
                continue;
            parts[key] = after;
            if (MilestoneOf(parts, standing, after, entry) is { } happening)
                happenings.Add(happening);
        }
        var facts = new LoyaltyFacts();
        foreach (var part in parts.Values)
            facts.Add(part);
        facts.Complete();
        var stages = StageHistory.Of(facts, policies, time);
        var milestones = happenings.Concat(FirstContactOf(standing)).Concat(OfPurchases(standing, facts))
            .Concat(OfRecommendations(standing)).Concat(OfStages(stages)).Concat(Anniversaries(facts, time));
        return new(time, facts, stages,
            [.. milestones.Where(m => m.At <= time).OrderBy(m => m.At).ThenBy(m => m.Position).ThenBy(m => m.Kind)]);
    }

    /// <summary>A promise that was kept although much spoke against it.</summary>
    private static Milestone? MilestoneOf(
        Dictionary<string, RelationshipPart> parts, List<Envelope> standing, RelationshipPart after, Envelope entry)
    {
        if (entry.Data is not PromiseDeclaredKept || after.Source?.Promise is not { } promise)
            return null;
        MilestoneKind? kind = promise.EverDisputed ? MilestoneKind.KeptAfterDispute
            : AnswersCriticalConcern(parts, standing, promise.PromiseId) ? MilestoneKind.KeptAfterCriticalConcern
            : null;
        return kind is { } which
            ? new(which, entry.Moment.Effective, entry.Id, entry.Position, Thing: promise.PromiseId)
            : null;
    }

    private static bool AnswersCriticalConcern(
        Dictionary<string, RelationshipPart> parts, List<Envelope> standing, string promiseId) =>
        standing.Select(e => e.Data).OfType<PromiseMade>().FirstOrDefault(m => m.PromiseId == promiseId)?.ConcernId
            is { } concern
        && parts.GetValueOrDefault($"concern/{concern}")?.Source?.Concern?.Severity == ConcernSeverity.Critical;

    private static IEnumerable<Milestone> FirstContactOf(List<Envelope> standing) =>
        standing.Where(e => e.Data is TouchpointRecorded).OrderBy(e => e.Moment.OccurredAt).Take(1)
            .Select(e => new Milestone(MilestoneKind.FirstContact, e.Moment.OccurredAt, e.Id, e.Position));

    private static List<Milestone> OfPurchases(List<Envelope> standing, LoyaltyFacts facts)
    {
        var entries = new Dictionary<string, Envelope>(StringComparer.Ordinal);
        foreach (var entry in standing)
        {
            if (entry.Data is PurchaseRecorded bought)
                entries.TryAdd(bought.PurchaseId, entry);
        }
        var milestones = new List<Milestone>();
        for (int i = 0; i < facts.Purchases.Length; i++)
        {
            var entry = entries[facts.Purchases[i].PurchaseId];
            if (i == 0 || IsWorthTelling(i + 1))
            {
                milestones.Add(new(i == 0 ? MilestoneKind.FirstPurchase : MilestoneKind.RepeatPurchase,
                    facts.Purchases[i].BoughtAt, entry.Id, entry.Position, i + 1));
            }
        }
        return milestones;
    }

    /// <summary>2, 3, 5, 10, 25, 50, 100, 250, …</summary>
    private static bool IsWorthTelling(int number)
    {
        if (number is 2 or 3 or 5)
            return true;
        while (number % 10 == 0 && number > 0)
            number /= 10;
        return number is 1 or 5 or 25;
    }

    private static IEnumerable<Milestone> OfRecommendations(List<Envelope> standing)
    {
        var given = standing.Where(e => e.Data is FeedbackReceived { Kind: FeedbackKind.Nps, Score: not null })
            .Select(e => (Entry: e, Score: new Recommendation(
                e.Moment.Effective, ((FeedbackReceived)e.Data).Score!.Value)))
            .OrderBy(g => g.Score.At).ThenBy(g => g.Score.Score);
        Recommendation? before = null;
        foreach (var (entry, score) in given)
        {
            if (score.Promotes && before is not { Promotes: true })
                yield return Of(MilestoneKind.BecamePromoter, entry, score);
            if (score.Detracts && before is not { Detracts: true })
                yield return Of(MilestoneKind.BecameDetractor, entry, score);
            before = score;
        }

        static Milestone Of(MilestoneKind kind, Envelope entry, Recommendation score) =>
            new(kind, score.At, entry.Id, entry.Position, score.Score);
    }

    private static IEnumerable<Milestone> OfStages(ImmutableArray<StageSpell> stages)
    {
        for (int i = 1; i < stages.Length; i++)
        {
            var (before, after) = (stages[i - 1].Standing.Stage, stages[i].Standing.Stage);
            if (before == after)
                continue;
            if (after == Stage.AtRisk)
                yield return new(MilestoneKind.AtRisk, stages[i].From);
            if (after == Stage.Lapsed)
                yield return new(MilestoneKind.Lapsed, stages[i].From);
            if (before == Stage.Lapsed && Standing.IsCustomer(after))
                yield return new(MilestoneKind.WonBack, stages[i].From);
        }
    }

    private static IEnumerable<Milestone> Anniversaries(LoyaltyFacts facts, DateTimeOffset time)
    {
        if (BuyingHabit.At(facts.Purchases, time).First is not { } first)
            yield break;
        for (int years = 1; first.Year + years <= time.Year; years++)
            yield return new(MilestoneKind.Anniversary, first.AddYears(years), Number: years);
    }
}
