using CrmLedger.Annulments;
using CrmLedger.Customers;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Tenants;
using CrmLedger.EventStore.Views;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Events;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Security;
using CrmLedger.Server.Tenants;
using CrmLedger.Server.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CrmLedger.Server.Customers;

/// <summary>A customer's history: what is known of the relationship, event by event.</summary>
/// <param name="CustomerId">The customer.</param>
/// <param name="StreamVersion">The stream's version at the bounds asked for.</param>
/// <param name="AsOf">The time of knowledge asked about, UTC.</param>
/// <param name="Position">The last position that the answer reflects.</param>
/// <param name="Provisional">Whether later events could still be recorded at or before that time.</param>
/// <param name="Customer">Who it is, as known then; only on the first page.</param>
/// <param name="Members">Who the members are that its events name, by id.</param>
/// <param name="Events">In the stream's order.</param>
/// <param name="Next">Give it as <c>cursor</c> to read on; null at the end.</param>
public sealed record HistoryPage(
    Guid CustomerId, long StreamVersion, DateTimeOffset AsOf, long Position, bool Provisional, Named? Customer,
    IReadOnlyDictionary<string, Named> Members, IReadOnlyList<ShownEvent> Events, string? Next);

/// <summary>Reads a customer's stream on either clock.</summary>
public sealed class HistoryEndpoint(EventReader reader, ViewReader views)
{
    /// <summary>Maps the history.</summary>
    public static void Map(IEndpointRouteBuilder v1) =>
        v1.MapGet("/customers/{customerId}/history", (HttpContext http, string customerId, TenantLedgers ledgers,
                HistoryEndpoint endpoint, CancellationToken cancel) =>
                    endpoint.HistoryAsync(http, StreamAddress.Named(http) ?? "", ledgers, cancel))
            .WithName("CustomerHistory").WithTags("Customers").WithSummary("Replay a customer's history")
            .WithDescription("Every event of the relationship in order. asOf asks what was known by then (recordedAt), "
                + "until what had happened by then (occurredAt); an imported history was all recorded on the day of "
                + "its import, so replay it by until. An annulled event stays where it is and says what annulled it, "
                + "as known at the bounds asked for, until apart: an annulment is known or it is not.")
            .WithMetadata(new QueryMetadata(
                ("version", "Up to this version of the stream."), ("position", "Up to this position of the log."),
                ("asOf", "What was known at this time (recordedAt)."),
                ("atLeast", "Wait until the ledger's views reflect this position."),
                ("until", "What had happened by this time (occurredAt)."),
                ("limit", "Events of a page, 1 to 1000 (500)."), ("cursor", "The page after this one.")))
            .Produces<HistoryPage>().Needs(Scopes.Read, Scopes.Audit);

    /// <summary>Where a page ended, and the bounds of the first page: all pages are of the same history.</summary>
    private sealed record After(long Version, long Position, long StreamVersion, DateTimeOffset AsOf, bool Provisional);

    private async Task<IResult> HistoryAsync(
        HttpContext http, string customerId, TenantLedgers ledgers, CancellationToken cancel)
    {
        var ledger = await ledgers.GetAsync(http.Caller().Tenant);
        var query = new Query(http, "version", "position", "asOf", "atLeast", "until", "limit", "cursor");
        long? version = query.Number("version", 0, long.MaxValue);
        long? position = query.Number("position", -1, long.MaxValue);
        var (asOf, until) = (query.Time("asOf"), query.Time("until"));
        long? atLeast = query.Number("atLeast", 0, long.MaxValue);
        int limit = (int)(query.Number("limit", 1, 1_000) ?? 500);
        var after = query.After<After>("cursor");
        if (after is not null && !await views.ReachesAsync(ledger.Tenant, after.Position, cancel))
            query.Refuse("cursor", Query.ForeignCursor);
        if (query.Problem is { } problem)
            return LedgerProblems.Result(problem);
        if (StreamAddress.Parse(StreamKind.Customer, customerId, ledger.Keys) is not { } id)
            return LedgerProblems.Result(CustomerStreams.Unknown(customerId));
        string streamId = StreamKind.Customer.StreamId(id);
        var known = await views.KnownAtAsync(ledger.Tenant, asOf, cancel);
        if (await views.WaitAsync(ledger.Tenant, DirectoryView.ViewName, atLeast, new(default, null, true), cancel)
            is { } behind)
            return LedgerProblems.Result(behind);
        // The head is read first and bounds every read: what is recorded meanwhile is in none of them.
        long head = (await reader.ReadHeadAsync(ledger.Tenant, cancel)).Size - 1;
        long upTo = after?.Position ?? Math.Min(Math.Min(position ?? head, known.Position ?? head), head);
        var whole = await reader.ReadStreamAsync(ledger.Tenant, streamId,
            after is null
                ? new(Version: version, Position: upTo)
                : new(after.Version, after.StreamVersion, upTo, until, limit + 1), cancel);
        if (whole.Count == 0 && after is null)
        {
            var first = await reader.ReadStreamAsync(ledger.Tenant, streamId, new(Position: head, Limit: 1), cancel);
            if (first.Count == 0)
                return LedgerProblems.Result(CustomerStreams.Unknown(customerId));
        }
        long streamVersion = after?.StreamVersion ?? (whole.Count > 0 ? whole[^1].Version : 0);
        // Nothing can be added below a version or a position that is there.
        bool provisional = after?.Provisional
            ?? (known.Provisional && !(position <= head) && !(version <= streamVersion));
        var happened = until is null ? whole : whole.FindAll(e => e.ReadHeaders().OccurredAt <= until);
        var page = happened.Take(limit).ToList();
        // Who it is stands on the first page; that one has read the whole of it anyway.
        var customer = after is null ? await CustomerAsync(ledger, [.. whole.Select(e => e.ToEnvelope())
            .Where(new WhatCounts(until).Takes)], cancel) : null;
        var annulments = await reader.ReadAnnulmentsAsync(ledger.Tenant, streamId, streamVersion, upTo, cancel);
        var shown = ShownEvent.Marked(await ShownEvent.ShowAsync(page, ledger, cancel),
            KnownAnnulment.In(annulments.Select(e => e.ToEnvelope())));
        http.Response.Headers.ETag = $"\"{streamVersion}\"";
        return Results.Json(new HistoryPage(
            id, streamVersion, after?.AsOf ?? known.AsOf, upTo, provisional, customer,
            await views.MembersAsync(ledger, shown.Select(e => e.Data), upTo, cancel), shown,
            happened.Count > limit
                ? Query.Cursor(new After(
                    page[^1].Version, upTo, streamVersion, after?.AsOf ?? known.AsOf, provisional))
                : null), LedgerJson.Options);
    }

    /// <summary>
    /// Who the customer was by those events: names are corrected, and a past answer shows the past name.
    /// </summary>
    internal static async Task<Named> CustomerAsync(
        TenantLedger ledger, IReadOnlyList<Envelope> events, CancellationToken cancel)
    {
        var customer = CustomerStream.Fold([.. events.Where(e => e.Data is ICustomerEvent or EntryAnnulled)]).Customer;
        return new(await ViewReader.OpenAsync(ledger, customer.Reference, cancel),
            await ViewReader.OpenAsync(ledger, customer.Name, cancel), customer.Segment);
    }
}
