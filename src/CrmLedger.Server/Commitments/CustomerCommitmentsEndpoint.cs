using CrmLedger.Annulments;
using CrmLedger.Customers;
using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Tenants;
using CrmLedger.Promises;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Customers;
using CrmLedger.Server.Events;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Security;
using CrmLedger.Server.Tenants;
using CrmLedger.Server.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CrmLedger.Server.Commitments;

/// <summary>What became of everything that a customer was promised or complained of.</summary>
/// <param name="CustomerId">The customer.</param>
/// <param name="AsOf">The time of knowledge asked about, UTC.</param>
/// <param name="Until">Until when what happened counts, and at which it is judged, UTC; left out for asOf.</param>
/// <param name="Annulled">What was made of annulled entries.</param>
/// <param name="Position">The last position that the answer reflects.</param>
/// <param name="Provisional">Whether later events could still be recorded at or before that time.</param>
/// <param name="Promises">Every promise, in the order of making.</param>
/// <param name="FollowUps">Every follow-up, in the order of scheduling.</param>
/// <param name="Concerns">Every concern, in the order of raising.</param>
public sealed record CustomerCommitments(
    Guid CustomerId, DateTimeOffset AsOf, DateTimeOffset? Until, AnnulledEntries Annulled, long Position,
    bool Provisional, IReadOnlyList<JudgedPromise> Promises, IReadOnlyList<ShownFollowUp> FollowUps,
    IReadOnlyList<ShownConcern> Concerns);

/// <summary>A promise and where it stands.</summary>
/// <param name="Status">Where it stood then.</param>
/// <param name="Promise">What its events tell.</param>
public sealed record JudgedPromise(PromiseStatus Status, ShownPromise Promise);

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

/// <summary>What became of what was promised to one customer, folded from its stream.</summary>
public sealed class CustomerCommitmentsEndpoint(EventReader reader, ViewReader views)
{
    private static readonly QueryMetadata s_parameters = new(
        ("asOf", "What was known at this time (recordedAt)."),
        ("until", "What had happened by this time (occurredAt), judged at it; not after asOf."),
        ("annulled", "left_out, or counted: where it stood as if nothing had been annulled (left_out)."));

    /// <summary>Maps the whole and the single promise.</summary>
    public static void Map(IEndpointRouteBuilder v1)
    {
        var one = v1.MapGroup("/customers/{customerId}");
        one.MapGet("/commitments", (HttpContext http, string customerId, TenantLedgers ledgers,
                CustomerCommitmentsEndpoint endpoint, CancellationToken cancel) =>
                    endpoint.AllAsync(http, ledgers, cancel))
            .WithName("CustomerCommitments").WithTags("Commitments")
            .WithSummary("See what became of everything promised to a customer")
            .WithDescription("Every promise and follow-up with its class in the kept rate, and every concern with when "
                + "it was put right; settled ones included, and judged at the time asked about.")
            .WithMetadata(s_parameters)
            .Produces<CustomerCommitments>().Needs(Scopes.Read, Scopes.Lead, Scopes.Audit);
        one.MapGet("/promises/{promiseId}", (HttpContext http, string customerId, string promiseId,
                TenantLedgers ledgers, CustomerCommitmentsEndpoint endpoint, CancellationToken cancel) =>
                    endpoint.PromiseAsync(http, promiseId, ledgers, cancel))
            .WithName("ReadPromise").WithTags("Promises").WithSummary("Read a promise with all its events")
            .WithDescription("Where the promise stands and every event that made it so.")
            .WithMetadata(s_parameters)
            .Produces<PromisePage>().Needs(Scopes.Read, Scopes.Lead, Scopes.Audit);
    }

    /// <summary>A customer's stream as known, and what it amounts to.</summary>
    private sealed record Folded(
        TenantLedger Ledger, Guid CustomerId, KnownAt Known, WhatCounts Counts, long Position,
        IReadOnlyList<(StoredEvent Stored, Envelope Envelope)> Happened, CustomerStream State)
    {
        public DateTimeOffset Time => Counts.Until ?? Known.AsOf;
    }

