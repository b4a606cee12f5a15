using System.ComponentModel;
using System.Diagnostics;

namespace CrmLedger.Postgres;

/// <summary>One run of PostgreSQL under a small shell that stops it when we are gone.</summary>
internal sealed class Postmaster : IAsyncDisposable
{
    /// <summary>
    /// $1 is the postgres program, $2 the data folder, $3 the log. Standard input is a pipe that only we hold: each
    /// line is the name of a signal for PostgreSQL, and its end (we said so, or we were killed) means a fast shutdown.
    /// </summary>
    /// <remarks>
    /// The end's signal is repeated until PostgreSQL has gone, because in its first milliseconds it still ignores
    /// SIGINT, as every background process of a shell does. PG_GRANDPARENT_PID keeps PostgreSQL from taking our own
    /// process for a living postmaster when a lock file from before a reboot happens to name its id.
    /// </remarks>
    private const string Guard = """
        umask 077
        exec 3<&0 </dev/null >>"$3" 2>&1
        PG_GRANDPARENT_PID=$PPID "$1" -D "$2" 3<&- &
        postgres=$!
        (
          while read -r signal; do kill -s "$signal" "$postgres"; done
          while kill -s INT "$postgres"; do sleep 1; done
        ) <&3 2>/dev/null &
        listener=$!
        exec 3<&-
        trap 'kill -s INT "$postgres"' INT TERM HUP
        while :; do
          wait "$postgres"
          status=$?
          kill -s 0 "$postgres" 2>/dev/null || break
        done
        kill -s KILL "$listener" 2>/dev/null
        exit "$status"
        """;

    private readonly Process _guard;
    private readonly PostgresHome _home;
    private readonly long _logStart;

    private Postmaster(Process guard, PostgresHome home, long logStart) =>
        (_guard, _home, _logStart) = (guard, home, logStart);

    public bool HasExited => _guard.HasExited;

    public static Postmaster Launch(PostgresHome home, ServerAccount account, PostgresBinaries binaries)
    {
        long logLength = File.Exists(home.LogFile) ? new FileInfo(home.LogFile).Length : 0;
        ProcessStartInfo start = ChildProcess.Describe(
            [.. OwnSession(), .. account.Command("sh", "-c", Guard, "crmledger-postgres", binaries.Postgres, home.Data,
                home.LogFile)]);
        start.RedirectStandardInput = true;
        Process shell = Process.Start(start) ?? throw new InvalidOperationException("sh did not start");
        return new Postmaster(shell, home, logLength);
    }

    /// <summary>Waits for the end, whoever caused it.</summary>
    /// <returns>PostgreSQL's exit code, or 128 and the signal that killed it.</returns>
    public async Task<int> WaitForExitAsync(CancellationToken cancel)
    {
        await _guard.WaitForExitAsync(cancel);
        return _guard.ExitCode;
    }

    /// <summary>What PostgreSQL logged in this run: the last lines.</summary>
    public string LogTail()
    {
        try
        {
            using var stream = new FileStream(_home.LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            long start = stream.Length < _logStart ? 0 : _logStart; // it was emptied since
            stream.Seek(Math.Max(start, stream.Length - 64 * 1024), SeekOrigin.Begin);
            using var reader = new StreamReader(stream);
            string tail = ChildProcess.LastLines(reader.ReadToEnd(), 12);
            return tail.Length == 0 ? "(it logged nothing)" : tail;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return $"(its log {_home.LogFile} could not be read: {failure.Message})";
        }
    }

    /// <summary>
    /// A fast shutdown: clients are disconnected, a checkpoint is written. After <paramref name="patience"/> an
    /// immediate one, from which the next start recovers.
    /// </summary>
    /// <returns>False if the fast one was not enough.</returns>
    public async Task<bool> StopAsync(TimeSpan patience)
    {
        if (await SignalUntilExitAsync("INT", patience))
            return true;
        await SignalUntilExitAsync("QUIT", TimeSpan.FromSeconds(10));
        return false;
    }

    /// <summary>Lets go of it. The guard's pipe is closed, so a PostgreSQL that still runs is shut down.</summary>
    public ValueTask DisposeAsync()
    {
        try
        {
            _guard.StandardInput.Dispose();
        }
        catch (IOException)
        {
            // The guard is gone and did not read the last signal.
        }
        _guard.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<bool> SignalUntilExitAsync(string signal, TimeSpan patience)
    {
        var waited = Stopwatch.StartNew();
        while (waited.Elapsed < patience)
        {
            try
            {
                await _guard.StandardInput.WriteAsync(signal + "\n");
                await _guard.StandardInput.FlushAsync();
            }
            catch (IOException)
            {
                // Nobody reads any more: it is ending.
            }
            using var pause = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            try
            {
                await _guard.WaitForExitAsync(pause.Token);
                return true;
            }
            catch (OperationCanceledException)
            {
                // Said too early, PostgreSQL did not hear it; said twice, it makes no difference.
            }
        }
        return _guard.HasExited;
    }

    /// <summary>
    /// A session of its own keeps the terminal's Ctrl-C from PostgreSQL, which ends after us, not with us.
    /// </summary>
    private static string[] OwnSession()
    {
        if (ServerAccount.FindProgram("setsid") is { } setsid)
            return [setsid];
        // macOS has no setsid program, and has perl.
        if (ServerAccount.FindProgram("perl") is { } perl)
            return [perl, "-MPOSIX", "-e", "POSIX::setsid(); exec @ARGV or die $!"];
        throw new Win32Exception("Neither setsid nor perl is on the PATH, and PostgreSQL needs a session of its own.");
    }
}
