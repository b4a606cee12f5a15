using CrmLedger.EventStore.Projections;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Tenants;
using CrmLedger.EventStore.Views;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CrmLedger.Server.Views;

/// <summary>How a view stands.</summary>
/// <param name="Name">The view.</param>
/// <param name="Generation">The generation that readers see; each rebuild makes a new one.</param>
/// <param name="Position">The last position that it reflects; -1 for none.</param>
/// <param name="Lag">Events in the log that it does not reflect yet.</param>
/// <param name="Quarantined">Streams that could not be folded and are set aside until a rebuild.</param>
public sealed record ViewStatus(
    string Name, int Generation, long Position, long Lag, IReadOnlyList<QuarantinedStream> Quarantined);

/// <summary>How a tenant's ledger stands.</summary>
/// <param name="Version">The server's version.</param>
/// <param name="Tenant">The tenant.</param>
/// <param name="Head">The end of the log.</param>
/// <param name="Views">Each view.</param>
public sealed record LedgerStatus(string Version, string Tenant, HeadPosition Head, IReadOnlyList<ViewStatus> Views);

/// <summary>How the ledger stands, making its views again, and checking them.</summary>
public static class ViewEndpoints
{
    /// <summary>Maps them.</summary>
    public static void MapViews(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/status", StatusAsync).WithName("Status").WithTags("Operation")
            .WithSummary("See how the ledger stands")
            .WithDescription("The log's end and how far each view reflects it.")
            .Produces<LedgerStatus>().Needs([.. Scopes.All]);
        v1.MapPost("/views/{view}/rebuild", RebuildAsync).WithName("RebuildView").WithTags("Operation")
            .WithSummary("Make a view again from all events")
            .WithDescription("Readers see the old rows until the new ones are complete. Views: "
                + string.Join(", ", LedgerViews.All.Select(v => v.Name)) + ".")
            .Produces<RebuildResult>().Needs(Scopes.Audit, Scopes.Admin);
        v1.MapPost("/views/{view}/check-consistency", CheckAsync).WithName("CheckViewConsistency").WithTags("Operation")
            .WithSummary("Compare a view with what the log gives")
            .WithDescription("The view is made again from all events, aside and in memory, and compared with the "
                + "stored rows version by version. Nothing is changed. Views: "
                + string.Join(", ", LedgerViews.All.Select(v => v.Name)) + ".")
            .Produces<ConsistencyCheckResult>().Needs(Scopes.Audit, Scopes.Admin);
        // Its former name, for whoever still asks by it; the next version knows it no more.
        v1.MapPost("/views/{view}/drill", CheckAsync).ExcludeFromDescription().Needs(Scopes.Audit, Scopes.Admin);
    }

    private static async Task<IResult> StatusAsync(
        HttpContext http, EventReader reader, ProjectionStep projections, CancellationToken cancel)
    {
        if (new Query(http).Problem is { } unasked)
            return LedgerProblems.Result(unasked);
        string tenant = http.Caller().Tenant;
        var head = await reader.ReadHeadAsync(tenant, cancel);
        var views = new List<ViewStatus>();
        foreach (var view in LedgerViews.All)
        {
            var state = await projections.StateAsync(tenant, view, cancel);
            views.Add(new(view.Name, state.Generation, state.Position, Math.Max(0, head.Size - 1 - state.Position),
                await projections.QuarantineAsync(tenant, view, cancel)));
        }
        string version = typeof(ViewEndpoints).Assembly.GetName().Version?.ToString(3) ?? "";
        return Results.Json(new LedgerStatus(version, tenant, head, views), LedgerJson.Options);
    }

    private static Task<IResult> RebuildAsync(
        HttpContext http, string view, Rebuild rebuild, CancellationToken cancel) =>
        OfViewAsync(http, view, (tenant, found) => rebuild.RunAsync(tenant, found, cancel));

    private static Task<IResult> CheckAsync(
        HttpContext http, string view, ConsistencyCheck check, CancellationToken cancel) =>
        OfViewAsync(http, view, (tenant, found) => check.RunAsync(tenant, found, cancel));

    private static async Task<IResult> OfViewAsync<T>(HttpContext http, string view, Func<string, View, Task<T>> run)
    {
        if (new Query(http).Problem is { } unasked)
            return LedgerProblems.Result(unasked);
        if (LedgerViews.Find(view) is not { } found)
        {
            return LedgerProblems.Result(new(ProblemCodes.NotFound,
                $"There is no view '{view}'; there are {string.Join(", ", LedgerViews.All.Select(v => v.Name))}."));
        }
        return Results.Json(await run(http.Caller().Tenant, found), LedgerJson.Options);
    }
}