    private async Task<IResult> AllAsync(HttpContext http, TenantLedgers ledgers, CancellationToken cancel)
    {
        var (all, problem) = await FoldAsync(http, ledgers, cancel);
        if (all is null)
            return LedgerProblems.Result(problem!);
        var promises = all.State.Promises.Values.OrderBy(p => p.MadeAt)
            .ThenBy(p => p.PromiseId, StringComparer.Ordinal);
        var keys = await all.Ledger.Subjects.FindAsync(
            [.. promises.Select(p => Sealing.SubjectOf(p.Conditions)).OfType<Guid>().Distinct()], cancel);
        return Results.Json(new CustomerCommitments(all.CustomerId, all.Known.AsOf, all.Counts.Until,
            all.Counts.Annulled, all.Position, all.Known.Provisional,
            [.. promises.Select(p => new JudgedPromise(
                p.StatusAt(all.Time), ShownPromise.Of(p, Open(p.Conditions, keys), all.Time)))],
            [.. all.State.FollowUps.Values.OrderBy(f => f.MadeAt).ThenBy(f => f.FollowUpId, StringComparer.Ordinal)
                .Select(f => ShownFollowUp.Of(f, all.Time))],
            [.. all.State.Concerns.Values.OrderBy(c => c.RaisedAt).ThenBy(c => c.ConcernId, StringComparer.Ordinal)
                .Select(ShownConcern.Of)]), LedgerJson.Options);
    }

    private async Task<IResult> PromiseAsync(
        HttpContext http, string promiseId, TenantLedgers ledgers, CancellationToken cancel)
    {
        var (all, problem) = await FoldAsync(http, ledgers, cancel);
        if (all is null)
            return LedgerProblems.Result(problem!);
        if (!all.State.Promises.TryGetValue(promiseId, out var promise))
            return LedgerProblems.Result(new("promise_unknown", $"This customer has no promise '{promiseId}'."));
        var its = all.Happened.Where(e => e.Envelope.Data is IPromiseEvent of && of.PromiseId == promiseId)
            .Select(e => e.Stored).ToList();
        var annulled = KnownAnnulment.In(all.Happened.Select(e => e.Envelope));
        string? conditions = await ViewReader.OpenAsync(all.Ledger, promise.Conditions, cancel);
        return Results.Json(new PromisePage(all.CustomerId, all.Known.AsOf, all.Counts.Until, all.Position,
            all.Known.Provisional, promise.StatusAt(all.Time), ShownPromise.Of(promise, conditions, all.Time),
            ShownEvent.Marked(await ShownEvent.ShowAsync(its, all.Ledger, cancel), annulled),
            [.. its.Select(e => e.Id).Where(annulled.ContainsKey)]), LedgerJson.Options);
    }

    private static string? Open(Sealed text, IReadOnlyDictionary<Guid, byte[]> keys) =>
        Sealing.SubjectOf(text) is { } subject ? ShownEvent.Open(text, keys.GetValueOrDefault(subject)) : null;

    /// <summary>
    /// Reads the whole stream as known and folds what of it counts. The ETag is the stream's version, which a command
    /// takes as If-Match.
    /// </summary>
    private async Task<(Folded? All, Problem? Problem)> FoldAsync(
        HttpContext http, TenantLedgers ledgers, CancellationToken cancel)
    {
        var ledger = await ledgers.GetAsync(http.Caller().Tenant);
        var query = new Query(http, "asOf", "until", "annulled");
        var asOf = query.Time("asOf");
        var counts = query.WhatCounts();
        var known = await views.KnownAtAsync(ledger.Tenant, asOf, counts, cancel);
        if (counts.Until > known.AsOf)
            query.Refuse("until", Query.UntilAhead);
        if (query.Problem is { } problem)
            return (null, problem);
        string named = StreamAddress.Named(http) ?? "";
        if (StreamAddress.Parse(StreamKind.Customer, named, ledger.Keys) is not { } id)
            return (null, CustomerStreams.Unknown(named));
        long upTo = known.Position ?? (await reader.ReadHeadAsync(ledger.Tenant, cancel)).Size - 1;
        var stored = await reader.ReadStreamAsync(
            ledger.Tenant, StreamKind.Customer.StreamId(id), new(Position: upTo), cancel);
        if (stored.Count > 0)
            http.Response.Headers.ETag = $"\"{stored[^1].Version}\"";
        else if ((await reader.ReadStreamAsync(
            ledger.Tenant, StreamKind.Customer.StreamId(id), new(Limit: 1), cancel)).Count == 0)
        {
            return (null, CustomerStreams.Unknown(named));
        }
        var happened = stored.Select(e => (Stored: e, Envelope: e.ToEnvelope()))
            .Where(e => new WhatCounts(counts.Until).Takes(e.Envelope)).ToList();
        return (new(ledger, id, known, counts, upTo, happened,
            CustomerStream.Fold([.. happened.Select(e => e.Envelope).Where(counts.Takes)])), null);
    }
}
