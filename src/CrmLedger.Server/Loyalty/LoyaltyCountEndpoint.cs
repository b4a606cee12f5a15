using CrmLedger.EventStore;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Tenants;
using CrmLedger.EventStore.Views;
using CrmLedger.Loyalty;
using CrmLedger.Server.Policies;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Relationships;
using CrmLedger.Server.Security;
using CrmLedger.Server.Tenants;
using CrmLedger.Server.Views;
using CrmLedger.Trust;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CrmLedger.Server.Loyalty;

/// <summary>What became of customers.</summary>
/// <param name="AsOf">The time of knowledge asked about, UTC.</param>
/// <param name="Until">Until when what happened counts, UTC; null for asOf.</param>
/// <param name="Annulled">What was made of annulled entries.</param>
/// <param name="Position">The position that the answer reflects.</param>
/// <param name="Provisional">Whether later events could still be recorded at or before that time.</param>
/// <param name="From">Where the first period begins, UTC.</param>
/// <param name="To">Where the last period ends, UTC, exclusive.</param>
/// <param name="Over">How long a period is.</param>
/// <param name="By">What it is grouped by; null for no groups.</param>
/// <param name="Groups">Everybody first, with the key null, then each group by its key.</param>
/// <param name="Notice">What the reader should know, such as why nothing is found.</param>
public sealed record LoyaltyCountAnswer(
    DateTimeOffset AsOf, DateTimeOffset? Until, AnnulledEntries Annulled,
    long Position, bool Provisional, DateTimeOffset From,
    DateTimeOffset To, string Over, string? By, IReadOnlyList<LoyaltyGroup> Groups, string? Notice);

/// <summary>What became of one group of customers.</summary>
/// <param name="Key">The segment; null of everybody, empty of those without one.</param>
/// <param name="Total">The whole time from the first period's beginning to the last one's end, as one period.</param>
/// <param name="Periods">Each period.</param>
public sealed record LoyaltyGroup(string? Key, LoyaltyCount Total, IReadOnlyList<LoyaltyPeriod> Periods);

/// <summary>What became of customers in a period.</summary>
/// <param name="Key">The period, for example <c>2026-02</c>.</param>
/// <param name="From">Where it begins, UTC.</param>
/// <param name="To">Where it ends, UTC, exclusive.</param>
/// <param name="Count">The numbers.</param>
public sealed record LoyaltyPeriod(string Key, DateTimeOffset From, DateTimeOffset To, LoyaltyCount Count);

