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

/// <summary>How the kept rate changed from one period to the next.</summary>
/// <param name="AsOf">The time of knowledge asked about, UTC.</param>
/// <param name="Until">Until when what happened counts, and at which it is judged, UTC; null for asOf.</param>
/// <param name="Annulled">What was made of annulled entries.</param>
/// <param name="Position">The position that the answer reflects; -1 for none.</param>
/// <param name="Provisional">Whether later events could still be recorded at or before that time.</param>
/// <param name="BeforeFrom">Where the earlier period begins, UTC; it ends where the later one begins.</param>
/// <param name="From">Where the later period begins, UTC.</param>
/// <param name="To">Where the later period ends, UTC, exclusive.</param>
/// <param name="By">What it is grouped by; null for no groups.</param>
/// <param name="Method">How change is judged.</param>
/// <param name="Total">Of all.</param>
/// <param name="Groups">Of each group, by key.</param>
public sealed record KeptRateChangeAnswer(
    DateTimeOffset AsOf, DateTimeOffset? Until, AnnulledEntries Annulled,
    long Position, bool Provisional, DateTimeOffset BeforeFrom,
    DateTimeOffset From, DateTimeOffset To, string? By, string Method, KeptRateChange Total,
    IReadOnlyList<KeptRateChange> Groups);

/// <summary>How one group's strict rate changed.</summary>
/// <param name="Key">The group; null for all.</param>
/// <param name="Label">The same for people to read.</param>
/// <param name="Before">The strict rate in the earlier period.</param>
/// <param name="After">The strict rate in the later period.</param>
/// <param name="Difference">After less before; null when either is of nothing.</param>
/// <param name="Low">The lower bound of its 95 % interval.</param>
/// <param name="High">The upper bound of its 95 % interval.</param>
/// <param name="Z">The statistic of the test.</param>
/// <param name="P">How likely chance alone makes a difference at least as large.</param>
public sealed record KeptRateChange(
    string? Key, string? Label, Share Before, Share After, double? Difference, double? Low, double? High, double? Z,
    double? P)
{
    internal static KeptRateChange Of(string? key, string? label, KeptRateResult? before, KeptRateResult? after)
    {
        var nothing = new Share(0, 0);
        var change = new ShareChange(before?.Strict ?? nothing, after?.Strict ?? nothing);
        return new(key, label, change.Before, change.After, change.Difference, change.Low, change.High, change.Z,
            ShareComparison.ChanceOf(change));
    }
}

/// <summary>Compares the kept rate of a period with that of the period before.</summary>
public sealed class KeptRateChangeEndpoint(LedgerDatabase database, KeptRateEndpoint rates, StandingViews standing)
{
    private const string Method = "Strict rates, compared by the pooled two-proportion z test, two-sided; the "
        + "interval of the difference is Newcombe's hybrid score interval, 95 %. Of many groups one in twenty differs "
        + "by chance.";

    private static readonly string[] s_needed = ["from", "to"];
    private static readonly CsvTable<KeptRateChange> s_table = new(
        new(KeptRateCsv.FirstColumn, c => c.Key ?? ""), new("label", c => c.Label ?? "all"),
        new("before", c => c.Before.Rate), new("before_denominator", c => c.Before.Denominator),
        new("after", c => c.After.Rate), new("after_denominator", c => c.After.Denominator),
        new("difference", c => c.Difference), new("low", c => c.Low), new("high", c => c.High), new("z", c => c.Z),
        new("p", c => c.P));

    /// <summary>Maps it.</summary>
    public static void Map(IEndpointRouteBuilder v1) =>
        v1.MapGet("/kept-rate/change", (HttpContext http, TenantLedgers ledgers, KeptRateChangeEndpoint endpoint,
                CancellationToken cancel) => endpoint.ChangeAsync(http, ledgers, cancel))
            .WithName("KeptRateChange").WithTags("Commitments").WithSummary("Ask whether the kept rate has changed")
            .WithDescription("The strict rate of promises first due in [from, to) beside that of the period before, "
                + "as long or from beforeFrom on, with the interval of the difference and how likely chance alone "
                + "makes one as large.")
            .WithMetadata(new QueryMetadata([.. KeptRateEndpoint.Parameters,
                ("beforeFrom", "Where the earlier period begins; when left out, both are as long."),
                Answers.FormatParameter])
            {
                Required = s_needed,
            })
            .Produces<KeptRateChangeAnswer>(StatusCodes.Status200OK, "application/json", Answers.CsvType)
            .Needs(Scopes.Lead, Scopes.Audit);

    private async Task<IResult> ChangeAsync(HttpContext http, TenantLedgers ledgers, CancellationToken cancel)
    {
        var ledger = await ledgers.GetAsync(http.Caller().Tenant);
        var query = new Query(http, "by", "from", "to", "asOf", "until", "annulled", "atLeast", "beforeFrom", "format");
        string? format = Answers.Format(query);
        foreach (string needed in s_needed.Where(n => query.Text(n) is null))
            query.Refuse(needed, "is missing.");
        var (from, to, before) = (query.Time("from"), query.Time("to"), query.Time("beforeFrom"));
        if (from >= to)
            query.Refuse("from", "must lie before to.");
        if (before >= from)
            query.Refuse("beforeFrom", "must lie before from.");
        if (from - DateTimeOffset.MinValue < to - from)
            query.Refuse("beforeFrom", "would lie before the year 1; give it.");
        var (asked, problem) = await rates.AskedAsync(query, ledger, null, cancel);
        if (asked is null)
            return LedgerProblems.Result(problem!);
        var clocks = asked.Clocks;
        var (known, time) = (clocks.Known, clocks.Time);
        var start = before ?? from!.Value - (to!.Value - from.Value);
        var (counts, position) = await standing.AskAtAsync<StandingPromises, StandingPromise,
            (KeptRateCount Before, KeptRateCount After)>(
            ledger.Tenant, clocks, () => new(database, ledger.Tenant),
            all => (all.CountBy(asked.By, null, start, from, time),
                all.CountBy(asked.By, null, from, to, time)), cancel);
        string[] keys = [.. counts.Before.Groups.Keys.Union(counts.After.Groups.Keys).Order(StringComparer.Ordinal)];
        var labels = await rates.LabelsAsync(ledger, asked.By, keys, position, cancel);
        ViewReader.SetETag(http, KeptRateView.ViewName, position, clocks, format);
        return Answers.Of(format, new KeptRateChangeAnswer(known.AsOf, clocks.Until, clocks.Annulled, position,
            known.Provisional,
            start, from!.Value, to!.Value, asked.By, Method,
            KeptRateChange.Of(null, null, counts.Before.Total, counts.After.Total),
            [.. keys.Select(key => KeptRateChange.Of(key, labels.GetValueOrDefault(key, key),
                counts.Before.Groups.GetValueOrDefault(key), counts.After.Groups.GetValueOrDefault(key)))]),
            Table, Answers.WithNulls);
    }

    /// <summary>A line for each group and a last one for all.</summary>
    internal static string Table(KeptRateChangeAnswer answer) => s_table.Write(answer.Groups.Append(answer.Total));
}
