using CrmLedger.EventStore;
using CrmLedger.EventStore.Tenants;
using CrmLedger.EventStore.Views;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Security;
using CrmLedger.Server.Tenants;
using CrmLedger.Server.Views;
using CrmLedger.Touchpoints;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CrmLedger.Server.Touchpoints;

/// <summary>Practices and tone beside outcomes.</summary>
public sealed class PracticesEndpoint(LedgerDatabase database, ViewReader views, StandingViews standing)
{
    /// <summary>How it is compared, and what that does not show.</summary>
    internal const string Method = "Association, not cause: who does what with whom is not left to chance. Each "
        + "practice is compared among touchpoints for which at least one was noted, with Wilson intervals, Newcombe's "
        + "hybrid score interval of the difference and the pooled two-proportion z test, two-sided, all 95 %. "
        + "Touchpoints of one customer are taken as independent; of 27 comparisons one or two differ by chance.";

    /// <summary>What can be grouped by.</summary>
    public static IReadOnlyList<string> Groups { get; } = ["member", "team", "channel"];

    /// <summary>Maps it.</summary>
    public static void Map(IEndpointRouteBuilder v1) =>
        v1.MapGet("/practices", (HttpContext http, TenantLedgers ledgers, PracticesEndpoint endpoint,
                CancellationToken cancel) => endpoint.PracticesAsync(http, ledgers, cancel))
            .WithName("Practices").WithTags("Touchpoints").WithSummary("See practices and tone beside outcomes")
            .WithDescription("For each practice how touchpoints went with it and without it: tone and satisfaction, "
                + "each with its 95 % interval, and the difference. Grouped, also how many touchpoints each member, "
                + "team or channel had, how long they took, their tones, practices and satisfaction. It shows what "
                + "goes together, not what causes what.")
            .WithMetadata(new QueryMetadata(
                [
                    ("by", "member, team or channel."), ("from", "Touchpoints at this time or later."),
                    ("to", "Touchpoints before this time."), .. Clocks.Parameters, Answers.FormatParameter,
                ]))
            .Produces<PracticesAnswer>(StatusCodes.Status200OK, "application/json", Answers.CsvType)
            .Needs(Scopes.Lead, Scopes.Audit);

    private async Task<IResult> PracticesAsync(HttpContext http, TenantLedgers ledgers, CancellationToken cancel)
    {
        var ledger = await ledgers.GetAsync(http.Caller().Tenant);
        var query = new Query(http, "by", "from", "to", "asOf", "until", "annulled", "atLeast", "format");
        string? by = query.Word("by", [.. Groups]);
        var (from, to) = (query.Time("from"), query.Time("to"));
        if (from >= to)
            query.Refuse("from", "must lie before to.");
        string? format = Answers.Format(query);
        var (clocks, problem) = await views.ClocksAsync(
            query, ledger.Tenant, TouchpointsView.ViewName, null, cancel);
        if (clocks is null)
            return LedgerProblems.Result(problem!);
        var known = clocks.Known;
        var (count, position) = await standing.AskAtAsync<StandingContacts, StandingContact, TouchpointCount>(
            ledger.Tenant, clocks, () => new(database, ledger.Tenant),
            all => all.CountBy(by, from, to, clocks.Time), cancel);
        var names = by == "member"
            ? await views.NamesAsync(ledger, count.Groups.Keys.Select(key => $"member-{key}"), position, cancel)
            : new Dictionary<string, Named>(StringComparer.Ordinal);
        ViewReader.SetETag(http, TouchpointsView.ViewName, position, clocks, format);
        return Answers.Of(format, new PracticesAnswer(known.AsOf, clocks.Until, clocks.Annulled, position,
            known.Provisional, from, to, by,
            Method, TouchpointNumbers.Of(count.Total),
            [.. TouchpointTally.Practices.Select(practice => PracticeOutcomes.Of(practice, count.Total))],
            [.. count.Groups.OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => new TouchpointGroup(g.Key,
                names.GetValueOrDefault($"member-{g.Key}") is { } named ? named.Name ?? named.Reference ?? g.Key
                    : g.Key, TouchpointNumbers.Of(g.Value)))],
            count.Total.All.Touchpoints > 0
                ? null
                : await views.NothingKnownAsync(ledger.Tenant, clocks.AsOf, cancel)),
            PracticesCsv.Write, Answers.WithNulls);
    }
}
