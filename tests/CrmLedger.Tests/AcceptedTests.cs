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
using CrmLedger.Trust;
using static CrmLedger.Tests.DeciderSpecification;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests;

/// <summary>Every command, accepted once, with the event that it records.</summary>
public class AcceptedTests
{
    private static readonly (DeciderSpecification Given, ICommand When, DateTimeOffset At, IEvent Then)[] s_examples =
    [
        (AStranger, new RegisterCustomer(Secret, Secret, "retail"), Noon, Registered),
        (ACustomer, new CorrectCustomerDetails(Segment: "trade"), Noon, new CustomerDetailsCorrected(null, "trade")),
        (ACustomer, new EraseCustomer("asked"), Noon, new CustomerErased("asked")),
        (ACustomer, new MergeCustomer(OtherCustomerId, "twice"), Noon,
            new CustomerMergedInto(OtherCustomerId, "twice")),
        (ACustomer.Given(new CustomerMergedInto(OtherCustomerId, "twice")), new UnmergeCustomer("not so"), Noon,
            new CustomerUnmerged("not so")),
        (ACustomer, new RecordConsent("newsletter", true), Noon, new ConsentRecorded("newsletter", true)),
        (ACustomer, new EndRelationship(EndReason.Price), Noon, new RelationshipEnded(EndReason.Price)),
        (ACustomer.Given(new RelationshipEnded(EndReason.Price)), new RenewRelationship(), Noon,
            new RelationshipRenewed()),

        (ACustomer.Given(Touched, Raised),
            new MakePromise("p1", "call_back", Secret, Due, Ana, "north", Channel.Phone, "t1", "c1"), Noon,
            new PromiseMade("p1", "call_back", Secret, Due, Ana, "north", Channel.Phone, "t1", "c1")),
        (ACustomer.Given(Made), new ReassignPromise("p1", Ben, "south", "holiday"), Noon,
            new PromiseReassigned("p1", Ana, Ben, "south", "holiday")),
        (ACustomer.Given(Made), new ProposeRenegotiation("p1", NewDue, "parts are late"), Due, Proposed),
        (ACustomer.Given(Made, Proposed), new AcceptRenegotiation("p1"), Due, Accepted),
        (ACustomer.Given(Made, Proposed), new RefuseRenegotiation("p1"), Due, new PromiseRenegotiationRefused("p1")),
        (ACustomer.Given(Made), new DeclarePromiseKept("p1"), Due, DeclaredKept),
        (ACustomer.Given(Made, DeclaredKept), new ConfirmPromise("p1"), Due, new PromiseConfirmed("p1")),
        (ACustomer.Given(Made, DeclaredKept), new DisputePromise("p1", Secret), Due, new PromiseDisputed("p1", Secret)),
        (ACustomer.Given(Made), new WithdrawPromise("p1", "sold out"), Noon, new PromiseWithdrawn("p1", "sold out")),
        (ACustomer.Given(Made), new ReleasePromise("p1"), Noon, new PromiseReleased("p1")),
        (ACustomer.Given(Made), new LapsePromise("p1"), Due + Microsecond, Lapsed),
        (ACustomer.Given(Made).Given(Lapsed, Due + Microsecond),
            new ExplainMiss("p1", MissCause.Forgotten, Secret), NewDue,
            new PromiseMissExplained("p1", MissCause.Forgotten, Secret)),

        (ACustomer, new RecordTouchpoint("t1", Channel.Phone, Direction.Inbound, Ana, "north",
            Practices: [Practice.Reassured]), Noon, Touched),
        (ACustomer, new RaiseConcern("c1", ConcernSeverity.High, ["delivery"], RespondBy: Due), Noon, Raised),
        (ACustomer.Given(Raised), new AcknowledgeConcern("c1", Ana, "north"), Noon,
            new ConcernAcknowledged("c1", Ana, "north")),
        (ACustomer.Given(Raised), new ResolveConcern("c1", Secret, Ana, "north"), Noon,
            new ConcernResolved("c1", Secret, Ana, "north")),
        (ACustomer.Given(Raised, new ConcernResolved("c1")), new ReopenConcern("c1", Secret), Noon,
            new ConcernReopened("c1", Secret)),
        (ACustomer.Given(Raised), new MarkConcernUnanswered("c1"), Due + Microsecond, new ConcernUnanswered("c1")),

        (ACustomer.Given(Touched),
            new ScheduleFollowUp("f1", Due, FollowUpPurpose.Reassure, Ana, "north", "t1"), Noon,
            new FollowUpScheduled("f1", Due, FollowUpPurpose.Reassure, Ana, "north", "t1")),
        (ACustomer.Given(Scheduled), new ReassignFollowUp("f1", Ben, "south", "holiday"), Noon,
            new FollowUpReassigned("f1", Ana, Ben, "south", "holiday")),
        (ACustomer.Given(Scheduled), new RescheduleFollowUp("f1", NewDue, "no answer", true), Noon,
            new FollowUpRescheduled("f1", NewDue, "no answer", true)),
        (ACustomer.Given(Scheduled, Touched), new CompleteFollowUp("f1", "t1"), Noon,
            new FollowUpCompleted("f1", "t1")),
        (ACustomer.Given(Scheduled), new CancelFollowUp("f1", "moot"), Noon, new FollowUpCancelled("f1", "moot")),
        (ACustomer.Given(Scheduled), new MarkFollowUpMissed("f1"), Due + Microsecond, new FollowUpMissed("f1")),

        (ACustomer.Given(Touched), new RequestFeedback("b1", FeedbackKind.Nps, Ana, "north", "t1"), Noon,
            new FeedbackRequested("b1", FeedbackKind.Nps, Ana, "north", "t1")),
        (ACustomer, new ReceiveFeedback("b1", FeedbackKind.Csat, 4, ["delivery"]), Noon, Received),
        (ACustomer.Given(Received), new ActUponFeedback("b1", Secret), Noon, new FeedbackActedUpon("b1", Secret)),
        (ACustomer.Given(Received), new TellFeedbackOutcome("b1"), Noon, new FeedbackOutcomeTold("b1")),
        (ACustomer.Given(Received), new MarkFeedbackUnanswered("b1"), Noon.AddDays(30) + Microsecond,
            new FeedbackUnanswered("b1")),

        (ACustomer, new RecordPreference("contact_time", Secret, PreferenceSource.Stated), Noon, Preferred),
        (ACustomer.Given(Preferred), new ProposeSolution("s1", Secret, ["contact_time"]), Noon, Solved),
        (ACustomer.Given(Solved), new AcceptSolution("s1"), Noon, new SolutionAccepted("s1")),
        (ACustomer.Given(Solved), new DeclineSolution("s1", "too dear"), Noon, new SolutionDeclined("s1", "too dear")),
        (ACustomer, new RecordPurchase("u1", 1000, "EUR", 200), Noon, Bought),
        (ACustomer.Given(Bought), new ReturnPurchase("u1", 400), Noon, new PurchaseReturned("u1", 400)),
        (ACustomer.Given(Made), new AnnulEntry(EventId(2), "a slip"), Noon, new EntryAnnulled(EventId(2), "a slip")),

        (AMember, new JoinMember(Secret, "north", Secret), Noon, Joined),
        (AMember.Given(Joined), new MoveMemberToTeam("south"), Noon, new MemberMovedTeam("north", "south")),
        (AnImport, new DeclareImport(ImportId, "csv", "a.csv", Sha256), Noon,
            new ImportDeclared(ImportId, "csv", "a.csv", Sha256)),
        (AnImport.Given(new ImportDeclared(ImportId, "csv", "a.csv", Sha256)), new CompleteImport(ImportId, 3, 4), Noon,
            new ImportCompleted(ImportId, 3, 4)),
        (ThePolicies, new AdoptTrustPolicy("disputes hurt us more", HalfLifeDays: 120, Prior: 2.5m, Start: 0.6m,
            PromiseDisputed: 8.125m), Noon, PolicyAdopted),
    ];

