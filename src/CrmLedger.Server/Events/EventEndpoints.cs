using System.Text;
using System.Text.Json;
using CrmLedger.EventStore.Checkpoints;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Tenants;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Log;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Security;
using CrmLedger.Server.Tenants;
using CrmLedger.Server.Views;
using CrmLedger.Transparency;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CrmLedger.Server.Events;

/// <summary>
/// A proof that the log holds an event: its leaf, and the path from it to the root (RFC 6962 §2.1.1).
/// </summary>
/// <param name="EventId">The event.</param>
/// <param name="LeafIndex">Its position, from 0.</param>
/// <param name="LeafHash">Base64.</param>
/// <param name="TreeSize">Events under the root.</param>
/// <param name="Root">Base64.</param>
/// <param name="Path">From the leaf towards the root, base64.</param>
/// <param name="Checkpoint">What the log has signed: its name, the size and root, and signatures (C2SP).</param>
public sealed record InclusionReceipt(
    Guid EventId, long LeafIndex, string LeafHash, long TreeSize, string Root, IReadOnlyList<string> Path,
    string Checkpoint);

/// <summary>A page of the log.</summary>
/// <param name="Events">In the log's order.</param>
/// <param name="Next">Give it as <c>after</c> to read on; null at the end.</param>
/// <param name="Size">Events in the log.</param>
public sealed record LogPage(IReadOnlyList<ShownEvent> Events, long? Next, long Size);

/// <summary>The log itself: batches in, pages and receipts out.</summary>
public static class EventEndpoints
{
    private const int MostItems = 5_000;

    /// <summary>Maps them.</summary>
    public static void MapEvents(this IEndpointRouteBuilder v1)
    {
        var events = v1.MapGroup("/events").WithTags("Events");
        events.MapPost("", AppendAsync).WithName("AppendEvents").WithSummary("Append many events")
            .WithDescription(
                "CloudEvents 1.0, each through its decider: one (application/cloudevents+json), a list "
                + "(application/cloudevents-batch+json) or one a line (application/jsonl). type is the event's name, "
                + "subject is customer/ or member/ and a reference or an id, time is when it happened, data the "
                + "command's fields. source and id make a retry safe: the same event again changes nothing. At most "
                + "5,000 events and 8 MB. An event that is sent alone and rejected is answered with its problem; in a "
                + "batch, each item with its own.")
            .Produces<BulkAnswer>().Needs(Scopes.Append);
        events.MapGet("", ReadAsync).WithName("ReadLog").WithSummary("Read the log")
            .WithDescription("Every event of the tenant in the log's order. Positions are dense and appear in order: "
                + "nothing is ever added below what was read.")
            .Produces<LogPage>().Needs(Scopes.Audit);
        events.MapGet("/{eventId:guid}", FindAsync).WithName("ReadEvent").WithSummary("Read one event")
            .WithDescription("With its place in the log and its leaf.")
            .Produces<ShownEvent>().Needs(Scopes.Read, Scopes.Audit);
        events.MapGet("/{eventId:guid}/receipt", ReceiptAsync).WithName("ReadReceipt")
            .WithSummary("Prove that the log holds an event")
            .WithDescription("The inclusion proof of the event's leaf in the tree of the log's last signed checkpoint "
                + "(RFC 6962), as JSON or, with format=tlog-proof, as a C2SP tlog-proof that crmledger verify receipt "
                + "and other tools check with no server. The key that signs is at /log/{tenant}/key.")
            .WithMetadata(new QueryMetadata(
                ("format", "json or tlog-proof (json)."),
                ("size", "A size that the log has signed, such as that of a checkpoint which a witness has cosigned "
                    + "(the last one).")))
            .Produces<InclusionReceipt>(StatusCodes.Status200OK, "application/json", LogEndpoints.ProofType)
            .Needs(Scopes.Append, Scopes.Read, Scopes.Lead, Scopes.Audit);
    }

