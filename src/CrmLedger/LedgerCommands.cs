using System.Collections.Frozen;
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

namespace CrmLedger;

/// <summary>
/// Every command and the event that it asks for. A CloudEvent names its command by that event's name. The clock's own
/// verdicts are not here, since no client may ask for them, nor is erasure, which has an operation of its own.
/// </summary>
public static class LedgerCommands
{
    private static readonly FrozenDictionary<string, Type> s_byEvent = new Dictionary<string, Type>
    {
        ["customer_registered"] = typeof(RegisterCustomer),
        ["customer_details_corrected"] = typeof(CorrectCustomerDetails),
        ["customer_merged_into"] = typeof(MergeCustomer),
        ["customer_unmerged"] = typeof(UnmergeCustomer),
        ["consent_recorded"] = typeof(RecordConsent),
        ["relationship_ended"] = typeof(EndRelationship),
        ["relationship_renewed"] = typeof(RenewRelationship),
        ["promise_made"] = typeof(MakePromise),
        ["promise_reassigned"] = typeof(ReassignPromise),
        ["promise_renegotiation_proposed"] = typeof(ProposeRenegotiation),
        ["promise_renegotiation_accepted"] = typeof(AcceptRenegotiation),
        ["promise_renegotiation_refused"] = typeof(RefuseRenegotiation),
        ["promise_declared_kept"] = typeof(DeclarePromiseKept),
        ["promise_confirmed"] = typeof(ConfirmPromise),
        ["promise_disputed"] = typeof(DisputePromise),
        ["promise_withdrawn"] = typeof(WithdrawPromise),
        ["promise_released"] = typeof(ReleasePromise),
        ["promise_miss_explained"] = typeof(ExplainMiss),
        ["touchpoint_recorded"] = typeof(RecordTouchpoint),
        ["concern_raised"] = typeof(RaiseConcern),
        ["concern_acknowledged"] = typeof(AcknowledgeConcern),
        ["concern_resolved"] = typeof(ResolveConcern),
        ["concern_reopened"] = typeof(ReopenConcern),
        ["follow_up_scheduled"] = typeof(ScheduleFollowUp),
        ["follow_up_reassigned"] = typeof(ReassignFollowUp),
        ["follow_up_rescheduled"] = typeof(RescheduleFollowUp),
        ["follow_up_completed"] = typeof(CompleteFollowUp),
        ["follow_up_cancelled"] = typeof(CancelFollowUp),
        ["feedback_requested"] = typeof(RequestFeedback),
        ["feedback_received"] = typeof(ReceiveFeedback),
        ["feedback_acted_upon"] = typeof(ActUponFeedback),
        ["feedback_outcome_told"] = typeof(TellFeedbackOutcome),
        ["preference_recorded"] = typeof(RecordPreference),
        ["solution_proposed"] = typeof(ProposeSolution),
        ["solution_accepted"] = typeof(AcceptSolution),
        ["solution_declined"] = typeof(DeclineSolution),
        ["purchase_recorded"] = typeof(RecordPurchase),
        ["purchase_returned"] = typeof(ReturnPurchase),
        ["entry_annulled"] = typeof(AnnulEntry),
        ["member_joined"] = typeof(JoinMember),
        ["member_moved_team"] = typeof(MoveMemberToTeam),
        ["import_declared"] = typeof(DeclareImport),
        ["import_completed"] = typeof(CompleteImport),
        ["trust_policy_adopted"] = typeof(AdoptTrustPolicy),
    }.ToFrozenDictionary();

    /// <summary>The names of the events that clients can ask for.</summary>
    public static IEnumerable<string> EventNames => s_byEvent.Keys;

    /// <summary>The command that asks for an event of this name, or null.</summary>
    public static Type? ForEvent(string eventName) => s_byEvent.GetValueOrDefault(eventName);
}
