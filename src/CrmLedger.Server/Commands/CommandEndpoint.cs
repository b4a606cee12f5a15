using System.Globalization;
using System.Text;
using System.Text.Json;
using CrmLedger.EventStore.Appending;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Tenants;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Security;
using CrmLedger.Server.Tenants;
using CrmLedger.Server.Views;
using CrmLedger.Transparency;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace CrmLedger.Server.Commands;

/// <summary>An event as an append answers with it.</summary>
/// <param name="Id">The event's id.</param>
/// <param name="Type">Its stored name.</param>
/// <param name="Stream">Its stream.</param>
/// <param name="Version">Its place in the stream, from 1.</param>
/// <param name="Position">Its place in the tenant's log and its leaf index, from 0.</param>
/// <param name="RecordedAt">When the ledger recorded it, UTC.</param>
/// <param name="LeafHash">Its leaf in the tenant's Merkle tree, base64.</param>
/// <param name="Receipt">Where the proof that the log holds it is to be had.</param>
public sealed record EventReceipt(
    Guid Id, string Type, string Stream, long Version, long Position, DateTimeOffset RecordedAt, string LeafHash,
    string Receipt)
{
    internal static EventReceipt Of(AppendedEvent e) => new(e.Id, e.Type, e.Stream, e.Version, e.Position, e.RecordedAt,
        Convert.ToBase64String(e.LeafHash), $"/v1/events/{e.Id}/receipt");
}

/// <summary>The answer to a command.</summary>
/// <param name="Ids">The customer, member or import and the things in it that it was about, by field name.</param>
/// <param name="StreamVersion">The stream's version afterwards; also the ETag.</param>
/// <param name="Position">Of the last event; give it to a view as <c>atLeast</c> to see the effect.</param>
/// <param name="Replayed">Whether this is the answer to the same request sent before: nothing new was recorded.</param>
/// <param name="Events">The events recorded.</param>
public sealed record CommandAnswer(
    IReadOnlyDictionary<string, string> Ids, long StreamVersion, long? Position, bool Replayed,
    IReadOnlyList<EventReceipt> Events);

/// <summary>What the description of an operation says of a command.</summary>
/// <param name="Command">The command's record.</param>
/// <param name="Example">An example body.</param>
public sealed record CommandMetadata(Type Command, string Example);

/// <summary>Maps one POST operation for each command.</summary>
public static class CommandEndpoint
{
    private static readonly string[] s_pathIds =
        ["promiseId", "followUpId", "concernId", "feedbackId", "solutionId", "purchaseId", "importId"];

    /// <summary>Maps a command.</summary>
    /// <param name="routes">The group that it is mapped in.</param>
    /// <param name="pattern">The address; {customerId}, {memberId} or {importId} names the stream.</param>
    /// <param name="summary">One line, imperative.</param>
    /// <param name="description">What it means, and what it does not.</param>
    /// <param name="example">An example body, JSON.</param>
    /// <param name="scope">What the caller's key must be allowed to do.</param>
    public static RouteHandlerBuilder MapCommand<TCommand>(
        this IEndpointRouteBuilder routes, string pattern, string summary, string description, string example,
        string scope = Scopes.Append)
        where TCommand : ICommand =>
        routes.MapPost(pattern, (HttpContext http, CancellationToken cancel) =>
            HandleAsync(http, typeof(TCommand), cancel))
            .WithName(typeof(TCommand).Name + (pattern.Contains("{memberId}", StringComparison.Ordinal)
                && typeof(TCommand) == typeof(Annulments.AnnulEntry) ? "OfMember" : ""))
            .WithSummary(summary)
            .WithDescription(description)
            .WithMetadata(new CommandMetadata(typeof(TCommand), example))
            .Produces<CommandAnswer>(StatusCodes.Status201Created)
            .Produces<CommandAnswer>()
            .Needs(scope);

