using System.Globalization;
using CrmLedger.Loyalty;
using CrmLedger.Server.Views;
using CrmLedger.Trust;

namespace CrmLedger.Server.Loyalty;

/// <summary>A customer's loyalty timeline.</summary>
/// <param name="CustomerId">The customer.</param>
/// <param name="Customer">Who that is.</param>
/// <param name="AsOf">The time of knowledge asked about, UTC.</param>
/// <param name="Until">Until when what happened counts, UTC; left out for asOf.</param>
/// <param name="Annulled">What was made of annulled entries.</param>
/// <param name="Position">The last position that the answer reflects.</param>
/// <param name="Provisional">Whether later events could still be recorded at or before that time.</param>
/// <param name="Stage">The stage; left out when nothing of the relationship lies by that time.</param>
/// <param name="Since">Since when, UTC.</param>
/// <param name="Risks">What there is to fear.</param>
/// <param name="Buying">How the customer buys.</param>
/// <param name="Trust">The trust of that time, 0 to 100, to four digits.</param>
/// <param name="LastRecommendation">The last answer to whether the customer would recommend us, 0 to 10.</param>
/// <param name="Value">What was bought to date, by currency; amounts are never added across currencies.</param>
/// <param name="Stages">Every stage, the first one first.</param>
/// <param name="Milestones">Every milestone, the first one first.</param>
/// <param name="Notice">What the reader should know, such as why nothing is found.</param>
public sealed record LoyaltyAnswer(
    Guid CustomerId, Named? Customer, DateTimeOffset AsOf, DateTimeOffset? Until, AnnulledEntries Annulled,
    long Position, bool Provisional,
    Stage? Stage, DateTimeOffset? Since, IReadOnlyList<Risk> Risks, Buying Buying, decimal Trust,
    int? LastRecommendation, IReadOnlyList<CustomerValue> Value, IReadOnlyList<StageTurn> Stages,
    IReadOnlyList<ShownMilestone> Milestones, string? Notice);

/// <summary>Why there is reason to fear that a customer leaves.</summary>
/// <param name="Reason">The reason.</param>
/// <param name="Explanation">The same for people to read.</param>
public sealed record Risk(RiskReason Reason, string Explanation)
{
    /// <summary>The risks of a time, explained.</summary>
    public static IReadOnlyList<Risk> Of(
        Standing standing, LoyaltyFacts facts, TrustPolicies policies, DateTimeOffset time)
    {
        var risks = new List<Risk>();
        foreach (var reason in standing.Risks)
        {
            string explanation = reason switch
            {
                RiskReason.Silence => Silence(BuyingHabit.At(facts.Purchases, time), time),
                RiskReason.LowTrust => $"Trust is {Digits(facts.TrustAt(policies, time).Score.Round(1))}, below "
                    + $"{Standing.LowTrust}.",
                _ => Concerns(facts, time),
            };
            risks.Add(new(reason, explanation));
        }
        return risks;
    }

    private static string Silence(BuyingHabit habit, DateTimeOffset time) =>
        $"No purchase for {Days(time - habit.Last!.Value)}; "
        + (habit.MedianGap is { } gap ? $"usually one every {Days(gap)}." : "only one so far.");

    private static string Concerns(LoyaltyFacts facts, DateTimeOffset time)
    {
        var open = new List<string>();
        foreach (var concern in facts.CriticalConcerns)
        {
            if (concern.IsOpenAt(time))
                open.Add($"{concern.ConcernId} (raised {Days(time - concern.RaisedAt)} ago)");
        }
        return $"Critical and not put right: {string.Join(", ", open.Order(StringComparer.Ordinal))}.";
    }

    private static string Days(TimeSpan time) =>
        time.TotalDays is >= 1 and < 2 ? "1 day" : $"{Digits((decimal)Math.Floor(time.TotalDays * 10) / 10)} days";

    private static string Digits(decimal number) => number.ToString("0.#", CultureInfo.InvariantCulture);
}

/// <summary>How a customer buys. What was bought on one day, UTC, is one occasion.</summary>
/// <param name="Occasions">On how many days something was bought that was not all given back.</param>
/// <param name="First">The first purchase, UTC.</param>
/// <param name="Last">The last purchase, UTC.</param>
/// <param name="MedianGapDays">The median of the days between occasions; left out below two of them.</param>
/// <param name="AtRiskFrom">From when on silence is a risk, UTC.</param>
/// <param name="LapsedFrom">From when on silence means that the customer is lost, UTC.</param>
public sealed record Buying(
    int Occasions, DateTimeOffset? First, DateTimeOffset? Last, double? MedianGapDays, DateTimeOffset? AtRiskFrom,
    DateTimeOffset? LapsedFrom)
{
    /// <summary>The same of a habit.</summary>
    public static Buying Of(BuyingHabit habit) => new(habit.Occasions, habit.First, habit.Last,
        habit.MedianGap?.TotalDays, habit.SilentFrom(Standing.RiskGaps), habit.SilentFrom(Standing.LapsedGaps));
}

/// <summary>A stage with its beginning.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="From">Since when, UTC.</param>
/// <param name="Risks">What there was to fear.</param>
public sealed record StageTurn(Stage Stage, DateTimeOffset From, IReadOnlyList<RiskReason> Risks);

/// <summary>A milestone.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="At">When, UTC.</param>
/// <param name="Text">The same for people to read.</param>
/// <param name="EventId">The event that it is; left out when it came by time passing.</param>
/// <param name="Position">That event's position.</param>
public sealed record ShownMilestone(MilestoneKind Kind, DateTimeOffset At, string Text, Guid? EventId, long? Position)
{
    /// <summary>The same of a milestone.</summary>
    public static ShownMilestone Of(Milestone milestone) => new(milestone.Kind, milestone.At,
        milestone.Kind switch
        {
            MilestoneKind.FirstContact => "First contact.",
            MilestoneKind.FirstPurchase => "First purchase.",
            MilestoneKind.RepeatPurchase => $"Purchase number {milestone.Number}.",
            MilestoneKind.KeptAfterDispute => $"Promise {milestone.Thing} was kept after a dispute.",
            MilestoneKind.KeptAfterCriticalConcern => $"Promise {milestone.Thing} was kept after a critical concern.",
            MilestoneKind.BecamePromoter => $"Became a promoter: {milestone.Number} of 10.",
            MilestoneKind.BecameDetractor => $"Became a detractor: {milestone.Number} of 10.",
            MilestoneKind.AtRisk => "Came to be at risk.",
            MilestoneKind.Lapsed => "Was lost.",
            MilestoneKind.WonBack => "Was won back.",
            _ => milestone.Number == 1 ? "A customer for a year." : $"A customer for {milestone.Number} years.",
        },
        milestone.EventId, milestone.Position);
}
