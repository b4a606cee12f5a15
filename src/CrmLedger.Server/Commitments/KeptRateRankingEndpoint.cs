using CrmLedger.Commitments;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Tenants;
using CrmLedger.EventStore.Views;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Security;
using CrmLedger.Server.Tenants;
using CrmLedger.Server.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CrmLedger.Server.Commitments;

/// <summary>Groups by their strict rate.</summary>
/// <param name="AsOf">The time of knowledge asked about, UTC.</param>
/// <param name="Until">Until when what happened counts, and at which it is judged, UTC; null for asOf.</param>
/// <param name="Annulled">What was made of annulled entries.</param>
/// <param name="Position">The position that the answer reflects; -1 for none.</param>
/// <param name="Provisional">Whether later events could still be recorded at or before that time.</param>
/// <param name="From">First due at or after, UTC.</param>
/// <param name="To">First due before, UTC.</param>
/// <param name="By">What is ranked.</param>
/// <param name="Order">highest or lowest.</param>
/// <param name="MinN">How many promises a group must have had counted to be ranked.</param>
/// <param name="Overall">The strict rate of all promises, also of groups that are not ranked.</param>
/// <param name="Ranked">How many groups are ranked, also those beyond the limit.</param>
/// <param name="TooFew">How many groups are left out for having fewer.</param>
/// <param name="Items">The groups, the best placed first.</param>
/// <param name="Notice">What the reader should know, such as why nothing is found; null for nothing.</param>
public sealed record KeptRateRanking(
    DateTimeOffset AsOf, DateTimeOffset? Until, AnnulledEntries Annulled,
    long Position, bool Provisional, DateTimeOffset? From,
    DateTimeOffset? To, string By, string Order, long MinN, Share Overall, int Ranked, int TooFew,
    IReadOnlyList<RankedKeptRate> Items, string? Notice);

/// <summary>A group in the ranking.</summary>
/// <param name="Rank">Its place from 1; groups with the same shares have the same.</param>
/// <param name="Key">A member's or customer's id, a team or a kind.</param>
/// <param name="Label">The same for people to read.</param>
/// <param name="N">How many of its promises were counted.</param>
/// <param name="Strict">Its strict share, by whose bounds it is ranked.</param>
/// <param name="Agreed">Its agreed share.</param>
/// <param name="Overall">The strict rate of all, beside which it stands.</param>
/// <param name="Stands">Where the whole interval of its strict share lies beside that.</param>
public sealed record RankedKeptRate(
    int Rank, string Key, string Label, long N, Share Strict, Share Agreed, double Overall, ShareStanding Stands);

