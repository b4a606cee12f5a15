using System.Globalization;
using CrmLedger.EventStore;
using CrmLedger.Server.Security;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CrmLedger.Server.Projections;

/// <summary>
/// Listens for what other sessions tell: that a log has grown, that a key was revoked, that somebody was erased. A
/// notice can be lost with the connection, so nothing relies on it alone: projections also look every few seconds, keys
/// are kept for seconds only, and who was erased is asked as often.
/// </summary>
public sealed class LedgerNotifications(LedgerDatabase database, KnownKeys keys, ILogger<LedgerNotifications> log)
    : BackgroundService
{
    private const string Listen = "listen ledger_appended; listen ledger_key_revoked; listen ledger_subject_erased";
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    /// <summary>After so long without a notice the connection must show that it still carries any.</summary>
    private static readonly TimeSpan s_quiet = TimeSpan.FromSeconds(5);

    /// <summary>Called with the tenant and the subject when somebody was erased.</summary>
    public Action<string, Guid>? Erased { get; set; }

    /// <summary>Called with the tenant whose log has grown, and how many events it has now.</summary>
    public Action<string, long>? Grown { get; set; }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception broken)
            {
                log.LogWarning("Listening for notices was interrupted: {Reason}", broken.Message);
                await Task.Delay(s_pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ListenAsync(CancellationToken cancel)
    {
        await using var connection = await database.Server.OpenConnectionAsync(cancel);
        connection.Notification += Hear;
        await using (var listen = new NpgsqlCommand(Listen, connection))
            await listen.ExecuteNonQueryAsync(cancel);
        try
        {
            while (true)
            {
                if (await connection.WaitAsync(s_quiet, cancel))
                    continue;
                await using var alive = new NpgsqlCommand("select 1", connection);
                await alive.ExecuteNonQueryAsync(cancel);
            }
        }
        finally
        {
            connection.Notification -= Hear;
        }
    }

    private void Hear(object sender, NpgsqlNotificationEventArgs notice)
    {
        string[] told = notice.Payload.Split(' ');
        switch (notice.Channel)
        {
            case "ledger_key_revoked":
                keys.Forget(notice.Payload);
                break;
            case "ledger_subject_erased":
                Erased?.Invoke(told[0], Guid.ParseExact(told[1], "D"));
                break;
            default:
                Grown?.Invoke(told[0], long.Parse(told[1], CultureInfo.InvariantCulture));
                break;
        }
    }
}
