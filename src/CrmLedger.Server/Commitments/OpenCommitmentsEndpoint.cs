using System.Reflection;
using CrmLedger.Commitments;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Tenants;
using CrmLedger.EventStore.Views;
using CrmLedger.Promises;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Events;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Security;
using CrmLedger.Server.Tenants;
using CrmLedger.Server.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using NpgsqlTypes;

namespace CrmLedger.Server.Commitments;

/// <summary>One open promise or follow-up.</summary>
/// <param name="CustomerId">The customer.</param>
/// <param name="Customer">Who that is.</param>
/// <param name="Commitment">promise or follow_up.</param>
/// <param name="Id">Its id, unique within the customer.</param>
/// <param name="Kind">A promise's kind, a follow-up's purpose.</param>
/// <param name="Conditions">What will be true when a promise is kept.</param>
/// <param name="MemberId">Who holds it.</param>
/// <param name="Member">Who that is.</param>
/// <param name="Team">The holder's team.</param>
/// <param name="FirstDue">The date first promised, UTC.</param>
/// <param name="BindingDue">The last date agreed in time, UTC.</param>
/// <param name="Status">made, renegotiating or lapsed, at the time asked about.</param>
/// <param name="Renegotiations">How often another date was agreed in time.</param>
/// <param name="Overdue">Whether the binding date has passed.</param>
/// <param name="AgeSeconds">Since it was made.</param>
public sealed record OpenItem(
    Guid CustomerId, Named? Customer, CommitmentType Commitment, string Id, string Kind, string? Conditions,
    Guid MemberId, Named? Member, string Team, DateTimeOffset FirstDue, DateTimeOffset BindingDue,
    PromiseStatus Status, int Renegotiations, bool Overdue, long AgeSeconds);

/// <summary>A page of open commitments, the earliest due first.</summary>
/// <param name="AsOf">The time of knowledge asked about, UTC.</param>
/// <param name="Until">Until when what happened counts, and at which it is judged, UTC; left out for asOf.</param>
/// <param name="Annulled">What was made of annulled entries.</param>
/// <param name="Position">The position that the answer reflects; -1 for none.</param>
/// <param name="Provisional">Whether later events could still be recorded at or before that time.</param>
/// <param name="Total">How many there are on all pages; only on the first one.</param>
/// <param name="Overdue">How many of them are overdue; only on the first page.</param>
/// <param name="Items">The page.</param>
/// <param name="Next">Give it as <c>cursor</c> to read on; left out on the last page.</param>
/// <param name="Notice">What the reader should know, such as why nothing is found.</param>
public sealed record OpenCommitmentsPage(
    DateTimeOffset AsOf, DateTimeOffset? Until, AnnulledEntries Annulled,
    long Position, bool Provisional, long? Total, long? Overdue,
    IReadOnlyList<OpenItem> Items, string? Next, string? Notice);

/// <summary>Which open commitments are asked for; null for all.</summary>
/// <param name="Customer">To this customer.</param>
/// <param name="Member">Held by this member.</param>
/// <param name="Team">Held in this team.</param>
/// <param name="Type">Only promises, or only follow-ups.</param>
/// <param name="DueFrom">Binding date at or after, UTC.</param>
/// <param name="DueTo">Binding date before, UTC.</param>
public sealed record OpenCommitmentsFilter(
    Guid? Customer, Guid? Member, string? Team, CommitmentType? Type, DateTimeOffset? DueFrom, DateTimeOffset? DueTo)
{
    /// <summary>The customer's stream.</summary>
    internal string? Stream => Customer is { } id ? StreamKind.Customer.StreamId(id) : null;

    /// <summary>With what the keys of its rows begin.</summary>
    internal string? KeyPrefix => Type is { } type ? OpenCommitmentsView.PrefixOf(type) : null;

    /// <summary>Whether a commitment is asked for.</summary>
    internal bool Takes(OpenCommitment row) => (Customer ?? row.CustomerId) == row.CustomerId
        && (Member ?? row.HolderId) == row.HolderId && (Team ?? row.HolderTeam) == row.HolderTeam
        && (Type ?? row.Type) == row.Type
        && !(row.BindingDue < DueFrom) && !(row.BindingDue >= DueTo);
}

