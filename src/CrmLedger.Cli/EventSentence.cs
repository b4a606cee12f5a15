using System.Text.Json;

namespace CrmLedger.Cli;

/// <summary>
/// What an event says, in plain words. An event that this version does not know is told by its fields.
/// </summary>
internal static class EventSentence
{
    /// <param name="entry">An event of a customer's history.</param>
    /// <param name="members">The names of the members in it, by id, where the server gave them.</param>
    public static string Of(JsonElement entry, JsonElement? members)
    {
        var d = entry.Member("data") ?? default;
        string type = entry.Text("type") ?? "";
        string Who(string field = "memberId") => Member(d.Text(field), members);
        return OfPromise(type, d, Who)
            ?? OfCustomer(type, d)
            ?? OfConversation(type, d, Who)
            ?? OfConcernOrFeedback(type, d, Who)
            ?? Fields(d);
    }

    private static string? OfPromise(string type, JsonElement d, Func<string, string> who) => type switch
    {
        "promise_made" => $"{who("memberId")} ({d.Text("team")}) promised by {Due(d, "dueAt")}: {d.Text("conditions")} "
            + $"[{d.Text("kind")} {d.Text("promiseId")}]",
        "promise_reassigned" =>
            $"Promise {d.Text("promiseId")} goes to {who("toMemberId")} ({d.Text("toTeam")}): {d.Text("reason")}",
        "promise_renegotiation_proposed" =>
            $"Asked to move promise {d.Text("promiseId")} to {Due(d, "newDueAt")}: {d.Text("reason")}",
        "promise_renegotiation_accepted" => $"The customer agreed to the new date of promise {d.Text("promiseId")}.",
        "promise_renegotiation_refused" => $"The customer did not agree: promise {d.Text("promiseId")} keeps its date.",
        "promise_declared_kept" => $"Promise {d.Text("promiseId")} was declared kept.",
        "promise_confirmed" => $"The customer confirmed that promise {d.Text("promiseId")} was kept.",
        "promise_disputed" =>
            With($"The customer says that promise {d.Text("promiseId")} was not kept.", d.Text("note")),
        "promise_withdrawn" => $"We took promise {d.Text("promiseId")} back: {d.Text("reason")}",
        "promise_released" => $"The customer let us off promise {d.Text("promiseId")}.",
        "promise_lapsed" => $"The date of promise {d.Text("promiseId")} passed with nothing declared.",
        "promise_miss_explained" =>
            With($"Promise {d.Text("promiseId")} was missed because of {d.Text("cause")}.", d.Text("note")),
        _ => null,
    };

    private static string? OfCustomer(string type, JsonElement d) => type switch
    {
        "customer_registered" => With($"{d.Text("name")} became a customer.", Labelled("Segment", d.Text("segment"))),
        "customer_details_corrected" => $"Details corrected: {Fields(d)}",
        "customer_erased" => $"The customer's personal data was erased: {d.Text("basis")}",
        "customer_merged_into" => $"This is the same customer as {d.Text("customerId")}: {d.Text("reason")}",
        "customer_unmerged" => $"The merge was taken back: {d.Text("reason")}",
        "consent_recorded" => $"{(d.Flag("given") ? "Allowed" : "Did not allow")}: {d.Text("purpose")}",
        "relationship_ended" => $"The relationship ended: {d.Text("reason")?.Replace('_', ' ')}",
        "relationship_renewed" => "The customer came back.",
        "preference_recorded" => $"Prefers {d.Text("key")}: {d.Text("value")} ({d.Text("source")})",
        "solution_proposed" => $"We proposed {d.Text("solutionId")}: {d.Text("summary")}",
        "solution_accepted" => $"The customer took {d.Text("solutionId")}.",
        "solution_declined" => $"The customer declined {d.Text("solutionId")}: {d.Text("reason")}",
        "purchase_recorded" => $"Bought for {Money(d)} [{d.Text("purchaseId")}]",
        "purchase_returned" => $"Returned purchase {d.Text("purchaseId")}.",
        "entry_annulled" => $"Entry {d.Text("eventId")} was wrong and no longer counts: {d.Text("reason")}",
        _ => null,
    };

