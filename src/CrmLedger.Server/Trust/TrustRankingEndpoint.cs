using CrmLedger.EventStore;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Tenants;
using CrmLedger.EventStore.Views;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Policies;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Relationships;
using CrmLedger.Server.Security;
using CrmLedger.Server.Tenants;
using CrmLedger.Server.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CrmLedger.Server.Trust;

/// <summary>The relationships of a tenant by trust.</summary>
/// <param name="AsOf">The time of knowledge asked about, UTC.</param>
/// <param name="Until">The time until which what happened counts, and whose scores these are, UTC; else asOf's.</param>
/// <param name="Annulled">What was made of annulled entries.</param>
/// <param name="Position">The last position that the answer reflects.</param>
/// <param name="Provisional">Whether later events could still be recorded at or before that time.</param>
/// <param name="Customers">How many have as much evidence as was asked for.</param>
/// <param name="Median">The middle score; left out when there is none.</param>
/// <param name="Bands">How many customers have a score in each fifth of the scale, from 0.</param>
/// <param name="Items">The page.</param>
/// <param name="Next">Give it as <c>cursor</c> to read on; left out at the end.</param>
/// <param name="Notice">What the reader should know, such as why nothing is found.</param>
public sealed record TrustRanking(
    DateTimeOffset AsOf, DateTimeOffset? Until, AnnulledEntries Annulled,
    long Position, bool Provisional, int Customers, decimal? Median,
    IReadOnlyList<int> Bands, IReadOnlyList<RankedCustomer> Items, string? Next, string? Notice);

/// <summary>A customer in the ranking.</summary>
/// <param name="CustomerId">The customer.</param>
/// <param name="Customer">Who it is.</param>
/// <param name="Score">0 to 100, to four digits.</param>
/// <param name="AtLeast">Where the score would be if all that is not known spoke against us.</param>
/// <param name="AtMost">Where the score would be if all that is not known spoke for us.</param>
/// <param name="Doubt">The share of the score that nothing is known about, 0 to 1.</param>
/// <param name="Evidence">How many pieces of evidence it rests on.</param>
/// <param name="Self">Where the score is explained.</param>
public sealed record RankedCustomer(
    Guid CustomerId, Named? Customer, decimal Score, decimal AtLeast, decimal AtMost, decimal Doubt, int Evidence,
    string Self);

