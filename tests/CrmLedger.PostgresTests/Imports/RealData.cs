using System.Runtime.CompilerServices;
using Xunit.Abstractions;

namespace CrmLedger.PostgresTests.Imports;

/// <summary>The folder of real data, which is not part of the project.</summary>
internal static class RealData
{
    /// <summary>The real file, or null (and a line that says so) where the folder is not there.</summary>
    public static string? Find(string name, ITestOutputHelper output, [CallerFilePath] string here = "")
    {
        string root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));
        string folder = Environment.GetEnvironmentVariable("CRMLEDGER_DATA")
            ?? Path.GetFullPath(Path.Combine(root, "..", "shared", "data"));
        string path = Path.Combine(folder, name);
        if (File.Exists(path))
            return path;
        output.WriteLine($"NOT TESTED: {name} is not in {folder}; set CRMLEDGER_DATA to the folder that has it.");
        return null;
    }
}
