using System.CommandLine;
using CrmLedger.Server;

namespace CrmLedger.Cli.Commands;

/// <summary><c>crmledger marten</c>: Marten's own verbs. Works on the database itself.</summary>
internal static class MartenCommand
{
    public const string Name = "marten";

    private const string HomeOption = "--home";

    /// <summary>What help shows; a verb and its own options go to <see cref="RunAsync" /> as they were typed.</summary>
    public static Command Make()
    {
        var command = new TaughtCommand(Name, """
            Marten's own command line on the ledger's database, as the owner. db-assert (is the schema what this
            version expects?), db-patch, db-dump and db-apply (of Marten's tables and the ledger's; functions and
            rights come with crmledger migrate), projections (list), event-query, stream-query, describe. Each
            tells more with --help; what follows the verb is the verb's, but for --home.

            To make a view again, use crmledger rebuild.

            Example: crmledger marten db-assert
            Example: crmledger marten stream-query --help
            """) { new Argument<string[]>("VERB") { Description = "The verb, and what it takes." }, Options.Home };
        command.SetAction(int (_) => throw new CliFailure(ExitCode.Usage, $"Name a verb: {Known}."));
        return command;
    }

    private static string Known => string.Join(", ", MartenAdministration.Verbs);


    /// <summary>Runs a verb.</summary>
    public static Task<int> RunAsync(Shell shell, string[] words, CancellationToken cancel)
    {
        if (!MartenAdministration.Verbs.Contains(words[0]))
        {
            throw new CliFailure(
                ExitCode.Usage, $"'{words[0]}' is none of the verbs that make sense here: {Known}.");
        }
        int at = Array.IndexOf(words, HomeOption);
        string? home = at >= 0 && at + 1 < words.Length ? words[at + 1] : null;
        string[] left = home is null ? words : [.. words[..at], .. words[(at + 2)..]];
        return MartenAdministration.RunAsync(Settings.Home(home, shell.Environment), left, cancel);
    }
}