/// <summary>Ranks groups by their kept rate: who deserves recognition, and who needs help.</summary>
public sealed class KeptRateRankingEndpoint(
    LedgerDatabase database, KeptRateEndpoint rates, ViewReader views, StandingViews standing)
{
    private static readonly CsvTable<RankedKeptRate> s_table = new(
        new("rank", r => r.Rank), new("key", r => r.Key), new("label", r => r.Label), new("n", r => r.N),
        new("strict", r => r.Strict.Rate), new("strict_low", r => r.Strict.Low),
        new("strict_high", r => r.Strict.High), new("agreed", r => r.Agreed.Rate), new("overall", r => r.Overall),
        new("stands", r => r.Stands));

    /// <summary>What can be ranked; <c>team</c> is the maker's then.</summary>
    public static IReadOnlyList<string> Groups { get; } = ["maker", "holder", "team", "kind", "customer"];

    /// <summary>What may come first.</summary>
    public static IReadOnlyList<string> Orders { get; } = ["highest", "lowest"];

    /// <summary>Maps it.</summary>
    public static void Map(IEndpointRouteBuilder v1) =>
        v1.MapGet("/kept-rate/ranking", (HttpContext http, TenantLedgers ledgers, KeptRateRankingEndpoint endpoint,
                CancellationToken cancel) => endpoint.RankAsync(http, ledgers, cancel))
            .WithName("KeptRateRanking").WithTags("Commitments")
            .WithSummary("Ask who deserves recognition and who needs help")
            .WithDescription("highest: who surely keeps their word comes first, by the least that the strict rate "
                + "could be (the lower bound of its interval); lowest: who surely needs help, by the most that it "
                + "could be. Groups of whom too few promises were counted are left out, so that nobody is praised or "
                + "blamed for chance. stands tells whether a group's whole interval lies above or below the rate of "
                + "all.")
            .WithMetadata(new QueryMetadata(
                [
                    ("by", "maker, holder, team (of the maker then), kind or customer (maker)."),
                    ("order", "highest or lowest (highest)."),
                    ("minN", "Only groups of which at least so many promises were counted (10)."),
                    ("from", "First due at or after this time or date."),
                    ("to", "First due before this time or date."), .. Clocks.Parameters,
                    ("limit", "How many groups at most, 1 to 1000 (100)."), Answers.FormatParameter,
                ]))
            .Produces<KeptRateRanking>(StatusCodes.Status200OK, "application/json", Answers.CsvType)
            .Needs(Scopes.Lead, Scopes.Audit);

    private async Task<IResult> RankAsync(HttpContext http, TenantLedgers ledgers, CancellationToken cancel)
    {
        var ledger = await ledgers.GetAsync(http.Caller().Tenant);
        var query = new Query(
            http, "by", "order", "minN", "from", "to", "asOf", "until", "annulled", "atLeast", "limit", "format");
        string by = query.Word("by", [.. Groups]) ?? Groups[0];
        string order = query.Word("order", [.. Orders]) ?? Orders[0];
        long minN = query.Number("minN", 1, int.MaxValue) ?? 10;
        var (from, to) = (query.Time("from"), query.Time("to"));
        int limit = (int)(query.Number("limit", 1, 1_000) ?? 100);
        string? format = Answers.Format(query);
        var (clocks, problem) = await views.ClocksAsync(query, ledger.Tenant, KeptRateView.ViewName, null, cancel);
        if (clocks is null)
            return LedgerProblems.Result(problem!);
        var known = clocks.Known;
        var (count, position) = await standing.AskAtAsync<StandingPromises, StandingPromise, KeptRateCount>(
            ledger.Tenant, clocks, () => new(database, ledger.Tenant),
            all => all.CountBy(by, null, from, to, clocks.Time), cancel);
        var ranked = Ranked(count.Groups.Where(g => g.Value.N >= minN), order);
        var shown = ranked.Take(limit).ToList();
        var labels = await rates.LabelsAsync(ledger, by, shown.Select(r => r.Key), position, cancel);
        var overall = count.Total.Strict;
        ViewReader.SetETag(http, KeptRateView.ViewName, position, clocks, format);
        return Answers.Of(format, new KeptRateRanking(known.AsOf, clocks.Until, clocks.Annulled, position,
            known.Provisional, from, to, by,
            order, minN, overall, ranked.Count, count.Groups.Count - ranked.Count,
            [.. shown.Select(r => new RankedKeptRate(r.Rank, r.Key, labels.GetValueOrDefault(r.Key, r.Key), r.Rate.N,
                r.Rate.Strict, r.Rate.Agreed, overall.Rate!.Value, r.Rate.Strict.StandingBeside(overall.Rate.Value)))],
            count.Total.Made > 0 ? null : await views.NothingKnownAsync(ledger.Tenant, clocks.AsOf, cancel)), Table,
            Answers.WithNulls);
    }

    /// <summary>A line for each group.</summary>
    internal static string Table(KeptRateRanking answer) => s_table.Write(answer.Items);

    /// <summary>By the bound that is sure, and among those with the same by the other one.</summary>
    private static List<(int Rank, string Key, KeptRateResult Rate)> Ranked(
        IEnumerable<KeyValuePair<string, KeptRateResult>> groups, string order)
    {
        var placed = order == "lowest"
            ? groups.OrderBy(g => g.Value.Strict.High).ThenBy(g => g.Value.Strict.Low)
            : groups.OrderByDescending(g => g.Value.Strict.Low).ThenByDescending(g => g.Value.Strict.High);
        var ranked = new List<(int Rank, string Key, KeptRateResult Rate)>();
        foreach (var (key, rate) in placed.ThenBy(g => g.Key, StringComparer.Ordinal))
        {
            bool isEqual = ranked.Count > 0 && ranked[^1].Rate.Strict == rate.Strict;
            ranked.Add((isEqual ? ranked[^1].Rank : ranked.Count + 1, key, rate));
        }
        return ranked;
    }
}
