using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CrmLedger.Postgres;

/// <summary>
/// Keeps PostgreSQL running: when it ends without being asked, it is started again, later each time that this fails,
/// and given up after ten failures in a row.
/// </summary>
internal sealed class Supervision : IAsyncDisposable
{
    private const int FailuresInARow = 10;
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(25);

    private readonly PostgresHome _home;
    private readonly ServerAccount _account;
    private readonly PostgresBinaries _binaries;
    private readonly string _adminConnectionString;
    private readonly EmbeddedPostgresOptions _options;
    private readonly ILogger _log;
    private readonly DiskReserve _reserve;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource<EmbeddedPostgresException> _failed =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Postmaster? _postmaster;
    private Task _keeping = Task.CompletedTask;

    public Supervision(
        PostgresHome home, ServerAccount account, PostgresBinaries binaries, string adminConnectionString,
        EmbeddedPostgresOptions options, ILogger log)
    {
        _home = home;
        _account = account;
        _binaries = binaries;
        _adminConnectionString = new NpgsqlConnectionStringBuilder(adminConnectionString)
        {
            Pooling = false,
            Timeout = 5,
        }.ConnectionString;
        _options = options;
        _log = log;
        _reserve = new(home.Root);
    }

    /// <summary>Ends with the reason when it was given up; without that, never.</summary>
    public Task<EmbeddedPostgresException> Failed => _failed.Task;

    /// <summary>The first start, whose failure is the caller's. From then on it is kept running.</summary>
    public async Task StartAsync(CancellationToken cancel)
    {
        _postmaster = await RunAsync(cancel);
        _keeping = Task.Run(KeepRunningAsync, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _keeping; // never fails
        _stopping.Dispose();
        if (_postmaster is null)
            return;
        await using (_postmaster)
        {
            if (!await _postmaster.StopAsync(_options.ShutdownTimeout))
                _log.LogWarning("PostgreSQL did not shut down within {Timeout} and was stopped at once; it recovers "
                    + "at its next start", _options.ShutdownTimeout);
        }
    }

    /// <summary>False where waiting may help; throws where it does not.</summary>
    public static async Task<bool> AnswersAsync(string connectionString, CancellationToken cancel)
    {
        try
        {
            await using var connection = new NpgsqlConnection(connectionString);
            await connection.OpenAsync(cancel);
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
                Postmaster running = _postmaster!;
                int code = await WaitForExitAsync(running);
                _log.LogError("PostgreSQL ended with code {Code}; starting it again. It logged:\n{Log}",
                    code, running.LogTail());
                _postmaster = null;
                await running.DisposeAsync();
                _postmaster = await RunAgainAsync();
                if (_postmaster is null)
                    return;
                _log.LogWarning("PostgreSQL is running again");
            }
        }
        catch (Exception) when (_stopping.IsCancellationRequested)
        {
            // Being disposed, and what runs is stopped there. Mostly the wait was cancelled; a start that was under way
            // may as well have failed with anything, which nobody needs to know any more.
        }
        catch (Exception unforeseen)
        {
            // Nobody watches PostgreSQL any more: whoever serves from it must know.
            _failed.TrySetResult(new(
                $"PostgreSQL in {_home.Data} cannot be kept running. {unforeseen.Message}", unforeseen));
        }
    }

    /// <summary>Waits for PostgreSQL's end, and looks after its log meanwhile.</summary>
    private async Task<int> WaitForExitAsync(Postmaster running)
    {
        Task<int> exit = running.WaitForExitAsync(_stopping.Token);
        while (true)
        {
            try
            {
                return await exit.WaitAsync(_options.LogCheck, _stopping.Token);
            }
            catch (TimeoutException)
            {
                BoundLog();
            }
        }
    }

    private void BoundLog()
    {
        try
        {
            ClusterFolder.BoundLog(_home);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _log.LogWarning("PostgreSQL's log could not be kept small: {Reason}", failure.Message);
        }
    }

    /// <returns>Null when it was given up.</returns>
    private async Task<Postmaster?> RunAgainAsync()
    {
        TimeSpan pause = s_firstPause;
        for (int failures = 1; ; failures++)
        {
            try
            {
                return await RunAsync(_stopping.Token);
            }
            catch (Exception failure) when (!_stopping.IsCancellationRequested)
            {
                // Whatever went wrong, the next attempt may find it mended; the last one says so for all. A full disk
                // is mended by making room, and then nobody should have to start anything.
                bool full = _reserve.IsReached;
                if (failures == FailuresInARow && !full)
                {
                    var reason = new EmbeddedPostgresException($"PostgreSQL in {_home.Data} ended and could not be "
                        + $"started again in {failures} attempts. Mend what the last one met and start crmledger "
                        + $"again. {failure.Message}", failure);
                    _log.LogCritical(failure, "{Reason}", reason.Message);
                    _failed.TrySetResult(reason);
                    return null;
                }
                _log.LogError("Starting PostgreSQL again failed ({Failures} in a row{Full}): {Reason}",
                    failures, full ? "; the disk is full" : "", failure.Message);
                if (full)
                    failures = 0; // none of the attempts that count
            }
            await Task.Delay(pause, _stopping.Token);
            pause = pause + pause < s_longestPause ? pause + pause : s_longestPause;
        }
    }

    private async Task<Postmaster> RunAsync(CancellationToken cancel)
    {
        await Leftovers.StopAsync(_home, _account, _options.ShutdownTimeout, _log, cancel);
        Postmaster started = Postmaster.Launch(_home, _account, _binaries);
        try
        {
            await WaitUntilReadyAsync(started, cancel);
            return started;
        }
        catch
        {
            await started.StopAsync(_options.ShutdownTimeout);
            await started.DisposeAsync();
            throw;
        }
    }

    private async Task WaitUntilReadyAsync(Postmaster started, CancellationToken cancel)
    {
        var waited = Stopwatch.StartNew();
        while (waited.Elapsed < _options.StartupTimeout)
        {
            if (started.HasExited)
            {
                throw new EmbeddedPostgresException($"PostgreSQL did not start in {_home.Data}. It logged:\n"
                    + $"{started.LogTail()}\nThe whole log is {_home.LogFile}.");
            }
            try
            {
                if (await AnswersAsync(_adminConnectionString, cancel))
                    return;
            }
            catch (PostgresException failure)
                when (failure.SqlState.StartsWith("28", StringComparison.Ordinal))
            {
                throw new EmbeddedPostgresException($"PostgreSQL in {_home.Data} does not take the password in "
                    + $"{_home.SecretsFile}. Remove that file: new passwords are made at the next start, and the "
                    + "ledger stays as it is.", failure);
            }
            await Task.Delay(s_poll, cancel);
        }
        throw new EmbeddedPostgresException($"PostgreSQL in {_home.Data} did not answer within "
            + $"{_options.StartupTimeout}. It logged:\n{started.LogTail()}\nThe whole log is {_home.LogFile}.");
    }
}
