using System.Text.Json.Nodes;
using CrmLedger.Annulments;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Tenants;
using CrmLedger.EventStore.Views;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Customers;
using CrmLedger.Server.Policies;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Security;
using CrmLedger.Server.Tenants;
using CrmLedger.Server.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CrmLedger.Server.Replays;

/// <summary>
/// Steps through a customer's stream. A page folds what comes before it once, so that no page costs more than the
/// stream is long.
/// </summary>
public sealed class ReplayEndpoint(EventReader reader, ViewReader views)
{
    private const int MostSteps = 1_000;

    /// <summary>Maps it.</summary>
    public static void Map(IEndpointRouteBuilder v1) => v1.MapGet("/customers/{customerId}/replay",
        (HttpContext http, string customerId, TenantLedgers ledgers, ReplayEndpoint endpoint,
            CancellationToken cancel) => endpoint.ReplayAsync(http, StreamAddress.Named(http) ?? "", ledgers, cancel))
        .WithName("ReplayCustomer").WithTags("Customers").WithSummary("Step through a customer's history")
        .WithDescription("Each event in order with what it did when it was recorded: to the thing that it is about, "
            + "to the rows of every view, and to the customer's trust in us. An annulment shows what folding the "
            + "stream again without the annulled event changed; an annulled event says who annulled it, when and "
            + "why. All is folded from the customer's own stream, by the rules of the views, and not read from them.")
        .WithMetadata(new QueryMetadata(
            ("asOf", "What was known at this time (recordedAt)."),
            ("until", "What had happened by this time (occurredAt), and no score later than it; not after asOf. "
                + "Annulments are shown whenever they are known."),
            ("version", "Begin at the event of this version of the stream, or the next one that is shown; with "
                + "limit=1 only that one."),
            ("step", "Begin at the step of this number instead, which is another one where until leaves some out."),
            ("limit", $"Steps of a page, 1 to {MostSteps} (50)."), ("cursor", "The page after this one.")))
        .Produces<ReplayPage>().Needs(Scopes.Read, Scopes.Audit);

    /// <summary>Where a page ended, and the knowledge that the first page was made of.</summary>
    private sealed record After(long Version, long Position, DateTimeOffset AsOf, bool Provisional);

    private async Task<IResult> ReplayAsync(
        HttpContext http, string customerId, TenantLedgers ledgers, CancellationToken cancel)
    {
        var ledger = await ledgers.GetAsync(http.Caller().Tenant);
        var query = new Query(http, "asOf", "until", "version", "step", "limit", "cursor");
        var (asOf, until) = (query.Time("asOf"), query.Time("until"));
        var (version, step) = (query.Number("version", 1, long.MaxValue), query.Number("step", 1, int.MaxValue));
        if (version is not null && step is not null)
            query.Refuse("step", "goes without version.");
        int limit = (int)(query.Number("limit", 1, MostSteps) ?? 50);
        var after = query.After<After>("cursor");
        if (after is not null && !await views.ReachesAsync(ledger.Tenant, after.Position, cancel))
            query.Refuse("cursor", Query.ForeignCursor);
        var known = after is null
            ? await views.KnownAtAsync(ledger.Tenant, asOf, cancel)
            : new KnownAt(after.AsOf, after.Position, after.Provisional);
        if (until > known.AsOf)
            query.Refuse("until", Query.UntilAhead);
        if (query.Problem is { } problem)
            return LedgerProblems.Result(problem);
        if (StreamAddress.Parse(StreamKind.Customer, customerId, ledger.Keys) is not { } id)
            return LedgerProblems.Result(CustomerStreams.Unknown(customerId));
        // What is recorded meanwhile is in none of what is read.
        long position = known.Position ?? (await reader.ReadHeadAsync(ledger.Tenant, cancel)).Size - 1;
        string streamId = StreamKind.Customer.StreamId(id);
        var stored = await reader.ReadStreamAsync(ledger.Tenant, streamId, new(Position: position), cancel);
        if (stored.Count == 0
            && (await reader.ReadStreamAsync(ledger.Tenant, streamId, new(Limit: 1), cancel)).Count == 0)
        {
            return LedgerProblems.Result(CustomerStreams.Unknown(customerId));
        }
        await views.WaitAsync(ledger.Tenant, DirectoryView.ViewName, null, new(default, null, true), cancel);
        var happened = stored.Select(e => (Stored: e, Envelope: e.ToEnvelope()))
            .Where(e => new WhatCounts(until).Takes(e.Envelope)).ToList();
        var stream = happened.ConvertAll(e => e.Envelope);
        int first = after is not null ? stream.TakeWhile(e => e.Version <= after.Version).Count()
            : version is not null ? stream.TakeWhile(e => e.Version < version).Count()
            : Math.Min(stream.Count, (int)(step ?? 1) - 1);
        var steps = new ShownSteps(
            stream, first, limit, await reader.TrustPoliciesAsync(ledger.Tenant, position, cancel), until);
        var shown = await steps.ShowAsync(
            [.. happened.Skip(first).Take(limit).Select(e => e.Stored)], KnownAnnulment.In(stream), first + 1, ledger,
            cancel);
        long streamVersion = stored.Count == 0 ? 0 : stored[^1].Version;
        http.Response.Headers.ETag = $"\"{streamVersion}\"";
        return Results.Json(new ReplayPage(id, streamVersion, known.AsOf, until, position, known.Provisional,
            await HistoryEndpoint.CustomerAsync(ledger, stream, cancel),
            await views.MembersAsync(ledger, shown.SelectMany(Named), position, cancel), stream.Count, shown,
            stream.Count == 0 ? await views.NothingKnownAsync(ledger.Tenant, asOf, cancel) : null,
            first + shown.Count < stream.Count
                ? Query.Cursor(new After(shown[^1].Event.Version, position, known.AsOf, known.Provisional))
                : null), LedgerJson.Options);
    }

    private static IEnumerable<JsonObject?> Named(ShownStep step) =>
        [step.Event.Data, step.State?.Before, step.State?.After];
}
