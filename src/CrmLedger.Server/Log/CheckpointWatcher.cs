using System.Collections.Concurrent;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Checkpoints;
using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Tenants;
using CrmLedger.Server.Hosting;
using CrmLedger.Server.Projections;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CrmLedger.Server.Log;

/// <summary>
/// Signs what the tenants' logs have committed, at most half a second behind. Every server does, so that each keeps a
/// copy outside the database of its own; what two of them sign of one size is the same bytes.
/// </summary>
public sealed class CheckpointWatcher(
    LedgerDatabase database, TenantDirectory tenants, CheckpointSigner signer, OutsideCopy outside, LogStops stops,
    LedgerNotifications notices, ILogger<CheckpointWatcher> log)
    : BackgroundService
{
    private static readonly string s_ends = Sql.Load("Log/read_log_ends.sql", typeof(CheckpointWatcher).Assembly);
    private static readonly TimeSpan s_round = TimeSpan.FromMilliseconds(400);

    /// <summary>The longest between two rounds, also when no notice has come.</summary>
    private static readonly TimeSpan s_longestRound = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, TenantKeys> _keys = new(StringComparer.Ordinal);

    /// <summary>By tenant, what was there when it was last found signed and whole.</summary>
    private readonly Dictionary<string, string> _seen = new(StringComparer.Ordinal);

    private readonly Signal _grown = new();

    /// <summary>Where a tenant's log ends; the text differs wherever anything of it does.</summary>
    private sealed record LogEnd(string Tenant, string What, bool IsSigned);

    /// <inheritdoc />
    public override void Dispose()
    {
        base.Dispose();
        _grown.Dispose();
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        notices.Grown += (_, _) => _grown.Set();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                // Where nothing can be recorded, nothing new is there to be signed.
                if (!database.Reserve.IsReached)
                    await SignAsync(stoppingToken);
                await Task.Delay(s_round, stoppingToken);
                await _grown.WaitAsync(s_longestRound - s_round, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception interrupted)
            {
                log.LogWarning("Signing was interrupted: {Reason}", interrupted.Message);
                await Task.Delay(s_longestRound, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task SignAsync(CancellationToken cancel)
    {
        foreach (var end in await ReadEndsAsync(cancel))
        {
            string what = $"{end.What} {outside.StampOf(end.Tenant)}";
            if (end.IsSigned && _seen.GetValueOrDefault(end.Tenant) == what)
                continue;
            await SignAsync(end.Tenant, cancel);
            if (stops.Find(end.Tenant) is null)
                _seen[end.Tenant] = what;
            else
                _seen.Remove(end.Tenant);
        }
    }

    private async Task<List<LogEnd>> ReadEndsAsync(CancellationToken cancel)
    {
        await using var command = database.Loader.CreateCommand(s_ends);
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var ends = new List<LogEnd>();
        while (await rows.ReadAsync(cancel))
            ends.Add(new(rows.GetString(0), rows.GetString(1), rows.GetBoolean(2)));
        return ends;
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
