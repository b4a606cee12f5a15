using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using CrmLedger.Commitments;
using CrmLedger.Concerns;
using CrmLedger.EventStore.Projections;
using CrmLedger.EventStore.Tenants;
using CrmLedger.FollowUps;
using CrmLedger.Promises;
using CrmLedger.Server.Commitments;
using CrmLedger.Server.Customers;
using CrmLedger.Server.Events;
using CrmLedger.Server.Imports;
using CrmLedger.Server.Loyalty;
using CrmLedger.Server.Members;
using CrmLedger.Server.Policies;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Responsiveness;
using CrmLedger.Server.Satisfaction;
using CrmLedger.Server.Touchpoints;
using CrmLedger.Server.Trust;
using CrmLedger.Server.Views;
using CrmLedger.Touchpoints;
using CrmLedger.Trust;
using static CrmLedger.AnnulledEntries;

namespace CrmLedger.Server.OpenApi;

/// <summary>
/// A realistic answer of every kind, made as the server makes it: from the record, by the options that write it. So no
/// example can name a field that is not there.
/// </summary>
internal static class ExampleAnswers
{
    /// <summary>The example of an answer's type, or null when somebody forgot to write one (a test finds it).</summary>
    public static JsonNode? Of(Type answer)
    {
        object? example = Make(answer);
        var options = AnswerSchemas.WritesNulls(answer) ? Answers.WithNulls : LedgerJson.Options;
        return example is null ? null : JsonSerializer.SerializeToNode(example, answer, options);
    }

    /// <summary>An answer's example as a table.</summary>
    public static JsonNode Table(Type answer) => JsonValue.Create(Make(answer) switch
    {
        KeptRateAnswer rate => KeptRateCsv.Write(rate),
        KeptRateRanking ranking => KeptRateRankingEndpoint.Table(ranking),
        KeptRateChangeAnswer change => KeptRateChangeEndpoint.Table(change),
        KeptRatePage page => KeptRatePromisesEndpoint.Table(page),
        OpenCommitmentsPage page => OpenCommitmentsEndpoint.Table(page),
        DueAnswer due => DueEndpoint.Table(due),
        TrustRanking ranking => TrustRankingEndpoint.Table(ranking),
        LoyaltyCountAnswer count => LoyaltyCountEndpoint.Table(count),
        LoyaltyCustomersPage customers => LoyaltyCustomersEndpoint.Table(customers),
        SatisfactionAnswer satisfaction => SatisfactionEndpoint.Table(satisfaction),
        FeedbackPage feedback => FeedbackEndpoint.Table(feedback),
        ResponsivenessAnswer responsiveness => ResponsivenessEndpoint.Table(responsiveness),
        QuietCustomers quiet => QuietEndpoint.Table(quiet),
        PracticesAnswer practices => PracticesCsv.Write(practices),
        MembersPage members => MembersEndpoint.Table(members),
        ReadingsPage readings => ReadingsPage.Table(readings),
        _ => throw new UnreachableException($"Nobody wrote a table of {answer.Name}."),
    })!;

    /// <summary>The answer to an atomic batch of which nothing was recorded.</summary>
    public static JsonNode? Refused()
    {
        BulkItem[] items =
        [
            new(0, "INC-1042-made", "rejected", null, LedgerProblems.Body(new(ProblemCodes.AtomicRejected,
                "Another event of the batch was rejected, so this one was not recorded."))),
            new(1, "INC-1043-made", "rejected", null,
                LedgerProblems.Body(Problem.Invalid(new FieldError("/data/dueAt", "is missing.")))),
        ];
        return JsonSerializer.SerializeToNode(RefusedBatch.Of(items, items), LedgerJson.Options);
    }

