using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
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

/// <summary>The commitment-kept rate and the promises behind it.</summary>
public sealed class KeptRateEndpoint(LedgerDatabase database, ViewReader views, StandingViews standing)
{
    private static readonly string s_promises =
        Sql.Load("Commitments/kept_rate_promises.sql", Assembly.GetExecutingAssembly());
    private static readonly string[] s_classes =
        [.. Enum.GetNames<KeptClass>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName), "not_yet_due"];

    private static readonly (string, string)[] s_parameters =
    [
        ("by",
            "Group by maker, holder, team (of the maker then), kind, channel, customer, or day, ISO week or month of "
            + "the first due date, UTC."),
        ("from", "First due at or after this time or date."), ("to", "First due before this time or date."),
        ("asOf", "As known at this time (recordedAt); now when left out."),
        ("atLeast", "Wait until the view reflects this position."),
    ];

    /// <summary>
    /// What a rate can be grouped by; <c>team</c> is the maker's then, and a day, a week (ISO 8601) or a month that of
    /// the first due date, UTC.
    /// </summary>
    public static IReadOnlyList<string> Groups { get; } =
        ["maker", "holder", "team", "kind", "channel", "customer", "day", "week", "month"];

    private sealed record Asked(string? By, DateTimeOffset? From, DateTimeOffset? To, KnownAt Known, bool IsOfThen);

    /// <summary>Maps both.</summary>
    public static void Map(IEndpointRouteBuilder v1)
    {
        var rate = v1.MapGroup("/kept-rate").WithTags("Commitments");
        rate.MapGet("",
            (HttpContext http, TenantLedgers ledgers, KeptRateEndpoint endpoint, CancellationToken cancel) =>
                endpoint.RateAsync(http, ledgers, cancel))
            .WithName("KeptRate").WithSummary("Ask who keeps their word")
            .WithDescription("Promises whose first due date lies in [from, to) and has come. strict counts only those "
                + "kept by the first date, out of all; agreed also those kept by a date the customer accepted in time, "
                + "out of all that have fallen due. Open and late counts against both. Each with its Wilson 95 % "
                + "interval.")
            .WithMetadata(new QueryMetadata(s_parameters)).Produces<KeptRateAnswer>().Needs(Scopes.Lead, Scopes.Audit);
        rate.MapGet("/promises",
            (HttpContext http, TenantLedgers ledgers, KeptRateEndpoint endpoint, CancellationToken cancel) =>
                endpoint.PromisesAsync(http, ledgers, cancel))
            .WithName("KeptRatePromises").WithSummary("List the promises behind a kept rate")
            .WithDescription("The same question as the rate, answered with the promises themselves; narrowed to a "
                + "group by key and to a class.")
            .WithMetadata(new QueryMetadata([.. s_parameters, ("key", "Only this group (needs by)."),
                ("class", "Only this class: " + string.Join(", ", s_classes)),
                ("limit", "Rows of a page, 1 to 1000 (100)."),
                ("cursor", "The page after this one.")]))
            .Produces<KeptRatePage>().Needs(Scopes.Lead, Scopes.Audit);
    }

    private async Task<IResult> RateAsync(HttpContext http, TenantLedgers ledgers, CancellationToken cancel)
    {
        var ledger = await ledgers.GetAsync(http.Caller().Tenant);
        var query = new Query(http, "by", "from", "to", "asOf", "atLeast");
        var (asked, problem) = await AskedAsync(query, ledger, cancel);
        if (problem is not null)
            return LedgerProblems.Result(problem);
        var (count, position) = await CountAsync(ledger, asked!, cancel);
        var labels = await LabelsAsync(ledger, asked!.By, count.Groups.Keys, cancel);
        ViewReader.SetETag(http, KeptRateView.ViewName, position, asked.Known.AsOf);
        return Results.Json(new KeptRateAnswer(
            asked.Known.AsOf, position, asked.Known.Provisional,
            asked.From, asked.To, asked.By, KeptRateNumbers.Of(count.Total.Result()),
            [.. count.Groups.OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => new KeptRateGroup(
                g.Key, labels.GetValueOrDefault(g.Key, g.Key), KeptRateNumbers.Of(g.Value.Result())))]),
            KeptRateAnswer.Json);
    }

    /// <summary>
    /// Out of the rows kept in memory when it is about now; what stood at an earlier position is read anew.
    /// </summary>
    private async Task<(KeptRateCount Count, long Position)> CountAsync(
        TenantLedger ledger, Asked asked, CancellationToken cancel)
    {
        var (asOf, known, _) = asked.Known;
        if (asked.Known.Provisional)
        {
            var now = await standing.AskAsync<StandingPromises, StandingPromise, (KeptRateCount, long)?>(
                ledger.Tenant, () => new(database, ledger.Tenant),
                all => known is null || known == all.Position ? (Counted(all), all.Position) : null, cancel);
            if (now is { } counted)
                return counted;
        }
        var then = new StandingPromises(database, ledger.Tenant);
        await then.ReadAsync(known!.Value, cancel);
        return (Counted(then), known.Value);

        KeptRateCount Counted(StandingPromises all) => all.CountBy(asked.By, asked.From, asked.To, asOf);
    }

    /// <summary>Where a page ended, and the knowledge that the first page was made of: all are of the same.</summary>
    private sealed record After(
        DateTimeOffset Due, string Stream, string Key, DateTimeOffset AsOf, long Position, bool Provisional, int Total);

    private sealed record Part(string? Key, After? After, long? Limit);

    private sealed record Row(long Position, string Stream, string Key, KeptRatePromise? Promise);

    private async Task<IResult> PromisesAsync(HttpContext http, TenantLedgers ledgers, CancellationToken cancel)
    {
        var ledger = await ledgers.GetAsync(http.Caller().Tenant);
        var query = new Query(http, "by", "from", "to", "asOf", "atLeast", "key", "class", "limit", "cursor");
        int limit = (int)(query.Number("limit", 1, 1_000) ?? 100);
        var after = query.After<After>("cursor");
        string? wanted = query.Word("class", s_classes);
        string? key = query.Text("key");
        if (key is not null && query.Text("by") is null)
            query.Refuse("key", "goes with by, which says of what it is the key.");
        var (asked, problem) = await AskedAsync(query, ledger, cancel, after);
        if (problem is not null)
            return LedgerProblems.Result(problem);
        var known = asked!.Known;
        long position = -1;
        int total = after?.Total ?? 0;
        var page = new List<Row>();
        // The first page counts what all of them hold; the others need to see one row more than they show.
        var part = new Part(key, after, after is not null && wanted is null ? limit + 1 : null);
        await foreach (var row in ListedAsync(ledger, asked, part, cancel))
        {
            position = row.Position;
            if (row.Promise is not { } p || (wanted is not null && ClassOf(p, known.AsOf) != wanted))
                continue;
            if (after is null)
                total++;
            if (page.Count <= limit)
                page.Add(row);
            else if (after is not null)
                break;
        }
        position = known.Position ?? position;
        bool more = page.Count > limit;
        page = [.. page.Take(limit)];
        var items = await ItemsAsync(ledger, page.ConvertAll(r => r.Promise!), asked, cancel);
        ViewReader.SetETag(http, KeptRateView.ViewName, position, known.AsOf);
        string? next = more
            ? Query.Cursor(new After(page[^1].Promise!.Promise.FirstDue, page[^1].Stream, page[^1].Key, known.AsOf,
                position, known.Provisional, total))
            : null;
        return Results.Json(
            new KeptRatePage(known.AsOf, position, known.Provisional, total, items, next), LedgerJson.Options);
    }

    private async Task<List<KeptRateItem>> ItemsAsync(
        TenantLedger ledger, List<KeptRatePromise> page, Asked asked, CancellationToken cancel)
    {
        var names = await views.NamesAsync(ledger, page.SelectMany(p => new[]
        {
            StreamKind.Customer.StreamId(p.CustomerId), StreamKind.Member.StreamId(p.Promise.MakerId),
            StreamKind.Member.StreamId(p.Promise.HolderId),
        }), cancel);
        var asOf = asked.Known.AsOf;
        string then = asked.IsOfThen ? $"?asOf={LedgerJson.Format(asOf)}" : "";
        return page.ConvertAll(p => new KeptRateItem(ClassOf(p, asOf), p.CustomerId,
            names.GetValueOrDefault(StreamKind.Customer.StreamId(p.CustomerId)), p.Promise.PromiseId, p.Promise.Kind,
            p.Promise.MakerId, names.GetValueOrDefault(StreamKind.Member.StreamId(p.Promise.MakerId)),
            p.Promise.MakerTeam, p.Promise.HolderId,
            names.GetValueOrDefault(StreamKind.Member.StreamId(p.Promise.HolderId)), p.Promise.HolderTeam,
            p.Promise.FirstDue, p.Promise.BindingDue, p.Promise.StatusAt(asOf), p.Promise.KeptAt,
            $"/v1/customers/{p.CustomerId}/promises/{p.Promise.PromiseId}{then}"));
    }

    private async Task<(Asked? Asked, Problem? Problem)> AskedAsync(
        Query query, TenantLedger ledger, CancellationToken cancel, After? pinned = null)
    {
        string? by = query.Word("by", [.. Groups]);
        var (from, to, asOf) = (query.Time("from"), query.Time("to"), query.Time("asOf"));
        long? atLeast = query.Number("atLeast", 0, long.MaxValue);
        if (pinned is not null && !await views.ReachesAsync(ledger.Tenant, pinned.Position, cancel))
            query.Refuse("cursor", Query.ForeignCursor);
        if (query.Problem is { } problem)
            return (null, problem);
        var known = pinned is null
            ? await views.KnownAtAsync(ledger.Tenant, asOf, cancel)
            : new KnownAt(pinned.AsOf, pinned.Position, pinned.Provisional);
        var behind = await views.WaitAsync(ledger.Tenant, KeptRateView.ViewName, atLeast, known, cancel);
        return behind is null ? (new(by, from, to, known, asOf is not null), null) : (null, behind);
    }

    private IAsyncEnumerable<Row> ListedAsync(
        TenantLedger ledger, Asked asked, Part part, CancellationToken cancel) => RowsAsync(
        ledger, s_promises, r => r.IsDBNull(1)
            ? new(r.GetInt64(0), "", "", null)
            : new(r.GetInt64(0), r.GetString(2), r.GetString(3), Promise(r)), cancel,
        ledger.Tenant, LedgerDatabase.Typed(NpgsqlDbType.Bigint, asked.Known.Position),
        LedgerDatabase.Typed(NpgsqlDbType.TimestampTz, asked.From),
        LedgerDatabase.Typed(NpgsqlDbType.TimestampTz, asked.To),
        LedgerDatabase.Typed(NpgsqlDbType.Varchar, asked.By),
        LedgerDatabase.Typed(NpgsqlDbType.Varchar, part.Key),
        LedgerDatabase.Typed(NpgsqlDbType.TimestampTz, part.After?.Due),
        LedgerDatabase.Typed(NpgsqlDbType.Varchar, part.After?.Stream),
        LedgerDatabase.Typed(NpgsqlDbType.Varchar, part.After?.Key),
        LedgerDatabase.Typed(NpgsqlDbType.Bigint, part.Limit));

    private async IAsyncEnumerable<Row> RowsAsync(
        TenantLedger ledger, string sql, Func<NpgsqlDataReader, Row> read,
        [EnumeratorCancellation] CancellationToken cancel, params object[] parameters)
    {
        await using var connection = await database.Questions.OpenConnectionAsync(cancel);
        await using var batch = LedgerDatabase.ForTenant(connection, ledger.Tenant, sql, parameters);
        batch.Timeout = 30; // seconds until the first of what may be millions of rows
        await using var reader = await LedgerDatabase.ReadAsync(batch, cancel);
        while (await reader.ReadAsync(cancel))
            yield return read(reader);
    }

    private static KeptRatePromise? Promise(NpgsqlDataReader r) =>
        r.IsDBNull(1) ? null : KeptRateView.ReadRow(r.GetFieldValue<byte[]>(1));

    private static string ClassOf(KeptRatePromise row, DateTimeOffset asOf) =>
        KeptRate.Classify(row.Promise, asOf) is { } of
            ? JsonNamingPolicy.SnakeCaseLower.ConvertName(of.ToString())
            : "not_yet_due";

    private async Task<IReadOnlyDictionary<string, string>> LabelsAsync(
        TenantLedger ledger, string? by, IEnumerable<string> keys, CancellationToken cancel)
    {
        string? prefix = by switch
        {
            "maker" or "holder" => "member-",
            "customer" => "customer-",
            _ => null,
        };
        if (prefix is null)
            return new Dictionary<string, string>(StringComparer.Ordinal);
        var names = await views.NamesAsync(ledger, keys.Select(k => prefix + k), cancel);
        return names.ToDictionary(n => n.Key[prefix.Length..], n => n.Value.Name ?? n.Value.Reference ?? n.Key,
            StringComparer.Ordinal);
    }
}
