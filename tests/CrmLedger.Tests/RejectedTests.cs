using CrmLedger.Annulments;
using CrmLedger.Concerns;
using CrmLedger.Customers;
using CrmLedger.Feedback;
using CrmLedger.FollowUps;
using CrmLedger.Imports;
using CrmLedger.Members;
using CrmLedger.Preferences;
using CrmLedger.Promises;
using CrmLedger.Purchases;
using CrmLedger.Touchpoints;
using static CrmLedger.RejectionCode;
using static CrmLedger.Tests.DeciderSpecification;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests;

/// <summary>Every reason for a refusal, reached at least once, with the field that it points at.</summary>
public class RejectedTests
{
    private static readonly RecordTouchpoint s_touch = new("t1", Channel.Phone, Direction.Inbound, Ana, "north");
    private static readonly MakePromise s_make = new("p1", "call_back", Secret, Due, Ana, "north");
    private static readonly ScheduleFollowUp s_schedule = new("f1", Due, FollowUpPurpose.Reassure, Ana, "north");

    private static readonly (RejectionCode Code, string? Field, DeciderSpecification Given, ICommand When)[]
        s_examples =
    [
        (CustomerUnknown, null, AStranger, new RecordConsent("newsletter", true)),
        (CustomerExists, "reference", ACustomer, new RegisterCustomer(Secret)),
        (RejectionCode.CustomerErased, null, ACustomer.Given(new CustomerErased("asked")), s_touch),
        (CustomerMerged, null, ACustomer.Given(new CustomerMergedInto(OtherCustomerId, "twice")), s_make),
        (CustomerNotMerged, null, ACustomer, new UnmergeCustomer("not so")),
        (CustomerMergedIntoItself, "customerId", ACustomer, new MergeCustomer(CustomerId, "twice")),
        (NothingToCorrect, null, ACustomer, new CorrectCustomerDetails()),
        (RejectionCode.RelationshipEnded, null, ACustomer.Given(new RelationshipEnded(EndReason.Price)),
            new EndRelationship(EndReason.Service)),
        (RelationshipNotEnded, null, ACustomer, new RenewRelationship()),

        (PromiseUnknown, "promiseId", ACustomer, new DeclarePromiseKept("p1")),
        (PromiseExists, "promiseId", ACustomer.Given(Made), s_make),
        (PromiseClosed, null, ACustomer.Given(Made, DeclaredKept), new DeclarePromiseKept("p1")),
        (PromiseClosed, null, ACustomer.Given(Made, DeclaredKept), new WithdrawPromise("p1", "sold out")),
        (PromiseClosed, null, ACustomer.Given(Made, DeclaredKept), new ReleasePromise("p1")),
        (PromiseClosed, null, ACustomer.Given(Made, DeclaredKept), new ReassignPromise("p1", Ben, "south", "holiday")),
        (PromiseClosed, null, ACustomer.Given(Made, DeclaredKept), new ProposeRenegotiation("p1", NewDue, "late")),
        (PromiseClosed, null, ACustomer.Given(Made, DeclaredKept), new LapsePromise("p1")),
        (PromiseClosed, null, ACustomer.Given(Made, DeclaredKept, Disputed), new ReleasePromise("p1")),
        (PromiseClosed, null, ACustomer.Given(Made, DeclaredKept, Disputed),
            new ProposeRenegotiation("p1", NewDue, "late")),
        (PromiseClosed, null, ACustomer.Given(Made, DeclaredKept, Disputed),
            new ReassignPromise("p1", Ben, "south", "holiday")),
        (PromiseClosed, null, ACustomer.Given(Made, new PromiseReleased("p1")),
            new ProposeRenegotiation("p1", NewDue, "late")),
        (PromiseNotDeclaredKept, null, ACustomer.Given(Made), new ConfirmPromise("p1")),
        (PromiseNotDeclaredKept, null, ACustomer.Given(Made), new DisputePromise("p1")),
        (PromiseAlreadyConfirmed, null, ACustomer.Given(Made, DeclaredKept, new PromiseConfirmed("p1")),
            new ConfirmPromise("p1")),
        (PromiseAlreadyConfirmed, null, ACustomer.Given(Made, DeclaredKept, new PromiseConfirmed("p1")),
            new DisputePromise("p1")),
        (NoDateProposed, null, ACustomer.Given(Made), new AcceptRenegotiation("p1")),
        (NoDateProposed, null, ACustomer.Given(Made), new RefuseRenegotiation("p1")),
        (DateNotAhead, "newDueAt", ACustomer.Given(Made), new ProposeRenegotiation("p1", Noon, "parts are late")),
        (PromisePastDue, "occurredAt", ACustomer.Given(Made with { DueAt = Noon - Microsecond }),
            new ProposeRenegotiation("p1", NewDue, "parts are late")),
        (NotDueYet, null, ACustomer.Given(Made with { DueAt = Noon }), new LapsePromise("p1")),
        (NotMissed, null, ACustomer.Given(Made), new ExplainMiss("p1", MissCause.Other)),

        (TouchpointUnknown, "touchpointId", ACustomer, s_make with { TouchpointId = "t9" }),
        (TouchpointExists, "touchpointId", ACustomer.Given(Touched), s_touch),
        (ConcernUnknown, "concernId", ACustomer, s_make with { ConcernId = "c9" }),
        (ConcernUnknown, "concernId", ACustomer, new AcknowledgeConcern("c9")),
        (ConcernExists, "concernId", ACustomer.Given(Raised), new RaiseConcern("c1", ConcernSeverity.Low)),
        (ConcernAlreadyAcknowledged, null, ACustomer.Given(Raised, new ConcernAcknowledged("c1")),
            new AcknowledgeConcern("c1")),
        (ConcernAlreadyResolved, null, ACustomer.Given(Raised, new ConcernResolved("c1")), new ResolveConcern("c1")),
        (ConcernNotResolved, null, ACustomer.Given(Raised), new ReopenConcern("c1")),
        (NoAnswerAwaited, null, ACustomer.Given(Raised, new ConcernAcknowledged("c1")),
            new MarkConcernUnanswered("c1")),
        (FollowUpUnknown, "followUpId", ACustomer, new CancelFollowUp("f1", "moot")),
        (FollowUpExists, "followUpId", ACustomer.Given(Scheduled), s_schedule),
        (FollowUpClosed, null, ACustomer.Given(Scheduled, Completed), new CancelFollowUp("f1", "moot")),

        (FeedbackUnknown, "feedbackId", ACustomer, new ActUponFeedback("b1")),
        (FeedbackExists, "feedbackId", ACustomer.Given(Requested), new RequestFeedback("b1", FeedbackKind.Nps)),
        (FeedbackNotReceived, null, ACustomer.Given(Requested), new TellFeedbackOutcome("b1")),
        (FeedbackAlreadyActedUpon, null, ACustomer.Given(Received, new FeedbackActedUpon("b1")),
            new ActUponFeedback("b1")),
        (FeedbackOutcomeAlreadyTold, null, ACustomer.Given(Received, new FeedbackOutcomeTold("b1")),
            new TellFeedbackOutcome("b1")),
        (ScoreMissing, "score", ACustomer, new ReceiveFeedback("b1", FeedbackKind.Csat, Comment: Secret)),
        (ScoreOutOfRange, "score", ACustomer, new ReceiveFeedback("b1", FeedbackKind.Csat, 6)),
        (ScoreNotTaken, "score", ACustomer, new ReceiveFeedback("b1", FeedbackKind.Comment, 5, Comment: Secret)),
        (CommentMissing, "comment", ACustomer, new ReceiveFeedback("b1", FeedbackKind.Comment)),

        (PreferenceUnknown, "preferenceKeys", ACustomer, new ProposeSolution("s1", Secret, ["contact_time"])),
        (SolutionUnknown, "solutionId", ACustomer, new AcceptSolution("s1")),
        (SolutionExists, "solutionId", ACustomer.Given(Solved), new ProposeSolution("s1", Secret)),
        (SolutionAnswered, null, ACustomer.Given(Solved, new SolutionDeclined("s1", "too dear")),
            new AcceptSolution("s1")),
        (PurchaseUnknown, "purchaseId", ACustomer, new ReturnPurchase("u1")),
        (PurchaseExists, "purchaseId", ACustomer.Given(Bought), new RecordPurchase("u1", 1, "EUR")),
        (PurchaseAlreadyReturned, null, ACustomer.Given(Bought, new PurchaseReturned("u1")), new ReturnPurchase("u1")),
        (ReturnAboveRest, "amountMinor", ACustomer.Given(Bought), new ReturnPurchase("u1", 1001)),
        (ListedTwice, "practices", ACustomer,
            s_touch with { Practices = [Practice.Reassured, Practice.LetFinish, Practice.Reassured] }),

        (MemberUnknown, null, AMember, new MoveMemberToTeam("south")),
        (MemberUnknown, null, AMember, new AnnulEntry(EventId(1), "a slip")),
        (MemberExists, "reference", AMember.Given(Joined), new JoinMember(Secret, "north")),
        (MemberInThatTeam, "toTeam", AMember.Given(Joined), new MoveMemberToTeam("north")),
        (ImportUnknown, "importId", AnImport, new CompleteImport(ImportId, 1, 1)),
        (RejectionCode.ImportCompleted, "importId",
            AnImport.Given(new ImportDeclared(ImportId, "csv", "a.csv", Sha256), new ImportCompleted(ImportId, 1, 1)),
            new CompleteImport(ImportId, 1, 1)),
        (EntryUnknown, "eventId", ACustomer, new AnnulEntry(EventId(9), "a slip")),
        (RejectionCode.EntryAnnulled, "eventId", ACustomer.Given(Made, new EntryAnnulled(EventId(2), "a slip")),
            new AnnulEntry(EventId(2), "a slip")),
        (EntryNotAnnullable, "eventId", ACustomer, new AnnulEntry(EventId(1), "a slip")),
    ];

    public static TheoryData<string> Examples => [.. s_examples.Select(Name)];

    [Theory]
    [MemberData(nameof(Examples))]
    public void The_command_is_rejected(string example)
    {
        var (code, field, given, when) = s_examples.Single(e => Name(e) == example);
        given.When(when).ThenRejected(code, field);
    }

    [Fact]
    public void Every_code_has_an_example() =>
        Enum.GetValues<RejectionCode>().Except(s_examples.Select(e => e.Code)).ShouldBeEmpty();

    private static string Name((RejectionCode Code, string? Field, DeciderSpecification Given, ICommand When) one) =>
        $"{one.When.GetType().Name} after {one.Given.Past.LastOrDefault()?.Type ?? "nothing"}: {one.Code}";
}