/// <summary>Ranks relationships by trust.</summary>
public sealed class TrustRankingEndpoint(
    LedgerDatabase database, EventReader reader, ViewReader views, StandingViews standing)
{
    private const int Bands = 5;

    private static readonly CsvTable<RankedCustomer> s_table = new(
        new("customer_id", c => c.CustomerId), new("reference", c => c.Customer?.Reference),
        new("name", c => c.Customer?.Name), new("score", c => c.Score), new("at_least", c => c.AtLeast),
        new("at_most", c => c.AtMost), new("doubt", c => c.Doubt), new("evidence", c => c.Evidence));

    /// <summary>Maps it.</summary>
    public static void Map(IEndpointRouteBuilder v1) =>
        v1.MapGet("/trust", (HttpContext http, TenantLedgers ledgers, TrustRankingEndpoint endpoint,
                CancellationToken cancel) => endpoint.RankAsync(http, ledgers, cancel))
            .WithName("TrustRanking").WithTags("Trust").WithSummary("Rank relationships by trust")
            .WithDescription("lowest: who surely trusts us least comes first, by the most that the score could be; "
                + "highest: who surely trusts us most, by the least that it could be. So a customer of whom little is "
                + "known leads neither list.")
            .WithMetadata(new QueryMetadata(
            [
                ("order", "lowest or highest (lowest)."),
                ("minEvidence", "Only customers with at least so many pieces of evidence (1)."),
                .. Clocks.Parameters, Answers.PageFormatParameter, ("limit", "Rows of a page, 1 to 1000 (100)."),
                ("cursor", "The page after this one."),
            ]))
            .Produces<TrustRanking>(StatusCodes.Status200OK, "application/json", Answers.CsvType)
            .Needs(Scopes.Lead, Scopes.Audit);

    /// <summary>A line for each customer.</summary>
    internal static string Table(TrustRanking ranking) => s_table.Write(ranking.Items);

    /// <summary>Where a page ended, and the knowledge that the first page was made of: all are of the same.</summary>
    private sealed record After(int Rank, KnownAt Known);

    private async Task<IResult> RankAsync(HttpContext http, TenantLedgers ledgers, CancellationToken cancel)
    {
        var ledger = await ledgers.GetAsync(http.Caller().Tenant);
        var query = new Query(http, "order", "minEvidence", "asOf", "until", "annulled", "atLeast", "format", "limit",
            "cursor");
        string? format = Answers.Format(query);
        bool lowestFirst = query.Word("order", "lowest", "highest") != "highest";
        long fewest = query.Number("minEvidence", 1, int.MaxValue) ?? 1;
        int limit = (int)(query.Number("limit", 1, 1_000) ?? 100);
        var after = query.After<After>("cursor");
        var (clocks, problem) = await views.ClocksAsync(
            query, ledger.Tenant, RelationshipsView.ViewName, after?.Known, cancel);
        if (clocks is null)
            return LedgerProblems.Result(problem!);
        var known = clocks.Known;
        var policies = await reader.TrustPoliciesAsync(ledger.Tenant, known.Position ?? long.MaxValue, cancel);
        var (all, position) = await standing.AskAtAsync<StandingRelationships, CountedPart,
            IReadOnlyList<CustomerScore>>(
            ledger.Tenant, clocks, () => new(database, ledger.Tenant),
            evidence => evidence.ScoresAt(policies, clocks.Time), cancel);
        var ranked = Ranked(all.Where(c => c.Evidence >= fewest), lowestFirst);
        var page = ranked.Skip(after?.Rank ?? 0).Take(limit).ToList();
        int end = (after?.Rank ?? 0) + page.Count;
        var names = await views.NamesAsync(
            ledger, page.Select(c => StreamKind.Customer.StreamId(c.CustomerId)), position, cancel);
        ViewReader.SetETag(http, RelationshipsView.ViewName, position, clocks, format);
        string? next = end < ranked.Count ? Query.Cursor(new After(end, known with { Position = position })) : null;
        return Answers.PageOf(http, format, new TrustRanking(known.AsOf, clocks.Until, clocks.Annulled, position,
            known.Provisional,
            ranked.Count, MedianOf(ranked), BandsOf(ranked),
            [
                .. page.Select(c => c with
                {
                    Customer = names.GetValueOrDefault(StreamKind.Customer.StreamId(c.CustomerId)),
                    Self = clocks.On($"/v1/customers/{c.CustomerId:D}/trust"),
                }),
            ],
            next, ranked.Count > 0 ? null : await views.NothingKnownAsync(ledger.Tenant, clocks.AsOf, cancel)),
            Table, next);
    }

    private static List<RankedCustomer> Ranked(IEnumerable<CustomerScore> scores, bool lowestFirst)
    {
        var shown = scores.Select(c => new RankedCustomer(c.CustomerId, null, c.Score.Score.Round(4),
            c.Score.AtLeast.Round(4), c.Score.AtMost.Round(4), c.Score.Doubt.Round(4), c.Evidence, ""));
        return
        [
            .. lowestFirst
                ? shown.OrderBy(c => c.AtMost).ThenBy(c => c.Score).ThenBy(c => c.CustomerId)
                : shown.OrderByDescending(c => c.AtLeast).ThenByDescending(c => c.Score).ThenBy(c => c.CustomerId),
        ];
    }

    private static decimal? MedianOf(List<RankedCustomer> ranked)
    {
        decimal[] scores = [.. ranked.Select(c => c.Score).Order()];
        return scores.Length == 0 ? null : (scores[(scores.Length - 1) / 2] + scores[scores.Length / 2]) / 2;
    }

    private static int[] BandsOf(List<RankedCustomer> ranked)
    {
        int[] bands = new int[Bands];
        foreach (var customer in ranked)
            bands[Math.Min(Bands - 1, (int)(customer.Score * Bands / 100))]++;
        return bands;
    }
}