    private static object? Make(Type answer) => answer.Name switch
    {
        nameof(HistoryPage) => new HistoryPage(ExampleLedger.Anna, 7, ExampleLedger.Now, ExampleLedger.Position, true,
            ExampleLedger.NamedAnna,
            new Dictionary<string, Named>(StringComparer.Ordinal)
            {
                [ExampleLedger.Erik.ToString("D")] = ExampleLedger.NamedErik,
            },
            [ExampleLedger.PromiseMade()], null),
        nameof(PromisePage) => new PromisePage(ExampleLedger.Anna, ExampleLedger.Now, null,
            ExampleLedger.Position, true, PromiseStatus.Made, Promise(), [ExampleLedger.PromiseMade()], []),
        nameof(CustomerCommitments) => Standing(),
        nameof(OpenCommitmentsPage) => OpenCommitments(),
        nameof(KeptRateAnswer) => KeptRate(),
        nameof(KeptRateChangeAnswer) => new KeptRateChangeAnswer(ExampleLedger.Now, null, LeftOut, 48_218, true,
            ExampleLedger.Now.AddMonths(-2), ExampleLedger.Now.AddMonths(-1), ExampleLedger.Now, "team",
            "Strict rates, compared by the pooled two-proportion z test, two-sided.", Change(null),
            [Change("support")]),
        nameof(KeptRateRanking) => new KeptRateRanking(ExampleLedger.Now, null, LeftOut, 48_218, true, null, null,
            "maker", "highest", 10, new Share(104, 150), 1, 3,
            [
                new(1, ExampleLedger.Erik.ToString("D"), "Erik Berg", 40, new Share(38, 40), new Share(39, 40),
                    0.693333, ShareStanding.Above),
            ],
            null),
        nameof(DueAnswer) => new DueAnswer(ExampleLedger.Now, null, LeftOut, 48_218, true, "team", 168,
            new(12, 2, 5, ExampleLedger.Due.AddDays(-3)),
            [new("support", "support", new(12, 2, 5, ExampleLedger.Due.AddDays(-3)))], null),
        nameof(QuietCustomers) => Quiet(),
        nameof(PracticesAnswer) => Practices(),
        nameof(KeptRatePage) => KeptRatePromises(),
        nameof(TrustAnswer) => Trust(),
        nameof(TrustRanking) => new TrustRanking(ExampleLedger.Now, null, LeftOut, 48_218, true, 1, 57.1429m,
            [0, 0, 1, 0, 0],
            [
                new(ExampleLedger.Anna, ExampleLedger.NamedAnna, 57.1429m, 42.8571m, 71.4286m, 0.2857m, 2,
                    $"/v1/customers/{ExampleLedger.Anna:D}/trust"),
            ],
            null, null),
        nameof(TrustPolicyPage) => new TrustPolicyPage([PolicyEndpoints.Shown(null, TrustPolicy.Default)]),
        nameof(LogPage) => new LogPage([ExampleLedger.PromiseMade()], ExampleLedger.Position, 48_219),
        nameof(ShownEvent) => ExampleLedger.PromiseMade(),
        nameof(InclusionReceipt) => new InclusionReceipt(ExampleLedger.Event, 2, ExampleLedger.Leaf, 4,
            ExampleLedger.Hash("root"), [ExampleLedger.Hash("leaf 3"), ExampleLedger.Hash("leaves 0 and 1")],
            ExampleLedger.Checkpoint),
        nameof(BulkAnswer) => Bulk(),
        nameof(ImportDeclaration) => new ImportDeclaration(ExampleLedger.Import, false, null, null, null),
        nameof(Caller) => new Caller("example", "4f7c21d09be3a816", "Leaders' pages", [Scopes.Read, Scopes.Lead]),
        nameof(LedgerStatus) => new LedgerStatus("1.0.0", "example", new(48_219, ExampleLedger.Now),
            [new ViewStatus("kept-rate", 2, 48_218, 0, []), new ViewStatus("open-commitments", 1, 48_217, 1, [])]),
        nameof(RebuildResult) => new RebuildResult("kept-rate", 3, 48_218, 48_219, 9_120, 0, 1.4),
        nameof(DiffPage) => new DiffPage("kept-rate", ExampleLedger.Now.AddDays(-1), 48_100, ExampleLedger.Now, 48_218,
            true,
            [
                new($"customer-{ExampleLedger.Anna:D}", "INC-1042", ExampleLedger.NamedAnna, RowChange.Appeared,
                    [new("promise.kind", null, JsonValue.Create("callback"))], [ExampleLedger.PromiseMade()]),
            ],
            null),
        nameof(ConsistencyCheckResult) => new ConsistencyCheckResult("kept-rate", 3, 48_218, 9_120, 1,
            [
                new(DifferenceKind.Altered, $"customer-{ExampleLedger.Anna:D}", "INC-1042", 48_102, ["row"],
                    """{"customerId":"…","promise":{"promiseId":"INC-1042","status":"kept"}}""",
                    """{"customerId":"…","promise":{"promiseId":"INC-1042","status":"made"}}"""),
            ],
            2.1),
        nameof(ProblemBody) => LedgerProblems.Body(Problem.Invalid(new FieldError("/dueAt", "is missing."))),
        _ => ExamplePersonalData.Make(answer) ?? ExampleRelationships.Make(answer),
    };

