using CrmLedger.EventStore;
using CrmLedger.EventStore.Tenants;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CrmLedger.Server.Deadlines;

/// <summary>
/// Looks every second for deadlines that have passed. One server at a time does it, by an advisory lock, to spare the
/// others the work; no verdict depends on that. What passed while every server was down is recorded when one is back.
/// </summary>
public sealed class DeadlineWatcher(
    LedgerDatabase database, TenantDirectory tenants, PassedDeadlines deadlines, ILogger<DeadlineWatcher> log)
    : BackgroundService
{
    private const long LockKey = 4702394921427291;
    private static readonly TimeSpan s_round = TimeSpan.FromSeconds(1);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var holder = await database.ProjectingLock.OpenConnectionAsync(stoppingToken);
                while (await IsOursAsync(holder, stoppingToken))
                {
                    await LookAsync(stoppingToken);
                    await Task.Delay(s_round, stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception interrupted)
            {
                log.LogWarning("Watching deadlines was interrupted: {Reason}", interrupted.Message);
            }
            await Task.Delay(s_round, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Takes the lock, or finds that this session has it: whoever takes it twice has it still.</summary>
    private static async Task<bool> IsOursAsync(NpgsqlConnection holder, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("select pg_try_advisory_lock($1)", holder);
        command.Parameters.Add(new() { Value = LockKey });
        return await command.ExecuteScalarAsync(cancel) is true;
    }

    private async Task LookAsync(CancellationToken cancel)
    {
        if (database.Reserve.IsReached)
            return; // nothing can be recorded; what passes meanwhile is recorded once there is room
        foreach (string tenant in await tenants.ListAsync(cancel))
        {
            try
            {
                if (await deadlines.RecordAsync(tenant, cancel) is > 0 and var recorded)
                    log.LogInformation("{Count} deadlines of {Tenant} have passed", recorded, tenant);
            }
            catch (Exception failure) when (!cancel.IsCancellationRequested)
            {
                log.LogWarning("The deadlines of {Tenant} were not seen to: {Reason}", tenant, failure.Message);
            }
        }
    }
}
