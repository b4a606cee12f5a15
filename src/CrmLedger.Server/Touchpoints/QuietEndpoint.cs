using CrmLedger.EventStore;
using CrmLedger.EventStore.Tenants;
using CrmLedger.EventStore.Views;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Security;
using CrmLedger.Server.Tenants;
using CrmLedger.Server.Views;
using CrmLedger.Touchpoints;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CrmLedger.Server.Touchpoints;

/// <summary>The customers of whom nothing was heard for some time.</summary>
/// <param name="AsOf">The time of knowledge asked about, UTC.</param>
/// <param name="Until">Until when what happened counts, and at which it is judged, UTC; left out for asOf.</param>
/// <param name="Annulled">What was made of annulled entries.</param>
/// <param name="Position">The position that the answer reflects, on all pages the same; -1 for none.</param>
/// <param name="Provisional">Whether later events could still be recorded at or before that time.</param>
/// <param name="Days">For how many days at least.</param>
/// <param name="Direction">Whose touchpoints break the silence; left out for both sides'.</param>
/// <param name="Customers">How many customers were asked about, quiet or not.</param>
/// <param name="Silent">How many of them were silent for how long.</param>
/// <param name="Total">How many are quiet, on all pages.</param>
/// <param name="Items">The page, the longest silent first.</param>
/// <param name="Next">Give it as <c>cursor</c> to read on; left out at the end.</param>
/// <param name="Notice">What the reader should know, such as why nothing is found.</param>
public sealed record QuietCustomers(
    DateTimeOffset AsOf, DateTimeOffset? Until, AnnulledEntries Annulled,
    long Position, bool Provisional, int Days, Direction? Direction,
    int Customers, IReadOnlyList<SilentFor> Silent, int Total, IReadOnlyList<QuietCustomer> Items, string? Next,
    string? Notice);

/// <summary>How many customers were silent for some time.</summary>
/// <param name="Days">For how many days at least.</param>
/// <param name="Customers">How many.</param>
public sealed record SilentFor(int Days, int Customers);

/// <summary>A customer of whom nothing was heard.</summary>
/// <param name="CustomerId">The customer.</param>
/// <param name="Customer">Who that is.</param>
/// <param name="DaysSilent">For how many whole days.</param>
/// <param name="Since">
/// Since when, UTC: the last touchpoint of the direction asked about, or without one the beginning, which is the
/// registration or the first touchpoint, whichever came first.
/// </param>
/// <param name="Last">The last touchpoint; left out when there was none.</param>
/// <param name="Touchpoints">How many touchpoints there were, of the direction asked about.</param>
public sealed record QuietCustomer(
    Guid CustomerId, Named? Customer, int DaysSilent, DateTimeOffset Since, LastTouchpoint? Last, int Touchpoints);

/// <summary>The last time that there was contact.</summary>
/// <param name="At">The time from which it counts, UTC.</param>
/// <param name="Channel">By which way.</param>
/// <param name="Direction">Who began.</param>
/// <param name="MemberId">Who of us took part.</param>
/// <param name="Member">Who that is.</param>
/// <param name="Team">That member's team then.</param>
/// <param name="Position">The position of the event that recorded it.</param>
public sealed record LastTouchpoint(
    DateTimeOffset At, Channel Channel, Direction Direction, Guid MemberId, Named? Member, string Team, long Position);

/// <summary>Finds customers whom nobody has spoken with for too long.</summary>
public sealed class QuietEndpoint(LedgerDatabase database, ViewReader views, StandingViews standing)
{
    private const int DefaultDays = 60;

    private static readonly CsvTable<QuietCustomer> s_table = new(
        new("customer_id", c => c.CustomerId), new("reference", c => c.Customer?.Reference),
        new("name", c => c.Customer?.Name), new("segment", c => c.Customer?.Segment),
        new("days_silent", c => c.DaysSilent), new("since", c => c.Since), new("last_at", c => c.Last?.At),
        new("channel", c => c.Last?.Channel), new("direction", c => c.Last?.Direction),
        new("member_id", c => c.Last?.MemberId), new("member", c => c.Last?.Member?.Name),
        new("team", c => c.Last?.Team), new("touchpoints", c => c.Touchpoints));

    /// <summary>The lengths of silence that are counted, days.</summary>
    public static IReadOnlyList<int> Steps { get; } = [30, 60, 90, 180];