    private static string? OfConversation(string type, JsonElement d, Func<string, string> who) => type switch
    {
        "touchpoint_recorded" => With(
            (d.Text("direction") == "inbound"
                ? $"The customer reached {who("memberId")} ({d.Text("team")}){Channel(d)}"
                : $"{who("memberId")} ({d.Text("team")}) contacted the customer{Channel(d)}")
            + (d.Text("summary") is { } summary ? Sentences.Ended($": {summary}") : "."),
            Labelled("Tone", d.Text("tone")?.Replace('_', ' '))),
        "follow_up_scheduled" => $"{who("memberId")} ({d.Text("team")}) will follow up by {Due(d, "dueAt")} to "
            + $"{d.Text("purpose")?.Replace('_', ' ')} [{d.Text("followUpId")}]",
        "follow_up_reassigned" => $"Follow-up {d.Text("followUpId")} goes to {who("toMemberId")} ({d.Text("toTeam")}).",
        "follow_up_rescheduled" => $"Follow-up {d.Text("followUpId")} moves to {Due(d, "newDueAt")}"
            + $"{(d.Flag("agreedWithCustomer") ? ", agreed with the customer" : "")}: {d.Text("reason")}",
        "follow_up_completed" => $"Follow-up {d.Text("followUpId")} was done.",
        "follow_up_cancelled" => $"Follow-up {d.Text("followUpId")} was cancelled: {d.Text("reason")}",
        "follow_up_missed" => $"The date of follow-up {d.Text("followUpId")} passed without it.",
        _ => null,
    };

    private static string? OfConcernOrFeedback(string type, JsonElement d, Func<string, string> who) => type switch
    {
        "concern_raised" => With(With($"A {d.Text("severity")} concern was raised [{d.Text("concernId")}].",
            Labelled("About", string.Join(", ", d.Items("topics").Select(t => t.ToString())))), d.Text("summary")),
        "concern_acknowledged" => $"Concern {d.Text("concernId")} was acknowledged.",
        "concern_resolved" => $"Concern {d.Text("concernId")} was resolved.",
        "concern_reopened" => $"Concern {d.Text("concernId")} is open again.",
        "concern_unanswered" => $"Nobody answered concern {d.Text("concernId")} in time.",
        "feedback_requested" => "The customer was asked for feedback.",
        "feedback_received" => With(
            $"The customer gave {d.Text("kind")?.ToUpperInvariant()} {d.Text("score")}".TrimEnd() + ".",
            d.Text("comment")),
        "feedback_acted_upon" => With("The feedback was acted upon.", d.Text("action")),
        "feedback_outcome_told" => "The customer was told what came of the feedback.",
        "feedback_unanswered" => "Nobody acted upon the feedback in time.",
        _ => null,
    };

    private static string Member(string? id, JsonElement? members)
    {
        if (id is null)
            return "somebody";
        var known = members?.Member(id);
        return known?.Text("name") ?? known?.Text("reference") ?? (Guid.TryParse(id, out _) ? $"member {id[..8]}" : id);
    }

    private static string Due(JsonElement d, string field) => Sentences.Minute(d.Time(field));

    private static string Channel(JsonElement d) =>
        d.Text("channel") is { } channel and not "other" ? $" by {channel}" : "";

    private static string Money(JsonElement d) =>
        d.Whole("amountMinor") is { } minor ? $"{minor / 100m:0.00} {d.Text("currency")}" : "an unknown amount";

    private static string? Labelled(string label, string? value) =>
        string.IsNullOrEmpty(value) ? null : $"{label}: {value}.";

    private static string With(string sentence, string? more) =>
        string.IsNullOrEmpty(more) ? sentence : $"{sentence} {more}";

    private static string Fields(JsonElement d) => d.ValueKind != JsonValueKind.Object
        ? ""
        : string.Join(", ", d.EnumerateObject().Select(f =>
            $"{f.Name} {(f.Value.ValueKind == JsonValueKind.String ? f.Value.GetString() : f.Value.GetRawText())}"));
}
