using System.Diagnostics;
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

    /// <summary>
    /// A step costs the two processes much the same for one event as for many: what comes within this time is folded
    /// together, and a reader waits so much longer at most.
    /// </summary>
    private static readonly TimeSpan s_gathering = TimeSpan.FromMilliseconds(25);

    private readonly Setbacks _steps = new();
    private readonly Setbacks _rebuilds = new();
    private long _heard;

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await database.ProjectingLock.OpenConnectionAsync(stoppingToken);
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

    /// <summary>
    /// Gives each tenant that is behind one step in turn, so that nobody's backlog and nobody's failure keeps the
    /// others waiting. Every few seconds all tenants are looked at, because a notice may have been lost.
    /// </summary>
    private async Task ProjectAsync(NpgsqlConnection holder, CancellationToken cancel)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var rebuilding = Task.CompletedTask;
        var behind = new HashSet<string>(StringComparer.Ordinal);
        long? swept = null;
        try
        {
            while (!cancel.IsCancellationRequested)
            {
                if (swept is not { } last || Stopwatch.GetElapsedTime(last) >= s_sweep)
                {
                    await RequireLockAsync(holder, cancel);
                    behind.UnionWith(await tenants.ListAsync(cancel));
                    if (rebuilding.IsCompleted)
                        rebuilding = RebuildOutdatedAsync(ending.Token);
                    swept = Stopwatch.GetTimestamp();
                }
                long round = Stopwatch.GetTimestamp();
                while (notices.Grown.TryRead(out string? grown))
                    behind.Add(grown);
                foreach (string tenant in behind.ToList())
                {
                    if (!await StepAsync(holder, tenant, cancel))
                        behind.Remove(tenant);
                }
                if (s_gathering - Stopwatch.GetElapsedTime(round) is { Ticks: > 0 } rest)
                    await Task.Delay(rest, cancel);
                if (behind.Count == 0)
                    await HearAsync(s_sweep - Stopwatch.GetElapsedTime(swept.Value), cancel);
            }
        }
        finally
        {
            await ending.CancelAsync();
            await rebuilding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Throws when the connection has gone, and the lock with it.</summary>
    private async Task RequireLockAsync(NpgsqlConnection holder, CancellationToken cancel)
    {
        await using var alive = new NpgsqlCommand("select 1", holder);
        await alive.ExecuteNonQueryAsync(cancel);
        _heard = Stopwatch.GetTimestamp();
    }

    private async Task HearAsync(TimeSpan longest, CancellationToken cancel)
    {
        using var sweep = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        sweep.CancelAfter(longest > TimeSpan.Zero ? longest : TimeSpan.Zero);
        try
        {
            await notices.Grown.WaitToReadAsync(sweep.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // Time to look at every tenant.
        }
    }

    /// <returns>Whether there was anything to do, and so may be more.</returns>
    private async Task<bool> StepAsync(NpgsqlConnection holder, string tenant, CancellationToken cancel)
    {
        if (!_steps.IsDue(tenant))
            return false;
        // PostgreSQL takes the lock from whoever says nothing for long, and a round of many tenants may be long.
        if (Stopwatch.GetElapsedTime(_heard) >= s_sweep)
            await RequireLockAsync(holder, cancel);
        try
        {
            bool moved = await step.RunAsync(tenant, cancel);
            _steps.Clear(tenant);
            return moved;
        }
        catch (Exception cut) when (IsCut(cut) && !cancel.IsCancellationRequested)
        {
            // A connection's failure is no tenant's: the next sweep tries again, however often it has happened.
            await RequireLockAsync(holder, cancel);
            log.LogWarning("Projecting {Tenant} was cut off: {Reason}", tenant, cut.Message);
            return false;
        }
        catch (Exception failure) when (!cancel.IsCancellationRequested)
        {
            // Whatever it was, it is this tenant's, unless the database has gone, which is everybody's.
            await RequireLockAsync(holder, cancel);
            log.LogWarning("Projecting {Tenant} failed and is tried again in {Seconds} seconds: {Reason}",
                tenant, _steps.Add(tenant).TotalSeconds, failure.Message);
            return false;
        }
    }

    /// <summary>
    /// Whether the connection broke; where an answer was waited for in vain, the question may have been too much.
    /// </summary>
    private static bool IsCut(Exception failure) =>
        failure is NpgsqlException { InnerException: not TimeoutException } and not PostgresException
        || failure is PostgresException { SqlState: ['5', '7', 'P', ..] };

    /// <summary>Runs beside the steps, which leave outdated views alone. Never fails.</summary>
    private async Task RebuildOutdatedAsync(CancellationToken cancel)
    {
        try
        {
            foreach (var (tenant, view) in await step.FindOutdatedAsync(cancel))
                await RebuildAsync(tenant, view, cancel);
            await rebuild.RemoveLeftoversAsync(cancel);
        }
        catch (Exception failure)
        {
            if (!cancel.IsCancellationRequested)
                log.LogWarning("Outdated views and generations could not be seen to: {Reason}", failure.Message);
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
            _rebuilds.Add(what); // somebody is at it already, which is no failure; a later sweep sees what came of it
        }
        catch (Exception failure) when (!cancel.IsCancellationRequested)
        {
            log.LogWarning("Rebuilding {View} of {Tenant} failed and is tried again in {Seconds} seconds: {Reason}",
                view.Name, tenant, _rebuilds.Add(what).TotalSeconds, failure.Message);
        }
    }
}
