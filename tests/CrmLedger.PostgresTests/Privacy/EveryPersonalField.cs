using System.Text.Json;
using CrmLedger.Concerns;
using CrmLedger.Customers;
using CrmLedger.Feedback;
using CrmLedger.Members;
using CrmLedger.Preferences;
using CrmLedger.Promises;
using CrmLedger.Touchpoints;

namespace CrmLedger.PostgresTests.Privacy;

/// <summary>
/// A marker for each personal field of each command, and the requests that carry them all: every one is accepted, and
/// each goes in by its own operation and by the bulk one.
/// </summary>
/// <param name="marker">Stands in every personal field.</param>
/// <param name="clearMarker">Stands in fields that are not personal.</param>
/// <param name="memberMarker">Stands in the member's fields instead; the same when none is given.</param>
internal sealed class EveryPersonalField(string marker, string clearMarker, string? memberMarker = null)
{
    private readonly List<string> _planted = [];

    /// <summary>The markers that were sent.</summary>
    public IReadOnlyList<string> Planted => _planted;

    /// <summary>Every field that a client may fill with personal text, as <c>Command.field</c>.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        .. LedgerCommands.EventNames.Select(name => LedgerCommands.ForEvent(name)!).Distinct()
            .SelectMany(command => LedgerEvents.SealedFields(command).Select(field => $"{command.Name}.{field}"))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The reference of the member and of the customer that the requests are about.</summary>
    public string Reference(string who) => $"{MarkerOf(who)}-{who}.reference";

    /// <summary>Operations in order, with their bodies; each answers 2xx.</summary>
    public IEnumerable<(string Path, string Body)> Commands()
    {
        string member = Uri.EscapeDataString($"ref:{Reference(nameof(JoinMember))}");
        string customer = $"/v1/customers/ref:{Uri.EscapeDataString(Reference(nameof(RegisterCustomer)))}";
        string memberId = $"ref:{Reference(nameof(JoinMember))}";
        yield return ("/v1/members", Body<JoinMember>(new() { ["team"] = "north" }, "name", "reference"));
        yield return ($"/v1/members/{member}/move-team", """{"toTeam":"south"}""");
        yield return ("/v1/customers", Body<RegisterCustomer>(
            new() { ["segment"] = clearMarker }, "name", "reference"));
        yield return ($"{customer}/correct-details", Body<CorrectCustomerDetails>(new(), "name"));
        yield return ($"{customer}/touchpoints", Body<RecordTouchpoint>(
            new() { ["channel"] = "phone", ["direction"] = "inbound", ["memberId"] = memberId }, "summary"));
        yield return ($"{customer}/concerns", Body<RaiseConcern>(
            new() { ["concernId"] = "c1", ["severity"] = "high", ["memberId"] = memberId }, "summary"));
        yield return ($"{customer}/concerns/c1/resolve", Body<ResolveConcern>(new(), "summary"));
        yield return ($"{customer}/concerns/c1/reopen", Body<ReopenConcern>(new(), "summary"));
        foreach (string id in new[] { "p1", "p2" })
        {
            yield return ($"{customer}/promises", Body<MakePromise>(new()
            {
                ["promiseId"] = id, ["kind"] = clearMarker, ["memberId"] = memberId, ["concernId"] = "c1",
                ["dueAt"] = "2199-01-01T00:00:00Z",
            }, "conditions"));
        }
        yield return ($"{customer}/promises/p1/declare-kept", "{}");
        yield return ($"{customer}/promises/p1/dispute", Body<DisputePromise>(new(), "note"));
        yield return ($"{customer}/promises/p1/explain-miss", Body<ExplainMiss>(
            new() { ["cause"] = "capacity" }, "note"));
        yield return ($"{customer}/feedback", Body<ReceiveFeedback>(
            new() { ["feedbackId"] = "f1", ["kind"] = "csat", ["score"] = 2 }, "comment"));
        yield return ($"{customer}/feedback/f1/act-upon", Body<ActUponFeedback>(new(), "action"));
        yield return ($"{customer}/preferences", Body<RecordPreference>(
            new() { ["key"] = "contact_time", ["source"] = "stated" }, "value"));
        yield return ($"{customer}/solutions", Body<ProposeSolution>(new() { ["solutionId"] = "s1" }, "summary"));
    }

    /// <summary>The same for another customer, as one batch of CloudEvents.</summary>
    public string CloudEvents()
    {
        string reference = $"{Reference(nameof(RegisterCustomer))}-bulk";
        _planted.Add(reference);
        (string Type, string Body)[] events =
        [
            ("customer_registered", Body<RegisterCustomer>(new(), "name")),
            ("customer_details_corrected", Body<CorrectCustomerDetails>(new(), "name")),
            ("preference_recorded", Body<RecordPreference>(new() { ["key"] = "k", ["source"] = "observed" }, "value")),
            ("concern_raised", Body<RaiseConcern>(new() { ["severity"] = "low" }, "summary")),
        ];
        return JsonSerializer.Serialize(events.Select((e, i) => new
        {
            specversion = "1.0",
            id = $"{i}",
            source = "shop",
            type = e.Type,
            subject = $"customer/{reference}",
            data = JsonElement.Parse(e.Body),
        }));
    }

    private string MarkerOf(string command) =>
        command == nameof(JoinMember) && memberMarker is not null ? memberMarker : marker;

    private string Body<TCommand>(Dictionary<string, object> plain, params string[] personal)
    {
        foreach (string field in personal)
        {
            string text = $"{MarkerOf(typeof(TCommand).Name)}-{typeof(TCommand).Name}.{field}";
            _planted.Add(text);
            plain[field] = text;
        }
        return JsonSerializer.Serialize(plain);
    }
}
