using System.Reflection;
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
using NpgsqlTypes;

namespace CrmLedger.Server.Commitments;

/// <summary>The commitment-kept rate and the promises behind it.</summary>
public sealed class KeptRateEndpoint(LedgerDatabase database, ViewReader views)
{
    private static readonly string s_promises =
        Sql.Load("Commitments/kept_rate_promises.sql", Assembly.GetExecutingAssembly());
    private static readonly string[] s_groups = ["maker", "holder", "team", "kind", "customer", "month"];
    private static readonly string[] s_classes =
        [.. Enum.GetNames<KeptClass>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName), "not_yet_due"];

    private static readonly (string, string)[] s_parameters =
    [
        ("by",
            "Group by maker, holder, team (of the maker then), kind, customer or month (of the first due date, UTC)."),
        ("from", "First due at or after this time or date."), ("to", "First due before this time or date."),
        ("asOf", "As known at this time (recordedAt); now when left out."),
        ("atLeast", "Wait until the view reflects this position."),
    ];

    private sealed record Asked(string? By, DateTimeOffset? From, DateTimeOffset? To, KnownAt Known);

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
        var (position, promises) = await ReadAsync(ledger, asked!, cancel);
        var total = new KeptRateTally(asked!.Known.AsOf);
        var groups = new SortedDictionary<string, KeptRateTally>(StringComparer.Ordinal);
        foreach (var p in promises)
        {
            total.Add(p.CustomerId, p.Promise);
            if (asked.By is null)
                continue;
            string key = KeyOf(asked.By, p);
            if (!groups.TryGetValue(key, out var tally))
                groups[key] = tally = new(asked.Known.AsOf);
            tally.Add(p.CustomerId, p.Promise);
        }
        var labels = await LabelsAsync(ledger, asked.By, groups.Keys, cancel);
        ViewReader.SetETag(http, KeptRateView.ViewName, position);
        return Results.Json(new KeptRateAnswer(
            asked.Known.AsOf, asked.Known.Position is { } at ? Math.Min(at, position) : position,
            asked.Known.Provisional,
            asked.From, asked.To, asked.By, KeptRateNumbers.Of(total.Result()),
            [.. groups.Select(g => new KeptRateGroup(
                g.Key, labels.GetValueOrDefault(g.Key, g.Key), KeptRateNumbers.Of(g.Value.Result())))]),
            KeptRateAnswer.Json);
    }

    private sealed record After(uint Skip);

    private async Task<IResult> PromisesAsync(HttpContext http, TenantLedgers ledgers, CancellationToken cancel)
    {
        var ledger = await ledgers.GetAsync(http.Caller().Tenant);
        var query = new Query(http, "by", "from", "to", "asOf", "atLeast", "key", "class", "limit", "cursor");
        int limit = (int)(query.Number("limit", 1, 1_000) ?? 100);
        int skip = (int)Math.Min(query.After<After>("cursor")?.Skip ?? 0, 1_000_000_000);
        string? wanted = query.Word("class", s_classes);
        string? key = query.Text("key");
        var (asked, problem) = await AskedAsync(query, ledger, cancel);
        if (problem is not null)
            return LedgerProblems.Result(problem);
        var (position, promises) = await ReadAsync(ledger, asked!, cancel);
        var matching = promises
            .Where(p => key is null || asked!.By is null || KeyOf(asked.By, p) == key)
            .Where(p => wanted is null || ClassOf(p, asked!.Known.AsOf) == wanted)
            .ToList();
        var page = matching.Skip(skip).Take(limit).ToList();
        var names = await views.NamesAsync(ledger, page.SelectMany(p => new[]
        {
            StreamKind.Customer.StreamId(p.CustomerId), StreamKind.Member.StreamId(p.Promise.MakerId),
            StreamKind.Member.StreamId(p.Promise.HolderId),
        }), cancel);
        var items = page.ConvertAll(p => new KeptRateItem(ClassOf(p, asked!.Known.AsOf), p.CustomerId,
            names.GetValueOrDefault(StreamKind.Customer.StreamId(p.CustomerId)), p.Promise.PromiseId, p.Promise.Kind,
            p.Promise.MakerId, names.GetValueOrDefault(StreamKind.Member.StreamId(p.Promise.MakerId)),
            p.Promise.MakerTeam, p.Promise.HolderId,
            names.GetValueOrDefault(StreamKind.Member.StreamId(p.Promise.HolderId)), p.Promise.HolderTeam,
            p.Promise.FirstDue, p.Promise.BindingDue, p.Promise.StatusAt(asked.Known.AsOf), p.Promise.KeptAt,
            $"/v1/customers/{p.CustomerId}/promises/{p.Promise.PromiseId}"));
        return Results.Json(new KeptRatePage(asked!.Known.AsOf,
            asked.Known.Position is { } at ? Math.Min(at, position) : position, matching.Count, items,
            skip + limit < matching.Count ? Query.Cursor(new After((uint)(skip + limit))) : null), LedgerJson.Options);
    }

    private async Task<(Asked? Asked, Problem? Problem)> AskedAsync(
        Query query, TenantLedger ledger, CancellationToken cancel)
    {
        string? by = query.Word("by", s_groups);
        var (from, to, asOf) = (query.Time("from"), query.Time("to"), query.Time("asOf"));
        long? atLeast = query.Number("atLeast", 0, long.MaxValue);
        if (query.Problem is { } problem)
            return (null, problem);
        var known = await views.KnownAtAsync(ledger.Tenant, asOf, cancel);
        var behind = await views.WaitAsync(ledger.Tenant, KeptRateView.ViewName, atLeast, known, cancel);
        return behind is null ? (new(by, from, to, known), null) : (null, behind);
    }

    private async Task<(long Position, List<KeptRatePromise> Promises)> ReadAsync(
        TenantLedger ledger, Asked asked, CancellationToken cancel)
    {
        var rows = await database.QueryAsync(ledger.Tenant, s_promises,
            r => (Position: r.GetInt64(0),
                Row: r.IsDBNull(1) ? null : KeptRateView.ReadRow(r.GetFieldValue<byte[]>(1))), cancel,
            ledger.Tenant, LedgerDatabase.Typed(NpgsqlDbType.Bigint, asked.Known.Position),
            LedgerDatabase.Typed(NpgsqlDbType.TimestampTz, asked.From),
            LedgerDatabase.Typed(NpgsqlDbType.TimestampTz, asked.To));
        return (rows.Count == 0 ? -1 : rows[0].Position, [.. rows.Select(r => r.Row).OfType<KeptRatePromise>()]);
    }

    private static string ClassOf(KeptRatePromise row, DateTimeOffset asOf) =>
        KeptRate.Classify(row.Promise, asOf) is { } of
            ? JsonNamingPolicy.SnakeCaseLower.ConvertName(of.ToString())
            : "not_yet_due";

    private static string KeyOf(string by, KeptRatePromise p) => by switch
    {
        "maker" => p.Promise.MakerId.ToString("D"),
        "holder" => p.Promise.HolderId.ToString("D"),
        "team" => p.Promise.MakerTeam,
        "kind" => p.Promise.Kind,
        "customer" => p.CustomerId.ToString("D"),
        _ => p.Promise.FirstDue.UtcDateTime.ToString("yyyy-MM"),
    };

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