    /// <summary>Maps it.</summary>
    public static void Map(IEndpointRouteBuilder v1) =>
        v1.MapGet("/customers/quiet", (HttpContext http, TenantLedgers ledgers, QuietEndpoint endpoint,
                CancellationToken cancel) => endpoint.QuietAsync(http, ledgers, cancel))
            .WithName("QuietCustomers").WithTags("Touchpoints").WithSummary("Find customers whom nobody spoke with")
            .WithDescription("Customers with no touchpoint for so many days, the longest silent first; those whom "
                + "nobody ever spoke with count from their registration, or with a direction from the first touchpoint "
                + "of the other one where that is earlier. Who was erased, was merged into another customer, or has "
                + "ended the relationship is not quiet; touchpoints with somebody who was merged count for the "
                + "customer who stays.")
            .WithMetadata(new QueryMetadata(
                [
                    ("days", $"For how many days at least, 1 to 36500 ({DefaultDays})."),
                    ("direction", "inbound: the customer was not in touch; outbound: we were not (either)."),
                    ("team", "Whose last touchpoint was with this team."),
                    ("member", "Whose last touchpoint was with this member: an id, or ref: and your reference."),
                    ("segment", "Customers of this segment."), .. Clocks.Parameters,
                    ("limit", "Rows of a page, 1 to 1000 (100)."),
                    ("cursor", "The page after this one."), Answers.PageFormatParameter,
                ]))
            .Produces<QuietCustomers>(StatusCodes.Status200OK, "application/json", Answers.CsvType)
            .Needs(Scopes.Read, Scopes.Lead, Scopes.Audit);

    /// <summary>Where a page ended, and the knowledge that the first page was made of: all are of the same.</summary>
    private sealed record After(int Rank, KnownAt Known);

    private async Task<IResult> QuietAsync(HttpContext http, TenantLedgers ledgers, CancellationToken cancel)
    {
        var ledger = await ledgers.GetAsync(http.Caller().Tenant);
        var query = new Query(http, "days", "direction", "team", "member", "segment", "asOf", "until",
            "annulled", "atLeast", "limit", "cursor", "format");
        int days = (int)(query.Number("days", 1, 36_500) ?? DefaultDays);
        var filter = new QuietFilter(
            query.Word("direction", "inbound", "outbound") switch
            {
                "inbound" => Direction.Inbound,
                "outbound" => Direction.Outbound,
                _ => null,
            },
            query.Stream("member", StreamKind.Member, ledger), query.Text("team"), query.Text("segment"));
        string? format = Answers.Format(query);
        int limit = (int)(query.Number("limit", 1, 1_000) ?? 100);
        var after = query.After<After>("cursor");
        var (clocks, problem) = await views.ClocksAsync(
            query, ledger.Tenant, TouchpointsView.ViewName, after?.Known, cancel);
        if (clocks is null)
            return LedgerProblems.Result(problem!);
        var (known, skip) = (clocks.Known, after?.Rank ?? 0);
        var (quiet, position) = await standing.AskAtAsync<StandingContacts, StandingContact, QuietCount>(
            ledger.Tenant, clocks, () => new(database, ledger.Tenant),
            all => all.QuietAt(filter, clocks.Time, days, skip, limit), cancel);
        int end = skip + quiet.Rows.Count;
        ViewReader.SetETag(http, TouchpointsView.ViewName, position, clocks, format);
        string? next = end < quiet.Total ? Query.Cursor(new After(end, known with { Position = position })) : null;
        return Answers.PageOf(http, format, new QuietCustomers(known.AsOf, clocks.Until, clocks.Annulled, position,
            known.Provisional,
            days, filter.Direction, quiet.Customers, [.. Steps.Zip(quiet.Silent, (step, n) => new SilentFor(step, n))],
            quiet.Total, await ShowAsync(ledger, quiet.Rows, clocks.Time, position, cancel),
            next, quiet.Customers > 0 ? null : await views.NothingKnownAsync(ledger.Tenant, clocks.AsOf, cancel)),
            Table, next);
    }

    /// <summary>A line for each customer.</summary>
    internal static string Table(QuietCustomers answer) => s_table.Write(answer.Items);

    private async Task<IReadOnlyList<QuietCustomer>> ShowAsync(
        TenantLedger ledger, IReadOnlyList<QuietRow> rows, DateTimeOffset time, long position,
        CancellationToken cancel)
    {
        var names = await views.NamesAsync(ledger,
            [
                .. rows.Select(r => StreamKind.Customer.StreamId(r.CustomerId)),
                .. rows.Select(r => r.MemberId).OfType<Guid>().Select(StreamKind.Member.StreamId),
            ], position, cancel);
        return [.. rows.Select(r => new QuietCustomer(r.CustomerId,
            names.GetValueOrDefault(StreamKind.Customer.StreamId(r.CustomerId)), (time - r.Since).Days, r.Since,
            r.Last is not { } last ? null : new(new(last.AtTicks, TimeSpan.Zero), last.Channel, last.Direction,
                r.MemberId!.Value, names.GetValueOrDefault(StreamKind.Member.StreamId(r.MemberId.Value)), r.Team!,
                last.Position), r.Touchpoints))];
    }
}
