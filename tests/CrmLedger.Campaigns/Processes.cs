using System.Globalization;

namespace CrmLedger.Campaigns;

/// <summary>What Linux tells about processes.</summary>
internal static class Processes
{
    /// <summary>The processes that another one started.</summary>
    public static int[] ChildrenOf(int parent) => [.. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName)
        .Where(name => int.TryParse(name, out _)).Select(name => int.Parse(name!, CultureInfo.InvariantCulture))
        .Where(id => Status(id, "PPid") == parent)];

    /// <summary>The process that traces another one; 0 for none.</summary>
    public static int TracerOf(int process) => Status(process, "TracerPid");

    private static int Status(int process, string field)
    {
        try
        {
            string? line = File.ReadLines($"/proc/{process}/status")
                .FirstOrDefault(l => l.StartsWith(field + ":", StringComparison.Ordinal));
            return line is null ? 0 : int.Parse(line[(field.Length + 1)..], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0; // it has just ended
        }
    }
}
