using CrmLedger.EventStore;
using CrmLedger.EventStore.Tenants;
using CrmLedger.EventStore.Views;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Security;
using CrmLedger.Server.Statements;
using CrmLedger.Server.Tenants;
using CrmLedger.Server.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CrmLedger.Server.Commitments;

/// <summary>The commitment-kept rate.</summary>
public sealed class KeptRateEndpoint(
    LedgerDatabase database, ViewReader views, StandingViews standing, StatementSigner statements)
{
    /// <summary>The parameters of every question about a kept rate, for their description.</summary>
    internal static IReadOnlyList<(string, string)> Parameters { get; } =
    [
        ("by",
            "Group by maker, holder, team (of the maker then), kind, channel, customer, or day, ISO week or month of "
            + "the first due date, UTC."),
        ("from", "First due at or after this time or date."), ("to", "First due before this time or date."),
        .. Clocks.Parameters,
    ];

    /// <summary>
    /// What a rate can be grouped by; <c>team</c> is the maker's then, and a day, a week (ISO 8601) or a month that of
    /// the first due date, UTC.
    /// </summary>
    public static IReadOnlyList<string> Groups { get; } =
        ["maker", "holder", "team", "kind", "channel", "customer", "day", "week", "month"];

    /// <summary>What was asked of a kept rate.</summary>
    internal sealed record Asked(string? By, DateTimeOffset? From, DateTimeOffset? To, Clocks Clocks)
    {
        /// <summary>The same, as known at a position.</summary>
        public Asked At(long position) =>
            this with { Clocks = Clocks with { Known = Clocks.Known with { Position = position } } };
    }

    /// <summary>Maps it.</summary>
    public static void Map(IEndpointRouteBuilder v1) =>
        v1.MapGet("/kept-rate", (HttpContext http, TenantLedgers ledgers, KeptRateEndpoint endpoint,
                CancellationToken cancel) => endpoint.RateAsync(http, ledgers, cancel))
            .WithName("KeptRate").WithTags("Commitments").WithSummary("Ask who keeps their word")
            .WithDescription("Promises whose first due date lies in [from, to) and has come. strict counts only those "
                + "kept by the first date, out of all; agreed also those kept by a date the customer accepted in time, "
                + "out of all that have fallen due. Open and late counts against both. Each with its Wilson 95 % "
                + "interval. With over, each group and all also tell the same numbers of every period: how the rates "
                + "went, why promises were missed and how often they were moved.")
            .WithMetadata(new QueryMetadata([.. Parameters,
                ("over", "Also the numbers of every day, ISO week (week) or month of the first due date, UTC."),
                ("format", "json, or csv for a table with a line for each group, or group and period, and for all "
                    + "(json)."), StatementSigner.Parameter]))
            .Produces<KeptRateAnswer>(StatusCodes.Status200OK, "application/json", "text/csv")
            .Needs(Scopes.Lead, Scopes.Audit);

    private async Task<IResult> RateAsync(HttpContext http, TenantLedgers ledgers, CancellationToken cancel)
    {
        var ledger = await ledgers.GetAsync(http.Caller().Tenant);
        var query = new Query(
            http, "by", "over", "from", "to", "asOf", "until", "annulled", "atLeast", "format", "statement");
        string? format = Answers.Format(query);
        bool isStated = StatementSigner.IsAsked(query, format);
        string? over = query.Word("over", [.. Periods.Units]);
        if (over is not null && Periods.Units.Contains(query.Text("by"), StringComparer.Ordinal))
            query.Refuse("over", "does not go with by=day, week or month, which are periods already.");
        var (asked, problem) = await AskedAsync(query, ledger, null, cancel);
        if (asked is null)
            return LedgerProblems.Result(problem!);
        var (count, position) = await CountAsync(ledger, asked, over, cancel);
        if (over is not null && count.Over is null)
            return LedgerProblems.Result(Problem.Invalid(new FieldError("over", Query.TooManyPeriods)));
        var labels = await LabelsAsync(ledger, asked.By, count.Groups.Keys, position, cancel);
        var clocks = asked.Clocks;
        var known = clocks.Known;
        ViewReader.SetETag(http, KeptRateView.ViewName, position, clocks, format);
        var answer = new KeptRateAnswer(
            known.AsOf, clocks.Until, clocks.Annulled, position, known.Provisional, asked.From, asked.To,
            asked.By, over,
            new(KeptRateNumbers.Of(count.Total), Over(null)),
            [.. count.Groups.OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => new KeptRateGroup(
                g.Key, labels.GetValueOrDefault(g.Key, g.Key), KeptRateNumbers.Of(g.Value), Over(g.Key)))],
            count.Total.Made > 0 ? null : await views.NothingKnownAsync(ledger.Tenant, asked.Clocks.AsOf, cancel),
            isStated ? await StateAsync(ledger, asked, over, count, position, cancel) : null);
        return Answers.Of(format, answer, KeptRateCsv.Write, Answers.WithNulls);

        IReadOnlyList<KeptRatePeriod>? Over(string? group) => count.Over?[group]
            .Select(p => new KeptRatePeriod(p.Period, KeptRateNumbers.Of(p.Rate))).ToList();
    }

    private Task<string> StateAsync(
        TenantLedger ledger, Asked asked, string? over, KeptRateCount count, long position, CancellationToken cancel) =>
        statements.SignAsync(ledger.Keys, new StatementQuestion(StatementRefold.KeptRate,
            StatementRefold.RulesOf(StatementRefold.KeptRate)!.Value, position, asked.Clocks.Time,
            By: asked.By, Over: over, From: asked.From, To: asked.To).With(asked.Clocks.Counts),
            StatedKeptRate.Of(count), cancel);

    /// <summary>Counts what is asked, and tells the position that the count reflects.</summary>
    internal Task<(KeptRateCount Count, long Position)> CountAsync(
        TenantLedger ledger, Asked asked, string? over, CancellationToken cancel) =>
        standing.AskAtAsync<StandingPromises, StandingPromise, KeptRateCount>(
            ledger.Tenant, asked.Clocks, () => new(database, ledger.Tenant),
            all => all.CountBy(asked.By, over, asked.From, asked.To, asked.Clocks.Time), cancel);

    /// <summary>Reads what is asked, and waits until it can be answered.</summary>
    /// <param name="query">The question.</param>
    /// <param name="ledger">The tenant's.</param>
    /// <param name="pinned">The knowledge that the first page was made of; null on the first page.</param>
    /// <param name="cancel">Stops the wait.</param>
    internal async Task<(Asked? Asked, Problem? Problem)> AskedAsync(
        Query query, TenantLedger ledger, KnownAt? pinned, CancellationToken cancel)
    {
        string? by = query.Word("by", [.. Groups]);
        var (from, to) = (query.Time("from"), query.Time("to"));
        var (clocks, problem) = await views.ClocksAsync(
            query, ledger.Tenant, KeptRateView.ViewName, pinned, cancel);
        return clocks is null ? (null, problem) : (new(by, from, to, clocks), null);
    }

    /// <summary>What people call the groups, by their keys; one that is not in it is called by its key.</summary>
    internal async Task<IReadOnlyDictionary<string, string>> LabelsAsync(
        TenantLedger ledger, string? by, IEnumerable<string> keys, long position, CancellationToken cancel)
    {
        string? prefix = by switch
        {
            "maker" or "holder" => "member-",
            "customer" => "customer-",
            _ => null,
        };
        if (prefix is null)
            return new Dictionary<string, string>(StringComparer.Ordinal);
        var names = await views.NamesAsync(ledger, keys.Select(k => prefix + k), position, cancel);
        return names.ToDictionary(n => n.Key[prefix.Length..], n => n.Value.Called ?? n.Key,
            StringComparer.Ordinal);
    }
}