    private static async Task<IResult> HandleAsync(HttpContext http, Type command, CancellationToken cancel)
    {
        if (new Query(http).Problem is { } unasked)
            return LedgerProblems.Result(unasked);
        var caller = http.Caller();
        var ledger = await http.RequestServices.GetRequiredService<TenantLedgers>().GetAsync(caller.Tenant);
        var (body, unread) = await RequestBody.ReadCommandAsync(http.Request, cancel);
        if (unread is not null)
            return LedgerProblems.Result(unread);
        var errors = new List<FieldError>();
        var request = Read(http, command, body, ledger, caller, errors);
        if (request is null)
            return LedgerProblems.Result(Problem.Invalid(errors));
        var handling = http.RequestServices.GetRequiredService<CommandHandling>();
        var (outcome, problem) = await handling.HandleAsync(ledger, request, cancel);
        if (problem is not null)
            return LedgerProblems.Result(Pointed(http, problem));
        var ids = IdsOf(request);
        if (outcome is { Replayed: true, Events: [var recorded, ..] })
        {
            var reader = http.RequestServices.GetRequiredService<EventReader>();
            if (await reader.FindAsync(ledger.Tenant, recorded.Id, cancel) is { } stored)
                ids = RecordedIds(request.Kind, ids, stored);
        }
        return Answer(http, request, outcome!, ids);
    }

    /// <summary>
    /// A decider names a command's field: here some stand in the address, and the event's id in a header.
    /// </summary>
    private static Problem Pointed(HttpContext http, Problem problem) => problem with
    {
        Errors = problem.Errors is null ? null : [.. problem.Errors.Select(e => e with
        {
            Pointer = e.Pointer == "/id" ? "ce-id"
                : s_pathIds.Contains(e.Pointer.TrimStart('/')) && http.Request.RouteValues.ContainsKey(e.Pointer[1..])
                    ? e.Pointer[1..]
                    : e.Pointer,
        })],
    };

