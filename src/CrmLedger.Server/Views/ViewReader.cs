using System.Diagnostics;
using System.Reflection;
using System.Text.Json.Nodes;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Views;
using CrmLedger.People;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Events;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Tenants;
using Microsoft.AspNetCore.Http;

namespace CrmLedger.Server.Views;

/// <summary>A customer or a member beside its id.</summary>
/// <param name="Reference">The client's own reference, or null.</param>
/// <param name="Name">The name; <c>[erased]</c> where the key was destroyed.</param>
/// <param name="Segment">A customer's segment.</param>
/// <param name="Team">A member's current team.</param>
public sealed record Named(string? Reference, string? Name, string? Segment = null, string? Team = null)
{
    /// <summary>What people call it, or null.</summary>
    internal string? Called => Name ?? Reference;
}

/// <summary>
/// What all reading of views has in common: the two clocks, waiting for a position, and names in clear.
/// </summary>
public sealed class ViewReader(LedgerDatabase database, EventReader events, TimeProvider clock)
{
    private static readonly Assembly s_here = typeof(ViewReader).Assembly;
    private static readonly string s_position = Sql.Load("Views/read_position.sql", s_here);
    private static readonly string s_imports = Sql.Load("Views/has_imports.sql", s_here);
    private static readonly string s_people = Sql.Load("Views/read_people.sql", s_here);
    private static readonly TimeSpan s_freshness = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(5);

    /// <summary>Resolves a time of knowledge to a position of the log.</summary>
    public async Task<KnownAt> KnownAtAsync(string tenant, DateTimeOffset? asOf, CancellationToken cancel)
    {
        if (asOf is not { } time)
            return new(LedgerJson.ToMicroseconds(clock.GetUtcNow()), null, true);
        var head = await events.ReadHeadAsync(tenant, cancel);
        // The next event may get exactly the head's time (a log's times never decrease, but need not rise), so that an
        // answer for that time is as provisional as one for a later time.
        return time >= head.RecordedAt
            ? new(time, head.Size - 1, true)
            : new(time, await events.PositionAtAsync(tenant, time, cancel), false);
    }

    /// <summary>
    /// The same where not everything counts, and so is folded: then a position is always given, the log's end when no
    /// time of knowledge was.
    /// </summary>
    public async Task<KnownAt> KnownAtAsync(
        string tenant, DateTimeOffset? asOf, WhatCounts counts, CancellationToken cancel)
    {
        var known = await KnownAtAsync(tenant, asOf, cancel);
        return counts == WhatCounts.Everything || known.Position is not null
            ? known
            : known with { Position = (await events.ReadHeadAsync(tenant, cancel)).Size - 1 };
    }

    /// <summary>
    /// Reads a question's two clocks and waits until a view can answer for them. What else was wrong with the question
    /// is told first.
    /// </summary>
    /// <param name="query">The question.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="view">The view.</param>
    /// <param name="pinned">The knowledge that the first page was made of; null on the first page.</param>
    /// <param name="cancel">Stops the wait.</param>
    public async Task<(Clocks? Clocks, Problem? Problem)> ClocksAsync(
        Query query, string tenant, string view, KnownAt? pinned, CancellationToken cancel)
    {
        var asOf = query.Time("asOf");
        var counts = query.WhatCounts();
        long? atLeast = query.Number("atLeast", 0, long.MaxValue);
        if (pinned is not null && !await ReachesAsync(tenant, pinned.Position ?? long.MaxValue, cancel))
            query.Refuse("cursor", Query.ForeignCursor);
        if (query.Problem is { } problem)
            return (null, problem);
        var known = pinned ?? await KnownAtAsync(tenant, asOf, counts, cancel);
        if (counts.Until > known.AsOf)
            return (null, Problem.Invalid(new FieldError("until", Query.UntilAhead)));
        return await WaitAsync(tenant, view, atLeast, known, cancel) is { } behind
            ? (null, behind)
            : (new(known, asOf, counts), null);
    }

    /// <summary>What to say where nothing had been recorded by a time, and an import brought the past later.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="asOf">The time of knowledge that was asked about, or null.</param>
    /// <param name="cancel">Stops the wait.</param>
    /// <returns>A sentence, or null when nothing was imported or no time was asked about.</returns>
    public async Task<string?> NothingKnownAsync(string tenant, DateTimeOffset? asOf, CancellationToken cancel) =>
        asOf is not null && (await database.QueryAsync(tenant, s_imports, r => r.GetBoolean(0), cancel, tenant))[0]
            ? "Nothing of this had been recorded by then; what an import brought later is found by until, not by asOf."
            : null;

    /// <summary>
    /// Waits until a view, and the directory that its names are from, reflect what was asked for: a position or the one
    /// of a time, whichever is higher, up to 5 seconds; else all that was in the log when the question came, for a
    /// second at most, so that what somebody has just recorded is in the next answer.
    /// </summary>
    /// <returns>Null when it can be answered; else the problem to answer with.</returns>
    public async Task<Problem?> WaitAsync(
        string tenant, string view, long? atLeast, KnownAt known, CancellationToken cancel)
    {
        bool isAsked = atLeast is not null || known.Position is not null;
        long position = isAsked
            ? Math.Max(atLeast ?? -1, known.Position ?? -1)
            : (await events.ReadHeadAsync(tenant, cancel)).Size - 1;
        var longest = isAsked ? s_longestWait : s_freshness;
        long started = Stopwatch.GetTimestamp();
        for (int pause = 2; ; pause = Math.Min(pause * 2, 50))
        {
            long reflected = (await database.QueryAsync(tenant, s_position, r => r.IsDBNull(0) ? -1 : r.GetInt64(0),
                cancel, tenant, new[] { view, DirectoryView.ViewName }))[0];
            if (reflected >= position)
                return null;
            if (Stopwatch.GetElapsedTime(started) > longest)
            {
                if (!isAsked)
                    return null; // the answer says which position it reflects
                return new(ProblemCodes.NotYetVisible,
                    $"View '{view}' reflects position {reflected}, not yet {position}. Ask again.",
                    RetryAfterSeconds: 1);
            }
            await Task.Delay(pause, cancel);
        }
    }

