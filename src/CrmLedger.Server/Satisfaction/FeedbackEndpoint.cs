using CrmLedger.EventStore;
using CrmLedger.EventStore.Tenants;
using CrmLedger.EventStore.Views;
using CrmLedger.Feedback;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Relationships;
using CrmLedger.Server.Security;
using CrmLedger.Server.Tenants;
using CrmLedger.Server.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CrmLedger.Server.Satisfaction;

/// <summary>A page of feedback.</summary>
/// <param name="AsOf">The time of knowledge asked about, UTC.</param>
/// <param name="Until">Until when what happened counts, UTC; left out for asOf.</param>
/// <param name="Annulled">What was made of annulled entries.</param>
/// <param name="Position">The position that the answer reflects, on all pages the same.</param>
/// <param name="Provisional">Whether later events could still be recorded at or before that time.</param>
/// <param name="Total">How much there is on all pages.</param>
/// <param name="Items">The page, what was asked or received first comes first.</param>
/// <param name="Next">Give it as <c>cursor</c> to read on; left out at the end.</param>
/// <param name="Notice">What the reader should know, such as why nothing is found.</param>
public sealed record FeedbackPage(
    DateTimeOffset AsOf, DateTimeOffset? Until, AnnulledEntries Annulled,
    long Position, bool Provisional, int Total,
    IReadOnlyList<ShownFeedback> Items, string? Next, string? Notice);

/// <summary>A score or comment, and what came of it.</summary>
/// <param name="CustomerId">The customer.</param>
/// <param name="Customer">Who that is.</param>
/// <param name="FeedbackId">Its id, unique within the customer.</param>
/// <param name="Kind">What was asked for or given.</param>
/// <param name="Score">The score; left out of a comment, and before it is received.</param>
/// <param name="Topics">What it is about.</param>
/// <param name="MemberId">Whom it is about.</param>
/// <param name="Member">Who that is.</param>
/// <param name="Team">That member's team then.</param>
/// <param name="RequestedAt">When it was asked for, UTC.</param>
/// <param name="ReceivedAt">When it was received, UTC.</param>
/// <param name="ActedUponAt">When we acted upon it, UTC.</param>
/// <param name="OutcomeToldAt">When the customer was told what came of it, UTC.</param>
/// <param name="AnswerBy">By when we are to act or to tell, UTC.</param>
/// <param name="Waiting">Whether we did neither yet.</param>
/// <param name="Overdue">Whether we are too late with it.</param>
/// <param name="History">Where the customer's story is, with the comment.</param>
public sealed record ShownFeedback(
    Guid CustomerId, Named? Customer, string FeedbackId, FeedbackKind Kind, int? Score, IReadOnlyList<string> Topics,
    Guid? MemberId, Named? Member, string? Team, DateTimeOffset? RequestedAt, DateTimeOffset? ReceivedAt,
    DateTimeOffset? ActedUponAt, DateTimeOffset? OutcomeToldAt, DateTimeOffset? AnswerBy, bool Waiting, bool Overdue,
    string History);

/// <summary>Lists feedback: what waits for us, and what is behind a number of satisfaction.</summary>
public sealed class FeedbackEndpoint(LedgerDatabase database, ViewReader views, StandingViews standing)
{
    private static readonly string[] s_states = ["unanswered_request", "received", "waiting", "overdue", "answered"];

    private static readonly CsvTable<ShownFeedback> s_table = new(
        new("customer_id", f => f.CustomerId), new("reference", f => f.Customer?.Reference),
        new("name", f => f.Customer?.Name), new("feedback_id", f => f.FeedbackId), new("kind", f => f.Kind),
        new("score", f => f.Score), new("topics", f => string.Join(' ', f.Topics)),
        new("member", f => f.Member?.Name ?? f.MemberId?.ToString("D")), new("team", f => f.Team),
        new("requested_at", f => f.RequestedAt), new("received_at", f => f.ReceivedAt),
        new("acted_upon_at", f => f.ActedUponAt), new("outcome_told_at", f => f.OutcomeToldAt),
        new("answer_by", f => f.AnswerBy), new("waiting", f => f.Waiting), new("overdue", f => f.Overdue));

    /// <summary>Maps it.</summary>
    public static void Map(IEndpointRouteBuilder v1) =>
        v1.MapGet("/satisfaction/feedback", (HttpContext http, TenantLedgers ledgers, FeedbackEndpoint endpoint,
                CancellationToken cancel) => endpoint.ListAsync(http, ledgers, cancel))
            .WithName("Feedback").WithTags("Satisfaction").WithSummary("List feedback and what came of it")
            .WithDescription("state=waiting lists what we neither acted upon nor told the customer anything about, "
                + "the longest waiting first; state=overdue what has waited for more than 30 days. With by and key, "
                + "what is behind a group of /v1/satisfaction.")
            .WithMetadata(new QueryMetadata(
            [
                ("state", "One of " + string.Join(", ", s_states) + "; all when left out."),
                ("by", "One of " + string.Join(", ", SatisfactionEndpoint.Groups) + "."),
                ("key", "Only this group (needs by)."),
                ("from", "Received, or asked and not received, at or after this time or date."),
                ("to", "Received, or asked and not received, before this time or date."), .. Clocks.Parameters,
                Answers.PageFormatParameter, ("limit", "Rows of a page, 1 to 1000 (100)."),
                ("cursor", "The page after this one."),
            ]))
            .Produces<FeedbackPage>(StatusCodes.Status200OK, "application/json", Answers.CsvType)
            .Needs(Scopes.Read, Scopes.Lead, Scopes.Audit);

