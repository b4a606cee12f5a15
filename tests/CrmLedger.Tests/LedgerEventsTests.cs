using System.Text;
using CrmLedger.Promises;
using CrmLedger.Touchpoints;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests;

public class LedgerEventsTests
{
    [Fact]
    public void Every_event_of_the_core_has_a_stored_name() => typeof(IEvent).Assembly.GetTypes()
        .Where(t => t.IsClass && t.IsAssignableTo(typeof(IEvent)))
        .ShouldBe(LedgerEvents.Records, ignoreOrder: true);

    /// <summary>
    /// Marten finds our records by these; they stand in stored rows, so moving a record needs a mapping.
    /// </summary>
    [Fact]
    public void The_names_that_Marten_reads_are_pinned() => LedgerEvents.Records.Select(LedgerEvents.ClrNameOf).Order()
        .ShouldBe(
            [
                "CrmLedger.Annulments.EntryAnnulled, CrmLedger",
                .. Of("Concerns", "ConcernAcknowledged", "ConcernRaised", "ConcernReopened", "ConcernResolved",
                    "ConcernUnanswered"),
                .. Of("Customers", "ConsentRecorded", "CustomerDetailsCorrected", "CustomerErased",
                    "CustomerMergedInto", "CustomerRegistered", "CustomerUnmerged", "RelationshipEnded",
                    "RelationshipRenewed"),
                .. Of("Feedback", "FeedbackActedUpon", "FeedbackOutcomeTold", "FeedbackReceived", "FeedbackRequested",
                    "FeedbackUnanswered"),
                .. Of("FollowUps", "FollowUpCancelled", "FollowUpCompleted", "FollowUpMissed", "FollowUpReassigned",
                    "FollowUpRescheduled", "FollowUpScheduled"),
                .. Of("Imports", "ImportCompleted", "ImportDeclared"),
                .. Of("Members", "MemberJoined", "MemberMovedTeam"),
                .. Of("Preferences", "PreferenceRecorded", "SolutionAccepted", "SolutionDeclined", "SolutionProposed"),
                .. Of("Promises", "PromiseConfirmed", "PromiseDeclaredKept", "PromiseDisputed", "PromiseLapsed",
                    "PromiseMade", "PromiseMissExplained", "PromiseReassigned", "PromiseReleased",
                    "PromiseRenegotiationAccepted", "PromiseRenegotiationProposed", "PromiseRenegotiationRefused",
                    "PromiseWithdrawn"),
                .. Of("Purchases", "PurchaseRecorded", "PurchaseReturned"),
                "CrmLedger.Touchpoints.TouchpointRecorded, CrmLedger",
                "CrmLedger.Trust.TrustPolicyAdopted, CrmLedger",
            ],
            ignoreOrder: true);

    [Fact]
    public void Sealed_fields_are_found_by_their_type()
    {
        LedgerEvents.SealedFields(typeof(PromiseMade)).ShouldBe(["conditions"]);
        LedgerEvents.SealedFields(typeof(RecordTouchpoint)).ShouldBe(["summary"]);
        LedgerEvents.SealedFields(typeof(PromiseConfirmed)).ShouldBeEmpty();
        LedgerEvents.SealedFieldsOf("promise_made").ShouldBe(["conditions"]);
        LedgerEvents.SealedFieldsOf("touchpoint_recorded_v0").ShouldBe(["summary"]);
        LedgerEvents.SealedFieldsOf("no_such_event").ShouldBeEmpty();
    }

    [Theory]
    [InlineData("promise_broken", "{}")]
    [InlineData("promise_confirmed", "{}")]
    [InlineData("promise_confirmed", "null")]
    [InlineData("promise_confirmed", "{\"promiseId\":null}")]
    [InlineData("promise_confirmed", "not json")]
    [InlineData("promise_miss_explained", "{\"promiseId\":\"p1\",\"cause\":3}")]
    [InlineData("touchpoint_recorded_v0", "{}")]
    [InlineData("touchpoint_recorded_v0", "null")]
    [InlineData("touchpoint_recorded_v0", "[")]
    public void What_cannot_be_read_is_an_unknown_event(string name, string json) =>
        Should.Throw<UnknownEventException>(() => LedgerEvents.Read(name, Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void A_time_is_cut_to_microseconds_and_never_rounded_up()
    {
        var made = Made with { DueAt = Due.AddTicks(-1).ToOffset(TimeSpan.FromHours(2)) };
        Encoding.UTF8.GetString(LedgerEvents.Write(made with { DueAt = LedgerJson.ToMicroseconds(made.DueAt) }))
            .ShouldContain("\"dueAt\":\"2026-03-03T11:59:59.999999Z\"");
    }

    private static IEnumerable<string> Of(string folder, params IEnumerable<string> records) =>
        records.Select(r => $"CrmLedger.{folder}.{r}, CrmLedger");
}
