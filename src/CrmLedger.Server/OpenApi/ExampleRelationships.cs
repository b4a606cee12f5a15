using System.Collections.Immutable;
using CrmLedger.Commitments;
using CrmLedger.Customers;
using CrmLedger.Feedback;
using CrmLedger.Loyalty;
using CrmLedger.Responsiveness;
using CrmLedger.Satisfaction;
using CrmLedger.Server.Loyalty;
using CrmLedger.Server.Responsiveness;
using CrmLedger.Server.Satisfaction;
using static CrmLedger.AnnulledEntries;

namespace CrmLedger.Server.OpenApi;

/// <summary>Examples of what is answered about relationships.</summary>
internal static class ExampleRelationships
{
    private const long Position = 48_218;
    private static readonly DateTimeOffset s_january = new(2027, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset s_last = ExampleLedger.Now.AddDays(-63);
    private static readonly CustomerValue s_value = new("EUR", 4, 129_600, 9_900, 38_000, 4);

    private static readonly Risk s_silence =
        new(RiskReason.Silence, "No purchase for 63 days; usually one every 28 days.");

    /// <summary>The example of an answer's type, or null when it is none of these.</summary>
    public static object? Make(Type answer) => answer.Name switch
    {
        nameof(LoyaltyAnswer) => Loyalty(),
        nameof(LoyaltyCountAnswer) => LoyaltyCount(),
        nameof(LoyaltyCustomersPage) => LoyaltyCustomers(),
        nameof(SatisfactionAnswer) => Satisfaction(),
        nameof(FeedbackPage) => Feedback(),
        nameof(ResponsivenessAnswer) => Responsiveness(),
        _ => null,
    };

    /// <summary>A customer's timeline.</summary>
    private static LoyaltyAnswer Loyalty() => new(ExampleLedger.Anna, ExampleLedger.NamedAnna, ExampleLedger.Now, null,
        LeftOut, Position, true, Stage.AtRisk, s_last.AddDays(56), [s_silence],
        new(4, s_last.AddDays(-84), s_last, 28, s_last.AddDays(56), s_last.AddDays(112)), 57.1429m, 9, [s_value],
        [
            new(Stage.Prospect, s_last.AddDays(-90), []), new(Stage.New, s_last.AddDays(-84), []),
            new(Stage.Established, s_last.AddDays(6), []),
            new(Stage.AtRisk, s_last.AddDays(56), [RiskReason.Silence]),
        ],
        [
            ShownMilestone.Of(new(MilestoneKind.FirstPurchase, s_last.AddDays(-84), ExampleLedger.Event, 41_007, 1)),
            ShownMilestone.Of(new(MilestoneKind.AtRisk, s_last.AddDays(56))),
        ],
        null);

    /// <summary>Whether customers stay.</summary>
    private static LoyaltyCountAnswer LoyaltyCount()
    {
        var count = new LoyaltyCount
        {
            Start = 80,
            Retained = 76,
            Lost = 4,
            New = 9,
            WonBack = 1,
            End = 86,
            Retention = new Share(76, 80),
            Stages = Enum.GetValues<Stage>().ToImmutableSortedDictionary(s => s, s => s switch
            {
                Stage.Prospect => 31L,
                Stage.New => 20,
                Stage.Established => 40,
                Stage.Loyal => 16,
                Stage.Advocate => 4,
                Stage.AtRisk => 6,
                _ => 12,
            }),
            Movements = [new(null, Stage.Prospect, 5), new(Stage.Prospect, Stage.New, 9)],
            ReasonsForLeaving = new Dictionary<EndReason, long> { [EndReason.Price] = 2 }.ToImmutableSortedDictionary(),
            Value = new Dictionary<string, CustomerValue> { ["EUR"] = s_value }.ToImmutableSortedDictionary(),
        };
        return new(ExampleLedger.Now, null, LeftOut, Position, true, s_january, s_january.AddMonths(1), "month", null,
            [new(null, count, [new("2027-01", s_january, s_january.AddMonths(1), count)])], null);
    }

    /// <summary>Customers at risk.</summary>
    private static LoyaltyCustomersPage LoyaltyCustomers() => new(ExampleLedger.Now, null, LeftOut, Position, true, 1,
        [
            new(ExampleLedger.Anna, ExampleLedger.NamedAnna, "retail", Stage.AtRisk, s_last.AddDays(56), null,
                [s_silence], 57.1429m, 4, s_last, [s_value], $"/v1/customers/{ExampleLedger.Anna:D}/loyalty"),
        ],
        null, null);

    /// <summary>How satisfied customers are.</summary>
    private static SatisfactionAnswer Satisfaction()
    {
        var numbers = new SatisfactionResult
        {
            Received = 120,
            Csat = new Share(48, 60),
            Nps = new(24, 10, 6),
            CesN = 12,
            CesMean = 5.5,
            Responded = new Share(90, 150),
            MedianResponseSeconds = 86_400,
            ActedUpon = new Share(36, 120),
            MedianActedUponSeconds = 432_000,
            ClosedLoop = new Share(30, 120),
            MedianClosedLoopSeconds = 604_800,
            Waiting = 40,
            Overdue = 7,
        };
        return new(ExampleLedger.Now, null, LeftOut, Position, true, s_january, s_january.AddMonths(3), "topic",
            "month",
            [
                new(null, null, numbers, [new("2027-01", s_january, numbers)]),
                new("delivery", "delivery", numbers, [new("2027-01", s_january, numbers)]),
            ],
            null);
    }

    /// <summary>Feedback that waits.</summary>
    private static FeedbackPage Feedback() => new(ExampleLedger.Now, null, LeftOut, Position, true, 1,
        [
            new(ExampleLedger.Anna, ExampleLedger.NamedAnna, "survey-17", FeedbackKind.Csat, 2, ["delivery"],
                ExampleLedger.Erik, ExampleLedger.NamedErik, "support", ExampleLedger.Now.AddDays(-41),
                ExampleLedger.Now.AddDays(-40), null, null, ExampleLedger.Now.AddDays(-10), true, true,
                $"/v1/customers/{ExampleLedger.Anna:D}/history"),
        ],
        null, null);

    /// <summary>How quickly customers are helped.</summary>
    private static ResponsivenessAnswer Responsiveness() => new(
        ExampleLedger.Now, null, LeftOut, Position, true, s_january,
        s_january.AddMonths(3), "severity", null,
        [
            new(null, null, Answered(40), null), new("critical", "critical", Answered(8), null),
        ],
        null);

    private static ResponsivenessResult Answered(long raised) => new()
    {
        Raised = raised,
        AnsweredInTime = new Share(raised - 2, raised),
        Unanswered = 0,
        FirstResponse = new(raised, 1_800, 5_400, 14_400, 43_200, 172_800),
        Resolved = new Share(raised - 4, raised),
        Resolution = new(raised - 4, 86_400, 172_800, 432_000, 604_800, 1_209_600),
        Reopened = new Share(1, raised - 4),
    };
}
