using System.CommandLine;
using System.Text.Json;

namespace CrmLedger.Cli.Commands;

/// <summary>The signed statement of an answer, in a file of its own.</summary>
internal static class StatementFile
{
    /// <summary>The option that asks for one.</summary>
    public static Option<FileInfo?> Option() => new("--statement")
    {
        Description = "Also have the answer signed, into this file: `crmledger export evidence --statement FILE` then "
            + "exports what it follows from.",
        HelpName = "FILE",
    };

    /// <summary>The value of the parameter that asks the server for it; null when it is not wanted.</summary>
    public static string? Asked(ParseResult parse, Option<FileInfo?> option) =>
        parse.GetValue(option) is null ? null : "true";

    /// <summary>Writes it, and says so to whoever reads the answer.</summary>
    public static void Write(Shell shell, FileInfo? file, JsonElement answer)
    {
        if (file is null)
            return;
        File.WriteAllText(file.FullName, answer.Text("statement")
            ?? throw new CliFailure(ExitCode.Failed, "The server gave no statement; it may be an older version."));
        shell.Error.WriteLine($"{file} holds the signed statement.");
    }
}