    /// <summary>Where a page ended, and the knowledge that the first page was made of: all are of the same.</summary>
    private sealed record After(int Rank, KnownAt Known);

    private sealed record Asked(
        string? State, string? By, string? Key, DateTimeOffset? From, DateTimeOffset? To, DateTimeOffset Time);

    private sealed record Found(Guid CustomerId, CustomerFeedback Feedback)
    {
        public DateTimeOffset At => (Feedback.ReceivedAt ?? Feedback.RequestedAt)!.Value;
    }

    private async Task<IResult> ListAsync(HttpContext http, TenantLedgers ledgers, CancellationToken cancel)
    {
        var ledger = await ledgers.GetAsync(http.Caller().Tenant);
        var query = new Query(http, "state", "by", "key", "from", "to", "asOf", "until", "annulled", "atLeast",
            "format", "limit", "cursor");
        string? state = query.Word("state", s_states), by = query.Word("by", [.. SatisfactionEndpoint.Groups]);
        string? key = query.Text("key");
        var (from, to) = (query.Time("from"), query.Time("to"));
        int limit = (int)(query.Number("limit", 1, 1_000) ?? 100);
        string? format = Answers.Format(query);
        var after = query.After<After>("cursor");
        if (key is not null && by is null)
            query.Refuse("key", "goes with by, which says of what it is the key.");
        var (clocks, problem) = await views.ClocksAsync(
            query, ledger.Tenant, RelationshipsView.ViewName, after?.Known, cancel);
        if (clocks is null)
            return LedgerProblems.Result(problem!);
        var asked = new Asked(state, by, key, from, to, clocks.Time);
        int start = after?.Rank ?? 0;
        var ((total, page), position) = await standing.AskAtAsync<StandingRelationships, CountedPart,
            (int Total, List<Found> Page)>(
            ledger.Tenant, clocks, () => new(database, ledger.Tenant),
            relationships => Find(relationships, asked, start, limit), cancel);
        int end = start + page.Count;
        ViewReader.SetETag(http, RelationshipsView.ViewName, position, clocks, format);
        string? next =
            end < total ? Query.Cursor(new After(end, clocks.Known with { Position = position })) : null;
        return Answers.PageOf(http, format, new FeedbackPage(clocks.Known.AsOf, clocks.Until, clocks.Annulled, position,
            clocks.Known.Provisional, total, await ShowAsync(ledger, page, clocks.Time, position, cancel),
            next, total > 0 ? null : await views.NothingKnownAsync(ledger.Tenant, clocks.AsOf, cancel)), Table,
            next);
    }

    /// <summary>A line for each.</summary>
    internal static string Table(FeedbackPage page) => s_table.Write(page.Items);

    private static (int Total, List<Found> Page) Find(StandingRelationships all, Asked asked, int start, int limit)
    {
        var found = new List<Found>();
        all.EachPart((stream, part) =>
        {
            if (part.Feedback is not { } feedback || !IsIn(asked.State, feedback, asked.Time))
                return;
            var one = new Found(all.IdOf(stream), feedback);
            if (one.At < asked.From || one.At >= asked.To || asked.Key is { } key
                && !SatisfactionCount.KeysOf(asked.By, feedback, () => one.CustomerId.ToString("D"),
                    () => all.SegmentOf(stream)).Contains(key, StringComparer.Ordinal))
            {
                return;
            }
            found.Add(one);
        });
        return (found.Count, [.. found.OrderBy(f => f.At).ThenBy(f => f.CustomerId)
            .ThenBy(f => f.Feedback.FeedbackId, StringComparer.Ordinal).Skip(start).Take(limit)]);
    }

    private static bool IsIn(string? state, CustomerFeedback feedback, DateTimeOffset time) => state switch
    {
        null => true,
        "unanswered_request" => feedback.ReceivedAt is null,
        "received" => feedback.ReceivedAt is not null,
        "waiting" => feedback.AwaitsAnswer,
        "overdue" => feedback.AwaitsAnswer && feedback.AnswerBy < time,
        _ => feedback.ReceivedAt is not null && !feedback.AwaitsAnswer,
    };

    private async Task<IReadOnlyList<ShownFeedback>> ShowAsync(
        TenantLedger ledger, List<Found> page, DateTimeOffset time, long position, CancellationToken cancel)
    {
        var names = await views.NamesAsync(ledger,
            [
                .. page.Select(f => StreamKind.Customer.StreamId(f.CustomerId)),
                .. page.Select(f => f.Feedback.MemberId).OfType<Guid>().Select(StreamKind.Member.StreamId),
            ], position, cancel);
        return [.. page.Select(f => new ShownFeedback(
            f.CustomerId, names.GetValueOrDefault(StreamKind.Customer.StreamId(f.CustomerId)), f.Feedback.FeedbackId,
            f.Feedback.Kind, f.Feedback.Score, f.Feedback.Topics, f.Feedback.MemberId,
            f.Feedback.MemberId is { } member ? names.GetValueOrDefault(StreamKind.Member.StreamId(member)) : null,
            f.Feedback.Team, f.Feedback.RequestedAt, f.Feedback.ReceivedAt, f.Feedback.ActedUponAt,
            f.Feedback.OutcomeToldAt, f.Feedback.AnswerBy, f.Feedback.AwaitsAnswer,
            f.Feedback.AwaitsAnswer && f.Feedback.AnswerBy < time, $"/v1/customers/{f.CustomerId:D}/history"))];
    }
}
