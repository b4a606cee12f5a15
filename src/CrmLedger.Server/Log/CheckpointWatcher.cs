using System.Collections.Concurrent;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Checkpoints;
using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Tenants;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CrmLedger.Server.Log;

/// <summary>
/// Signs what the tenants' logs have committed, at most half a second behind. Every server does, so that each keeps a
/// copy outside the database of its own; what two of them sign of one size is the same bytes.
/// </summary>
public sealed class CheckpointWatcher(
    LedgerDatabase database, TenantDirectory tenants, CheckpointSigner signer, LogStops stops,
    ILogger<CheckpointWatcher> log)
    : BackgroundService
{
    private static readonly TimeSpan s_round = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(2);
    private readonly ConcurrentDictionary<string, TenantKeys> _keys = new(StringComparer.Ordinal);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                // Where nothing can be recorded, nothing new is there to be signed.
                if (!database.Reserve.IsReached)
                {
                    foreach (string tenant in await tenants.ListAsync(stoppingToken))
                        await SignAsync(tenant, stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception interrupted)
            {
                log.LogWarning("Signing was interrupted: {Reason}", interrupted.Message);
                await Task.Delay(s_pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            await Task.Delay(s_round, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task SignAsync(string tenant, CancellationToken cancel)
    {
        if (!_keys.TryGetValue(tenant, out var keys))
        {
            if (await tenants.FindAsync(tenant, cancel) is not { } found)
                return;
            _keys[tenant] = keys = found;
        }
        await stops.WatchAsync(tenant, () => signer.SignAsync(keys, cancel));
    }
}
