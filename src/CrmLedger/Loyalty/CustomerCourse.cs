using System.Collections.Immutable;
using CrmLedger.Customers;
using CrmLedger.Trust;

namespace CrmLedger.Loyalty;

/// <summary>What became of one customer in several periods that follow one another.</summary>
public static class CustomerCourse
{
    /// <summary>Looks at each period.</summary>
    /// <param name="facts">What is known.</param>
    /// <param name="policies">The weights of trust.</param>
    /// <param name="bounds">Where periods begin and end, UTC, rising: one more than there are periods.</param>
    /// <param name="time">
    /// The time asked about, UTC: a period that has not ended then is told as it stands.
    /// </param>
    public static CustomerPeriod[] Of(
        LoyaltyFacts facts, TrustPolicies policies, ReadOnlySpan<DateTimeOffset> bounds, DateTimeOffset time)
    {
        var periods = new CustomerPeriod[bounds.Length - 1];
        var before = StageAt(facts, policies, bounds[0], time);
        for (int i = 0; i < periods.Length; i++)
        {
            var (from, to) = (bounds[i], bounds[i + 1]);
            var after = StageAt(facts, policies, to, time);
            periods[i] = new(before, after, BuyingHabit.At(facts.Purchases, LastMoment(to, time)).First,
                EndingsIn(facts, from, to), CustomerValue.Of(facts.Purchases, from, to));
            before = after;
        }
        return periods;
    }

    /// <summary>The same of all the periods as one.</summary>
    /// <param name="facts">What is known.</param>
    /// <param name="periods">Each of them, one at least.</param>
    /// <param name="from">Where the first begins, UTC.</param>
    /// <param name="to">Where the last ends, UTC.</param>
    public static CustomerPeriod Whole(
        LoyaltyFacts facts, CustomerPeriod[] periods, DateTimeOffset from, DateTimeOffset to) => new(
            periods[0].Before, periods[^1].After, periods[^1].FirstBought, EndingsIn(facts, from, to),
            CustomerValue.Of(facts.Purchases, from, to));

    /// <summary>
    /// The stage just before a bound, so that what happened at the bound itself belongs to the period that it begins;
    /// null when the customer was not there yet.
    /// </summary>
    public static Stage? StageAt(
        LoyaltyFacts facts, TrustPolicies policies, DateTimeOffset bound, DateTimeOffset time)
    {
        var moment = LastMoment(bound, time);
        var stage = Standing.StageAt(facts, policies, moment);
        return stage == Stage.Prospect && !(facts.Relationship.RegisteredAt <= moment) ? null : stage;
    }

    private static DateTimeOffset LastMoment(DateTimeOffset bound, DateTimeOffset time) =>
        bound > time ? time : bound.Plus(TimeSpan.FromMicroseconds(-1));

    private static ImmutableArray<EndReason> EndingsIn(LoyaltyFacts facts, DateTimeOffset from, DateTimeOffset to)
    {
        ImmutableArray<EndReason> reasons = [];
        foreach (var ending in facts.Relationship.Endings.AsSpan())
        {
            if (ending.At >= from && ending.At < to)
                reasons = reasons.Add(ending.Reason);
        }
        return reasons;
    }
}
