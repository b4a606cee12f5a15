using System.Collections.Immutable;
using CrmLedger.Trust;

namespace CrmLedger.Loyalty;

/// <summary>Where a relationship stands.</summary>
public enum Stage
{
    /// <summary>Nothing was bought, or all of it given back.</summary>
    Prospect,

    /// <summary>The first purchase is less than 90 days ago.</summary>
    New,

    /// <summary>A customer, and neither new nor loyal.</summary>
    Established,

    /// <summary>Bought on three days or more, the first of them a year ago or more.</summary>
    Loyal,

    /// <summary>Loyal, and would recommend us: the last answer was 9 or 10.</summary>
    Advocate,

    /// <summary>A customer of whom there is a reason to fear that they leave.</summary>
    AtRisk,

    /// <summary>No purchase for four times the customer's own gap, or the relationship has ended.</summary>
    Lapsed,
}

/// <summary>Why there is reason to fear that somebody leaves.</summary>
public enum RiskReason
{
    /// <summary>No purchase for twice the customer's own gap.</summary>
    Silence,

    /// <summary>Trust is below 40.</summary>
    LowTrust,

    /// <summary>A critical concern is not put right.</summary>
    CriticalConcern,
}

/// <summary>Where a relationship stands at a time, and what there is to fear.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Risks">
/// What there is to fear, whatever the stage; none of a relationship that has lapsed, which is beyond fear.
/// </param>
public readonly record struct Standing(Stage Stage, ImmutableArray<RiskReason> Risks)
{
    /// <summary>How long a customer is new.</summary>
    public static TimeSpan NewFor { get; } = TimeSpan.FromDays(90);

    /// <summary>Below this trust a relationship is at risk, 0 to 100.</summary>
    public const int LowTrust = 40;

    /// <summary>For how many of the customer's own gaps nothing is bought before that is a risk.</summary>
    public const int RiskGaps = 2;

    /// <summary>For how many of the customer's own gaps nothing is bought before the customer is lost.</summary>
    public const int LapsedGaps = 4;

    private const int LoyalOccasions = 3;

    /// <summary>Whether somebody in the stage is a customer: has bought, and is not lost.</summary>
    public static bool IsCustomer(Stage stage) => stage is not (Stage.Prospect or Stage.Lapsed);

    /// <summary>
    /// The standing at a time. The first that fits decides: ended, prospect, lapsed, at risk, the others.
    /// </summary>
    /// <param name="facts">What is known.</param>
    /// <param name="policies">The weights of trust.</param>
    /// <param name="time">The time, UTC.</param>
    public static Standing At(LoyaltyFacts facts, TrustPolicies policies, DateTimeOffset time)
    {
        if (facts.Relationship.EndedAt(time) is not null)
            return new(Stage.Lapsed, []);
        var habit = BuyingHabit.At(facts.Purchases, time);
        if (habit.IsSilentFor(LapsedGaps, time))
            return new(Stage.Lapsed, []);
        var risks = RisksOf(facts, habit, policies, time);
        var stage = habit.First is null ? Stage.Prospect
            : risks.Length > 0 ? Stage.AtRisk
            : StageOf(facts, habit, time);
        return new(stage, risks);
    }

    /// <summary>The stage at a time alone, which often is known before the risks are.</summary>
    /// <inheritdoc cref="At" path="/param" />
    public static Stage StageAt(LoyaltyFacts facts, TrustPolicies policies, DateTimeOffset time)
    {
        if (facts.Relationship.EndedAt(time) is not null)
            return Stage.Lapsed;
        var habit = BuyingHabit.At(facts.Purchases, time);
        return habit.IsSilentFor(LapsedGaps, time) ? Stage.Lapsed
            : habit.First is null ? Stage.Prospect
            : habit.IsSilentFor(RiskGaps, time) || HasOpenCriticalConcern(facts, time)
                || IsLowAt(facts, policies, time) ? Stage.AtRisk
            : StageOf(facts, habit, time);
    }

    /// <summary>The day a year later; the last day of the calendar where there is none.</summary>
    internal static DateTimeOffset YearAfter(DateTimeOffset first) =>
        first.Year < DateTimeOffset.MaxValue.Year ? first.AddYears(1) : DateTimeOffset.MaxValue;

    /// <summary>The last answer by a time, or null.</summary>
    public static Recommendation? LastRecommendation(LoyaltyFacts facts, DateTimeOffset time)
    {
        Recommendation? last = null;
        foreach (ref readonly var one in facts.Recommendations)
        {
            if (one.At <= time)
                last = one;
        }
        return last;
    }

    private static ImmutableArray<RiskReason> RisksOf(
        LoyaltyFacts facts, BuyingHabit habit, TrustPolicies policies, DateTimeOffset time)
    {
        ImmutableArray<RiskReason> risks = [];
        if (habit.IsSilentFor(RiskGaps, time))
            risks = risks.Add(RiskReason.Silence);
        if (IsLowAt(facts, policies, time))
            risks = risks.Add(RiskReason.LowTrust);
        if (HasOpenCriticalConcern(facts, time))
            risks = risks.Add(RiskReason.CriticalConcern);
        return risks;
    }

    /// <summary>The stage of a customer of whom there is nothing to fear.</summary>
    private static Stage StageOf(LoyaltyFacts facts, BuyingHabit habit, DateTimeOffset time) =>
        habit.First + NewFor > time ? Stage.New
        : habit.Occasions < LoyalOccasions || YearAfter(habit.First!.Value) > time ? Stage.Established
        : LastRecommendation(facts, time) is { Promotes: true } ? Stage.Advocate
        : Stage.Loyal;

    private static bool HasOpenCriticalConcern(LoyaltyFacts facts, DateTimeOffset time)
    {
        foreach (var concern in facts.CriticalConcerns)
        {
            if (concern.IsOpenAt(time))
                return true;
        }
        return false;
    }

    /// <summary>
    /// Whether trust is low. Without anything that speaks against us it is not below where it starts, and need not be
    /// reckoned.
    /// </summary>
    private static bool IsLowAt(LoyaltyFacts facts, TrustPolicies policies, DateTimeOffset time)
    {
        bool isAdverse = policies.Current.StartThousandths < 10 * LowTrust;
        foreach (ref readonly var one in facts.Evidence)
            isAdverse |= !Evidence.Speaks(one.Kind) && one.At <= time;
        return isAdverse && IsLow(facts.TrustAt(policies, time));
    }

    /// <summary>Whether the trust is so low that the relationship is at risk; exact.</summary>
    internal static bool IsLow(TrustScore trust) => trust.Score < new Fraction(LowTrust, 1);

    /// <inheritdoc />
    public bool Equals(Standing other) => Stage == other.Stage && Risks.SequenceEqual(other.Risks);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Stage, Risks.Length);
}