    private static CommandRequest? Read(
        HttpContext http, Type command, JsonElement body, TenantLedger ledger, Caller caller, List<FieldError> errors)
    {
        var kind = StreamKind.Of(command);
        var path = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string name in s_pathIds)
        {
            if (http.Request.RouteValues.TryGetValue(name, out object? value) && value is string id)
                path[name] = id;
        }
        if (http.Request.RouteValues.ContainsKey("memberId") && kind == StreamKind.Customer)
            kind = StreamKind.Member;
        var draft = CommandDraft.Read(command, body, path, ledger.Keys, "", errors, takesTime: true);
        var context = ReadContext(http, body, command, ledger, caller, errors);
        if (draft is null || errors.Count > 0)
            return null;
        var stream = StreamAddress.Of(http, kind, draft, ledger, context!.EventId, errors);
        return stream is not { } at ? null : new(kind, at, draft,
            context with { Content = draft.Content(kind.StreamId(at), context.OccurredAt) });
    }

    private static CommandContext? ReadContext(
        HttpContext http, JsonElement body, Type command, TenantLedger ledger, Caller caller, List<FieldError> errors)
    {
        DateTimeOffset? occurredAt = null;
        if (body.TryGetProperty("occurredAt", out var sent) && sent.ValueKind != JsonValueKind.Null)
        {
            var (time, error) = sent.ValueKind == JsonValueKind.String
                ? FieldReader.Time(sent.GetString()!)
                : (null, "must be a time with its offset, for example \"2026-03-02T09:30:00Z\".");
            if (error is not null)
                errors.Add(new("/occurredAt", error));
            occurredAt = time as DateTimeOffset?;
        }
        var headers = http.Request.Headers;
        string? source = Header(http, "ce-source", 500, errors);
        string? id = Header(http, "ce-id", 500, errors);
        if (source is null != id is null)
            errors.Add(new(source is null ? "ce-source" : "ce-id",
                "goes with the other: send ce-source and ce-id, or neither."));
        byte[] content = Encoding.UTF8.GetBytes($"{command.Name} {http.Request.Path}\n")
            .Concat(CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(body.GetRawText()))).ToArray();
        var eventId = source is not null && id is not null ? ClientEventId.Of(source, id) : (Guid?)null;
        return new(caller, occurredAt, eventId, source, Header(http, "Correlation-Id", 200, errors),
            Header(http, "Causation-Id", 200, errors), null, null,
            IdempotencyKey(headers["Idempotency-Key"], content, ledger, caller, errors),
            IfMatch(headers.IfMatch, errors), []);
    }

    private static string? Header(HttpContext http, string name, int longest, List<FieldError> errors)
    {
        string? value = http.Request.Headers[name];
        if (string.IsNullOrEmpty(value))
            return null;
        if (value.Length > longest || value.Any(c => c is < ' ' or > '~'))
            errors.Add(new(name, $"must have at most {longest} printable ASCII characters."));
        return value;
    }

    /// <summary>draft-ietf-httpapi-idempotency-key-header: a quoted string; a bare one is taken too.</summary>
    private static IdempotencyMark? IdempotencyKey(
        string? sent, byte[] content, TenantLedger ledger, Caller caller, List<FieldError> errors)
    {
        if (string.IsNullOrEmpty(sent))
            return null;
        string key = sent.Length >= 2 && sent[0] == '"' && sent[^1] == '"' ? sent[1..^1] : sent;
        if (key.Length is 0 or > 255)
            errors.Add(new("Idempotency-Key", "must have 1 to 255 characters."));
        return new(
            ledger.Keys.Fingerprint("idempotency key", Encoding.UTF8.GetBytes($"{caller.KeyId}\n{key}")),
            ledger.Keys.Fingerprint("idempotent request", content));
    }

    private static long? IfMatch(string? sent, List<FieldError> errors)
    {
        if (string.IsNullOrEmpty(sent) || sent == "*")
            return null;
        if (long.TryParse(sent.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out long version))
            return version;
        errors.Add(new("If-Match", "must be a stream's version as its ETag gives it, for example \"7\"."));
        return null;
    }

    private static Dictionary<string, string> IdsOf(CommandRequest request)
    {
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        if (request.Kind != StreamKind.Policy)
            ids[$"{request.Kind.Prefix}Id"] = request.Id.ToString("D");
        foreach (var (name, id) in request.Draft.Ids)
            ids.TryAdd(name, id);
        return ids;
    }

    /// <summary>
    /// The ids that the first answer told: a request that names none is given new ones whenever it is read.
    /// </summary>
    private static Dictionary<string, string> RecordedIds(
        StreamKind kind, Dictionary<string, string> ids, StoredEvent stored)
    {
        var data = JsonElement.Parse(stored.Data);
        var recorded = ids.ToDictionary(
            i => i.Key, i => data.TryGetProperty(i.Key, out var there) ? there.ToString() : i.Value,
            StringComparer.Ordinal);
        if (kind != StreamKind.Policy)
            recorded[$"{kind.Prefix}Id"] = stored.Stream[(kind.Prefix.Length + 1)..];
        return recorded;
    }

    private static IResult Answer(
        HttpContext http, CommandRequest request, CommandOutcome outcome, Dictionary<string, string> ids)
    {
        bool creates = CommandShape.Of(request.Draft.Command).Fields.Any(f => f.IsNewId)
            || StreamAddress.BringsIn(request.Draft.Command);
        http.Response.Headers.ETag = $"\"{outcome.StreamVersion}\"";
        if (outcome.Replayed)
            http.Response.Headers["Idempotent-Replayed"] = "true";
        if (outcome.Events.Count > 0)
            http.Response.Headers.Location = $"/v1/events/{outcome.Events[0].Id}";
        long? position = outcome.Events.Count > 0 ? outcome.Events[^1].Position : null;
        var answer = new CommandAnswer(
            ids, outcome.StreamVersion, position, outcome.Replayed, [.. outcome.Events.Select(EventReceipt.Of)]);
        return Results.Json(answer, LedgerJson.Options,
            statusCode: creates ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }
}