    private static ShownPromise Promise() => new("INC-1042", "callback", "Anna has called about the invoice.",
        ExampleLedger.Erik, "support", ExampleLedger.Erik, "support", ExampleLedger.Recorded, ExampleLedger.Due,
        ExampleLedger.Due, null, 0, null, null, null, false, false, null, false, false);

    private static CustomerCommitments Standing() => new(ExampleLedger.Anna, ExampleLedger.Now, null, LeftOut,
        ExampleLedger.Position, true, [new(PromiseStatus.Made, Promise())],
        [
            new("FU-7", FollowUpPurpose.CheckSatisfaction, ExampleLedger.Erik, "support", ExampleLedger.Erik, "support",
                ExampleLedger.Due.AddDays(-9), ExampleLedger.Due.AddDays(-5), ExampleLedger.Due.AddDays(-5), null,
                FollowUpStatus.Completed, 0, KeptClass.KeptFirstDate, ExampleLedger.Due.AddDays(-6), false, false),
        ],
        [
            new("C-12", ConcernSeverity.High, ["billing"], ExampleLedger.Erik, ExampleLedger.Due.AddDays(-8),
                ExampleLedger.Due.AddDays(-7), ConcernStatus.Resolved, [new(ExampleLedger.Due.AddDays(-6))]),
        ]);

    private static OpenCommitmentsPage OpenCommitments() => new(ExampleLedger.Now, null, LeftOut, 48_218, true, 1, 0,
        [
            new(ExampleLedger.Anna, ExampleLedger.NamedAnna, CommitmentType.Promise, "INC-1042", "callback",
                "Anna has called about the invoice.", ExampleLedger.Erik, ExampleLedger.NamedErik, "support",
                ExampleLedger.Due, ExampleLedger.Due, PromiseStatus.Made, 0, false, 80_999),
        ],
        null, null);

    private static KeptRateChange Change(string? team) =>
        new(team, team, new Share(48, 80), new Share(56, 70), 0.2, 0.0524, 0.3339, 2.6502, 0.0080);

    private static KeptRateAnswer KeptRate()
    {
        var from = new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var numbers = new KeptRateNumbers(new(KeptFirstDate: 8, KeptAgreedDate: 1, KeptLate: 1, Broken: 1, Released: 1,
                MovedByAgreement: 1, Overdue: 0, NotYetDue: 2),
            12, new Share(8, 12), new Share(9, 11), 7_200, 2, 0.166667,
            new Dictionary<string, long>(StringComparer.Ordinal) { ["capacity"] = 1 }, 0, 1, 6, 2.5);
        KeptRatePeriod[] over = [new("2027-02", numbers)];
        return new(ExampleLedger.Now, null, LeftOut, 48_218, true, from, from.AddMonths(3), "team", "month",
            new(numbers, over), [new KeptRateGroup("support", "support", numbers, over)], null);
    }

