using System.Diagnostics;
using CrmLedger.EventStore.Projections;
using CrmLedger.EventStore.Views;
using Microsoft.Extensions.Logging;

namespace CrmLedger.Server.Projections;

/// <summary>
/// Sees to the views that the daemon leaves alone: those that another version has made are made again, those that stand
/// behind what it has finished catch up by themselves.
/// </summary>
public sealed class ViewMending(ProjectionStep step, Rebuild rebuild, ILogger<ViewMending> log)
{
    private static readonly TimeSpan s_leftOvers = TimeSpan.FromMinutes(1);

    private readonly Setbacks _rebuilds = new();
    private long? _tidied;

    /// <summary>Looks once. Never fails.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        try
        {
            var found = await step.FindToMendAsync(cancel);
            foreach (var (tenant, view, _) in found.Where(f => f.IsOutdated))
                await RebuildAsync(tenant, view, cancel);
            await CatchUpAsync([.. found.Where(f => !f.IsOutdated).Select(f => f.Tenant).Distinct()], cancel);
            if (_tidied is { } last && Stopwatch.GetElapsedTime(last) < s_leftOvers)
                return;
            await rebuild.RemoveLeftoversAsync(cancel);
            _tidied = Stopwatch.GetTimestamp();
        }
        catch (Exception failure)
        {
            if (!cancel.IsCancellationRequested)
                log.LogWarning("Views could not be seen to: {Reason}", failure.Message);
        }
    }

    /// <summary>A batch for each in turn, so that nobody's backlog keeps the others waiting.</summary>
    private async Task CatchUpAsync(List<string> behind, CancellationToken cancel)
    {
        while (behind.Count > 0)
        {
            foreach (string tenant in behind.ToList())
            {
                try
                {
                    if (!await step.RunAsync(tenant, cancel))
                        behind.Remove(tenant);
                }
                catch (Exception failure) when (!cancel.IsCancellationRequested)
                {
                    behind.Remove(tenant); // it is found again
                    log.LogWarning("The views of {Tenant} did not catch up: {Reason}", tenant, failure.Message);
                }
            }
        }
    }

    private async Task RebuildAsync(string tenant, View view, CancellationToken cancel)
    {
        string what = $"{view.Name} of {tenant}";
        if (!_rebuilds.IsDue(what))
            return;
        try
        {
            log.LogInformation("View {View} of {Tenant} is made by another version; rebuilding", view.Name, tenant);
            await rebuild.RunAsync(tenant, view, cancel);
            _rebuilds.Clear(what);
        }
        catch (RebuildRunningException)
        {
            _rebuilds.Add(what); // somebody is at it already, which is no failure; a later round sees what came of it
        }
        catch (Exception failure) when (!cancel.IsCancellationRequested)
        {
            log.LogWarning("Rebuilding {View} of {Tenant} failed and is tried again in {Seconds} seconds: {Reason}",
                view.Name, tenant, _rebuilds.Add(what).TotalSeconds, failure.Message);
        }
    }
}
