using System.CommandLine;
using System.Text.Json;
using CrmLedger.Server;

namespace CrmLedger.Cli.Commands;

/// <summary>
/// <c>crmledger log</c>: the keys that sign a log, and the way out when a database was set back. Works on the database
/// itself.
/// </summary>
internal static class LogCommands
{
    public static Command Make(Shell shell) => new TaughtCommand(
        "log", "The keys that sign a tenant's log. Works on the server's database itself.")
    {
        List(shell),
        Change(shell, "rotate-key", """
            Replace the key that signs the log. What the old key has signed stays signed; auditors take the
            new key beside the old one.

            Example: crmledger log rotate-key --tenant demo --reason "yearly"
            """, LogAdministration.RotateAsync),
        Change(shell, "new-origin", """
            Declare that the log goes on under another name, from what the database holds now. The way out
            when the server says that the log is read-only and the right database is lost: what was signed
            under the old name and is not there any more is lost for good, and everybody can see that.

            Example: crmledger log new-origin --tenant demo --reason "restored the backup of 3 May"
            """, LogAdministration.DeclareOriginAsync),
    };

    private static TaughtCommand List(Shell shell)
    {
        var tenant = KeyCommands.Tenant();
        var command = new TaughtCommand("keys", """
            List the keys that sign the log, or have signed it, in the form that verifiers take; the one that
            signs now is the last one.

            Example: crmledger log keys --tenant demo
            """) { tenant, Options.Json, Options.Home };
        command.SetAction(async (parse, ct) =>
        {
            string named = parse.GetRequiredValue(tenant);
            var keys = await LogAdministration.ListAsync(HomeOf(shell, parse), named, ct) ?? throw Unknown(named);
            if (parse.GetValue(Options.Json))
                shell.Answer(JsonSerializer.Serialize(keys, LedgerJson.Options));
            else
            {
                new Terminal(shell).Table(["> #", "Since (UTC)", "Key", "Why"], keys.Select(k => (string[])
                [
                    $"{k.Number}", Sentences.Minute(k.Since), k.Verifier, k.Reason ?? "",
                ]));
            }
            return ExitCode.Done;
        });
        return command;
    }

    private static TaughtCommand Change(
        Shell shell, string name, string help,
        Func<string, string, string, CancellationToken, Task<ListedLogKey?>> change)
    {
        var tenant = KeyCommands.Tenant();
        var reason = new Option<string>("--reason") { Description = "Why.", HelpName = "TEXT", Required = true };
        var command = new TaughtCommand(name, help) { tenant, reason, Options.Json, Options.Home };
        command.SetAction(async (parse, ct) =>
        {
            string named = parse.GetRequiredValue(tenant);
            var key = await change(HomeOf(shell, parse), named, parse.GetRequiredValue(reason), ct)
                ?? throw Unknown(named);
            shell.Answer(parse.GetValue(Options.Json)
                ? JsonSerializer.Serialize(key, LedgerJson.Options)
                : $"The log of {named} is signed by {key.Verifier} from now on.");
            return ExitCode.Done;
        });
        return command;
    }

    private static string HomeOf(Shell shell, ParseResult parse) =>
        Settings.Home(parse.GetValue(Options.Home), shell.Environment);

    private static CliFailure Unknown(string tenant) =>
        new(ExitCode.Failed, $"There is no tenant '{tenant}' here.");
}
