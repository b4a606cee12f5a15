using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;

namespace CrmLedger.Campaigns;

/// <summary>
/// Makes a running PostgreSQL's disk slow: strace holds up every flush (fdatasync, fsync) of its processes, those that
/// start meanwhile included. Reading and writing into the operating system's memory go on as before, as they do on a
/// disk that has become slow.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed class SlowDisk : IAsyncDisposable
{
    private readonly Process _strace;

    private SlowDisk(Process strace) => _strace = strace;

    /// <summary>Why no disk can be made slow here, or null.</summary>
    public static string? Missing { get; } = FindWhatIsMissing();

    /// <summary>Holds up every flush from now on.</summary>
    /// <param name="postmaster">The cluster's first process.</param>
    /// <param name="delay">For how long.</param>
    public static async Task<SlowDisk> StartAsync(int postmaster, TimeSpan delay)
    {
        string microseconds = delay.TotalMicroseconds.ToString("0", CultureInfo.InvariantCulture);
        List<string> arguments = ["-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync,fsync",
            "-e", $"inject=fdatasync,fsync:delay_enter={microseconds}", "-p", $"{postmaster}"];
        foreach (int child in Processes.ChildrenOf(postmaster))
            arguments.AddRange(["-p", $"{child}"]);
        var strace = Process.Start(new ProcessStartInfo("strace", arguments) { RedirectStandardError = true })!;
        while (!strace.HasExited && Processes.TracerOf(postmaster) != strace.Id)
            await Task.Delay(10);
        strace.HasExited.ShouldBeFalse("strace could not hold PostgreSQL");
        return new(strace);
    }

    /// <summary>Lets the processes go; what is held up at this moment goes on at once.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_strace.HasExited)
        {
            Signal(_strace.Id, "TERM");
            await _strace.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        }
        _strace.Dispose();
    }

    private static void Signal(int process, string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, $"{process}"]);
        kill.WaitForExit();
    }

    private static string? FindWhatIsMissing()
    {
        try
        {
            // Whether it may hold up a process at all is a question of what this machine allows.
            using var trial = Process.Start(new ProcessStartInfo(
                "strace", ["-f", "-qq", "-o", "/dev/null", "-e", "inject=fdatasync:delay_enter=1", "true"])
            {
                RedirectStandardError = true,
            })!;
            string said = trial.StandardError.ReadToEnd();
            trial.WaitForExit();
            return trial.ExitCode == 0 ? null : $"strace may not hold up a process here: {said.Trim()}";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "strace is missing, which makes a disk slow: apt-get install strace";
        }
    }
}
