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

/// <summary>How much is owed.</summary>
/// <param name="Open">Promises and follow-ups that are still owed.</param>
/// <param name="Overdue">Those of them whose binding date has passed.</param>
/// <param name="DueSoon">Those that are due within the lead time and not overdue.</param>
/// <param name="Earliest">The earliest binding date, UTC; left out when nothing is owed.</param>
public sealed record DueCounts(long Open, long Overdue, long DueSoon, DateTimeOffset? Earliest)
{
    /// <summary>Nothing owed.</summary>
    public static DueCounts None { get; } = new(0, 0, 0, null);
}

/// <summary>What is overdue and due soon.</summary>
/// <param name="AsOf">The time of knowledge asked about, UTC.</param>
/// <param name="Until">Until when what happened counts, and at which it is judged, UTC; left out for asOf.</param>
/// <param name="Annulled">What was made of annulled entries.</param>
/// <param name="Position">The position that the answer reflects; -1 for none.</param>
/// <param name="Provisional">Whether later events could still be recorded at or before that time.</param>
/// <param name="By">What it is grouped by.</param>
/// <param name="WithinHours">How long ahead is soon.</param>
/// <param name="Total">Of all.</param>
/// <param name="Groups">Of each group, the most overdue first.</param>
/// <param name="Notice">What the reader should know, such as why nothing is found.</param>
public sealed record DueAnswer(
    DateTimeOffset AsOf, DateTimeOffset? Until, AnnulledEntries Annulled,
    long Position, bool Provisional, string By, int WithinHours,
    DueCounts Total, IReadOnlyList<DueGroup> Groups, string? Notice);

/// <summary>What one member, team or customer's side owes.</summary>
/// <param name="Key">A member's or customer's id, or a team.</param>
/// <param name="Label">The same for people to read.</param>
/// <param name="Counts">How much.</param>
public sealed record DueGroup(string Key, string Label, DueCounts Counts);

/// <summary>What is overdue and due soon, by who owes it or to whom.</summary>
public sealed class DueEndpoint(LedgerDatabase database, ViewReader views, StandingViews standing)
{
    private const int WeekHours = 7 * 24;

    private static readonly CsvTable<DueGroup> s_table = new(
        new("key", g => g.Key), new("label", g => g.Label), new("open", g => g.Counts.Open),
        new("overdue", g => g.Counts.Overdue), new("due_soon", g => g.Counts.DueSoon),
        new("earliest", g => g.Counts.Earliest));

    /// <summary>What can be grouped by: who holds it, the holder's team, or to whom it is owed.</summary>
    public static IReadOnlyList<string> Groups { get; } = ["member", "team", "customer"];

    /// <summary>Maps it.</summary>
    public static void Map(IEndpointRouteBuilder v1) =>
        v1.MapGet("/commitments/due", (HttpContext http, TenantLedgers ledgers, DueEndpoint endpoint,
                CancellationToken cancel) => endpoint.DueAsync(http, ledgers, cancel))
            .WithName("DueCommitments").WithTags("Commitments").WithSummary("See what is overdue and due soon")
            .WithDescription("Open promises and follow-ups counted by who holds them, the holder's team, or the "
                + "customer: all, overdue, and due within the lead time. The list itself is at /v1/commitments/open.")
            .WithMetadata(new QueryMetadata(
                [
                    ("by", "member, team or customer (member)."),
                    ("within", "How many hours ahead is soon, 1 to 8760 (168)."), .. Clocks.Parameters,
                    Answers.FormatParameter,
                ]))
            .Produces<DueAnswer>(StatusCodes.Status200OK, "application/json", Answers.CsvType)
            .Needs(Scopes.Read, Scopes.Lead, Scopes.Audit);

    private async Task<IResult> DueAsync(HttpContext http, TenantLedgers ledgers, CancellationToken cancel)
    {
        var ledger = await ledgers.GetAsync(http.Caller().Tenant);
        var query = new Query(http, "by", "within", "asOf", "until", "annulled", "atLeast", "format");
        string by = query.Word("by", [.. Groups]) ?? "member";
        int within = (int)(query.Number("within", 1, 8_760) ?? WeekHours);
        string? format = Answers.Format(query);
        var (clocks, problem) = await views.ClocksAsync(
            query, ledger.Tenant, OpenCommitmentsView.ViewName, null, cancel);
        if (clocks is null)
            return LedgerProblems.Result(problem!);
        var known = clocks.Known;
        var (counts, position) = await standing.AskAtAsync<StandingCommitments, StandingCommitment,
            IReadOnlyDictionary<string, DueCounts>>(
            ledger.Tenant, clocks, () => new(database, ledger.Tenant),
            all => all.DueBy(by, clocks.Time, TimeSpan.FromHours(within)), cancel);
        string prefix = by == "team" ? "" : $"{by}-";
        var names = by == "team"
            ? new Dictionary<string, Named>(StringComparer.Ordinal)
            : await views.NamesAsync(ledger, counts.Keys.Select(key => prefix + key), position, cancel);
        ViewReader.SetETag(http, OpenCommitmentsView.ViewName, position, clocks, format);
        return Answers.Of(format, new DueAnswer(known.AsOf, clocks.Until, clocks.Annulled, position,
            known.Provisional, by, within,
            counts.Values.Aggregate(DueCounts.None, Sum),
            [.. counts.OrderByDescending(c => c.Value.Overdue).ThenBy(c => c.Value.Earliest)
                .ThenBy(c => c.Key, StringComparer.Ordinal).Select(c => new DueGroup(c.Key,
                    names.GetValueOrDefault(prefix + c.Key)?.Called ?? c.Key, c.Value))],
            counts.Count > 0 ? null : await views.NothingKnownAsync(ledger.Tenant, clocks.AsOf, cancel)), Table);
    }

    /// <summary>A line for each group and a last one for all.</summary>
    internal static string Table(DueAnswer answer) =>
        s_table.Write(answer.Groups.Append(new("", "all", answer.Total)));

    private static DueCounts Sum(DueCounts a, DueCounts b) => new(a.Open + b.Open, a.Overdue + b.Overdue,
        a.DueSoon + b.DueSoon, a.Earliest is null || b.Earliest < a.Earliest ? b.Earliest : a.Earliest);
}