/// <summary>Stages, retention, new customers, value and reasons for leaving over time.</summary>
public sealed class LoyaltyCountEndpoint(
    LedgerDatabase database, EventReader reader, ViewReader views, StandingViews standing)
{
    private const int MostPeriods = 400;

    private static readonly CsvTable<(string? Group, LoyaltyPeriod Period)> s_table = new(
        [
            new("key", r => r.Group), new("period", r => r.Period.Key), new("from", r => r.Period.From),
            new("to", r => r.Period.To), new("start", r => r.Period.Count.Start),
            new("retained", r => r.Period.Count.Retained), new("lost", r => r.Period.Count.Lost),
            new("new", r => r.Period.Count.New), new("won_back", r => r.Period.Count.WonBack),
            new("end", r => r.Period.Count.End), new("retention", r => r.Period.Count.Retention.Rate),
            new("retention_low", r => r.Period.Count.Retention.Low),
            new("retention_high", r => r.Period.Count.Retention.High),
            .. Enum.GetValues<Stage>().Select(stage => new CsvColumn<(string? Group, LoyaltyPeriod Period)>(
                $"stage_{Words.Name(stage)}", r => r.Period.Count.Stages[stage])),
            new("value", r => string.Join(' ', r.Period.Count.Value.Values.Select(
                v => FormattableString.Invariant($"{v.Currency}:{v.ValueMinor}")))),
        ]);

    /// <summary>What can be grouped by.</summary>
    public static IReadOnlyList<string> Groups { get; } = ["segment"];

    /// <summary>Maps it.</summary>
    public static void Map(IEndpointRouteBuilder v1) =>
        v1.MapGet("/loyalty", (HttpContext http, TenantLedgers ledgers, LoyaltyCountEndpoint endpoint,
                CancellationToken cancel) => endpoint.CountAsync(http, ledgers, cancel))
            .WithName("Loyalty").WithTags("Loyalty").WithSummary("Ask whether customers stay")
            .WithDescription("For each period: customers at its beginning and end, who stayed, was lost, is new or "
                + "won back, retention with its Wilson 95 % interval, how many relationships are in each stage and "
                + "who changed stage, why relationships ended, and what was bought. A customer has bought and is not "
                + "lost. Who is erased, or was merged into another, is in none of the numbers.")
            .WithMetadata(new QueryMetadata(
            [
                ("over", "day, week (ISO 8601) or month (month)."), ("by", "segment, or nothing."),
                ("from", "Where the first period begins, or a time within it; a year before to when left out."),
                ("to", "Where the last period ends, exclusive; the time asked about when left out."),
                .. Clocks.Parameters, Answers.FormatParameter,
            ]))
            .Produces<LoyaltyCountAnswer>(StatusCodes.Status200OK, "application/json", Answers.CsvType)
            .Needs(Scopes.Lead, Scopes.Audit);

    private async Task<IResult> CountAsync(HttpContext http, TenantLedgers ledgers, CancellationToken cancel)
    {
        var ledger = await ledgers.GetAsync(http.Caller().Tenant);
        var query = new Query(http, "over", "by", "from", "to", "asOf", "until", "annulled", "atLeast", "format");
        string over = query.Word("over", [.. Periods.Units]) ?? "month";
        string? by = query.Word("by", [.. Groups]);
        var (from, to) = (query.Time("from"), query.Time("to"));
        string? format = Answers.Format(query);
        if (from >= to)
            query.Refuse("from", "must lie before to.");
        var (clocks, problem) = await views.ClocksAsync(
            query, ledger.Tenant, RelationshipsView.ViewName, null, cancel);
        if (clocks is null)
            return LedgerProblems.Result(problem!);
        var end = to ?? clocks.Time.Plus(TimeSpan.FromMicroseconds(1));
        var start = from ?? (end.Year > 1 ? end.AddYears(-1) : DateTimeOffset.MinValue);
        if (BoundsOf(over, start, end) is not { } bounds)
        {
            // What was given is at fault, and not what was taken in its place.
            return LedgerProblems.Result(Problem.Invalid(new FieldError(from is null ? "to" : "from",
                $"gives no period: from must lie before to, and at most {MostPeriods} periods before it.")));
        }
        var policies = await reader.TrustPoliciesAsync(
            ledger.Tenant, clocks.Known.Position ?? long.MaxValue, cancel);
        var (groups, position) = await standing.AskAtAsync<StandingRelationships, CountedPart, List<LoyaltyGroup>>(
            ledger.Tenant, clocks, () => new(database, ledger.Tenant),
            all => Count(all, policies, over, bounds, by is not null, clocks.Time), cancel);
        ViewReader.SetETag(http, RelationshipsView.ViewName, position, clocks, format);
        var answer = new LoyaltyCountAnswer(clocks.Known.AsOf, clocks.Until, clocks.Annulled, position,
            clocks.Known.Provisional,
            bounds[0], bounds[^1], over, by, groups, groups[0].Total.Stages.Values.Sum() > 0
                ? null
                : await views.NothingKnownAsync(ledger.Tenant, clocks.AsOf, cancel));
        return Answers.Of(format, answer, Table, Answers.WithNulls);
    }

    /// <summary>A line for each group and period; those of everybody have no key.</summary>
    internal static string Table(LoyaltyCountAnswer answer) =>
        s_table.Write(answer.Groups.SelectMany(g => g.Periods.Select(p => (g.Key, p))));

    /// <summary>
    /// Where periods begin and end. They are whole ones, but for the first and the last, which the question cuts.
    /// </summary>
    private static DateTimeOffset[]? BoundsOf(string over, DateTimeOffset from, DateTimeOffset to)
    {
        if (from >= to)
            return null;
        int first = Periods.Of(over, from.UtcTicks), last = Periods.Of(over, to.UtcTicks - 1);
        if (last - first >= MostPeriods)
            return null;
        return [from, .. Enumerable.Range(first + 1, last - first).Select(p => Periods.StartOf(over, p)), to];
    }

    private static List<LoyaltyGroup> Count(
        StandingRelationships all, TrustPolicies policies, string over, DateTimeOffset[] bounds, bool bySegment,
        DateTimeOffset time)
    {
        var courses = all.EachCustomer((_, facts) =>
        {
            var periods = CustomerCourse.Of(facts, policies, bounds, time);
            return new Course(facts.Relationship.Segment ?? "", periods,
                CustomerCourse.Whole(facts, periods, bounds[0], bounds[^1]));
        });
        var groups = bySegment
            ? courses.GroupBy(c => c.Segment, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal)
                .Select(g => Group(g.Key, g, over, bounds))
            : [];
        return [Group(null, courses, over, bounds), .. groups];
    }

    private sealed record Course(string Segment, CustomerPeriod[] Periods, CustomerPeriod Total);

    private static LoyaltyGroup Group(
        string? key, IEnumerable<Course> courses, string over, DateTimeOffset[] bounds)
    {
        var total = new LoyaltyTally(bounds[0]);
        LoyaltyTally[] tallies = [.. bounds.SkipLast(1).Select(from => new LoyaltyTally(from))];
        foreach (var course in courses)
        {
            total.Add(course.Total);
            for (int i = 0; i < tallies.Length; i++)
                tallies[i].Add(course.Periods[i]);
        }
        return new(key, total.Result(), [.. tallies.Select((tally, i) => new LoyaltyPeriod(
            Periods.NameOf(over, Periods.Of(over, bounds[i].UtcTicks)), bounds[i], bounds[i + 1], tally.Result()))]);
    }
}
