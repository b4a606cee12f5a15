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
using CrmLedger.Trust;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CrmLedger.Server.Trust;

/// <summary>
/// A customer's trust in us, folded from the customer's own stream, so that every clock can be turned back.
/// </summary>
public sealed class TrustEndpoint(EventReader reader, ViewReader views)
{
    /// <summary>Maps it.</summary>
    public static void Map(IEndpointRouteBuilder v1) =>
        v1.MapGet("/customers/{customerId}/trust",
            (HttpContext http, string customerId, TenantLedgers ledgers, TrustEndpoint endpoint,
                CancellationToken cancel) =>
                    endpoint.TrustAsync(http, StreamAddress.Named(http) ?? "", ledgers, cancel))
            .WithName("CustomerTrust").WithTags("Trust").WithSummary("Explain a customer's trust in us")
            .WithDescription("A score from 0 to 100 by what we did: promises kept and broken, follow-ups, concerns, "
                + "feedback. Each event's points stand beside it and sum, with the start, to the score exactly. "
                + "Evidence fades by half in each half-life.")
            .WithMetadata(new QueryMetadata([.. Clocks.Parameters,
                ("since", "Also what moved the score since this time.")]))
            .Produces<TrustAnswer>().Needs(Scopes.Read, Scopes.Lead, Scopes.Audit);

    private async Task<IResult> TrustAsync(
        HttpContext http, string customerId, TenantLedgers ledgers, CancellationToken cancel)
    {
        var ledger = await ledgers.GetAsync(http.Caller().Tenant);
        var query = new Query(http, "asOf", "until", "since", "atLeast");
        var since = query.Time("since");
        var (clocks, problem) = await views.ClocksAsync(
            query, ledger.Tenant, RelationshipsView.ViewName, null, cancel);
        if (clocks is null)
            return LedgerProblems.Result(problem!);
        var (known, until, time) = (clocks.Known, clocks.Until, clocks.Time);
        if (since > time)
        {
            return LedgerProblems.Result(
                Problem.Invalid(new FieldError("since", "must not lie after the time asked about.")));
        }
        if (StreamAddress.Parse(StreamKind.Customer, customerId, ledger.Keys) is not { } id)
            return LedgerProblems.Result(CustomerStreams.Unknown(customerId));
        long position = known.Position ?? (await reader.ReadHeadAsync(ledger.Tenant, cancel)).Size - 1;
        string streamId = StreamKind.Customer.StreamId(id);
        var stored = await reader.ReadStreamAsync(ledger.Tenant, streamId, new(), cancel);
        if (stored.Count == 0)
            return LedgerProblems.Result(CustomerStreams.Unknown(customerId));
        var stream = stored.ConvertAll(e => e.ToEnvelope());
        var policies = await reader.TrustPoliciesAsync(ledger.Tenant, position, cancel);
        var now = KnownOf(stream, position, until);
        var explained = now.At(policies, time);
        var names = await views.NamesAsync(ledger, [streamId], position, cancel);
        ViewReader.SetETag(http, RelationshipsView.ViewName, position, known.AsOf);
        return Results.Json(new TrustAnswer(id, names.GetValueOrDefault(streamId), known.AsOf, time, position,
            known.Provisional, explained.Score.Score.Round(4), explained.Score.Doubt.Round(4),
            explained.Score.AtLeast.Round(4), explained.Score.AtMost.Round(4), explained.Score.Start.Round(4),
            ExactNumber.Of(explained.Score.Score), TrustRules.Of(policies),
            [.. explained.Contributions.Select(c => Shown(c, now, time))],
            since is { } then ? await SinceAsync(ledger.Tenant, stream, now, explained, then, cancel) : null,
            CustomerStreams.NoticeOf(stream, position)), LedgerJson.Options);
    }

    /// <summary>What of a stream was known at a position, and what of that had happened by a time.</summary>
    private static CustomerTrust KnownOf(List<Envelope> stream, long position, DateTimeOffset? until) =>
        CustomerTrust.Fold(stream.FindAll(e => e.Position <= position), until);

    private async Task<TrustSince> SinceAsync(
        string tenant, List<Envelope> stream, CustomerTrust now, ExplainedTrust explained, DateTimeOffset since,
        CancellationToken cancel)
    {
        long position = await reader.PositionAtAsync(tenant, since, cancel);
        var then = KnownOf(stream, position, null);
        var before = then.At(await reader.TrustPoliciesAsync(tenant, position, cancel), since);
        var changes = CustomerTrust.Changes(before, explained);
        return new(since, position, before.Score.Score.Round(4),
            explained.Score.Score.Round(4) - before.Score.Score.Round(4),
            [.. changes.Select(c => new TrustMove(
                Math.Round(c.Moved, 4),
                c.Before is null ? TrustMoveReason.New
                    : c.After is null ? TrustMoveReason.Overturned : TrustMoveReason.Faded,
                EvidenceSentence.Of(c.Evidence, (c.After is null ? then : now).Sources[c.Source], explained.Time),
                c.Evidence.Kind, c.Source, c.Evidence.EventId, c.Evidence.Position))]);
    }

    private static TrustEvidence Shown(Contribution c, CustomerTrust trust, DateTimeOffset time) => new(
        c.Points.Round(4), EvidenceSentence.Of(c.Evidence, trust.Sources[c.Source], time), c.Evidence.Kind, c.Source,
        c.Evidence.At, c.WeightThousandths / 1_000m,
        Math.Round(Math.ScaleB((double)c.Left, -40) * 1_000 / Math.Max(1, c.WeightThousandths), 6),
        c.Evidence.EventId, c.Evidence.Position, $"{c.Points.Numerator}");
}
