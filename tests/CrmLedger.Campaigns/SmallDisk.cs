using System.Diagnostics;
using System.Globalization;

namespace CrmLedger.Campaigns;

/// <summary>
/// A small file system in memory that only processes started within it see, as root or as an ordinary user: it lives in
/// a mount namespace of its own and goes with it. Filling it hurts nobody else.
/// </summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly Process _holder;
    private readonly string _path;

    private SmallDisk(Process holder, string path) => (_holder, _path) = (holder, path);

    /// <summary>What to put before a command that is to see it.</summary>
    public IReadOnlyList<string> Within => Environment.IsPrivilegedProcess
        ? ["nsenter", "-t", $"{_holder.Id}", "-m", "--"]
        : ["nsenter", "-t", $"{_holder.Id}", "-U", "-m", "--preserve-credentials", "--"];

    /// <summary>Why there can be none here, or null.</summary>
    public static string? Missing { get; } = WhyMissing();

    /// <summary>Mounts it over an empty folder.</summary>
    public static async Task<SmallDisk> MountAsync(string path, int mebibytes)
    {
        var holder = Hold($"mount -t tmpfs -o size={mebibytes}m,mode=0755 tmpfs '{path}' && echo there && exec cat");
        string? said = await holder.StandardOutput.ReadLineAsync();
        said.ShouldBe("there", said is null ? await holder.StandardError.ReadToEndAsync() : null);
        return new(holder, path);
    }

    /// <summary>Fills it until nothing more goes in, not a byte.</summary>
    public async Task FillAsync()
    {
        await FillAsync(leavingMebibytes: 4);
        await RunAsync($"! dd if=/dev/zero of='{_path}/ballast-too' bs=4096 2>/dev/null");
    }

    /// <summary>Fills it up to some room that is left. Who writes meanwhile may take it first: then again.</summary>
    public Task FillAsync(int leavingMebibytes) => RunAsync($"""
        for attempt in 1 2 3 4 5 6 7 8 9; do
          room=$(($(df --output=avail -B1M '{_path}' | tail -n 1) - {leavingMebibytes}))
          fallocate -l "$room"M '{_path}/ballast' && exit 0
        done
        exit 1
        """);

    /// <summary>Removes what filled it.</summary>
    public Task MakeRoomAsync() => RunAsync($"rm -f '{_path}/ballast' '{_path}/ballast-too'");

    /// <summary>Copies everything to where everybody sees it.</summary>
    public Task CopyAsync(string to) => RunAsync($"cp -a '{_path}/.' '{to}'");

    public async ValueTask DisposeAsync()
    {
        _holder.Kill();
        await _holder.WaitForExitAsync();
        _holder.Dispose();
    }

    private static string? WhyMissing()
    {
        try
        {
            using var probe = Hold("mount -t tmpfs tmpfs /mnt && nsenter --version");
            string wrong = probe.StandardError.ReadToEnd();
            probe.WaitForExit();
            return probe.ExitCode == 0 ? null : $"No file system can be mounted here: {wrong}";
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            return $"No file system can be mounted here: {missing.Message}";
        }
    }

    private static Process Hold(string script)
    {
        string[] unshare = Environment.IsPrivilegedProcess ? ["-m"] : ["-U", "-m", "-c", "--keep-caps"];
        return Process.Start(new ProcessStartInfo("unshare", [.. unshare, "sh", "-c", script])
        {
            UseShellExecute = false,
            RedirectStandardInput = true, // while it is open, the holder lives
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
    }

    private async Task RunAsync(string script)
    {
        string[] command = [.. Within, "sh", "-c", script];
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
        })!;
        string wrong = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, string.Create(CultureInfo.InvariantCulture, $"{script}: {wrong}"));
    }
}
