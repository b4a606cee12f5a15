using System.Collections.Concurrent;
using System.Diagnostics;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Tenants;
using CrmLedger.Server.Hosting;
using JasperFx;
using JasperFx.Events.Daemon;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CrmLedger.Server.Projections;

/// <summary>
/// Runs Marten's daemon, an agent for each tenant; should two servers ever run it, the progress row lets only one of
/// them write. The daemon is told of each log that has grown, whoever has written to it; agents that have failed are
/// started again every few seconds, and nobody's failure keeps the others waiting.
/// </summary>
public sealed class ViewDaemon(
    LedgerDatabase database, LedgerNotifications notices, ViewMending mending, ILoggerFactory loggers)
    : LeaderWork(database, LockKey, s_round, "Projecting", loggers.CreateLogger<ViewDaemon>())
{
    private const long LockKey = 4702394921427290;
    private static readonly TimeSpan s_round = TimeSpan.FromSeconds(2);

    /// <summary>
    /// A page costs the two processes much the same for one event as for many: what comes within this time is folded
    /// together, and a reader waits so much longer at most.
    /// </summary>
    private static readonly TimeSpan s_gathering = TimeSpan.FromMilliseconds(25);

    private readonly ILogger _log = loggers.CreateLogger<ViewDaemon>();
    private readonly Dictionary<string, ISubscriptionAgent> _agents = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _failures = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _grown = new(StringComparer.Ordinal);
    private readonly Signal _anyGrown = new();
    private long _heard;

    /// <inheritdoc />
    public override void Dispose()
    {
        base.Dispose();
        _anyGrown.Dispose();
    }

    /// <inheritdoc />
    protected override async Task LeadAsync(NpgsqlConnection holder, CancellationToken cancel)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var daemon = await Database.Store.BuildProjectionDaemonAsync(
            logger: loggers.CreateLogger("Marten.Daemon"));
        var mended = Task.CompletedTask;
        notices.Grown += Hear;
        try
        {
            while (true)
            {
                foreach (string tenant in await ListTenantsAsync(holder, cancel))
                    await StartAsync(daemon, holder, tenant, cancel);
                if (mended.IsCompleted)
                    mended = mending.RunAsync(ending.Token);
                await TellAgentsAsync(daemon, holder, cancel);
            }
        }
        finally
        {
            notices.Grown -= Hear;
            await ending.CancelAsync();
            await mended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await daemon.StopAllAsync();
            _agents.Clear();
        }
    }

    /// <summary>Throws when the connection has gone, and the lock with it.</summary>
    private async Task<IReadOnlyList<string>> ListTenantsAsync(NpgsqlConnection holder, CancellationToken cancel)
    {
        var tenants = await TenantDirectory.ListAsync(holder, cancel);
        _heard = Stopwatch.GetTimestamp();
        return tenants;
    }

    /// <summary>Starts a tenant's agent unless it runs.</summary>
    private async Task StartAsync(
        IProjectionDaemon daemon, NpgsqlConnection holder, string tenant, CancellationToken cancel)
    {
        if (_agents.TryGetValue(tenant, out var agent) && agent.Status == AgentStatus.Running)
        {
            _failures.Remove(tenant);
            return;
        }
        if (Database.Reserve.IsReached)
            return; // no view can be written; the agents go on once there is room
        // PostgreSQL takes the lock from whoever says nothing for long, and to start many agents takes long.
        if (Stopwatch.GetElapsedTime(_heard) >= s_round)
            await ListTenantsAsync(holder, cancel);
        if (agent is not null)
            await TellAsync(tenant, agent, cancel);
        try
        {
            _agents[tenant] = await daemon.StartAgentAsync(LedgerDatabase.ShardOf(tenant), cancel);
        }
        catch (ShardStartException failure)
        {
            Tell(tenant, (failure.InnerException ?? failure).Message);
        }
    }

    /// <summary>Tells why an agent has stopped, once for each reason.</summary>
    private async Task TellAsync(string tenant, ISubscriptionAgent stopped, CancellationToken cancel)
    {
        // Where one connection has gone dead the idle ones beside it mostly have too.
        await Database.GiveUpProjectingAsync(cancel);
        if (stopped.Failure is { } failure)
            Tell(tenant, failure.Message);
    }

    private void Tell(string tenant, string reason)
    {
        if (_failures.GetValueOrDefault(tenant) == reason)
            return;
        _failures[tenant] = reason;
        _log.LogWarning("Projecting {Tenant} failed and is tried again every {Seconds} seconds: {Reason}",
            tenant, s_round.TotalSeconds, reason);
    }

    private void Hear(string tenant, long size)
    {
        _grown[tenant] = size;
        _anyGrown.Set();
    }

    /// <summary>Tells the agents which logs have grown, for a while.</summary>
    private async Task TellAgentsAsync(IProjectionDaemon daemon, NpgsqlConnection holder, CancellationToken cancel)
    {
        using var round = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        round.CancelAfter(s_round);
        try
        {
            while (true)
            {
                await _anyGrown.WaitAsync(round.Token);
                foreach (string tenant in _grown.Keys)
                {
                    if (!_grown.TryRemove(tenant, out long size))
                        continue;
                    if (!_agents.ContainsKey(tenant))
                        await StartAsync(daemon, holder, tenant, cancel);
                    _agents.GetValueOrDefault(tenant)?.MarkHighWater(size);
                }
                await Task.Delay(s_gathering, round.Token);
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // Time to look at every tenant.
        }
    }
}