    /// <summary>
    /// Whether the log has come to a position. A cursor that names a later one was not given by this ledger, and
    /// waiting for it would be in vain.
    /// </summary>
    public async Task<bool> ReachesAsync(string tenant, long position, CancellationToken cancel) =>
        position < (await events.ReadHeadAsync(tenant, cancel)).Size;

    /// <summary>What customers and members were called as known at a position, by their stream.</summary>
    public async Task<IReadOnlyDictionary<string, Named>> NamesAsync(
        TenantLedger ledger, IEnumerable<string> streamIds, long position, CancellationToken cancel)
    {
        string[] wanted = [.. streamIds.Distinct(StringComparer.Ordinal)];
        if (wanted.Length == 0)
            return new Dictionary<string, Named>(StringComparer.Ordinal);
        var rows = await database.QueryAsync(ledger.Tenant, s_people,
            r => (Stream: r.GetString(0), Person: DirectoryView.ReadRow(r.GetFieldValue<byte[]>(1))), cancel,
            ledger.Tenant, wanted, position);
        var keys = await ledger.Subjects.FindAsync([.. rows.Select(r => View.IdOf(r.Stream))], cancel);
        return rows.ToDictionary(r => r.Stream, r => Open(r.Person, keys.GetValueOrDefault(View.IdOf(r.Stream))),
            StringComparer.Ordinal);
    }

    /// <summary>Who the members are that events or states name, as known at a position, by id.</summary>
    public async Task<IReadOnlyDictionary<string, Named>> MembersAsync(
        TenantLedger ledger, IEnumerable<JsonObject?> naming, long position, CancellationToken cancel)
    {
        string prefix = $"{StreamKind.Member.Prefix}-";
        var named = naming.OfType<JsonObject>().SelectMany(n => n)
            .Where(d => d.Value is not null && (d.Key is "makerId" or "holderId"
                || d.Key.EndsWith("emberId", StringComparison.Ordinal)))
            .Select(d => $"{prefix}{d.Value}");
        var names = await NamesAsync(ledger, named, position, cancel);
        return names.ToDictionary(n => n.Key[prefix.Length..], n => n.Value, StringComparer.Ordinal);
    }

    /// <summary>Groups with what people call them: a member's or customer's name instead of its id.</summary>
    /// <typeparam name="TResult">The groups' numbers.</typeparam>
    /// <param name="ledger">The tenant's ledger.</param>
    /// <param name="by">What is grouped by: a member and a customer have names, everything else is its own.</param>
    /// <param name="groups">The groups.</param>
    /// <param name="position">The position that the answer reflects.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<IReadOnlyList<CountedGroup<TResult>>> LabelledAsync<TResult>(
        TenantLedger ledger, string? by, IReadOnlyList<CountedGroup<TResult>> groups, long position,
        CancellationToken cancel)
    {
        if (by is not ("member" or "customer"))
            return groups;
        var names = await NamesAsync(
            ledger, groups.Where(g => g.Key is { Length: > 0 }).Select(g => $"{by}-{g.Key}"), position, cancel);
        return [.. groups.Select(g => names.GetValueOrDefault($"{by}-{g.Key}") is { } named
            ? g with { Label = named.Called ?? g.Key }
            : g)];
    }

    /// <summary>Opens one sealed text.</summary>
    public static async Task<string?> OpenAsync(TenantLedger ledger, Sealed? text, CancellationToken cancel) =>
        text is { } there && Sealing.SubjectOf(there) is { } subject
            ? ShownEvent.Open(there, await ledger.Subjects.FindAsync(subject, cancel))
            : null;

    /// <summary>
    /// The ETag of an answer from a view: the fold's version, the position, the times asked about, with which dates
    /// pass, and what counts. It is weak: names stand beside the numbers and may have been corrected.
    /// </summary>
    public static void SetETag(
        HttpContext http, string view, long position, Clocks asked, string? format = null) =>
        http.Response.Headers.ETag = $"W/\"{view}-v{LedgerViews.Find(view)!.Version}-{position}-"
            + $"{LedgerJson.Format(asked.Known.AsOf)}"
            + $"{(asked.Until is { } time ? "-" + LedgerJson.Format(time) : "")}"
            + $"{(asked.Annulled == AnnulledEntries.Counted ? "-annulled" : "")}"
            + $"{(format is null ? "" : "-" + format)}\"";

    private static Named Open(Person person, byte[]? key) => new(
        person.Reference is { } reference ? ShownEvent.Open(reference, key) : null,
        person.Name is { } name ? ShownEvent.Open(name, key) : null,
        person.Customer?.Segment, person.Member?.Team);
}
