using System.Text.Json.Nodes;

namespace CrmLedger.PostgresTests.Http;

/// <summary>One command of the walk.</summary>
/// <param name="Event">The event that it asks for.</param>
/// <param name="Subject">The CloudEvents subject.</param>
/// <param name="Path">The address below /v1.</param>
/// <param name="Body">The body; <c>$event</c> stands for the id of the first event of that name.</param>
/// <param name="Id">The field and value that the address names besides the subject, or null.</param>
internal sealed record CommandRow(
    string Event, string Subject, string Path, string Body, (string Field, string Value)? Id = null)
{
    /// <summary>The data of the CloudEvent: the body with what the address names.</summary>
    public JsonObject Data
    {
        get
        {
            var data = (JsonObject)JsonNode.Parse(Body)!;
            if (Id is { } named)
                data[named.Field] = named.Value;
            return data;
        }
    }

    public override string ToString() => $"{Event} at {Path}";
}

/// <summary>A walk in which every command that clients may send is accepted at least once.</summary>
internal static class CommandTable
{
    /// <summary>All but imports and annulments, in an order in which each is allowed.</summary>
    public static IReadOnlyList<CommandRow> Walk { get; } =
    [
        new("member_joined", "member/erik", "members", """{"reference":"erik","name":"Erik Berg","team":"support"}"""),
        new("member_joined", "member/maria", "members", """{"reference":"maria","name":"Maria Diaz","team":"lab"}"""),
        new("member_moved_team", "member/maria", "members/ref:maria/move-team", """{"toTeam":"sales"}"""),
        new("customer_registered", "customer/anna", "customers", """{"reference":"anna","name":"Anna Lind"}"""),
        new("customer_registered", "customer/anna2", "customers", """{"reference":"anna2","name":"A. Lind"}"""),
        Anna("customer_details_corrected", "correct-details", """{"name":"Anna Lindh","segment":"retail"}"""),
        new("customer_merged_into", "customer/anna2", "customers/ref:anna2/merge",
            """{"customerId":"ref:anna","reason":"Registered twice"}"""),
        new("customer_unmerged", "customer/anna2", "customers/ref:anna2/unmerge", """{"reason":"Two people"}"""),
        Anna("consent_recorded", "consents", """{"purpose":"newsletter","given":false}"""),
        Anna("relationship_ended", "end-relationship", """{"reason":"price"}"""),
        Anna("relationship_renewed", "renew-relationship", "{}"),
        Anna("touchpoint_recorded", "touchpoints",
            """
            {"touchpointId":"T-1","channel":"phone","direction":"inbound","memberId":"ref:erik","tone":"neutral",
             "summary":"Asked about the invoice.","practices":["listened_actively"],"durationSeconds":340}
            """),
        Anna("concern_raised", "concerns", """{"concernId":"C-1","severity":"high","topics":["billing"]}"""),
        Anna("concern_acknowledged", "concerns/C-1/acknowledge", """{"memberId":"ref:erik"}""", "concernId"),
        Anna("concern_resolved", "concerns/C-1/resolve", """{"summary":"Refunded."}""", "concernId"),
        Anna("concern_reopened", "concerns/C-1/reopen", """{"summary":"Not arrived."}""", "concernId"),
        Anna("promise_made", "promises", Promise("P-1")),
        Anna("promise_reassigned", "promises/P-1/reassign", """{"toMemberId":"ref:maria","reason":"Leave"}""",
            "promiseId"),
        Anna("promise_renegotiation_proposed", "promises/P-1/propose-new-date", NewDate, "promiseId"),
        Anna("promise_renegotiation_refused", "promises/P-1/refuse-new-date", "{}", "promiseId"),
        Anna("promise_renegotiation_proposed", "promises/P-1/propose-new-date", NewDate, "promiseId"),
        Anna("promise_renegotiation_accepted", "promises/P-1/accept-new-date", "{}", "promiseId"),
        Anna("promise_declared_kept", "promises/P-1/declare-kept", "{}", "promiseId"),
        Anna("promise_confirmed", "promises/P-1/confirm", "{}", "promiseId"),
        Anna("promise_made", "promises", Promise("P-2")),
        Anna("promise_declared_kept", "promises/P-2/declare-kept", "{}", "promiseId"),
        Anna("promise_disputed", "promises/P-2/dispute", """{"note":"Nobody called."}""", "promiseId"),
        Anna("promise_miss_explained", "promises/P-2/explain-miss", """{"cause":"capacity"}""", "promiseId"),
        Anna("promise_made", "promises", Promise("P-3")),
        Anna("promise_withdrawn", "promises/P-3/withdraw", """{"reason":"Discontinued"}""", "promiseId"),
        Anna("promise_made", "promises", Promise("P-4")),
        Anna("promise_released", "promises/P-4/release", "{}", "promiseId"),
        Anna("follow_up_scheduled", "follow-ups", FollowUp("F-1")),
        Anna("follow_up_reassigned", "follow-ups/F-1/reassign", """{"toMemberId":"ref:maria","reason":"Leave"}""",
            "followUpId"),
        Anna("follow_up_rescheduled", "follow-ups/F-1/reschedule",
            """{"newDueAt":"2098-02-01T09:00:00Z","reason":"Travels","agreedWithCustomer":true}""", "followUpId"),
        Anna("follow_up_completed", "follow-ups/F-1/complete", """{"touchpointId":"T-1"}""", "followUpId"),
        Anna("follow_up_scheduled", "follow-ups", FollowUp("F-2")),
        Anna("follow_up_cancelled", "follow-ups/F-2/cancel", """{"reason":"Order cancelled"}""", "followUpId"),
        Anna("feedback_requested", "feedback-requests", """{"feedbackId":"B-1","kind":"csat"}"""),
        Anna("feedback_received", "feedback", """{"feedbackId":"B-1","kind":"csat","score":5,"comment":"Quick."}"""),
        Anna("feedback_acted_upon", "feedback/B-1/act-upon", """{"action":"Form changed."}""", "feedbackId"),
        Anna("feedback_outcome_told", "feedback/B-1/tell-outcome", "{}", "feedbackId"),
        Anna("preference_recorded", "preferences", """{"key":"time","value":"After five","source":"stated"}"""),
        Anna("solution_proposed", "solutions",
            """{"solutionId":"S-1","summary":"Calls after five","preferenceKeys":["time"]}"""),
        Anna("solution_accepted", "solutions/S-1/accept", "{}", "solutionId"),
        Anna("solution_proposed", "solutions", """{"solutionId":"S-2","summary":"A second line"}"""),
        Anna("solution_declined", "solutions/S-2/decline", """{"reason":"Too dear"}""", "solutionId"),
        Anna("purchase_recorded", "purchases", """{"purchaseId":"O-1","amountMinor":4995,"currency":"EUR"}"""),
        Anna("purchase_returned", "purchases/O-1/return", """{"amountMinor":1995}""", "purchaseId"),
    ];

    /// <summary>Annulments, which name what came before.</summary>
    public static IReadOnlyList<CommandRow> Annulments { get; } =
    [
        Anna("entry_annulled", "annulments", """{"eventId":"$purchase_recorded","reason":"Wrong customer"}"""),
        new("entry_annulled", "member/maria", "members/ref:maria/annulments",
            """{"eventId":"$member_moved_team","reason":"Wrong team"}"""),
    ];

    private const string NewDate = """{"newDueAt":"2098-03-05T16:00:00Z","reason":"The part arrives late"}""";

    private static CommandRow Anna(string name, string path, string body, string? idField = null) =>
        new(name, "customer/anna", $"customers/ref:anna/{path}", body,
            idField is null ? null : (idField, path.Split('/')[1]));

    private static string Promise(string id) =>
        $$"""
        {"promiseId":"{{id}}","kind":"callback","conditions":"Anna was called.","dueAt":"2098-01-03T16:00:00Z",
         "memberId":"ref:erik","channel":"phone","touchpointId":"T-1","concernId":"C-1"}
        """;

    private static string FollowUp(string id) =>
        $$"""{"followUpId":"{{id}}","dueAt":"2098-01-10T09:00:00Z","purpose":"reassure","memberId":"ref:erik"}""";
}