    public static TheoryData<string> Commands => [.. s_examples.Select(e => e.When.GetType().Name)];

    [Theory]
    [MemberData(nameof(Commands))]
    public void The_command_is_accepted(string command)
    {
        var (given, when, at, then) = s_examples.Single(e => e.When.GetType().Name == command);
        given.When(when, at).Then(then);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void The_fold_takes_what_was_accepted(string command)
    {
        var (given, when, at, then) = s_examples.Single(e => e.When.GetType().Name == command);
        given.Given(then, at).Folded.ShouldNotBe(given.Folded, $"after {when}");
    }

    [Fact]
    public void Every_command_has_an_example() => typeof(ICommand).Assembly.GetTypes()
        .Where(t => t is { IsClass: true } && t.IsAssignableTo(typeof(ICommand)))
        .Except(s_examples.Select(e => e.When.GetType()))
        .ShouldBeEmpty();

    [Fact]
    public void A_client_can_ask_for_every_event_but_the_ledgers_own()
    {
        string[] own =
        [
            "customer_erased", "promise_lapsed", "concern_unanswered", "follow_up_missed", "feedback_unanswered",
        ];
        LedgerCommands.EventNames.Order().ShouldBe(LedgerEvents.Names.Except(own).Order());
        foreach (var (_, when, _, then) in s_examples)
        {
            string name = LedgerEvents.NameOf(then.GetType());
            if (!own.Contains(name))
                LedgerCommands.ForEvent(name).ShouldBe(when.GetType());
        }
    }
}