/// <summary>What is owed to whom, by whom, by when.</summary>
public sealed class OpenCommitmentsEndpoint(
    LedgerDatabase database, ViewReader views, StandingViews standing, LogAside log)
{
    private static readonly CsvTable<OpenItem> s_table = new(
        new("customer_id", i => i.CustomerId), new("customer", i => i.Customer?.Called),
        new("commitment", i => i.Commitment), new("id", i => i.Id), new("kind", i => i.Kind),
        new("conditions", i => i.Conditions), new("member_id", i => i.MemberId),
        new("member", i => i.Member?.Called), new("team", i => i.Team), new("first_due", i => i.FirstDue),
        new("binding_due", i => i.BindingDue), new("status", i => i.Status),
        new("renegotiations", i => i.Renegotiations), new("overdue", i => i.Overdue),
        new("age_seconds", i => i.AgeSeconds));
    private static readonly string s_page =
        Sql.Load("Commitments/open_commitments.sql", Assembly.GetExecutingAssembly());
    private static readonly string s_count =
        Sql.Load("Commitments/count_open_commitments.sql", Assembly.GetExecutingAssembly());

    /// <summary>
    /// Where a page ended. Where not everything counts, all pages are of the knowledge of the first one; else each is
    /// of what is known when it is read.
    /// </summary>
    private sealed record After(DateTimeOffset Due, string Stream, string Key, KnownAt? Known = null)
        : RowPlace(Due, Stream, Key);

    /// <summary>The counts are those of all pages, and only counted for the first one.</summary>
    private sealed record Listed(
        long Position, IReadOnlyList<PlacedRow<OpenCommitment>> Page, long? Total, long? Overdue);

    /// <summary>Maps it.</summary>
    public static void Map(IEndpointRouteBuilder v1) =>
        v1.MapGet("/commitments/open",
                (HttpContext http, TenantLedgers ledgers, OpenCommitmentsEndpoint endpoint, CancellationToken cancel) =>
                    endpoint.HandleAsync(http, ledgers, cancel))
            .WithName("OpenCommitments").WithTags("Commitments").WithSummary("List open commitments")
            .WithDescription("One row for each promise or follow-up that is still owed, the earliest binding date "
                + "first; as known at asOf when given, by what had happened until when given. A disputed "
                + "promise is not listed: it counts as broken until it is declared kept again.")
            .WithMetadata(new QueryMetadata([
                ("customer", "A customer's id, or ref: and your reference."),
                ("member", "The holder's id, or ref: and your reference."),
                ("team", "The holder's team."),
                ("commitment", "promise or follow_up; both when left out."),
                ("overdue", "true: only what is overdue; false: only what is not."),
                ("dueFrom", "Binding date at or after this time."), ("dueTo", "Binding date before this time."),
                .. Clocks.Parameters,
                ("limit", "Rows of a page, 1 to 1000 (100)."), ("cursor", "The page after this one."),
                Answers.PageFormatParameter]))
            .Produces<OpenCommitmentsPage>(StatusCodes.Status200OK, "application/json", Answers.CsvType)
            .Needs(Scopes.Read, Scopes.Lead, Scopes.Audit);

    private async Task<IResult> HandleAsync(HttpContext http, TenantLedgers ledgers, CancellationToken cancel)
    {
        var ledger = await ledgers.GetAsync(http.Caller().Tenant);
        var query = new Query(http, "customer", "member", "team", "commitment", "overdue", "dueFrom", "dueTo",
            "asOf", "until", "annulled", "atLeast", "limit", "cursor", "format");
        var filter = new OpenCommitmentsFilter(query.Stream("customer", StreamKind.Customer, ledger),
            query.Stream("member", StreamKind.Member, ledger), query.Text("team"),
            query.Word<CommitmentType>("commitment"), query.Time("dueFrom"), query.Time("dueTo"));
        bool? overdue = query.Flag("overdue");
        string? format = Answers.Format(query);
        int limit = (int)(query.Number("limit", 1, 1_000) ?? 100);
        var after = query.After<After>("cursor");
        var (clocks, problem) = await views.ClocksAsync(
            query, ledger.Tenant, OpenCommitmentsView.ViewName, after?.Known, cancel);
        if (clocks is null)
            return LedgerProblems.Result(problem!);
        filter = overdue switch
        {
            true => filter with { DueTo = Earlier(filter.DueTo, clocks.Time) },
            false => filter with { DueFrom = Later(filter.DueFrom, clocks.Time) },
            null => filter,
        };
        // One more than the page shows tells that there is a next one.
        var found = !clocks.IsFolded
            ? await StoredAsync(ledger, clocks.Known, filter, after, limit + 1, cancel)
            : await FoldedAsync(ledger, clocks, filter, after, limit + 1, cancel);
        PlacedRow<OpenCommitment>[] page = [.. found.Page.Take(limit)];
        var known = clocks.Known;
        var pinned = clocks.IsFolded ? known : null;
        string? next = found.Page.Count > limit
            ? Query.Cursor(new After(page[^1].Place.Due, page[^1].Place.Stream, page[^1].Place.Key, pinned))
            : null;
        ViewReader.SetETag(http, OpenCommitmentsView.ViewName, found.Position, clocks, format);
        return Answers.PageOf(http, format, new OpenCommitmentsPage(known.AsOf, clocks.Until, clocks.Annulled,
            found.Position, known.Provisional, found.Total, found.Overdue,
            await ShowAsync(ledger, page, clocks.Time, found.Position, cancel), next,
            found.Total == 0 ? await views.NothingKnownAsync(ledger.Tenant, clocks.AsOf, cancel) : null), Table, next);
    }

    /// <summary>A line for each.</summary>
    internal static string Table(OpenCommitmentsPage page) => s_table.Write(page.Items);

    /// <summary>Where not everything counts; all are found at once, and so counted.</summary>
    private async Task<Listed> FoldedAsync(
        TenantLedger ledger, Clocks clocks, OpenCommitmentsFilter filter, After? after, int enough,
        CancellationToken cancel)
    {
        long position = clocks.Known.Position!.Value;
        var all = await log.ListAsync<OpenCommitment>(ledger.Tenant,
            LedgerViews.Find(OpenCommitmentsView.ViewName)!, position, clocks.Counts, filter.Takes, cancel);
        return after is null
            ? new(position, [.. all.Take(enough)], all.Count, all.Count(r => r.Place.Due < clocks.Time))
            : new(position,
                [.. all.SkipWhile(r => RowPlace.Order.Compare(r.Place, after) <= 0).Take(enough)], null, null);
    }

    private async Task<Listed> StoredAsync(
        TenantLedger ledger, KnownAt known, OpenCommitmentsFilter filter, After? after, int enough,
        CancellationToken cancel)
    {
        var rows = await LedgerDatabase.QueryAsync(database.Questions, ledger.Tenant, s_page, r => (
            Position: r.GetInt64(0),
            Row: r.IsDBNull(1) ? null : new PlacedRow<OpenCommitment>(
                new(r.GetFieldValue<DateTimeOffset>(3), r.GetString(1), r.GetString(2)),
                OpenCommitmentsView.ReadRow(r.GetFieldValue<byte[]>(4)))), cancel,
            ledger.Tenant, LedgerDatabase.Typed(NpgsqlDbType.Bigint, known.Position),
            LedgerDatabase.Typed(NpgsqlDbType.Varchar, filter.Stream),
            LedgerDatabase.Typed(NpgsqlDbType.Uuid, filter.Member),
            LedgerDatabase.Typed(NpgsqlDbType.Varchar, filter.Team),
            LedgerDatabase.Typed(NpgsqlDbType.TimestampTz, filter.DueFrom),
            LedgerDatabase.Typed(NpgsqlDbType.TimestampTz, filter.DueTo),
            LedgerDatabase.Typed(NpgsqlDbType.TimestampTz, after?.Due),
            LedgerDatabase.Typed(NpgsqlDbType.Varchar, after?.Stream),
            LedgerDatabase.Typed(NpgsqlDbType.Varchar, after?.Key), enough,
            LedgerDatabase.Typed(NpgsqlDbType.Varchar, filter.KeyPrefix));
        var (total, late) = after is null ? await CountAsync(ledger, known, filter, cancel) : (null, null);
        return new(known.Position ?? (rows.Count == 0 ? -1 : rows[0].Position),
            [.. rows.Select(r => r.Row).OfType<PlacedRow<OpenCommitment>>()], total, late);
    }

    private async Task<(long?, long?)> CountAsync(
        TenantLedger ledger, KnownAt known, OpenCommitmentsFilter filter, CancellationToken cancel)
    {
        if (known.Position is null)
        {
            return await standing.AskAsync<StandingCommitments, StandingCommitment, (long, long)>(
                ledger.Tenant, () => new(database, ledger.Tenant), all => all.CountOf(filter, known.AsOf), cancel);
        }
        var rows = await LedgerDatabase.QueryAsync(
            database.Questions, ledger.Tenant, s_count, r => (r.GetInt64(0), r.GetInt64(1)), cancel,
            ledger.Tenant, LedgerDatabase.Typed(NpgsqlDbType.Bigint, known.Position),
            LedgerDatabase.Typed(NpgsqlDbType.Varchar, filter.Stream),
            LedgerDatabase.Typed(NpgsqlDbType.Uuid, filter.Member),
            LedgerDatabase.Typed(NpgsqlDbType.Varchar, filter.Team), known.AsOf,
            LedgerDatabase.Typed(NpgsqlDbType.TimestampTz, filter.DueFrom),
            LedgerDatabase.Typed(NpgsqlDbType.TimestampTz, filter.DueTo),
            LedgerDatabase.Typed(NpgsqlDbType.Varchar, filter.KeyPrefix));
        return rows[0];
    }

    private async Task<List<OpenItem>> ShowAsync(
        TenantLedger ledger, PlacedRow<OpenCommitment>[] page, DateTimeOffset time, long position,
        CancellationToken cancel)
    {
        var rows = page.Select(p => p.Row).ToList();
        var names = await views.NamesAsync(ledger, rows.SelectMany(r => new[]
        {
            StreamKind.Customer.StreamId(r.CustomerId), StreamKind.Member.StreamId(r.HolderId),
        }), position, cancel);
        var keys = await ledger.Subjects.FindAsync(
            [.. rows.Select(r => SubjectOf(r.Conditions)).OfType<Guid>().Distinct()], cancel);
        var items = new List<OpenItem>(rows.Count);
        foreach (var row in rows)
        {
            bool overdue = row.BindingDue < time;
            items.Add(new(row.CustomerId, names.GetValueOrDefault(StreamKind.Customer.StreamId(row.CustomerId)),
                row.Type, row.Id, row.Kind, Open(row.Conditions, keys), row.HolderId,
                names.GetValueOrDefault(StreamKind.Member.StreamId(row.HolderId)), row.HolderTeam, row.FirstDue,
                row.BindingDue, overdue ? PromiseStatus.Lapsed : row.Status, row.Renegotiations, overdue,
                Math.Max(0, (long)(time - row.MadeAt).TotalSeconds)));
        }
        return items;
    }

    private static Guid? SubjectOf(Sealed? text) => text is { } there ? Sealing.SubjectOf(there) : null;

    private static string? Open(Sealed? text, IReadOnlyDictionary<Guid, byte[]> keys) =>
        text is { } there && SubjectOf(text) is { } subject
            ? ShownEvent.Open(there, keys.GetValueOrDefault(subject))
            : null;

    private static DateTimeOffset Earlier(DateTimeOffset? a, DateTimeOffset b) =>
        a is { } there && there < b ? there : b;

    private static DateTimeOffset Later(DateTimeOffset? a, DateTimeOffset b) =>
        a is { } there && there > b ? there : b;
}
