using System.Globalization;
using System.Runtime.InteropServices;

namespace CrmLedger.Benchmarks;

/// <summary>What the numbers were measured on.</summary>
internal static class Machine
{
    /// <summary>The processors.</summary>
    public static string Processors() =>
        $"{Field("/proc/cpuinfo", "model name") ?? RuntimeInformation.ProcessArchitecture.ToString()}, "
        + $"{Environment.ProcessorCount} cores";

    /// <summary>The memory.</summary>
    public static string Memory() =>
        $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1 << 30):0.0} GiB";

    /// <summary>The operating system.</summary>
    public static string System() => File.Exists("/proc/sys/kernel/osrelease")
        ? $"Linux {File.ReadAllText("/proc/sys/kernel/osrelease").Trim()}"
        : RuntimeInformation.OSDescription;

    /// <summary>.NET and its garbage collector.</summary>
    public static string Runtime() =>
        $"{RuntimeInformation.FrameworkDescription}, "
        + $"{(global::System.Runtime.GCSettings.IsServerGC ? "server" : "workstation")} garbage collector";

    /// <summary>The load averages of the last 1, 5 and 15 minutes: what else ran.</summary>
    public static string Load() => File.Exists("/proc/loadavg")
        ? string.Join(", ", File.ReadAllText("/proc/loadavg").Split(' ').Take(3))
        : "not known";

    /// <summary>The CPU seconds that a process, its children, and those of them that have ended have used.</summary>
    public static double CpuSecondsOfTree(int root)
    {
        long ticks = 0;
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out int id))
                continue;
            if (StatOf(id) is not { } stat || (id != root && stat.Parent != root))
                continue;
            ticks += stat.Ticks + (id == root ? stat.TicksOfEnded : 0);
        }
        return ticks / 100.0; // USER_HZ, the unit of /proc, is 100 on every Linux that .NET runs on
    }

    /// <summary>Null for a process that has just ended.</summary>
    private static (int Parent, long Ticks, long TicksOfEnded)? StatOf(int id)
    {
        try
        {
            string text = File.ReadAllText($"/proc/{id}/stat");
            // The name in brackets may hold spaces; the third field follows it (proc(5)).
            string[] fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            long Ticks(int field) => long.Parse(fields[field - 3], CultureInfo.InvariantCulture);
            return ((int)Ticks(4), Ticks(14) + Ticks(15), Ticks(16) + Ticks(17));
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static string? Field(string file, string name) => File.Exists(file)
        ? File.ReadLines(file).FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal))?.Split(':')[1].Trim()
        : null;
}
