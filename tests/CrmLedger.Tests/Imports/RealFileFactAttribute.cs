namespace CrmLedger.Tests.Imports;

/// <summary>
/// A test that needs a file of real data, which is not part of the project. Without the file it is skipped and says so.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RealFileFactAttribute : FactAttribute
{
    public RealFileFactAttribute(string file)
    {
        File = file;
        if (!System.IO.File.Exists(PathTo(file)))
            Skip = $"{file} is not in {Folder}; set CRMLEDGER_DATA to the folder that has it.";
    }

    /// <summary>The file's name within the folder of real data.</summary>
    public string File { get; }

    private static string Folder { get; } =
        Environment.GetEnvironmentVariable("CRMLEDGER_DATA") ?? Checkout.PathTo("..", "shared", "data");

    public static string PathTo(string file) => Path.GetFullPath(Path.Combine(Folder, file));
}