    /// <summary>A promise kept just now and one that lapsed a half-life ago: R = 3, S = 4/2, W = 2.</summary>
    private static TrustAnswer Trust()
    {
        var lapsed = ExampleLedger.Now.AddDays(-180);
        var score = new TrustScore((Int128)3 << 40, (Int128)2 << 40, TrustPolicy.Default);
        var (gained, lost) = (score.ContributionOf(3L << 40, true), score.ContributionOf(2L << 40, false));
        return new(ExampleLedger.Anna, ExampleLedger.NamedAnna, ExampleLedger.Now, ExampleLedger.Now,
            LeftOut, 48_218, true,
            score.Score.Round(4), score.Doubt.Round(4), score.AtLeast.Round(4), score.AtMost.Round(4),
            score.Start.Round(4), ExactNumber.Of(score.Score), TrustRules.Of(TrustPolicies.Default),
            [
                new(gained.Round(4), "promise of 1 March (callback) kept in time, today", EvidenceKind.PromiseKept,
                    "promise/INC-1042", ExampleLedger.Now, 3, 1, ExampleLedger.Event, ExampleLedger.Position,
                    $"{gained.Numerator}"),
                new(lost.Round(4), "promise of 20 August 2026 (callback) lapsed, 180 days ago",
                    EvidenceKind.PromiseLapsed, "promise/INC-0977", lapsed, 4, 0.5, ExampleLedger.Event, 41_007,
                    $"{lost.Numerator}"),
            ],
            new(lapsed, 41_007, 16.6667m, 40.4762m,
            [
                new(21.4286m, TrustMoveReason.New, "promise of 1 March (callback) kept in time, today",
                    EvidenceKind.PromiseKept, "promise/INC-1042", ExampleLedger.Event, ExampleLedger.Position),
                new(19.0476m, TrustMoveReason.Faded, "promise of 20 August 2026 (callback) lapsed, 180 days ago",
                    EvidenceKind.PromiseLapsed, "promise/INC-0977", ExampleLedger.Event, 41_007),
            ]), null);
    }

    private static KeptRatePage KeptRatePromises() => new(ExampleLedger.Now, null, LeftOut, 48_218, true, 1,
        [
            new("kept_first_date", ExampleLedger.Anna, ExampleLedger.NamedAnna, "INC-0977", "callback",
                ExampleLedger.Erik, ExampleLedger.NamedErik, "support",
                ExampleLedger.Erik, ExampleLedger.NamedErik, "support",
                ExampleLedger.Due.AddDays(-14), ExampleLedger.Due.AddDays(-14), PromiseStatus.Kept,
                ExampleLedger.Due.AddDays(-14).AddHours(-2),
                $"/v1/customers/{ExampleLedger.Anna:D}/promises/INC-0977"),
        ],
        null, null);

    private static QuietCustomers Quiet()
    {
        var last = ExampleLedger.Now.AddDays(-72);
        return new(ExampleLedger.Now, null, LeftOut, 48_218, true, 60, null, 212,
            [new(30, 34), new(60, 17), new(90, 6), new(180, 1)], 17,
            [
                new(ExampleLedger.Anna, ExampleLedger.NamedAnna, 72, last, new(last, Channel.Phone, Direction.Inbound,
                    ExampleLedger.Erik, ExampleLedger.NamedErik, "support", 41_007), 9),
            ],
            null, null);
    }

    /// <summary>Two calls, of which the one that went well shows two practices.</summary>
    private static PracticesAnswer Practices()
    {
        var tally = new TouchpointTally();
        tally.Add(new(0, 0, 340, 0b11, 1, 1, Channel.Phone, Direction.Inbound, Tone.Positive));
        tally.Add(new(0, 0, 95, 0b10, 0, 0, Channel.Phone, Direction.Inbound, Tone.Negative));
        var numbers = TouchpointNumbers.Of(tally);
        return new(ExampleLedger.Now, null, LeftOut, 48_218, true, ExampleLedger.Now.AddMonths(-1), ExampleLedger.Now,
            "team", PracticesEndpoint.Method, numbers,
            [.. TouchpointTally.Practices.Select(practice => PracticeOutcomes.Of(practice, tally))],
            [new("support", "support", numbers)], null);
    }

    private static BulkAnswer Bulk() => new(1, 0, 1, ExampleLedger.Position,
        [
            new(0, "INC-1042-made", "appended",
                ExampleLedger.Receipt("promise_made", $"customer-{ExampleLedger.Anna:D}", 7), null),
            new(1, "INC-1043-made", "rejected", null,
                LedgerProblems.Body(Problem.Invalid(new FieldError("/data/dueAt", "is missing.")))),
        ]);
}
