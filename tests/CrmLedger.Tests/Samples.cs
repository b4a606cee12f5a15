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
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests;

/// <summary>One event of each record, with every field given: what the golden files were written from.</summary>
internal static class Samples
{
    public static IReadOnlyList<IEvent> All { get; } =
    [
        Registered,
        new CustomerDetailsCorrected(Secret, "trade"),
        new CustomerErased("request_by_customer"),
        new CustomerMergedInto(OtherCustomerId, "registered twice"),
        new CustomerUnmerged("two people after all"),
        new ConsentRecorded("newsletter", true),
        new RelationshipEnded(EndReason.NeedGone),
        new RelationshipRenewed(),
        new PromiseMade("p1", "call_back", Secret, Due, Ana, "north", Channel.Phone, "t1", "c1"),
        new PromiseReassigned("p1", Ana, Ben, "south", "holiday"),
        Proposed,
        Accepted,
        new PromiseRenegotiationRefused("p1"),
        DeclaredKept,
        new PromiseConfirmed("p1"),
        new PromiseDisputed("p1", Secret),
        new PromiseWithdrawn("p1", "sold out"),
        new PromiseReleased("p1"),
        Lapsed,
        new PromiseMissExplained("p1", MissCause.Misunderstanding, Secret),
        new TouchpointRecorded("t1", Channel.Phone, Direction.Inbound, Ana, "north",
            [Practice.ListenedActively, Practice.ShowedEmpathy], Secret, Tone.VeryPositive, 420),
        new ConcernRaised("c1", ConcernSeverity.Critical, ["delivery", "price"], Secret, Due, Ana, "north"),
        new ConcernAcknowledged("c1", Ana, "north"),
        new ConcernResolved("c1", Secret, Ana, "north"),
        new ConcernReopened("c1", Secret),
        new ConcernUnanswered("c1"),
        new FollowUpScheduled("f1", Due, FollowUpPurpose.CheckSatisfaction, Ana, "north", "t1"),
        new FollowUpReassigned("f1", Ana, Ben, "south", "holiday"),
        new FollowUpRescheduled("f1", NewDue, "no answer", true),
        new FollowUpCompleted("f1", "t1"),
        new FollowUpCancelled("f1", "moot"),
        new FollowUpMissed("f1"),
        new FeedbackRequested("b1", FeedbackKind.Nps, Ana, "north", "t1"),
        new FeedbackReceived("b1", FeedbackKind.Nps, ["delivery"], 9, Secret, Ana, "north", "t1"),
        new FeedbackActedUpon("b1", Secret),
        new FeedbackOutcomeTold("b1"),
        new FeedbackUnanswered("b1"),
        new PreferenceRecorded("contact_time", Secret, PreferenceSource.Observed),
        new SolutionProposed("s1", Secret, ["contact_time"]),
        new SolutionAccepted("s1"),
        new SolutionDeclined("s1", "too dear"),
        new PurchaseRecorded("u1", 129_900, "EUR", -1_500),
        new PurchaseReturned("u1", 9_900),
        new EntryAnnulled(EventId(7), "typed into the wrong customer"),
        Joined,
        new MemberMovedTeam("north", "south"),
        new ImportDeclared(ImportId, "uci-incidents", "incident_event_log.csv", Sha256),
        new ImportCompleted(ImportId, 141_712, 302_115),
        PolicyAdopted,
    ];
}
