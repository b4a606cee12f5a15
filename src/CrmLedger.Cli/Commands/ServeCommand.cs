using System.CommandLine;
using CrmLedger.Server;

namespace CrmLedger.Cli.Commands;

/// <summary><c>crmledger serve</c>: runs the server in this process until it is told to stop.</summary>
internal static class ServeCommand
{
    public static Command Make(Shell shell)
    {
        var urls = Options.Text("--urls", "Addresses to listen on, parted by semicolons.", "URLS");
        var noDemo = new Option<bool>("--no-demo") { Description = "Make no demonstration tenant." };
        var port = Options.Whole(
            "--port-postgres", "The embedded PostgreSQL's port on the loopback address.", least: 1, most: 65535);
        var command = new TaughtCommand("serve", """
            Run the server. Without ConnectionStrings__Ledger it runs its own PostgreSQL in the data folder
            and, unless told otherwise, a demonstration tenant. It writes its address and the demonstration's
            key to settings.json there, so that every other command finds them; another tenant's key that
            stands there is kept.

            Example: crmledger serve --urls http://localhost:5000
            """) { Options.Home, urls, noDemo, port };
        command.SetAction((parse, ct) =>
        {
            string home = Settings.Home(parse.GetValue(Options.Home), shell.Environment);
            return LedgerHost.RunAsync(
                new ServeSettings(home, parse.GetValue(urls), parse.GetValue(noDemo), (int?)parse.GetValue(port),
                    Settings.HomeOption(home, shell.Environment)),
                ct);
        });
        return command;
    }
}
