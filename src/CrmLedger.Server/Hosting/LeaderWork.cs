using CrmLedger.EventStore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CrmLedger.Server.Hosting;

/// <summary>
/// Work that one server at a time does, by an advisory lock, to spare the others; nothing's truth depends on that.
/// PostgreSQL takes the lock from a holder that says nothing for 15 seconds.
/// </summary>
/// <param name="database">The database.</param>
/// <param name="lockKey">The lock's key, of this work alone.</param>
/// <param name="pause">How long to wait before the lock is tried again.</param>
/// <param name="what">What is done, for the log: <c>Projecting</c>.</param>
/// <param name="log">Where to tell of interruptions.</param>
public abstract class LeaderWork(
    LedgerDatabase database, long lockKey, TimeSpan pause, string what, ILogger log) : BackgroundService
{
    /// <summary>The database.</summary>
    protected LedgerDatabase Database { get; } = database;

    /// <inheritdoc />
    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var holder = await Database.ProjectingLock.OpenConnectionAsync(stoppingToken);
                await using var take = new NpgsqlCommand("select pg_try_advisory_lock($1)", holder);
                take.Parameters.Add(new() { Value = lockKey });
                if (await take.ExecuteScalarAsync(stoppingToken) is true)
                    await LeadAsync(holder, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception interrupted)
            {
                log.LogWarning("{What} was interrupted: {Reason}", what, interrupted.Message);
            }
            await Task.Delay(pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Does the work for as long as this server has the lock.</summary>
    /// <param name="holder">
    /// The connection that holds the lock; to be used every few seconds, and what fails on it has lost the lock.
    /// </param>
    /// <param name="cancel">Ends the work.</param>
    protected abstract Task LeadAsync(NpgsqlConnection holder, CancellationToken cancel);
}
