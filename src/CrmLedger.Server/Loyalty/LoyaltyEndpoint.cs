using CrmLedger.EventStore.Tenants;
using CrmLedger.EventStore.Views;
using CrmLedger.Loyalty;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Customers;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Security;
using CrmLedger.Server.Tenants;
using CrmLedger.Server.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CrmLedger.Server.Loyalty;

/// <summary>A customer's loyalty timeline.</summary>
public sealed class LoyaltyEndpoint(CustomerStreams customers, ViewReader views)
{
    /// <summary>Maps it.</summary>
    public static void Map(IEndpointRouteBuilder v1) =>
        v1.MapGet("/customers/{customerId}/loyalty", (HttpContext http, TenantLedgers ledgers,
                LoyaltyEndpoint endpoint, CancellationToken cancel) =>
                    endpoint.LoyaltyAsync(http, StreamAddress.Named(http) ?? "", ledgers, cancel))
            .WithName("CustomerLoyalty").WithTags("Loyalty").WithSummary("See a customer's loyalty timeline")
            .WithDescription("Milestones, stages and since when, risks, and the value to date. Stages: prospect (has "
                + "bought nothing), new (first purchase less than 90 days ago), established, loyal (bought on three "
                + "days or more, the first a year ago), advocate (loyal, and last gave 9 or 10), at_risk (no purchase "
                + "for twice the own median gap, trust below 40, or a critical concern not put right), lapsed (four "
                + "times, or ended). Who bought on one day only is judged by a gap of 90 days; a gap below 7 days "
                + "counts as 7.")
            .WithMetadata(new QueryMetadata([.. Clocks.Parameters]))
            .Produces<LoyaltyAnswer>().Needs(Scopes.Read, Scopes.Lead, Scopes.Audit);

    private async Task<IResult> LoyaltyAsync(
        HttpContext http, string customerId, TenantLedgers ledgers, CancellationToken cancel)
    {
        var ledger = await ledgers.GetAsync(http.Caller().Tenant);
        var query = new Query(http, "asOf", "until", "annulled", "atLeast");
        var (clocks, problem) = await views.ClocksAsync(
            query, ledger.Tenant, RelationshipsView.ViewName, null, cancel);
        if (clocks is null)
            return LedgerProblems.Result(problem!);
        if (await customers.FindAsync(ledger, customerId, clocks.Known, cancel) is not { } customer)
            return LedgerProblems.Result(CustomerStreams.Unknown(customerId));
        var (known, policies) = (clocks.Known, customer.Policies);
        var timeline = LoyaltyTimeline.Fold(customer.Known, policies, clocks.Time, clocks.Counts);
        ViewReader.SetETag(http, RelationshipsView.ViewName, customer.Position, clocks);
        var (facts, time) = (timeline.Facts, clocks.Time);
        var now = timeline.Stages is [.., var last] ? last.Standing : (Standing?)null;
        return Results.Json(new LoyaltyAnswer(customer.Id, customer.Name, known.AsOf, clocks.Until, clocks.Annulled,
            customer.Position, known.Provisional, now?.Stage, now is null ? null : StageHistory.Since(timeline.Stages),
            now is { } standing ? Risk.Of(standing, facts, policies, time) : [],
            Buying.Of(BuyingHabit.At(facts.Purchases, time)), facts.TrustAt(policies, time).Score.Round(4),
            Standing.LastRecommendation(facts, time)?.Score,
            [.. CustomerValue.ToDate(facts.Purchases, time).Values],
            [.. timeline.Stages.Select(s => new StageTurn(s.Standing.Stage, s.From, s.Standing.Risks))],
            [.. timeline.Milestones.Select(ShownMilestone.Of)],
            customer.Notice), LedgerJson.Options);
    }
}