    private static async Task<IResult> AppendAsync(
        HttpContext http, TenantLedgers ledgers, BulkAppend bulk, CancellationToken cancel, string? items = null,
        string? atomic = null)
    {
        var query = new Query(http, nameof(items), nameof(atomic));
        query.RefuseHeaders("Idempotency-Key", "If-Match");
        bool onlyRejected = query.Word(nameof(items), "all", "rejected") == "rejected";
        bool isAtomic = query.Flag(nameof(atomic)) ?? false;
        if (query.Problem is { } unasked)
            return LedgerProblems.Result(unasked);
        var caller = http.Caller();
        var ledger = await ledgers.GetAsync(caller.Tenant);
        var (body, unread) = await RequestBody.ReadAsync(http.Request, RequestBody.BatchBytes, cancel);
        if (unread is not null)
            return LedgerProblems.Result(unread);
        var (read, isAlone, problem) = Split(http.Request.ContentType, body, ledger, caller);
        if (problem is not null)
            return LedgerProblems.Result(problem);
        var results = await bulk.RunAsync(ledger, read, isAtomic, cancel);
        if (isAlone && results[0].Problem is { } refused)
            return LedgerProblems.Written(refused);
        BulkItem[] rejected = [.. results.Where(r => r.Status == "rejected")];
        var shown = onlyRejected ? rejected : results;
        if (isAtomic && rejected.Length > 0)
            return LedgerProblems.Written(RefusedBatch.Of(results, shown));
        var appended = results.Where(r => r.Status == "appended").ToList();
        return Results.Json(
            new BulkAnswer(appended.Count, results.Length - appended.Count - rejected.Length, rejected.Length,
                appended.Max(r => r.Event?.Position), shown),
            LedgerJson.Options);
    }

    /// <summary>The events of a body; one that was sent alone is answered for by itself.</summary>
    private static (List<CloudEventItem> Items, bool IsAlone, Problem? Problem) Split(
        string? contentType, byte[] body, TenantLedger ledger, Caller caller)
    {
        string media = (contentType ?? "").Split(';')[0].Trim().ToLowerInvariant();
        switch (media)
        {
            case "application/jsonl" or "application/x-ndjson" or "application/json-lines":
                return Lines(body, ledger, caller);
            case "application/cloudevents+json":
                return ([CloudEventItem.Read(0, body, ledger, caller)], true, null);
            case "application/cloudevents-batch+json" or "application/json":
                if (InternetJson.Check(body) is { } violation)
                    return ([], false, RequestBody.NotJson(violation));
                var json = JsonElement.Parse(body);
                if (json.ValueKind == JsonValueKind.Object)
                    return ([CloudEventItem.Read(0, json, ledger, caller)], true, null);
                if (json.ValueKind != JsonValueKind.Array)
                    return ([], false, Problem.Invalid(new FieldError("", "must be a list of CloudEvents.")));
                if (json.GetArrayLength() > MostItems)
                    return ([], false, TooMany());
                return ([.. json.EnumerateArray().Select((e, i) => CloudEventItem.Read(i, e, ledger, caller))], false,
                    null);
            default:
                return ([], false, new(ProblemCodes.UnsupportedMediaType,
                    "Send application/cloudevents+json, application/cloudevents-batch+json or application/jsonl."));
        }
    }

    private static (List<CloudEventItem>, bool IsAlone, Problem?) Lines(
        ReadOnlySpan<byte> body, TenantLedger ledger, Caller caller)
    {
        // Editors on Windows begin a file with a byte order mark, which is none of its first event.
        if (body.StartsWith("\uFEFF"u8))
            body = body[3..];
        var items = new List<CloudEventItem>();
        foreach (var range in body.Split((byte)'\n'))
        {
            var line = body[range].Trim(" \t\r"u8);
            if (line.IsEmpty)
                continue;
            if (items.Count == MostItems)
                return ([], false, TooMany());
            items.Add(CloudEventItem.Read(items.Count, line, ledger, caller));
        }
        return (items, false, null);
    }

