using System.Reflection;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Tenants;
using CrmLedger.EventStore.Views;
using CrmLedger.Server.Events;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Security;
using CrmLedger.Server.Tenants;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CrmLedger.Server.Views;

/// <summary>What changed in a view between two moments of knowledge.</summary>
/// <param name="View">The view.</param>
/// <param name="From">The earlier moment, UTC.</param>
/// <param name="FromPosition">The last position known then; -1 for none.</param>
/// <param name="To">The later moment, UTC.</param>
/// <param name="ToPosition">The last position known then.</param>
/// <param name="Provisional">Whether later events could still be recorded at or before the later moment.</param>
/// <param name="Items">The rows that differ.</param>
/// <param name="Next">Give it as <c>cursor</c> to read on; left out at the end.</param>
public sealed record DiffPage(
    string View, DateTimeOffset From, long FromPosition, DateTimeOffset To, long ToPosition, bool Provisional,
    IReadOnlyList<RowDiff> Items, string? Next);

/// <summary>A row that differs, and the events that made it so.</summary>
/// <param name="Stream">The stream that it is of.</param>
/// <param name="Key">Its key within the stream; left out where a stream has one row.</param>
/// <param name="Name">Who the customer or member is.</param>
/// <param name="Change">Whether the row appeared, disappeared or changed.</param>
/// <param name="Fields">The fields that differ.</param>
/// <param name="Events">Every event in between that changed it, in the order of the log.</param>
public sealed record RowDiff(
    string Stream, string? Key, Named? Name, RowChange Change, IReadOnlyList<FieldChange> Fields,
    IReadOnlyList<ShownEvent> Events);

/// <summary>What became of a row.</summary>
public enum RowChange
{
    /// <summary>It was not there.</summary>
    Appeared,

    /// <summary>It is not there any more.</summary>
    Disappeared,

    /// <summary>It says something else.</summary>
    Changed,
}

/// <summary>The rows of a view that differ between two moments of knowledge, with the events responsible.</summary>
public sealed class DiffEndpoint(LedgerDatabase database, EventReader reader, ViewReader views)
{
    private static readonly string[] s_needed = ["view", "from"];
    private static readonly string s_changed = Sql.Load("Views/changed_rows.sql", Assembly.GetExecutingAssembly());

    /// <summary>Maps it.</summary>
    public static void Map(IEndpointRouteBuilder v1) =>
        v1.MapGet("/diff", (HttpContext http, TenantLedgers ledgers, DiffEndpoint endpoint, CancellationToken cancel) =>
                endpoint.DiffAsync(http, ledgers, cancel))
            .WithName("Diff").WithTags("Events").WithSummary("See what changed between two moments of knowledge")
            .WithDescription("The rows of a view that differ between what was known at one time and at another, field "
                + "by field, and for each the events recorded in between that changed it. A row that came back to "
                + "what it was is left out.")
            .WithMetadata(new QueryMetadata(
                ("view", $"One of {string.Join(", ", LedgerViews.All.Select(v => v.Name))}."),
                ("from", "As known at this time (recordedAt)."),
                ("to", "As known at this time; now when left out."),
                ("atLeast", "Wait until the view reflects this position."),
                ("limit", "Rows of a page, 1 to 1000 (100)."), ("cursor", "The page after this one."))
            {
                Required = s_needed,
            })
            .Produces<DiffPage>().Needs(Scopes.Lead, Scopes.Audit);

    /// <summary>Where a page ended, and the moments that the first page compared: all compare the same.</summary>
    private sealed record After(string Stream, string Key, DateTimeOffset To, long Position, bool Provisional);

    private sealed record Changed(string Stream, string Key, long[] Positions, byte[]? Before, byte[]? Now);

    private async Task<IResult> DiffAsync(HttpContext http, TenantLedgers ledgers, CancellationToken cancel)
    {
        var ledger = await ledgers.GetAsync(http.Caller().Tenant);
        var query = new Query(http, "view", "from", "to", "atLeast", "limit", "cursor");
        string? name = query.Word("view", [.. LedgerViews.All.Select(v => v.Name)]);
        var (from, to) = (query.Time("from"), query.Time("to"));
        foreach (string needed in s_needed.Where(n => query.Text(n) is null))
            query.Refuse(needed, "is missing.");
        if (from > to)
            query.Refuse("from", "must not lie after to.");
        long? atLeast = query.Number("atLeast", 0, long.MaxValue);
        int limit = (int)(query.Number("limit", 1, 1_000) ?? 100);
        var after = query.After<After>("cursor");
        if (after is not null && !await views.ReachesAsync(ledger.Tenant, after.Position, cancel))
            query.Refuse("cursor", Query.ForeignCursor);
        if (query.Problem is { } problem)
            return LedgerProblems.Result(problem);
        var view = LedgerViews.Find(name!)!;
        var known = after is null
            ? await views.KnownAtAsync(ledger.Tenant, to, cancel)
            : new KnownAt(after.To, after.Position, after.Provisional);
        long position = known.Position ?? (await reader.ReadHeadAsync(ledger.Tenant, cancel)).Size - 1;
        if (await views.WaitAsync(ledger.Tenant, view.Name, Math.Max(atLeast ?? -1, position), known, cancel)
            is { } behind)
        {
            return LedgerProblems.Result(behind);
        }
        long before = Math.Min(position, await reader.PositionAtAsync(ledger.Tenant, from!.Value, cancel));
        var rows = await LedgerDatabase.QueryAsync(database.Questions, ledger.Tenant, s_changed, r => new Changed(
            r.GetString(0), r.GetString(1), r.GetFieldValue<long[]>(2), Row(r, 3), Row(r, 4)), cancel,
            ledger.Tenant, view.Name, before, position, after?.Stream ?? "", after?.Key ?? "", limit + 1);
        var page = rows.Take(limit).ToList();
        ViewReader.SetETag(http, view.Name, position, new(known, to, WhatCounts.Everything));
        return Results.Json(new DiffPage(view.Name, from.Value, before, known.AsOf, position, known.Provisional,
            await ShowAsync(ledger, view, page, position, cancel), rows.Count > limit
                ? Query.Cursor(new After(page[^1].Stream, page[^1].Key, known.AsOf, position, known.Provisional))
                : null), LedgerJson.Options);
    }

    private async Task<IReadOnlyList<RowDiff>> ShowAsync(
        TenantLedger ledger, View view, List<Changed> rows, long position, CancellationToken cancel)
    {
        long[] positions = [.. rows.SelectMany(r => r.Positions).Distinct()];
        var events = (await ShownEvent.ShowAsync(
                await reader.ReadPositionsAsync(ledger.Tenant, positions, cancel), ledger, cancel))
            .ToDictionary(e => e.Position);
        var names = await views.NamesAsync(ledger, rows.Select(r => r.Stream), position, cancel);
        var fields = await RowChanges.OpenAsync(
            rows.ConvertAll(r => RowChanges.Of(r.Before, r.Now)), RowChanges.SealedFieldsOf(view.RowType), ledger,
            cancel);
        return [.. rows.Select((r, i) => new RowDiff(r.Stream, r.Key.Length == 0 ? null : r.Key,
            names.GetValueOrDefault(r.Stream),
            r.Before is null ? RowChange.Appeared : r.Now is null ? RowChange.Disappeared : RowChange.Changed,
            fields[i], [.. r.Positions.Select(p => events[p])]))];
    }

    private static byte[]? Row(Npgsql.NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetFieldValue<byte[]>(column);
}
