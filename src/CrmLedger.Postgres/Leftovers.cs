using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace CrmLedger.Postgres;

/// <summary>
/// Processes of an earlier run on the same data folder. Whoever holds the home's lock may end them: their owner is
/// dead.
/// </summary>
internal static class Leftovers
{
    /// <summary>
    /// Prints the ids of the postgres processes that stand in the data folder, as each of them does from its start to
    /// its end. Our own user's only; where there is no /proc, nothing.
    /// </summary>
    private const string ListScript = """
        for cwd in /proc/[0-9]*/cwd; do
          [ "$cwd" -ef "$1" ] || continue
          process=${cwd#/proc/}
          process=${process%/cwd}
          read -r name <"/proc/$process/comm" && [ "$name" = postgres ] && printf '%s\n' "$process"
        done 2>/dev/null
        exit 0
        """;

    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Ends a postmaster that still runs, and the backends of one that was killed. Afterwards the data folder is
    /// nobody's.
    /// </summary>
    public static async Task StopAsync(
        PostgresHome home, ServerAccount account, TimeSpan patience, ILogger log,
        CancellationToken cancel)
    {
        string lockFile = Path.Combine(home.Data, "postmaster.pid");
        string? postmaster = FirstLine(lockFile);
        var waited = Stopwatch.StartNew();
        string? said = null;
        while (await ListAsync(home, account, cancel) is { Count: > 0 } running)
        {
            bool fast = postmaster is not null && running.Contains(postmaster) && waited.Elapsed < patience;
            // Without their postmaster, backends may compute on and hold the shared memory for as long as they like.
            (string signal, IEnumerable<string> targets) = fast ? ("INT", [postmaster!]) : ("QUIT", running);
            if (said != signal)
            {
                log.LogWarning("PostgreSQL of an earlier run is still in {Data} (processes {Processes}); "
                    + "stopping it with {Signal}", home.Data, string.Join(' ', running), signal);
                said = signal;
                await account.ShellAsync(
                    """signal=$1; shift; kill -s "$signal" "$@" """, [signal, .. targets], null, cancel);
            }
            if (waited.Elapsed > patience + patience)
            {
                throw new EmbeddedPostgresException($"PostgreSQL of an earlier run is still in {home.Data} and does "
                    + $"not end (processes {string.Join(' ', running)}). End them, then start again.");
            }
            await Task.Delay(s_poll, cancel);
        }
        await RemoveStaleLockAsync(lockFile, account, log, cancel);
    }

    /// <summary>
    /// After a reboot the id in the lock file may be somebody else's, and PostgreSQL, which only asks whether that
    /// process lives, would refuse to start. We know better: it is another program, or a PostgreSQL that stands in
    /// another folder.
    /// </summary>
    private static async Task RemoveStaleLockAsync(
        string lockFile, ServerAccount account, ILogger log, CancellationToken cancel)
    {
        // Without /proc nobody's folder is known, and PostgreSQL's own judgement stands.
        if (!OperatingSystem.IsLinux() || !int.TryParse(FirstLine(lockFile), CultureInfo.InvariantCulture, out int id)
            || FirstLine($"/proc/{id}/comm") is not { } program)
        {
            return;
        }
        log.LogInformation("Removing {LockFile}: process {Process} is {Program}, and not of this folder",
            lockFile, id, program);
        await account.ShellAsync("""rm -f -- "$1" """, [lockFile], input: null, cancel);
    }

    private static async Task<List<string>> ListAsync(
        PostgresHome home, ServerAccount account, CancellationToken cancel)
    {
        ChildResult result = await account.ShellAsync(ListScript, [home.Data], input: null, cancel);
        return [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    private static string? FirstLine(string file)
    {
        try
        {
            return File.ReadLines(file).FirstOrDefault();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