    private static Problem TooMany() =>
        new(ProblemCodes.TooLarge, $"A batch has at most {MostItems:N0} events. Send fewer at a time.");

    private static async Task<IResult> ReadAsync(
        HttpContext http, TenantLedgers ledgers, EventReader reader, CancellationToken cancel,
        string? after = null, string? limit = null)
    {
        var query = new Query(http, nameof(after), nameof(limit));
        long above = query.Number(nameof(after), -1, long.MaxValue) ?? -1;
        int most = (int)(query.Number(nameof(limit), 1, 5_000) ?? 500);
        if (query.Problem is { } unasked)
            return LedgerProblems.Result(unasked);
        var ledger = await ledgers.GetAsync(http.Caller().Tenant);
        var head = await reader.ReadHeadAsync(ledger.Tenant, cancel);
        var stored = await reader.ReadLogAsync(ledger.Tenant, above, most, cancel);
        var shown = await ShownEvent.ShowAsync(stored, ledger, cancel);
        return Results.Json(new LogPage(shown, stored.Count == most ? stored[^1].Position : null, head.Size),
            LedgerJson.Options);
    }

    private static async Task<IResult> FindAsync(
        HttpContext http, Guid eventId, TenantLedgers ledgers, EventReader reader, CancellationToken cancel)
    {
        if (new Query(http).Problem is { } unasked)
            return LedgerProblems.Result(unasked);
        var ledger = await ledgers.GetAsync(http.Caller().Tenant);
        var stored = await reader.FindAsync(ledger.Tenant, eventId, cancel);
        return stored is null
            ? LedgerProblems.Result(NoEvent(eventId))
            : Results.Json((await ShownEvent.ShowAsync([stored], ledger, cancel))[0], LedgerJson.Options);
    }

    private static async Task<IResult> ReceiptAsync(
        HttpContext http, Guid eventId, EventReader reader, TenantLedgers ledgers, CheckpointSigner signer,
        StoredTree tree, CancellationToken cancel)
    {
        var query = new Query(http, "format", "size");
        long? size = query.Number("size", least: 1, long.MaxValue);
        bool asProof = query.Word("format", "json", "tlog-proof") == "tlog-proof";
        if (query.Problem is { } unasked)
            return LedgerProblems.Result(unasked);
        string tenant = http.Caller().Tenant;
        var stored = await reader.FindAsync(tenant, eventId, cancel);
        if (stored is null)
            return LedgerProblems.Result(NoEvent(eventId));
        // Signed now, the checkpoint is of a log that holds the event.
        var signed = await signer.SignAsync((await ledgers.GetAsync(tenant)).Keys, cancel);
        if (size is { } asked && asked != signed.Checkpoint.Size)
        {
            byte[]? note = await reader.FindCheckpointAsync(tenant, signed.Checkpoint.Origin, asked, cancel);
            if (note is null || stored.Position >= asked)
            {
                return LedgerProblems.Result(new(ProblemCodes.NotFound,
                    $"The log has signed no checkpoint of size {asked} that holds event {eventId}."));
            }
            signed = SignedCheckpoint.Parse(note);
        }
        var checkpoint = signed.Checkpoint;
        var path = await tree.ComputeAsync(
            tenant, read => TileTree.InclusionPath(stored.Position, checkpoint.Size, read), cancel);
        return asProof
            ? Results.Bytes(new Receipt(stored.Position, path, signed).ToUtf8(), LogEndpoints.ProofType)
            : Results.Json(new InclusionReceipt(
                eventId, stored.Position, Convert.ToBase64String(stored.LeafHash), checkpoint.Size,
                Convert.ToBase64String(checkpoint.Root), [.. path.Select(Convert.ToBase64String)],
                Encoding.UTF8.GetString(signed.ToUtf8())), LedgerJson.Options);
    }

    private static Problem NoEvent(Guid eventId) => new(ProblemCodes.NotFound, $"There is no event {eventId}.");
}
