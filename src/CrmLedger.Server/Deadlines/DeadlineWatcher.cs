using CrmLedger.EventStore;
using CrmLedger.Server.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CrmLedger.Server.Deadlines;

/// <summary>
/// Looks every second for deadlines that have passed. What passed while every server was down is recorded when one is
/// back.
/// </summary>
public sealed class DeadlineWatcher(LedgerDatabase database, PassedDeadlines deadlines, ILogger<DeadlineWatcher> log)
    : LeaderWork(database, LockKey, s_round, "Watching deadlines", log)
{
    private const long LockKey = 4702394921427291;
    private static readonly TimeSpan s_round = TimeSpan.FromSeconds(1);

    /// <inheritdoc />
    protected override async Task LeadAsync(NpgsqlConnection holder, CancellationToken cancel)
    {
        while (true)
        {
            await LookAsync(holder, cancel);
            await Task.Delay(s_round, cancel);
        }
    }

    private async Task LookAsync(NpgsqlConnection holder, CancellationToken cancel)
    {
        var passed = await deadlines.FindTenantsAsync(holder, cancel);
        if (Database.Reserve.IsReached)
            return; // nothing can be recorded; what passes meanwhile is recorded once there is room
        foreach (string tenant in passed)
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
