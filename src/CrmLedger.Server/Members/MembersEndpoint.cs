using CrmLedger.EventStore.Tenants;
using CrmLedger.EventStore.Views;
using CrmLedger.People;
using CrmLedger.Server.Commands;
using CrmLedger.Server.People;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Security;
using CrmLedger.Server.Tenants;
using CrmLedger.Server.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CrmLedger.Server.Members;

/// <summary>The tenant's own people.</summary>
/// <param name="AsOf">The time of knowledge asked about, UTC.</param>
/// <param name="Position">The position that the answer reflects, on all pages the same; -1 for none.</param>
/// <param name="Provisional">Whether later events could still be recorded at or before that time.</param>
/// <param name="Total">How many there are on all pages.</param>
/// <param name="Items">The page, by name.</param>
/// <param name="Next">Give it as <c>cursor</c> to read on; left out at the end.</param>
/// <param name="Notice">What the reader should know, such as why nobody is found.</param>
public sealed record MembersPage(
    DateTimeOffset AsOf, long Position, bool Provisional, int Total, IReadOnlyList<ListedMember> Items, string? Next,
    string? Notice);

/// <summary>A member in a list.</summary>
/// <param name="MemberId">The member.</param>
/// <param name="Member">Who that is.</param>
public sealed record ListedMember(Guid MemberId, Named? Member);

/// <summary>Lists the members, so that somebody can be chosen by name.</summary>
public sealed class MembersEndpoint(ViewReader views, PeopleSearch search)
{
    private static readonly CsvTable<ListedMember> s_table = new(
        new("member_id", m => m.MemberId), new("reference", m => m.Member?.Reference),
        new("name", m => m.Member?.Name), new("team", m => m.Member?.Team));

    /// <summary>Maps it.</summary>
    public static void Map(IEndpointRouteBuilder v1) =>
        v1.MapGet("/members", (HttpContext http, TenantLedgers ledgers, MembersEndpoint endpoint,
                CancellationToken cancel) => endpoint.ListAsync(http, ledgers, cancel))
            .WithName("Members").WithTags("Members").WithSummary("List members")
            .WithDescription("The tenant's own people with their teams of then, by name.")
            .WithMetadata(new QueryMetadata(
                ("find", "Only whose name or reference contains every word of this text, in any order, without regard "
                    + "to case and diacritics; 1 to 100 characters."),
                ("team", "Only who is in this team."),
                ("asOf", "As known at this time (recordedAt); now when left out."),
                ("atLeast", "Wait until the view reflects this position."),
                ("limit", "Rows of a page, 1 to 1000 (100)."), ("cursor", "The page after this one."),
                Answers.PageFormatParameter))
            .Produces<MembersPage>(StatusCodes.Status200OK, "application/json", Answers.CsvType)
            .Needs(Scopes.Read, Scopes.Lead, Scopes.Audit);

    /// <summary>Where a page ended, and the knowledge that the first page was made of: all are of the same.</summary>
    private sealed record After(int Rank, KnownAt Known);

    private async Task<IResult> ListAsync(HttpContext http, TenantLedgers ledgers, CancellationToken cancel)
    {
        var ledger = await ledgers.GetAsync(http.Caller().Tenant);
        var query = new Query(http, "find", "team", "asOf", "atLeast", "limit", "cursor", "format");
        var (find, team) = (query.Sought("find"), query.Text("team"));
        int limit = (int)(query.Number("limit", 1, 1_000) ?? 100);
        string? format = Answers.Format(query);
        var after = query.After<After>("cursor");
        var (clocks, problem) = await views.ClocksAsync(
            query, ledger.Tenant, DirectoryView.ViewName, after?.Known, cancel);
        if (clocks is null)
            return LedgerProblems.Result(problem!);
        var known = clocks.Known;
        var (found, position) = await search.MembersAsync(ledger, find, known.Position, cancel);
        var chosen = found.Where(m => team is null || m.Team == team).ToList();
        int start = after?.Rank ?? 0;
        var page = await NamedAsync(ledger, chosen
            .OrderBy(m => m.Name is null).ThenBy(m => SoughtWords.OrderOf(m.Name ?? ""), StringComparer.Ordinal)
            .ThenBy(m => m.Id).Skip(start).Take(limit), position, cancel);
        int end = start + page.Count;
        string? next = end < chosen.Count
            ? Query.Cursor(new After(end, known with { Position = position }))
            : null;
        ViewReader.SetETag(http, DirectoryView.ViewName, position, clocks, format);
        return Answers.PageOf(http, format, new MembersPage(known.AsOf, position, known.Provisional, chosen.Count, page,
            next, chosen.Count > 0 ? null : await views.NothingKnownAsync(ledger.Tenant, clocks.AsOf, cancel)), Table,
            next);
    }

    /// <summary>A line for each member.</summary>
    internal static string Table(MembersPage page) => s_table.Write(page.Items);

    private async Task<IReadOnlyList<ListedMember>> NamedAsync(
        TenantLedger ledger, IEnumerable<FoundPerson> members, long position, CancellationToken cancel)
    {
        Guid[] ids = [.. members.Select(m => m.Id)];
        var names = await views.NamesAsync(ledger, ids.Select(StreamKind.Member.StreamId), position, cancel);
        return [.. ids.Select(id =>
            new ListedMember(id, names.GetValueOrDefault(StreamKind.Member.StreamId(id))))];
    }
}
