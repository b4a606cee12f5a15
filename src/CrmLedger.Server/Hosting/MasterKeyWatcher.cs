using CrmLedger.EventStore;
using CrmLedger.EventStore.Privacy;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CrmLedger.Server.Hosting;

/// <summary>
/// Looks whether the master key was replaced while this server runs. Where the new one is in the data folder, the
/// server takes it and goes on; else it says what the operator must do, until that is done. What it has opened before
/// it can still read and write.
/// </summary>
public sealed class MasterKeyWatcher(LedgerDatabase database, MasterKey master, ILogger<MasterKeyWatcher> log)
    : BackgroundService
{
    private static readonly TimeSpan s_round = TimeSpan.FromSeconds(5);

    /// <summary>How many rounds pass between two words about the same.</summary>
    private const int Silence = 12;

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        int silent = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                int before = master.Number;
                string? wrong = await MasterKeyCheck.FollowAsync(database, master, stoppingToken);
                if (wrong is not null && silent-- == 0)
                {
                    log.LogCritical("The master key is not the database's any more. {Wrong}", wrong);
                    silent = Silence;
                }
                if (master.Number != before)
                    log.LogWarning("The master key was replaced; this server goes on with number {New}", master.Number);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception interrupted)
            {
                log.LogWarning("Watching the master key was interrupted: {Reason}", interrupted.Message);
            }
            await Task.Delay(s_round, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
