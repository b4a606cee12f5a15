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
using Npgsql;
using NpgsqlTypes;

namespace CrmLedger.Server.Commitments;

/// <summary>The commitment-kept rate and the promises behind it.</summary>
public sealed class KeptRateEndpoint(LedgerDatabase database, ViewReader views, StandingViews standing)
{
    private const string TooManyPeriods = "would give more numbers than anybody reads. Take longer periods, bounds "
        + "that lie closer together, or fewer groups.";

    private static readonly string s_promises =
        Sql.Load("Commitments/kept_rate_promises.sql", Assembly.GetExecutingAssembly());
    private static readonly string[] s_classes =
        [.. Enum.GetNames<KeptClass>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName), "not_yet_due"];

    /// <summary>The parameters of every question about a kept rate, for their description.</summary>
    internal static IReadOnlyList<(string, string)> Parameters { get; } =
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

    /// <summary>Of which periods a rate can also be told: of those that it can be grouped by.</summary>
    public static IReadOnlyList<string> Periods { get; } = ["day", "week", "month"];

    /// <summary>What was asked of a kept rate.</summary>
    internal sealed record Asked(
        string? By, DateTimeOffset? From, DateTimeOffset? To, KnownAt Known, DateTimeOffset? AsOf,
        DateTimeOffset? Until)
    {
        /// <summary>The time at which promises are judged.</summary>
        public DateTimeOffset Time => Until ?? Known.AsOf;
    }

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
                + "interval. With over, each group and all also tell the same numbers of every period: how the rates "
                + "went, why promises were missed and how often they were moved.")
            .WithMetadata(new QueryMetadata([.. Parameters,
                ("over", "Also the numbers of every day, ISO week (week) or month of the first due date, UTC."),
                ("until", "By what had happened by this time (occurredAt), judged at it; not after asOf. It is folded "
                    + "from the whole log."),
                ("format", "json, or csv for a table with a line for each group, or group and period, and for all "
                    + "(json).")]))
            .Produces<KeptRateAnswer>(StatusCodes.Status200OK, "application/json", "text/csv")
            .Needs(Scopes.Lead, Scopes.Audit);
        rate.MapGet("/promises",
            (HttpContext http, TenantLedgers ledgers, KeptRateEndpoint endpoint, CancellationToken cancel) =>
                endpoint.PromisesAsync(http, ledgers, cancel))
            .WithName("KeptRatePromises").WithSummary("List the promises behind a kept rate")
            .WithDescription("The same question as the rate, answered with the promises themselves; narrowed to a "
                + "group by key and to a class.")
            .WithMetadata(new QueryMetadata([.. Parameters, ("key", "Only this group (needs by)."),
                ("class", "Only this class: " + string.Join(", ", s_classes)),
                ("limit", "Rows of a page, 1 to 1000 (100)."),
                ("cursor", "The page after this one.")]))
            .Produces<KeptRatePage>().Needs(Scopes.Lead, Scopes.Audit);
    }

    private async Task<IResult> RateAsync(HttpContext http, TenantLedgers ledgers, CancellationToken cancel)
    {
        var ledger = await ledgers.GetAsync(http.Caller().Tenant);
        var query = new Query(http, "by", "over", "from", "to", "asOf", "until", "atLeast", "format");
        string? format = Answers.Format(query);
        string? over = query.Word("over", [.. Periods]);
        if (over is not null && Periods.Contains(query.Text("by"), StringComparer.Ordinal))
            query.Refuse("over", "does not go with by=day, week or month, which are periods already.");
        var (asked, problem) = await AskedAsync(query, ledger, cancel);
        if (problem is not null)
            return LedgerProblems.Result(problem);
        var (count, position) = await CountAsync(ledger, asked!, over, cancel);
        if (over is not null && count.Over is null)
            return LedgerProblems.Result(Problem.Invalid(new FieldError("over", TooManyPeriods)));
        var labels = await LabelsAsync(ledger, asked!.By, count.Groups.Keys, cancel);
        ViewReader.SetETag(
            http, KeptRateView.ViewName, position, asked.Known.AsOf, asked.Until, format);
        var answer = new KeptRateAnswer(
            asked.Known.AsOf, asked.Until, position, asked.Known.Provisional,
            asked.From, asked.To, asked.By, over, new(KeptRateNumbers.Of(count.Total), Over(null)),
            [.. count.Groups.OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => new KeptRateGroup(
                g.Key, labels.GetValueOrDefault(g.Key, g.Key), KeptRateNumbers.Of(g.Value), Over(g.Key)))],
            count.Total.Made > 0 ? null : await views.NothingKnownAsync(ledger.Tenant, asked.AsOf, cancel));
        return Answers.Of(format, answer, KeptRateCsv.Write, KeptRateAnswer.Json);

        IReadOnlyList<KeptRatePeriod>? Over(string? group) => count.Over?[group]
            .Select(p => new KeptRatePeriod(p.Period, KeptRateNumbers.Of(p.Rate))).ToList();
    }

    private Task<(KeptRateCount Count, long Position)> CountAsync(
        TenantLedger ledger, Asked asked, string? over, CancellationToken cancel) =>
        standing.AskAtAsync<StandingPromises, StandingPromise, KeptRateCount>(
            ledger.Tenant, asked.Known, asked.Until, () => new(database, ledger.Tenant),
            all => all.CountBy(asked.By, over, asked.From, asked.To, asked.Time), cancel);

    /// <summary>Where a page ended, and the knowledge that the first page was made of: all are of the same.</summary>
    private sealed record After(
        DateTimeOffset Due, string Stream, string Key, DateTimeOffset AsOf, long Position, bool Provisional, int Total);

    /// <summary>Which of the promises are listed: those of a group and of a class, where these are given.</summary>
    private sealed record Part(string? Key, string? Class);

    private sealed record Row(string Stream, string Key, KeptRatePromise Promise);

    private async Task<IResult> PromisesAsync(HttpContext http, TenantLedgers ledgers, CancellationToken cancel)
    {
        var ledger = await ledgers.GetAsync(http.Caller().Tenant);
        var query = new Query(http, "by", "from", "to", "asOf", "atLeast", "key", "class", "limit", "cursor");
        int limit = (int)(query.Number("limit", 1, 1_000) ?? 100);
        var after = query.After<After>("cursor");
        var part = new Part(query.Text("key"), query.Word("class", s_classes));
        if (part.Key is not null && query.Text("by") is null)
            query.Refuse("key", "goes with by, which says of what it is the key.");
        var (asked, problem) = await AskedAsync(query, ledger, after, cancel);
        if (problem is not null)
            return LedgerProblems.Result(problem);
        var known = asked!.Known;
        var (total, position, page) = after is null
            ? await FirstPageAsync(ledger, asked, part, limit, cancel)
            : (after.Total, after.Position, (await PageAsync(ledger, asked, part, after, limit + 1, cancel)).Page);
        bool more = page.Count > limit;
        page = [.. page.Take(limit)];
        var items = await ItemsAsync(ledger, page.ConvertAll(r => r.Promise), asked, cancel);
        ViewReader.SetETag(http, KeptRateView.ViewName, position, known.AsOf);
        string? next = more ? Query.Cursor(Behind(page[^1], known, position, total)) : null;
        return Results.Json(
            new KeptRatePage(known.AsOf, position, known.Provisional, total, items, next), LedgerJson.Options);
    }

    private static After Behind(Row row, KnownAt known, long position, int total) => new(
        row.Promise.Promise.FirstDue, row.Stream, row.Key, known.AsOf, position, known.Provisional, total);

    /// <summary>
    /// How many there are on all pages is counted as the rate is, and the page read beside it; should the view move on
    /// in between, again.
    /// </summary>
    private async Task<(int Total, long Position, List<Row> Page)> FirstPageAsync(
        TenantLedger ledger, Asked asked, Part part, int limit, CancellationToken cancel)
    {
        for (int attempt = 0; ; attempt++)
        {
            var (count, position) = await CountAsync(ledger, asked, null, cancel);
            var counted = part.Key is null ? count.Total : count.Groups.GetValueOrDefault(part.Key);
            int total = (int)(counted is null ? 0 : CountOf(counted, part.Class));
            if (total == 0)
                return (0, position, []);
            // It moves on all the time where much is recorded; then the page is of where it was.
            var pinned = attempt < 3 ? asked : asked with { Known = asked.Known with { Position = position } };
            var (page, reads) = await PageAsync(
                ledger, pinned, part, null, Math.Min(limit + 1, total), cancel);
            if (asked.Known.Position is not null || attempt >= 3 || reads.SetEquals([position]))
                return (total, position, page);
        }
    }

    /// <summary>
    /// Reads until so many are found: one more than the page shows, which tells that there is a next one, or all.
    /// </summary>
    /// <returns>The rows, and the positions that the view was at.</returns>
    private async Task<(List<Row> Page, HashSet<long> Positions)> PageAsync(
        TenantLedger ledger, Asked asked, Part part, After? after, int enough, CancellationToken cancel)
    {
        const int fewest = 1_000;
        int piece = part.Class is null ? enough : Math.Max(enough, fewest);
        var page = new List<Row>();
        var positions = new HashSet<long>();
        while (true)
        {
            var (rows, position) = await ListedAsync(ledger, asked, part.Key, after, piece, cancel);
            positions.Add(position);
            page.AddRange(rows.Where(r => part.Class is null || ClassOf(r.Promise, asked.Known.AsOf) == part.Class));
            if (page.Count >= enough || rows.Count < piece)
                return (page, positions);
            after = Behind(rows[^1], asked.Known, position, 0);
        }
    }

    private static long CountOf(KeptRateResult result, string? which) => which switch
    {
        null => result.Made,
        "kept_first_date" => result.KeptFirstDate,
        "kept_agreed_date" => result.KeptAgreedDate,
        "kept_late" => result.KeptLate,
        "broken" => result.Broken,
        "released" => result.Released,
        "moved_by_agreement" => result.MovedByAgreement,
        "overdue" => result.Overdue,
        _ => result.NotYetDue,
    };

    private async Task<List<KeptRateItem>> ItemsAsync(
        TenantLedger ledger, List<KeptRatePromise> page, Asked asked, CancellationToken cancel)
    {
        var names = await views.NamesAsync(ledger, page.SelectMany(p => new[]
        {
            StreamKind.Customer.StreamId(p.CustomerId), StreamKind.Member.StreamId(p.Promise.MakerId),
            StreamKind.Member.StreamId(p.Promise.HolderId),
        }), cancel);
        var asOf = asked.Known.AsOf;
        string then = asked.AsOf is not null ? $"?asOf={LedgerJson.Format(asOf)}" : "";
        return page.ConvertAll(p => new KeptRateItem(ClassOf(p, asOf), p.CustomerId,
            names.GetValueOrDefault(StreamKind.Customer.StreamId(p.CustomerId)), p.Promise.PromiseId, p.Promise.Kind,
            p.Promise.MakerId, names.GetValueOrDefault(StreamKind.Member.StreamId(p.Promise.MakerId)),
            p.Promise.MakerTeam, p.Promise.HolderId,
            names.GetValueOrDefault(StreamKind.Member.StreamId(p.Promise.HolderId)), p.Promise.HolderTeam,
            p.Promise.FirstDue, p.Promise.BindingDue, p.Promise.StatusAt(asOf), p.Promise.KeptAt,
            $"/v1/customers/{p.CustomerId}/promises/{p.Promise.PromiseId}{then}"));
    }

    /// <summary>Reads what is asked, and waits until it can be answered.</summary>
    internal Task<(Asked? Asked, Problem? Problem)> AskedAsync(
        Query query, TenantLedger ledger, CancellationToken cancel) => AskedAsync(query, ledger, null, cancel);

    private async Task<(Asked? Asked, Problem? Problem)> AskedAsync(
        Query query, TenantLedger ledger, After? pinned, CancellationToken cancel)
    {
        string? by = query.Word("by", [.. Groups]);
        var (from, to, asOf) = (query.Time("from"), query.Time("to"), query.Time("asOf"));
        var until = query.Time("until");
        long? atLeast = query.Number("atLeast", 0, long.MaxValue);
        if (pinned is not null && !await views.ReachesAsync(ledger.Tenant, pinned.Position, cancel))
            query.Refuse("cursor", Query.ForeignCursor);
        if (query.Problem is { } problem)
            return (null, problem);
        var known = pinned is null
            ? await views.KnownAtAsync(ledger.Tenant, asOf, until, cancel)
            : new KnownAt(pinned.AsOf, pinned.Position, pinned.Provisional);
        if (until > known.AsOf)
            return (null, Problem.Invalid(new FieldError("until", Query.UntilAhead)));
        var behind = await views.WaitAsync(ledger.Tenant, KeptRateView.ViewName, atLeast, known, cancel);
        return behind is null ? (new(by, from, to, known, asOf, until), null) : (null, behind);
    }

    /// <returns>The rows, and the position that the view is at; -1 for none.</returns>
    private async Task<(List<Row> Rows, long Position)> ListedAsync(
        TenantLedger ledger, Asked asked, string? key, After? after, long limit, CancellationToken cancel)
    {
        await using var connection = await database.Questions.OpenConnectionAsync(cancel);
        await using var batch = LedgerDatabase.ForTenant(connection, ledger.Tenant, s_promises,
            ledger.Tenant, LedgerDatabase.Typed(NpgsqlDbType.Bigint, asked.Known.Position),
            LedgerDatabase.Typed(NpgsqlDbType.TimestampTz, asked.From),
            LedgerDatabase.Typed(NpgsqlDbType.TimestampTz, asked.To),
            LedgerDatabase.Typed(NpgsqlDbType.Varchar, asked.By), LedgerDatabase.Typed(NpgsqlDbType.Varchar, key),
            LedgerDatabase.Typed(NpgsqlDbType.TimestampTz, after?.Due),
            LedgerDatabase.Typed(NpgsqlDbType.Varchar, after?.Stream),
            LedgerDatabase.Typed(NpgsqlDbType.Varchar, after?.Key), limit);
        batch.Timeout = 30; // seconds: the past of millions of rows is not in any index
        await using var reader = await LedgerDatabase.ReadAsync(batch, cancel);
        var (rows, position) = (new List<Row>(), -1L);
        while (await reader.ReadAsync(cancel))
        {
            position = reader.GetInt64(0);
            if (RowOf(reader) is { } row)
                rows.Add(row);
        }
        return (rows, position);
    }

    private static Row? RowOf(NpgsqlDataReader r) => r.IsDBNull(1)
        ? null
        : new(r.GetString(2), r.GetString(3), KeptRateView.ReadRow(r.GetFieldValue<byte[]>(1)));

    private static string ClassOf(KeptRatePromise row, DateTimeOffset asOf) =>
        KeptRate.Classify(row.Promise, asOf) is { } of
            ? JsonNamingPolicy.SnakeCaseLower.ConvertName(of.ToString())
            : "not_yet_due";

    /// <summary>What people call the groups, by their keys; one that is not in it is called by its key.</summary>
    internal async Task<IReadOnlyDictionary<string, string>> LabelsAsync(
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
