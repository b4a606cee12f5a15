using System.CommandLine;
using CrmLedger.Server;

namespace CrmLedger.Cli.Commands;

/// <summary><c>crmledger marten</c>: Marten's own verbs. Works on the database itself.</summary>
internal static class MartenCommand
{
    public const string Name = "marten";

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
    /// <param name="shell">Where it runs.</param>
    /// <param name="words">The verb and what was typed after it.</param>
    /// <param name="home">What <c>--home</c> among them says, or null.</param>
    /// <param name="cancel">Stops the wait for the database.</param>
    public static Task<int> RunAsync(Shell shell, string[] words, string? home, CancellationToken cancel)
    {
        if (!MartenAdministration.Verbs.Contains(words[0]))
        {
            throw new CliFailure(
                ExitCode.Usage, $"'{words[0]}' is none of the verbs that make sense here: {Known}.");
        }
        string name = Options.Home.Name;
        int at = Array.IndexOf(words, name);
        string[] left = [.. words.Where((word, i) => (at < 0 || (i != at && i != at + 1))
            && !word.StartsWith(name + "=", StringComparison.Ordinal))];
        return MartenAdministration.RunAsync(Settings.Home(home, shell.Environment), left, cancel);
    }
}
