using System.Reflection;
using CrmLedger.Commitments;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Tenants;
using CrmLedger.EventStore.Views;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Security;
using CrmLedger.Server.Tenants;
using CrmLedger.Server.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using NpgsqlTypes;

namespace CrmLedger.Server.Commitments;

/// <summary>The promises behind a kept rate.</summary>
public sealed class KeptRatePromisesEndpoint(
    LedgerDatabase database, KeptRateEndpoint rates, ViewReader views, LogAside log)
{
    private static readonly CsvTable<KeptRateItem> s_table = new(
        new("class", i => i.Class), new("customer_id", i => i.CustomerId), new("customer", i => i.Customer?.Called),
        new("promise_id", i => i.PromiseId), new("kind", i => i.Kind), new("maker_id", i => i.MakerId),
        new("maker", i => i.Maker?.Called), new("maker_team", i => i.MakerTeam), new("holder_id", i => i.HolderId),
        new("holder", i => i.Holder?.Called), new("holder_team", i => i.HolderTeam),
        new("first_due", i => i.FirstDue), new("binding_due", i => i.BindingDue), new("status", i => i.Status),
        new("kept_at", i => i.KeptAt), new("promise", i => i.Promise));
    private static readonly string s_promises =
        Sql.Load("Commitments/kept_rate_promises.sql", Assembly.GetExecutingAssembly());

    /// <summary>Maps it.</summary>
    public static void Map(IEndpointRouteBuilder v1) =>
        v1.MapGet("/kept-rate/promises", (HttpContext http, TenantLedgers ledgers, KeptRatePromisesEndpoint endpoint,
                CancellationToken cancel) => endpoint.PromisesAsync(http, ledgers, cancel))
            .WithName("KeptRatePromises").WithTags("Commitments").WithSummary("List the promises behind a kept rate")
            .WithDescription("The same question as the rate, answered with the promises themselves; narrowed to a "
                + "group by key and to what one of its numbers counts.")
            .WithMetadata(new QueryMetadata([.. KeptRateEndpoint.Parameters, ("key", "Only this group (needs by)."),
                .. KeptRatePart.Parameters,
                ("limit", "Rows of a page, 1 to 1000 (100)."),
                ("cursor", "The page after this one."), Answers.PageFormatParameter]))
            .Produces<KeptRatePage>(StatusCodes.Status200OK, "application/json", Answers.CsvType)
            .Needs(Scopes.Lead, Scopes.Audit);

    /// <summary>Where a page ended, and the knowledge that the first page was made of: all are of the same.</summary>
    private sealed record After(
        DateTimeOffset Due, string Stream, string Key, DateTimeOffset AsOf, long Position, bool Provisional, int Total)
        : RowPlace(Due, Stream, Key);

    /// <summary>Which of the promises are listed: those of a group, where one is given, that a number counts.</summary>
    private sealed record Part(string? Key, KeptRatePart Of);

    private sealed record Listed(int Total, long Position, IReadOnlyList<PlacedRow<KeptRatePromise>> Page);

    private async Task<IResult> PromisesAsync(HttpContext http, TenantLedgers ledgers, CancellationToken cancel)
    {
        var ledger = await ledgers.GetAsync(http.Caller().Tenant);
        var query = new Query(
            http, "by", "from", "to", "asOf", "until", "annulled", "atLeast", "key", "class", "cause",
            "only", "limit", "cursor", "format");
        int limit = (int)(query.Number("limit", 1, 1_000) ?? 100);
        var after = query.After<After>("cursor");
        string? format = Answers.Format(query);
        var part = new Part(query.Text("key"), KeptRatePart.Asked(query));
        if (part.Key is not null && query.Text("by") is null)
            query.Refuse("key", "goes with by, which says of what it is the key.");
        var (asked, problem) = await rates.AskedAsync(query, ledger,
            after is null ? null : new KnownAt(after.AsOf, after.Position, after.Provisional), cancel);
        if (asked is null)
            return LedgerProblems.Result(problem!);
        var clocks = asked.Clocks;
        var known = clocks.Known;
        // One more than the page shows tells that there is a next one.
        var (total, position, found) = clocks.IsFolded
            ? await FoldedAsync(ledger, asked, part, after, limit + 1, cancel)
            : after is null
                ? await FirstPageAsync(ledger, asked, part, limit + 1, cancel)
                : new(after.Total, after.Position,
                    (await PageAsync(ledger, asked, part, after, limit + 1, cancel)).Page);
        PlacedRow<KeptRatePromise>[] page = [.. found.Take(limit)];
        var items = await ItemsAsync(ledger, page, asked, position, cancel);
        ViewReader.SetETag(http, KeptRateView.ViewName, position, clocks, format);
        string? next = found.Count > limit ? Query.Cursor(Behind(page[^1], known, position, total)) : null;
        return Answers.PageOf(http, format, new KeptRatePage(known.AsOf, clocks.Until, clocks.Annulled, position,
            known.Provisional, total, items, next,
            total > 0 ? null : await views.NothingKnownAsync(ledger.Tenant, clocks.AsOf, cancel)),
            Table, next);
    }

    /// <summary>A line for each.</summary>
    internal static string Table(KeptRatePage page) => s_table.Write(page.Items);

    private static After Behind(PlacedRow<KeptRatePromise> row, KnownAt known, long position, int total) => new(
        row.Place.Due, row.Place.Stream, row.Place.Key, known.AsOf, position, known.Provisional, total);

    /// <summary>Where not everything counts; all are found at once, and so counted.</summary>
    private async Task<Listed> FoldedAsync(
        TenantLedger ledger, KeptRateEndpoint.Asked asked, Part part, After? after, int enough,
        CancellationToken cancel)
    {
        long position = asked.Clocks.Known.Position!.Value;
        var all = await log.ListAsync<KeptRatePromise>(
            ledger.Tenant, LedgerViews.Find(KeptRateView.ViewName)!, position, asked.Clocks.Counts,
            p => IsOf(p, asked, part), cancel);
        return new(all.Count, position, [.. all
            .SkipWhile(r => after is not null && RowPlace.Order.Compare(r.Place, after) <= 0).Take(enough)]);
    }

    private static bool IsOf(KeptRatePromise row, KeptRateEndpoint.Asked asked, Part part) =>
        !(row.Promise.FirstDue < asked.From) && !(row.Promise.FirstDue >= asked.To)
        && (part.Key is null || StandingPromises.GroupOf(asked.By!, row) == part.Key)
        && part.Of.Takes(row.Promise, KeptRate.Classify(row.Promise, asked.Clocks.Time));

    /// <summary>
    /// How many there are on all pages is counted as the rate is, and the page read beside it; should the view move on
    /// in between, again.
    /// </summary>
    private async Task<Listed> FirstPageAsync(
        TenantLedger ledger, KeptRateEndpoint.Asked asked, Part part, int enough, CancellationToken cancel)
    {
        for (int attempt = 0; ; attempt++)
        {
            var (count, position) = await rates.CountAsync(ledger, asked, null, cancel);
            var counted = part.Key is null ? count.Total : count.Groups.GetValueOrDefault(part.Key);
            int total = (int)(counted is null ? 0 : part.Of.CountOf(counted));
            if (total == 0)
                return new(0, position, []);
            // It moves on all the time where much is recorded; then the page is of where it was.
            var pinned = attempt < 3 ? asked : asked.At(position);
            var (page, reads) = await PageAsync(ledger, pinned, part, null, Math.Min(enough, total), cancel);
            if (asked.Clocks.Known.Position is not null || attempt >= 3 || reads.SetEquals([position]))
                return new(total, position, page);
        }
    }

    /// <summary>Reads until so many are found, or all.</summary>
    /// <returns>The rows, and the positions that the view was at.</returns>
    private async Task<(List<PlacedRow<KeptRatePromise>> Page, HashSet<long> Positions)> PageAsync(
        TenantLedger ledger, KeptRateEndpoint.Asked asked, Part part, RowPlace? after, int enough,
        CancellationToken cancel)
    {
        const int fewest = 1_000;
        int piece = part.Of == KeptRatePart.All ? enough : Math.Max(enough, fewest);
        var page = new List<PlacedRow<KeptRatePromise>>();
        var positions = new HashSet<long>();
        while (true)
        {
            var (rows, position) = await ListedAsync(ledger, asked, part.Key, after, piece, cancel);
            positions.Add(position);
            page.AddRange(rows.Where(r => part.Of.Takes(
                r.Row.Promise, KeptRate.Classify(r.Row.Promise, asked.Clocks.Time))));
            if (page.Count >= enough || rows.Count < piece)
                return (page, positions);
            after = rows[^1].Place;
        }
    }

    private async Task<IReadOnlyList<KeptRateItem>> ItemsAsync(
        TenantLedger ledger, PlacedRow<KeptRatePromise>[] page, KeptRateEndpoint.Asked asked, long position,
        CancellationToken cancel)
    {
        var names = await views.NamesAsync(ledger, page.SelectMany(p => new[]
        {
            p.Place.Stream, StreamKind.Member.StreamId(p.Row.Promise.MakerId),
            StreamKind.Member.StreamId(p.Row.Promise.HolderId),
        }), position, cancel);
        var time = asked.Clocks.Time;
        return [.. page.Select(p => p.Row).Select(p => new KeptRateItem(ClassOf(p, time), p.CustomerId,
            names.GetValueOrDefault(StreamKind.Customer.StreamId(p.CustomerId)), p.Promise.PromiseId, p.Promise.Kind,
            p.Promise.MakerId, names.GetValueOrDefault(StreamKind.Member.StreamId(p.Promise.MakerId)),
            p.Promise.MakerTeam, p.Promise.HolderId,
            names.GetValueOrDefault(StreamKind.Member.StreamId(p.Promise.HolderId)), p.Promise.HolderTeam,
            p.Promise.FirstDue, p.Promise.BindingDue, p.Promise.StatusAt(time), p.Promise.KeptAt,
            asked.Clocks.On($"/v1/customers/{p.CustomerId}/promises/{p.Promise.PromiseId}")))];
    }

    /// <returns>The rows, and the position that the view is at; -1 for none.</returns>
    private async Task<(List<PlacedRow<KeptRatePromise>> Rows, long Position)> ListedAsync(
        TenantLedger ledger, KeptRateEndpoint.Asked asked, string? key, RowPlace? after, long limit,
        CancellationToken cancel)
    {
        await using var connection = await database.Questions.OpenConnectionAsync(cancel);
        await using var batch = LedgerDatabase.ForTenant(connection, ledger.Tenant, s_promises,
            ledger.Tenant, LedgerDatabase.Typed(NpgsqlDbType.Bigint, asked.Clocks.Known.Position),
            LedgerDatabase.Typed(NpgsqlDbType.TimestampTz, asked.From),
            LedgerDatabase.Typed(NpgsqlDbType.TimestampTz, asked.To),
            LedgerDatabase.Typed(NpgsqlDbType.Varchar, asked.By), LedgerDatabase.Typed(NpgsqlDbType.Varchar, key),
            LedgerDatabase.Typed(NpgsqlDbType.TimestampTz, after?.Due),
            LedgerDatabase.Typed(NpgsqlDbType.Varchar, after?.Stream),
            LedgerDatabase.Typed(NpgsqlDbType.Varchar, after?.Key), limit);
        batch.Timeout = 30; // seconds: the past of millions of rows is not in any index
        await using var reader = await LedgerDatabase.ReadAsync(batch, cancel);
        var (rows, position) = (new List<PlacedRow<KeptRatePromise>>(), -1L);
        while (await reader.ReadAsync(cancel))
        {
            position = reader.GetInt64(0);
            if (RowOf(reader) is { } row)
                rows.Add(row);
        }
        return (rows, position);
    }

    private static PlacedRow<KeptRatePromise>? RowOf(NpgsqlDataReader r)
    {
        if (r.IsDBNull(1))
            return null;
        var row = KeptRateView.ReadRow(r.GetFieldValue<byte[]>(1));
        return new(new(row.Promise.FirstDue, r.GetString(2), r.GetString(3)), row);
    }

    private static string ClassOf(KeptRatePromise row, DateTimeOffset time) =>
        KeptRatePart.Name(KeptRate.Classify(row.Promise, time));
}
