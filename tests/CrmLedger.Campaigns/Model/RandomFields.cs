namespace CrmLedger.Campaigns.Model;

/// <summary>Draws the fields of commands.</summary>
/// <param name="random">Draws.</param>
/// <param name="clock">What the server's clock shows at each step: dates that something happens at exactly.</param>
internal sealed class RandomFields(Random random, IReadOnlyList<DateTimeOffset> clock)
{
    private int _step;

    /// <summary>What brings something with an id of its own about.</summary>
    public static IReadOnlyList<string> Beginnings { get; } =
    [
        "promise_made", "follow_up_scheduled", "concern_raised", "feedback_received", "solution_proposed",
        "touchpoint_recorded", "purchase_recorded",
    ];

    /// <summary>What can be asked for; what matters more, more often.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. Often(1, "customer_registered", "customer_details_corrected", "customer_merged_into", "consent_recorded",
            "relationship_ended", "relationship_renewed", "feedback_requested", "feedback_acted_upon",
            "feedback_outcome_told", "preference_recorded", "solution_accepted", "solution_declined",
            "follow_up_reassigned", "follow_up_completed", "follow_up_cancelled", "promise_renegotiation_refused",
            "promise_reassigned", "promise_withdrawn", "promise_released"),
        .. Often(2, "customer_unmerged", "touchpoint_recorded", "concern_raised", "concern_acknowledged",
            "concern_resolved", "concern_reopened", "follow_up_rescheduled", "feedback_received", "solution_proposed",
            "purchase_recorded", "purchase_returned", "promise_confirmed", "promise_disputed",
            "promise_miss_explained"),
        .. Often(4, "follow_up_scheduled", "promise_renegotiation_proposed", "promise_renegotiation_accepted"),
        .. Often(5, "promise_declared_kept", "entry_annulled"),
        .. Often(14, "promise_made"),
    ];

    /// <summary>The fields of the command that asks for an event.</summary>
    /// <param name="name">The event.</param>
    /// <param name="step">Which step it is for.</param>
    /// <param name="before">The fields of something that it is to follow, or null.</param>
    public IReadOnlyDictionary<string, object> Of(
        string name, int step, IReadOnlyDictionary<string, object>? before = null)
    {
        _step = step;
        var fields = new Dictionary<string, object>(StringComparer.Ordinal);
        string sort = name[..name.IndexOf('_')];
        if (sort is "promise" or "follow" or "concern" or "feedback" or "solution" or "purchase" or "touchpoint")
        {
            string id = sort == "follow" ? "followUpId" : $"{sort}Id";
            bool isNew = Beginnings.Contains(name) && name != "feedback_received"; // which may have been asked for
            fields[id] = (isNew ? null : before?.GetValueOrDefault(id))
                ?? $"{sort[0]}{random.Next(sort == "promise" ? 4 : 3)}";
        }
        foreach (var (field, value) in sort is "promise" or "follow" ? Commitment(name) : Rest(name))
        {
            if (value is not null)
                fields[field] = value;
        }
        return fields;
    }

    private IEnumerable<(string, object?)> Commitment(string name) => name switch
    {
        "promise_made" =>
        [
            ("kind", Some("callback", "repair")), ("conditions", Words()), ("dueAt", Date()), ("memberId", Member()),
            ("team", Rarely("sales")), ("touchpointId", Touchpoint()), ("concernId", random.Next(6) == 0 ? "c0" : null),
        ],
        "follow_up_scheduled" =>
        [
            ("dueAt", Date()), ("purpose", Some("reassure", "answer")), ("memberId", Member()),
            ("touchpointId", Touchpoint()),
        ],
        "promise_reassigned" or "follow_up_reassigned" =>
            [("toMemberId", Member()), ("toTeam", Rarely("sales")), ("reason", "Leave")],
        "promise_renegotiation_proposed" => [("newDueAt", Date()), ("reason", "Parts")],
        "follow_up_rescheduled" =>
            [("newDueAt", Date()), ("reason", "Travels"), ("agreedWithCustomer", random.Next(3) > 0)],
        "follow_up_completed" => [("touchpointId", Touchpoint())],
        "follow_up_cancelled" or "promise_withdrawn" => [("reason", "Sold out")],
        "promise_disputed" => [("note", Rarely(Words()))],
        "promise_miss_explained" => [("cause", Some("capacity", "forgotten", "customer"))],
        _ => [],
    };

    private IEnumerable<(string, object?)> Rest(string name) => name switch
    {
        "customer_registered" => [("name", Words()), ("segment", Rarely("retail"))],
        "customer_details_corrected" => [("name", Rarely(Words())), ("segment", Rarely("trade", "retail"))],
        "customer_merged_into" or "customer_unmerged" or "entry_annulled" => [("reason", "A slip")],
        "consent_recorded" => [("purpose", "newsletter"), ("given", random.Next(2) == 0)],
        "relationship_ended" => [("reason", Some("price", "service"))],
        "touchpoint_recorded" =>
        [
            ("channel", Some("phone", "email")), ("direction", "inbound"), ("memberId", Member()),
            ("summary", Rarely(Words())), ("practices", List("reassured", "respectful")),
        ],
        "concern_raised" =>
        [
            ("severity", Some("low", "critical")), ("topics", List("billing", "delay")),
            ("respondBy", random.Next(2) == 0 ? Date() : null),
        ],
        "concern_acknowledged" => [("memberId", random.Next(2) == 0 ? Member() : null)],
        "concern_resolved" => [("summary", Rarely(Words()))],
        "feedback_requested" => [("kind", Some("csat", "nps")), ("touchpointId", Touchpoint())],
        "feedback_received" =>
        [
            ("kind", Some("csat", "nps", "ces", "comment")), ("score", random.Next(4) > 0 ? random.Next(11) : null),
            ("comment", random.Next(2) == 0 ? Words() : null), ("topics", List("speed", "price")),
        ],
        "feedback_acted_upon" => [("action", Rarely(Words()))],
        "preference_recorded" => [("key", Some("time", "place")), ("value", Words()), ("source", "stated")],
        "solution_proposed" => [("summary", Words()), ("preferenceKeys", List("time", "place"))],
        "solution_declined" => [("reason", "Too dear")],
        "purchase_recorded" => [("amountMinor", random.Next(4)), ("currency", "EUR")],
        "purchase_returned" => [("amountMinor", random.Next(2) == 0 ? random.Next(1, 4) : null)],
        _ => [],
    };

    private static IEnumerable<string> Often(int times, params string[] names) =>
        names.SelectMany(n => Enumerable.Repeat(n, times));

    /// <summary>Soon, mostly ahead; often exactly when something happens, or one microsecond beside it.</summary>
    private DateTimeOffset Date()
    {
        var date = clock[Math.Clamp(_step + random.Next(-3, 14), 0, clock.Count - 1)];
        return random.Next(6) switch
        {
            0 => date.AddMicroseconds(random.Next(-1, 2)),
            1 or 2 => date.AddHours(random.Next(-10, 40)),
            _ => date,
        };
    }

    private string? Touchpoint() => random.Next(6) == 0 ? Some("t0", "t1") : null;

    private string Words() => $"Words {random.Next(1_000)} for Žofie’s eyes only";

    private string Member() => random.Next(40) == 0 ? "ref:nobody" : Some("ref:erik", "ref:maria");

    /// <summary>None, some, or one twice.</summary>
    private string[]? List(string one, string other) => random.Next(12) switch
    {
        0 => [one, other, one],
        < 4 => [one, other],
        < 6 => [other],
        _ => null,
    };

    private string Some(params string[] those) => those[random.Next(those.Length)];

    private string? Rarely(params string[] those) => random.Next(3) == 0 ? Some(those) : null;
}
