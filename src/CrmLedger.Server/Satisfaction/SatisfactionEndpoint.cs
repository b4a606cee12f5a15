using CrmLedger.Commitments;
using CrmLedger.EventStore.Tenants;
using CrmLedger.Satisfaction;
using CrmLedger.Server.Relationships;
using CrmLedger.Server.Security;
using CrmLedger.Server.Statements;
using CrmLedger.Server.Tenants;
using CrmLedger.Server.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CrmLedger.Server.Satisfaction;

/// <summary>How satisfied customers are.</summary>
/// <param name="AsOf">The time of knowledge asked about, UTC.</param>
/// <param name="Until">Until when what happened counts, UTC; null for asOf.</param>
/// <param name="Annulled">What was made of annulled entries.</param>
/// <param name="Position">The position that the answer reflects.</param>
/// <param name="Provisional">Whether later events could still be recorded at or before that time.</param>
/// <param name="From">Asked or received at or after, UTC.</param>
/// <param name="To">Asked or received before, UTC.</param>
/// <param name="By">What it is grouped by.</param>
/// <param name="Over">How long a period is.</param>
/// <param name="Groups">Everybody first, with the key null, then each group by its key.</param>
/// <param name="Notice">What the reader should know, such as why nothing is found.</param>
/// <param name="Statement">The signed statement, a C2SP signed note; null when it was not asked for.</param>
public sealed record SatisfactionAnswer(
    DateTimeOffset AsOf, DateTimeOffset? Until, AnnulledEntries Annulled,
    long Position, bool Provisional, DateTimeOffset? From,
    DateTimeOffset? To, string? By, string? Over, IReadOnlyList<CountedGroup<SatisfactionResult>> Groups,
    string? Notice, string? Statement = null);

/// <summary>Satisfaction, recommendation, effort, and whether we listen.</summary>
public sealed class SatisfactionEndpoint(RelationshipCounts counts)
{
    private static readonly CsvTable<CountedLine<SatisfactionResult>> s_table = new(
        [
            .. CountedLine<SatisfactionResult>.Columns, new("received", l => l.Numbers.Received),
            .. OfShare("csat", n => n.Csat), new("nps", l => l.Numbers.Nps.Score),
            new("nps_standard_error", l => l.Numbers.Nps.StandardError), new("nps_n", l => l.Numbers.Nps.N),
            new("ces_mean", l => l.Numbers.CesMean), new("ces_n", l => l.Numbers.CesN),
            .. OfShare("responded", n => n.Responded),
            new("median_response_seconds", l => l.Numbers.MedianResponseSeconds),
            .. OfShare("acted_upon", n => n.ActedUpon),
            new("median_acted_upon_seconds", l => l.Numbers.MedianActedUponSeconds),
            .. OfShare("closed_loop", n => n.ClosedLoop),
            new("median_closed_loop_seconds", l => l.Numbers.MedianClosedLoopSeconds),
            new("waiting", l => l.Numbers.Waiting), new("overdue", l => l.Numbers.Overdue),
        ]);

    /// <summary>What can be grouped by; feedback on several topics is counted in each of them.</summary>
    public static IReadOnlyList<string> Groups { get; } =
        ["topic", "member", "team", "kind", "customer", "segment"];

    /// <summary>Maps it.</summary>
    public static void Map(IEndpointRouteBuilder v1) =>
        v1.MapGet("/satisfaction", (HttpContext http, TenantLedgers ledgers, SatisfactionEndpoint endpoint,
                CancellationToken cancel) => endpoint.CountAsync(http, ledgers, cancel))
            .WithName("Satisfaction").WithTags("Satisfaction").WithSummary("Ask how satisfied customers are")
            .WithDescription("CSAT: the share of 4 and 5. NPS: the percentage of 9 and 10 less that of 0 to 6, with "
                + "its standard error. CES: the mean of 1 to 7. How many of those asked answered, how much of what "
                + "was received was acted upon and told to the customer, and how long that took; what waits, and what "
                + "has waited for more than 30 days. by=topic and over=month give themes over time.")
            .WithMetadata(new QueryMetadata(
            [
                ("by", "One of " + string.Join(", ", Groups) + "."), ("over", "day, week (ISO 8601) or month."),
                ("from", "Asked or received at or after this time or date."),
                ("to", "Asked or received before this time or date."), .. Clocks.Parameters,
                Answers.FormatParameter, StatementSigner.Parameter,
            ]))
            .Produces<SatisfactionAnswer>(StatusCodes.Status200OK, "application/json", Answers.CsvType)
            .Needs(Scopes.Lead, Scopes.Audit);

    private Task<IResult> CountAsync(HttpContext http, TenantLedgers ledgers, CancellationToken cancel) =>
        counts.AnswerAsync(
            http, ledgers, Groups, StatementRefold.Satisfaction, Count,
            n => n is { Received: 0, Responded.Denominator: 0 },
            c => new SatisfactionAnswer(c.Clocks.Known.AsOf, c.Clocks.Until, c.Clocks.Annulled, c.Position,
                c.Clocks.Known.Provisional,
                c.Question.From, c.Question.To, c.Question.By, c.Question.Over, c.Groups, c.Notice,
                c.Statement),
            Table, cancel);

    /// <summary>A line for each group, and for each of its periods.</summary>
    internal static string Table(SatisfactionAnswer answer) => s_table.Write(answer.Groups.SelectMany(g => g.Lines()));

    private static IReadOnlyList<CountedGroup<SatisfactionResult>>? Count(
        StandingRelationships all, CountQuestion question)
    {
        var count = new SatisfactionCount(question);
        all.EachPart((stream, part) =>
        {
            if (part.Feedback is { } feedback)
                count.Add(feedback, () => all.IdOf(stream).ToString("D"), () => all.SegmentOf(stream));
        });
        return count.Results();
    }

    private static IEnumerable<CsvColumn<CountedLine<SatisfactionResult>>> OfShare(
        string name, Func<SatisfactionResult, Share> of) =>
        CsvColumns.OfShare<CountedLine<SatisfactionResult>>(name, l => of(l.Numbers));
}
