using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Tenants;
using CrmLedger.EventStore.Views;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Customers;
using CrmLedger.Server.Policies;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Security;
using CrmLedger.Server.Statements;
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
public sealed class TrustEndpoint(
    CustomerStreams customers, EventReader reader, ViewReader views, StatementSigner statements)
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
                ("since", "Also what moved the score since this time."), StatementSigner.Parameter]))
            .Produces<TrustAnswer>().Needs(Scopes.Read, Scopes.Lead, Scopes.Audit);

    private async Task<IResult> TrustAsync(
        HttpContext http, string customerId, TenantLedgers ledgers, CancellationToken cancel)
    {
        var ledger = await ledgers.GetAsync(http.Caller().Tenant);
        var query = new Query(http, "asOf", "until", "annulled", "since", "atLeast", "statement");
        var since = query.Time("since");
        bool isStated = query.Flag("statement") ?? false;
        var (clocks, problem) = await views.ClocksAsync(
            query, ledger.Tenant, RelationshipsView.ViewName, null, cancel);
        if (clocks is null)
            return LedgerProblems.Result(problem!);
        var (known, time) = (clocks.Known, clocks.Time);
        if (since > time)
        {
            return LedgerProblems.Result(
                Problem.Invalid(new FieldError("since", "must not lie after the time asked about.")));
        }
        if (await customers.FindAsync(ledger, customerId, known, cancel) is not { } customer)
            return LedgerProblems.Result(CustomerStreams.Unknown(customerId));
        var policies = customer.Policies;
        var now = CustomerTrust.Fold(customer.Known, clocks.Counts);
        var explained = now.At(policies, time);
        ViewReader.SetETag(http, RelationshipsView.ViewName, customer.Position, clocks);
        return Results.Json(new TrustAnswer(customer.Id, customer.Name, known.AsOf, time, clocks.Annulled,
            customer.Position, known.Provisional, explained.Score.Score.Round(4), explained.Score.Doubt.Round(4),
            explained.Score.AtLeast.Round(4), explained.Score.AtMost.Round(4), explained.Score.Start.Round(4),
            ExactNumber.Of(explained.Score.Score), TrustRules.Of(policies),
            [.. explained.Contributions.Select(c => Shown(c, now, time))],
            since is { } then
                ? await SinceAsync(ledger.Tenant, customer.Events, clocks.Annulled, now, explained, then, cancel)
                : null,
            customer.Notice,
            isStated
                ? await statements.SignAsync(ledger.Keys, new StatementQuestion(StatementRefold.Trust,
                    StatementRefold.RulesOf(StatementRefold.Trust)!.Value,
                    customer.Position, time, Customer: customer.Id).With(clocks.Counts),
                    StatedTrust.Of(explained), cancel)
                : null), LedgerJson.Options);
    }

    private async Task<TrustSince> SinceAsync(
        string tenant, List<Envelope> stream, AnnulledEntries annulled, CustomerTrust now, ExplainedTrust explained,
        DateTimeOffset since, CancellationToken cancel)
    {
        long position = await reader.PositionAtAsync(tenant, since, cancel);
        var then = CustomerTrust.Fold(stream.FindAll(e => e.Position <= position), new(null, annulled));
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
