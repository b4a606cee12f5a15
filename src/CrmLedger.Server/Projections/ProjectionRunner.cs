using CrmLedger.EventStore;
using CrmLedger.EventStore.Projections;
using CrmLedger.EventStore.Tenants;
using CrmLedger.EventStore.Views;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CrmLedger.Server.Projections;

/// <summary>
/// Keeps the views up with the logs. One server at a time does it, by an advisory lock; should two ever do, the
/// compare-and-swap on each checkpoint lets only one of them write.
/// </summary>
public sealed class ProjectionRunner(
    LedgerDatabase database, TenantDirectory tenants, ProjectionStep step, Rebuild rebuild, LedgerNotifications notices,
    ILogger<ProjectionRunner> log) : BackgroundService
{
    private const long LockKey = 4702394921427290;
    private static readonly TimeSpan s_sweep = TimeSpan.FromSeconds(2);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await database.Loader.OpenConnectionAsync(stoppingToken);
                if (await TakeLockAsync(connection, stoppingToken))
                    await ProjectAsync(connection, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception interrupted)
            {
                log.LogWarning("Projecting was interrupted: {Reason}", interrupted.Message);
            }
            await Task.Delay(s_sweep, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<bool> TakeLockAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("select pg_try_advisory_lock($1)", connection);
        command.Parameters.Add(new() { Value = LockKey });
        return await command.ExecuteScalarAsync(cancel) is true;
    }

    private async Task ProjectAsync(NpgsqlConnection holder, CancellationToken cancel)
    {
        try
        {
            foreach (string tenant in await tenants.ListAsync(cancel))
                await RebuildOutdatedAsync(tenant, cancel);
            while (!cancel.IsCancellationRequested)
            {
                foreach (string tenant in await tenants.ListAsync(cancel))
                    await CatchUpAsync(tenant, cancel);
                await using (var alive = new NpgsqlCommand("select 1", holder))
                    await alive.ExecuteNonQueryAsync(cancel); // throws when the lock went with its connection
                await HearUntilSweepAsync(cancel);
            }
        }
        finally
        {
            await using var release = new NpgsqlCommand("select pg_advisory_unlock_all()", holder);
            await release.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }

    private async Task HearUntilSweepAsync(CancellationToken cancel)
    {
        using var sweep = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        sweep.CancelAfter(s_sweep);
        try
        {
            while (await notices.Grown.WaitToReadAsync(sweep.Token))
            {
                var grown = new HashSet<string>(StringComparer.Ordinal);
                while (notices.Grown.TryRead(out string? tenant))
                    grown.Add(tenant);
                foreach (string tenant in grown)
                    await CatchUpAsync(tenant, cancel);
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // Time to look at every tenant.
        }
    }

    private async Task CatchUpAsync(string tenant, CancellationToken cancel)
    {
        while (await step.RunAsync(tenant, cancel))
        {
        }
    }

    private async Task RebuildOutdatedAsync(string tenant, CancellationToken cancel)
    {
        foreach (var view in LedgerViews.All)
        {
            var state = await step.StateAsync(tenant, view, cancel);
            if (state.ProjectionVersion != view.Version)
            {
                log.LogInformation("View {View} of {Tenant} is made by another version; rebuilding", view.Name, tenant);
                await rebuild.RunAsync(tenant, view, cancel);
            }
        }
    }
}
