using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using CrmLedger.PostgresTests;
using CrmLedger.PostgresTests.Http;
using CrmLedger.Server.Commands;

namespace CrmLedger.Campaigns.Model;

/// <summary>A tenant of the real ledger, asked over HTTP what the reference is asked.</summary>
internal sealed class RealLedger : IDisposable
{
    private const string Source = "model";

    private static readonly Dictionary<string, string> s_paths = new(StringComparer.Ordinal)
    {
        ["customer_details_corrected"] = "correct-details",
        ["customer_merged_into"] = "merge",
        ["customer_unmerged"] = "unmerge",
        ["consent_recorded"] = "consents",
        ["relationship_ended"] = "end-relationship",
        ["relationship_renewed"] = "renew-relationship",
        ["entry_annulled"] = "annulments",
        ["touchpoint_recorded"] = "touchpoints",
        ["preference_recorded"] = "preferences",
        ["promise_made"] = "promises",
        ["promise_reassigned"] = "promises/{promiseId}/reassign",
        ["promise_renegotiation_proposed"] = "promises/{promiseId}/propose-new-date",
        ["promise_renegotiation_accepted"] = "promises/{promiseId}/accept-new-date",
        ["promise_renegotiation_refused"] = "promises/{promiseId}/refuse-new-date",
        ["promise_declared_kept"] = "promises/{promiseId}/declare-kept",
        ["promise_confirmed"] = "promises/{promiseId}/confirm",
        ["promise_disputed"] = "promises/{promiseId}/dispute",
        ["promise_withdrawn"] = "promises/{promiseId}/withdraw",
        ["promise_released"] = "promises/{promiseId}/release",
        ["promise_miss_explained"] = "promises/{promiseId}/explain-miss",
        ["follow_up_scheduled"] = "follow-ups",
        ["follow_up_reassigned"] = "follow-ups/{followUpId}/reassign",
        ["follow_up_rescheduled"] = "follow-ups/{followUpId}/reschedule",
        ["follow_up_completed"] = "follow-ups/{followUpId}/complete",
        ["follow_up_cancelled"] = "follow-ups/{followUpId}/cancel",
        ["concern_raised"] = "concerns",
        ["concern_acknowledged"] = "concerns/{concernId}/acknowledge",
        ["concern_resolved"] = "concerns/{concernId}/resolve",
        ["concern_reopened"] = "concerns/{concernId}/reopen",
        ["feedback_requested"] = "feedback-requests",
        ["feedback_received"] = "feedback",
        ["feedback_acted_upon"] = "feedback/{feedbackId}/act-upon",
        ["feedback_outcome_told"] = "feedback/{feedbackId}/tell-outcome",
        ["solution_proposed"] = "solutions",
        ["solution_accepted"] = "solutions/{solutionId}/accept",
        ["solution_declined"] = "solutions/{solutionId}/decline",
        ["purchase_recorded"] = "purchases",
        ["purchase_returned"] = "purchases/{purchaseId}/return",
    };

    private readonly HttpClient _http;
    private readonly LedgerHttp _reader;
    private readonly string _import;
    private long _lastPosition; // a member joined there

    private RealLedger(HttpClient http, LedgerHttp reader, string import) =>
        (_http, _reader, _import) = (http, reader, import);

    /// <summary>The highest position that was told: what a view must reflect to be compared.</summary>
    public long LastPosition => Interlocked.Read(ref _lastPosition);

    /// <summary>A new tenant with two members and an import.</summary>
    public static async Task<RealLedger> NewAsync(RunningLedger server, string tenant, HttpClient http)
    {
        var reader = await server.ClientAsync(tenant);
        foreach (var (member, team) in ReferenceLedger.TeamOf)
        {
            string joins = JsonSerializer.Serialize(new { reference = member[4..], name = $"Name of {member}", team });
            (await reader.PostAsync("/v1/members", joins)).Status.ShouldBe(201);
        }
        var import = await reader.PostAsync("/v1/imports",
            $$"""{"source":"model","fileName":"past.csv","sha256":"{{new string('a', 64)}}"}""");
        return new(http, reader, import.Text("importId").ShouldNotBeNull(import.Text));
    }

