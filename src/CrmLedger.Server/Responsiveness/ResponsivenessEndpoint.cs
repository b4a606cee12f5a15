using CrmLedger.Concerns;
using CrmLedger.EventStore.Tenants;
using CrmLedger.Responsiveness;
using CrmLedger.Server.Relationships;
using CrmLedger.Server.Security;
using CrmLedger.Server.Tenants;
using CrmLedger.Server.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CrmLedger.Server.Responsiveness;

/// <summary>How quickly customers hear from us and are helped.</summary>
/// <param name="AsOf">The time of knowledge asked about, UTC.</param>
/// <param name="Until">Until when what happened counts, UTC; null for asOf.</param>
/// <param name="Annulled">What was made of annulled entries.</param>
/// <param name="Position">The position that the answer reflects.</param>
/// <param name="Provisional">Whether later events could still be recorded at or before that time.</param>
/// <param name="From">Raised at or after, UTC.</param>
/// <param name="To">Raised before, UTC.</param>
/// <param name="By">What it is grouped by.</param>
/// <param name="Over">How long a period is.</param>
/// <param name="Groups">Everybody first, with the key null, then each group by its key.</param>
/// <param name="Notice">What the reader should know, such as why nothing is found.</param>
public sealed record ResponsivenessAnswer(
    DateTimeOffset AsOf, DateTimeOffset? Until, AnnulledEntries Annulled,
    long Position, bool Provisional, DateTimeOffset? From,
    DateTimeOffset? To, string? By, string? Over, IReadOnlyList<CountedGroup<ResponsivenessResult>> Groups,
    string? Notice);

/// <summary>Times to the first response and to the resolution of concerns.</summary>
public sealed class ResponsivenessEndpoint(RelationshipCounts counts)
{
    private static readonly CsvTable<CountedLine<ResponsivenessResult>> s_table = new(
        [
            .. CountedLine<ResponsivenessResult>.Columns, new("raised", l => l.Numbers.Raised),
            .. CsvColumns.OfShare<CountedLine<ResponsivenessResult>>("answered_in_time", l => l.Numbers.AnsweredInTime),
            new("unanswered", l => l.Numbers.Unanswered), .. OfDurations("first_response", n => n.FirstResponse),
            .. CsvColumns.OfShare<CountedLine<ResponsivenessResult>>("resolved", l => l.Numbers.Resolved),
            .. OfDurations("resolution", n => n.Resolution),
            .. CsvColumns.OfShare<CountedLine<ResponsivenessResult>>("reopened", l => l.Numbers.Reopened),
        ]);

    /// <summary>What can be grouped by; a concern of several topics is counted in each of them.</summary>
    public static IReadOnlyList<string> Groups { get; } =
        ["severity", "topic", "member", "team", "customer", "segment"];

    /// <summary>Maps it.</summary>
    public static void Map(IEndpointRouteBuilder v1) =>
        v1.MapGet("/responsiveness", (HttpContext http, TenantLedgers ledgers, ResponsivenessEndpoint endpoint,
                CancellationToken cancel) => endpoint.CountAsync(http, ledgers, cancel))
            .WithName("Responsiveness").WithTags("Responsiveness")
            .WithSummary("Ask how quickly customers hear from us and are helped")
            .WithDescription("Of the concerns raised in [from, to): from raising to our first word (an "
                + "acknowledgement or a resolution) and to the last resolution, as percentiles by nearest rank in "
                + "seconds, of those of which it is over; how many were answered in time, wait, are put right, and "
                + "were reopened.")
            .WithMetadata(new QueryMetadata(
            [
                ("by", "One of " + string.Join(", ", Groups) + "; member and team are those who took it in."),
                ("over", "day, week (ISO 8601) or month."), ("from", "Raised at or after this time or date."),
                ("to", "Raised before this time or date."), .. Clocks.Parameters, Answers.FormatParameter,
            ]))
            .Produces<ResponsivenessAnswer>(StatusCodes.Status200OK, "application/json", Answers.CsvType)
            .Needs(Scopes.Lead, Scopes.Audit);

    private Task<IResult> CountAsync(HttpContext http, TenantLedgers ledgers, CancellationToken cancel) =>
        counts.AnswerAsync(
            http, ledgers, Groups, null, Count, n => n.Raised == 0,
            c => new ResponsivenessAnswer(c.Clocks.Known.AsOf, c.Clocks.Until, c.Clocks.Annulled, c.Position,
                c.Clocks.Known.Provisional,
                c.Question.From, c.Question.To, c.Question.By, c.Question.Over, c.Groups, c.Notice),
            Table, cancel);

    /// <summary>A line for each group, and for each of its periods.</summary>
    internal static string Table(ResponsivenessAnswer answer) =>
        s_table.Write(answer.Groups.SelectMany(g => g.Lines()));

    /// <summary>The groups of a concern.</summary>
    internal static string[] KeysOf(
        string? by, Concern concern, Func<string> customer, Func<string> segment) => by switch
    {
        null => [],
        "severity" => [Words.Name(concern.Severity)],
        "topic" => concern.Topics.Count == 0 ? [""] : [.. concern.Topics],
        "member" => [concern.MemberId?.ToString("D") ?? ""],
        "team" => [concern.Team ?? ""],
        "customer" => [customer()],
        _ => [segment()],
    };

    private static IReadOnlyList<CountedGroup<ResponsivenessResult>>? Count(
        StandingRelationships all, CountQuestion question)
    {
        var counts = new Grouping<ResponsivenessTally>(question.Over, () => new(question.Time));
        all.EachPart((stream, part) =>
        {
            if (part.Concern is not { } concern || !question.IsAbout(concern.RaisedAt))
                return;
            counts.Count(
                KeysOf(question.By, concern, () => all.IdOf(stream).ToString("D"), () => all.SegmentOf(stream)),
                concern.RaisedAt, tally => tally.Add(concern));
        });
        return counts.Results(tally => tally.Result());
    }

    private static IEnumerable<CsvColumn<CountedLine<ResponsivenessResult>>> OfDurations(
        string name, Func<ResponsivenessResult, Durations> of) =>
    [
        new($"{name}_n", l => of(l.Numbers).N), new($"{name}_p50_seconds", l => of(l.Numbers).P50),
        new($"{name}_p75_seconds", l => of(l.Numbers).P75), new($"{name}_p90_seconds", l => of(l.Numbers).P90),
        new($"{name}_p95_seconds", l => of(l.Numbers).P95), new($"{name}_longest_seconds", l => of(l.Numbers).Longest),
    ];
}
