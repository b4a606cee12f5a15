using CrmLedger.Annulments;
using CrmLedger.Customers;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Tenants;
using CrmLedger.EventStore.Views;
using CrmLedger.Promises;
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

/// <summary>A promise with every event of it.</summary>
/// <param name="CustomerId">The customer.</param>
/// <param name="AsOf">The time of knowledge asked about, UTC.</param>
/// <param name="Until">Until when what happened counts, and at which it is judged, UTC; left out for asOf.</param>
/// <param name="Position">The last position that the answer reflects.</param>
/// <param name="Provisional">Whether later events could still be recorded at or before that time.</param>
/// <param name="Status">Where it stood then.</param>
/// <param name="Promise">What its events tell; its conditions stand with the first event.</param>
/// <param name="Events">Its events, annulled ones included.</param>
/// <param name="Annulled">The ids of those that were annulled; each says itself by whom, when and why.</param>
public sealed record PromisePage(
    Guid CustomerId, DateTimeOffset AsOf, DateTimeOffset? Until, long Position, bool Provisional, PromiseStatus Status,
    ShownPromise Promise, IReadOnlyList<ShownEvent> Events, IReadOnlyList<Guid> Annulled);

/// <summary>A promise as its events tell it.</summary>
/// <param name="PromiseId">The promise.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Conditions">What will be true when it is kept.</param>
/// <param name="MakerId">Who made it.</param>
/// <param name="MakerTeam">The maker's team then.</param>
/// <param name="HolderId">Who holds it.</param>
/// <param name="HolderTeam">The holder's team.</param>
/// <param name="MadeAt">From when it counts as made, UTC.</param>
/// <param name="FirstDue">The date first promised, UTC.</param>
/// <param name="BindingDue">The last date agreed in time, UTC.</param>
/// <param name="ProposedDue">The date proposed and not answered, UTC.</param>
/// <param name="Renegotiations">How often another date was agreed in time.</param>
/// <param name="KeptAt">From when its last declaration counts, UTC.</param>
/// <param name="Confirmed">Whether the customer confirmed it.</param>
/// <param name="EverDisputed">Whether the customer ever disputed it.</param>
/// <param name="MissCause">The cause of a miss, stated last.</param>
/// <param name="Imported">Whether it came with an import.</param>
/// <param name="RecordedLate">Whether it was recorded too late to be taken at its word.</param>
public sealed record ShownPromise(
    string PromiseId, string Kind, string? Conditions, Guid MakerId, string MakerTeam, Guid HolderId, string HolderTeam,
    DateTimeOffset MadeAt, DateTimeOffset FirstDue, DateTimeOffset BindingDue, DateTimeOffset? ProposedDue,
    int Renegotiations, DateTimeOffset? KeptAt, bool Confirmed, bool EverDisputed, MissCause? MissCause, bool Imported,
    bool RecordedLate);

/// <summary>Reads a customer's stream on either clock.</summary>
public sealed class HistoryEndpoint(EventReader reader, ViewReader views)
{
    /// <summary>Maps the history and the promise page.</summary>
    public static void Map(IEndpointRouteBuilder v1)
    {
        var one = v1.MapGroup("/customers/{customerId}");
        one.MapGet("/history", (HttpContext http, string customerId, TenantLedgers ledgers, HistoryEndpoint endpoint,
                CancellationToken cancel) =>
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
        one.MapGet("/promises/{promiseId}",
            (HttpContext http, string customerId, string promiseId, TenantLedgers ledgers, HistoryEndpoint endpoint,
                CancellationToken cancel) =>
                    endpoint.PromiseAsync(http, StreamAddress.Named(http) ?? "", promiseId, ledgers, cancel))
            .WithName("ReadPromise").WithTags("Promises").WithSummary("Read a promise with all its events")
            .WithDescription("Where the promise stands and every event that made it so.")
            .WithMetadata(new QueryMetadata(("asOf", "What was known at this time (recordedAt)."),
                ("until", "What had happened by this time (occurredAt), judged at it; not after asOf."),
                ("annulled", "left_out, or counted: where it stood as if nothing had been annulled (left_out).")))
            .Produces<PromisePage>().Needs(Scopes.Read, Scopes.Lead, Scopes.Audit);
    }

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

    private async Task<IResult> PromiseAsync(
        HttpContext http, string customerId, string promiseId, TenantLedgers ledgers, CancellationToken cancel)
    {
        var ledger = await ledgers.GetAsync(http.Caller().Tenant);
        var query = new Query(http, "asOf", "until", "annulled");
        var asOf = query.Time("asOf");
        var counts = query.WhatCounts();
        var known = await views.KnownAtAsync(ledger.Tenant, asOf, counts, cancel);
        if (counts.Until > known.AsOf)
            query.Refuse("until", Query.UntilAhead);
        if (query.Problem is { } problem)
            return LedgerProblems.Result(problem);
        if (StreamAddress.Parse(StreamKind.Customer, customerId, ledger.Keys) is not { } id)
            return LedgerProblems.Result(CustomerStreams.Unknown(customerId));
        long upTo = known.Position ?? (await reader.ReadHeadAsync(ledger.Tenant, cancel)).Size - 1;
        var stored = await reader.ReadStreamAsync(
            ledger.Tenant, StreamKind.Customer.StreamId(id), new(Position: upTo), cancel);
        var happened = stored.Select(e => (Stored: e, Envelope: e.ToEnvelope()))
            .Where(e => new WhatCounts(counts.Until).Takes(e.Envelope)).ToList();
        var state = CustomerStream.Fold([.. happened.Select(e => e.Envelope).Where(counts.Takes)]);
        if (!state.Promises.TryGetValue(promiseId, out var promise))
            return LedgerProblems.Result(new("promise_unknown", $"This customer has no promise '{promiseId}'."));
        var its = happened.FindAll(e => e.Envelope.Data is IPromiseEvent of && of.PromiseId == promiseId)
            .ConvertAll(e => e.Stored);
        var annulled = KnownAnnulment.In(happened.Select(e => e.Envelope));
        http.Response.Headers.ETag = $"\"{stored[^1].Version}\"";
        return Results.Json(new PromisePage(id, known.AsOf, counts.Until, upTo, known.Provisional,
            promise.StatusAt(counts.Until ?? known.AsOf), await ShowAsync(ledger, promise, cancel),
            ShownEvent.Marked(await ShownEvent.ShowAsync(its, ledger, cancel), annulled),
            [.. its.Select(e => e.Id).Where(annulled.ContainsKey)]), LedgerJson.Options);
    }

    private static async Task<ShownPromise> ShowAsync(TenantLedger ledger, Promise p, CancellationToken cancel) =>
        new(p.PromiseId, p.Kind, await ViewReader.OpenAsync(ledger, p.Conditions, cancel), p.MakerId, p.MakerTeam,
            p.HolderId, p.HolderTeam, p.MadeAt, p.FirstDue, p.BindingDue, p.ProposedDue, p.Renegotiations, p.KeptAt,
            p.Confirmed, p.EverDisputed, p.MissCause, p.Imported, p.RecordedLate);
}
