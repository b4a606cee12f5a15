using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CrmLedger.EventStore.Embedded;

/// <summary>Keeps PostgreSQL running: when it ends without being asked, it is started again, later each time that
/// this fails, and given up after ten failures in a row.</summary>
internal sealed class Supervision : IAsyncDisposable
{
    private const int FailuresInARow = 10;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(25);

    private readonly PostgresHome home;
    private readonly ServerAccount account;
    private readonly PostgresBinaries binaries;
    private readonly string adminConnectionString;
    private readonly EmbeddedPostgresOptions options;
    private readonly ILogger logger;
    private readonly CancellationTokenSource stopping = new();
    private readonly TaskCompletionSource<EmbeddedPostgresException> failed =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Postmaster? postmaster;
    private Task keeping = Task.CompletedTask;

    public Supervision(
        PostgresHome home, ServerAccount account, PostgresBinaries binaries, string adminConnectionString,
        EmbeddedPostgresOptions options, ILogger logger)
    {
        this.home = home;
        this.account = account;
        this.binaries = binaries;
        this.adminConnectionString = new NpgsqlConnectionStringBuilder(adminConnectionString)
        {
            Pooling = false,
            Timeout = 5,
        }.ConnectionString;
        this.options = options;
        this.logger = logger;
    }

    /// <summary>Ends with the reason when it was given up; without that, never.</summary>
    public Task<EmbeddedPostgresException> Failed => failed.Task;

    /// <summary>The first start, whose failure is the caller's. From then on it is kept running.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        postmaster = await RunAsync(cancellationToken);
        keeping = Task.Run(KeepRunningAsync, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await keeping;
        if (postmaster is not null)
        {
            if (!await postmaster.StopAsync(options.ShutdownTimeout))
                logger.LogWarning("PostgreSQL did not shut down within {Timeout} and was stopped at once; it recovers "
                    + "at its next start", options.ShutdownTimeout);
            await postmaster.DisposeAsync();
        }
        stopping.Dispose();
    }

    /// <summary>False where waiting may help; throws where it does not.</summary>
    public static async Task<bool> AnswersAsync(string connectionString, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = new NpgsqlConnection(connectionString);
            await connection.OpenAsync(cancellationToken);
            return true;
        }
        catch (PostgresException failure) when (failure.SqlState
            is PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.TooManyConnections)
        {
            // Starting up, recovering or shutting down; or up, and crowded by clients that came back.
            return false;
        }
        catch (NpgsqlException failure) when (failure is not PostgresException)
        {
            // No socket yet, or nobody behind it.
            return false;
        }
    }

    private async Task KeepRunningAsync()
    {
        try
        {
            while (true)
            {
                int code = await postmaster!.WaitForExitAsync(stopping.Token);
                logger.LogError("PostgreSQL ended with code {Code}; starting it again. It logged:\n{Log}",
                    code, postmaster.LogTail());
                await postmaster.DisposeAsync();
                postmaster = null;
                postmaster = await RunAgainAsync();
                if (postmaster is null)
                    return;
                logger.LogWarning("PostgreSQL is running again");
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Being disposed; what runs is stopped there.
        }
    }

    /// <returns>Null when it was given up.</returns>
    private async Task<Postmaster?> RunAgainAsync()
    {
        TimeSpan pause = FirstPause;
        for (int failures = 1; ; failures++)
        {
            try
            {
                return await RunAsync(stopping.Token);
            }
            catch (Exception failure) when (!stopping.IsCancellationRequested)
            {
                // Whatever went wrong, the next attempt may find it mended; the last one says so for all.
                if (failures == FailuresInARow)
                {
                    var reason = new EmbeddedPostgresException($"PostgreSQL in {home.Data} ended and could not be "
                        + $"started again in {failures} attempts. Mend what the last one met and start crmledger "
                        + $"again. {failure.Message}", failure);
                    logger.LogCritical(failure, "{Reason}", reason.Message);
                    failed.TrySetResult(reason);
                    return null;
                }
                logger.LogError("Starting PostgreSQL again failed ({Failures} in a row): {Reason}",
                    failures, failure.Message);
            }
            await Task.Delay(pause, stopping.Token);
            pause = pause + pause < LongestPause ? pause + pause : LongestPause;
        }
    }

    private async Task<Postmaster> RunAsync(CancellationToken cancellationToken)
    {
        await Leftovers.StopAsync(home, account, options.ShutdownTimeout, logger, cancellationToken);
        Postmaster started = Postmaster.Launch(home, account, binaries);
        try
        {
            await WaitUntilReadyAsync(started, cancellationToken);
            return started;
        }
        catch
        {
            await started.StopAsync(options.ShutdownTimeout);
            await started.DisposeAsync();
            throw;
        }
    }

    private async Task WaitUntilReadyAsync(Postmaster started, CancellationToken cancellationToken)
    {
        var waited = Stopwatch.StartNew();
        while (waited.Elapsed < options.StartupTimeout)
        {
            if (started.HasExited)
            {
                throw new EmbeddedPostgresException($"PostgreSQL did not start in {home.Data}. It logged:\n"
                    + $"{started.LogTail()}\nThe whole log is {home.LogFile}.");
            }
            try
            {
                if (await AnswersAsync(adminConnectionString, cancellationToken))
                    return;
            }
            catch (PostgresException failure)
                when (failure.SqlState.StartsWith("28", StringComparison.Ordinal))
            {
                throw new EmbeddedPostgresException($"PostgreSQL in {home.Data} does not take the password in "
                    + $"{home.SecretsFile}. Remove that file: new passwords are made at the next start, and the ledger "
                    + "stays as it is.", failure);
            }
            await Task.Delay(Poll, cancellationToken);
        }
        throw new EmbeddedPostgresException($"PostgreSQL in {home.Data} did not answer within "
            + $"{options.StartupTimeout}. It logged:\n{started.LogTail()}\nThe whole log is {home.LogFile}.");
    }
}
