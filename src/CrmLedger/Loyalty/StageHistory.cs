using System.Collections.Immutable;
using CrmLedger.Trust;

namespace CrmLedger.Loyalty;

/// <summary>A stage, and what there was to fear, for as long as neither changed.</summary>
/// <param name="From">Since when, UTC.</param>
/// <param name="Standing">The stage and the risks.</param>
public sealed record StageSpell(DateTimeOffset From, Standing Standing);

/// <summary>
/// Every stage of a relationship. Stages change when something happens and when time passes: a customer is new for 90
/// days, silence grows, and distrust fades. Each change is found to the microsecond.
/// </summary>
public static class StageHistory
{
    /// <summary>The stages from the beginning up to a time.</summary>
    /// <param name="facts">What is known.</param>
    /// <param name="policies">The weights of trust.</param>
    /// <param name="until">The time, UTC.</param>
    /// <returns>One spell at least, unless nothing of the relationship lies by then.</returns>
    public static ImmutableArray<StageSpell> Of(LoyaltyFacts facts, TrustPolicies policies, DateTimeOffset until)
    {
        var spells = ImmutableArray.CreateBuilder<StageSpell>();
        foreach (var time in TurnsOf(facts, policies, until))
        {
            var standing = Standing.At(facts, policies, time);
            if (spells.Count == 0 || spells[^1].Standing != standing)
                spells.Add(new(time, standing));
        }
        return spells.ToImmutable();
    }

    /// <summary>Since when the stage is what it is, whatever there was to fear meanwhile.</summary>
    /// <param name="spells">The history; one at least.</param>
    public static DateTimeOffset Since(ImmutableArray<StageSpell> spells)
    {
        int at = spells.Length - 1;
        while (at > 0 && spells[at - 1].Standing.Stage == spells[at].Standing.Stage)
            at--;
        return spells[at].From;
    }

    /// <summary>Every time at which the standing may change, rising.</summary>
    private static SortedSet<DateTimeOffset> TurnsOf(
        LoyaltyFacts facts, TrustPolicies policies, DateTimeOffset until)
    {
        var turns = new SortedSet<DateTimeOffset>();
        AddHappenings(turns, facts);
        var changesOfHabit = new SortedSet<DateTimeOffset>();
        foreach (var purchase in facts.Purchases)
        {
            changesOfHabit.Add(purchase.BoughtAt);
            if (purchase.FullyReturnedAt is { } returned)
                changesOfHabit.Add(returned);
        }
        foreach (var change in changesOfHabit)
        {
            var habit = BuyingHabit.At(facts.Purchases, change);
            if (habit.First is not { } first)
                continue;
            turns.Add(first + Standing.NewFor);
            turns.Add(Standing.YearAfter(first));
            if (habit.SilentFrom(Standing.RiskGaps) is { } risk)
                turns.Add(risk);
            if (habit.SilentFrom(Standing.LapsedGaps) is { } lapsed)
                turns.Add(lapsed);
        }
        turns.RemoveWhere(t => t > until);
        AddTurnsOfTrust(turns, facts, policies, until);
        return turns;
    }

    private static void AddHappenings(SortedSet<DateTimeOffset> turns, LoyaltyFacts facts)
    {
        void Add(DateTimeOffset? time)
        {
            if (time is { } there)
                turns.Add(there);
        }
        Add(facts.Relationship.RegisteredAt);
        foreach (var ending in facts.Relationship.Endings)
        {
            Add(ending.At);
            Add(ending.RenewedAt);
        }
        foreach (var purchase in facts.Purchases)
        {
            Add(purchase.BoughtAt);
            Add(purchase.FullyReturnedAt);
        }
        foreach (var one in facts.Recommendations)
            Add(one.At);
        foreach (var one in facts.Evidence)
            Add(one.At);
        foreach (var concern in facts.CriticalConcerns)
        {
            Add(concern.RaisedAt);
            foreach (var resolution in concern.Resolutions)
            {
                Add(resolution.At);
                Add(resolution.ReopenedAt);
            }
        }
    }

    /// <summary>
    /// Between two happenings all evidence fades alike and the score moves one way, towards where it starts: so it
    /// passes the line at most once, and where is found by halving.
    /// </summary>
    private static void AddTurnsOfTrust(
        SortedSet<DateTimeOffset> turns, LoyaltyFacts facts, TrustPolicies policies, DateTimeOffset until)
    {
        if (facts.Evidence.IsEmpty)
            return;
        bool IsLowAt(DateTimeOffset time) => Standing.IsLow(facts.TrustAt(policies, time));
        DateTimeOffset[] happenings = [.. turns, until.Plus(TimeSpan.FromMicroseconds(1))];
        for (int i = 0; i + 1 < happenings.Length; i++)
        {
            var low = happenings[i];
            var high = happenings[i + 1].Plus(TimeSpan.FromMicroseconds(-1));
            bool before = IsLowAt(low);
            if (high <= low || IsLowAt(high) == before)
                continue;
            while (high - low > TimeSpan.FromMicroseconds(1))
            {
                var middle = LedgerJson.ToMicroseconds(low + (high - low) / 2);
                if (IsLowAt(middle) == before)
                    low = middle;
                else
                    high = middle;
            }
            turns.Add(high);
        }
    }
}