    /// <summary>Asks for a step.</summary>
    /// <param name="sequence">Whose customers it is about.</param>
    /// <param name="step">What is asked.</param>
    /// <param name="version">The version that the stream has.</param>
    /// <param name="ids">The ids of events that had none of the client's, by their steps' keys.</param>
    public async Task<Answer> AskAsync(
        Sequence sequence, Step step, long version, IReadOnlyDictionary<string, string> ids)
    {
        string customer = sequence.ReferenceOf(step.Customer);
        var body = new Dictionary<string, object>(step.Body);
        if (step.Event == "customer_registered")
            body["reference"] = customer;
        if (step.Annuls is { } annulled)
            body["eventId"] = ids.GetValueOrDefault(annulled) ?? IdOf(sequence, annulled);
        if (step.MergesInto is { } other)
            body["customerId"] = $"ref:{sequence.ReferenceOf(other)}";
        using var request = step.AsCloudEvent
            ? CloudEvent(sequence, step, customer, body)
            : Command(sequence, step, customer, body, version);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _reader.Key);
        using var response = await _http.SendAsync(request);
        var answer = await Answer.OfAsync(response);
        if ((answer.Number("position") ?? answer.Number("lastPosition")) is { } position)
            Note(position);
        return answer;
    }

    /// <summary>Reads what must be there once the views have come so far.</summary>
    public async Task<Answer> ReadAsync(string path)
    {
        for (int attempt = 0; ; attempt++)
        {
            var answer = await _reader.GetAsync(path);
            if (answer.Problem != "not_yet_visible" || attempt == 10)
                return answer;
        }
    }

    /// <summary>Reads all pages of what must be there.</summary>
    public async Task<List<JsonElement>> ReadPagesAsync(string path)
    {
        var items = new List<JsonElement>();
        for (string? cursor = null; ;)
        {
            var page = await ReadAsync(path + (cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}"));
            page.Status.ShouldBe(200, page.Text);
            items.AddRange(page.Items("items"));
            if ((cursor = page.Text("next")) is null)
                return items;
        }
    }

    /// <summary>Where a client finds the event's id of its own making.</summary>
    public static string IdOf(Sequence sequence, string key) =>
        ClientEventId.Of(Source, $"{sequence.Number} {key}").ToString("D");

    public void Dispose() => _reader.Dispose();

    private void Note(long position)
    {
        for (long highest = LastPosition; highest < position; highest = LastPosition)
            Interlocked.CompareExchange(ref _lastPosition, position, highest);
    }

    private static HttpRequestMessage Command(
        Sequence sequence, Step step, string customer, Dictionary<string, object> body, long version)
    {
        if (step.OccurredAt is { } occurred)
            body["occurredAt"] = occurred;
        var request = Post(step.Event == "customer_registered" ? "/v1/customers"
            : $"/v1/customers/ref:{customer}/{Path(step)}", body, "application/json");
        if (step.EventId is { } id)
        {
            request.Headers.Add("ce-source", Source);
            request.Headers.Add("ce-id", $"{sequence.Number} {id}");
        }
        if (step.VersionOff is { } off)
            request.Headers.TryAddWithoutValidation("If-Match", $"\"{version + off}\"");
        return request;
    }

    private HttpRequestMessage CloudEvent(
        Sequence sequence, Step step, string customer, Dictionary<string, object> body)
    {
        var cloudEvent = new Dictionary<string, object>
        {
            ["specversion"] = "1.0",
            ["id"] = $"{sequence.Number} {step.EventId}",
            ["source"] = Source,
            ["type"] = step.Event,
            ["subject"] = $"customer/{customer}",
            ["data"] = body,
        };
        if (step.OccurredAt is { } occurred)
            cloudEvent["time"] = occurred;
        if (step.Imported)
            cloudEvent["importid"] = _import;
        return Post("/v1/events", cloudEvent, "application/cloudevents+json");
    }

    private static HttpRequestMessage Post(string path, object body, string media) => new(HttpMethod.Post, path)
    {
        Content = new StringContent(JsonSerializer.Serialize(body, LedgerJson.Options), Encoding.UTF8, media),
    };

    private static string Path(Step step)
    {
        string path = s_paths[step.Event];
        int from = path.IndexOf('{'), to = path.IndexOf('}');
        return from < 0 ? path : path[..from] + step.Body[path[(from + 1)..to]] + path[(to + 1)..];
    }
}
