using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using CrmLedger.Cli.Commands;
using CrmLedger.Server;

namespace CrmLedger.Cli;

/// <summary>
/// The whole command line: every command, and one place where failures become a paragraph and an exit code.
/// </summary>
internal static class CommandLine
{
    private const string Description =
        "CrmLedger: every touchpoint, promise and follow-up with a customer as an event that nobody can alter, and the "
        + "numbers that follow from them.";

    private const string Beginning = """
        To begin:
          crmledger serve
          crmledger import uci-incidents uci-incident-event-log-sample.csv
          crmledger kept-rate --by team
          crmledger kept-rate --help
        """;

    public static async Task<int> RunAsync(IReadOnlyList<string> args, Shell shell, CancellationToken ct = default)
    {
        var parse = Root(shell).Parse(args);
        bool isMartens = args is [MartenCommand.Name, not ['-', ..], ..];
        if (!isMartens && parse.Action is ParseErrorAction)
        {
            foreach (var error in parse.Errors)
                await shell.Error.WriteLineAsync(error.Message);
            string command = parse.CommandResult.Command is RootCommand ? "" : PathOf(parse.CommandResult.Command);
            await shell.Error.WriteLineAsync($"Run `crmledger {command}--help` to see what it takes.");
            return ExitCode.Usage;
        }
        try
        {
            if (isMartens)
                return await MartenCommand.RunAsync(shell, [.. args.Skip(1)], parse.GetValue(Options.Home), ct);
            return await parse.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                // A server that runs its own PostgreSQL needs a while to stop it properly.
                ProcessTerminationTimeout = TimeSpan.FromSeconds(60),
                Output = shell.Out,
                Error = shell.Error,
            }, ct);
        }
        catch (CliFailure failure)
        {
            await shell.Error.WriteLineAsync(failure.Message);
            return failure.ExitCode;
        }
        catch (OperationCanceledException)
        {
            await shell.Error.WriteLineAsync("Stopped.");
            return ExitCode.Failed;
        }
        catch (Exception unforeseen)
        {
            await shell.Error.WriteLineAsync(LedgerHost.Explanation(unforeseen)
                ?? $"crmledger failed: {unforeseen.Message} ({unforeseen.GetType().Name})");
            return ExitCode.Failed;
        }
    }

    private static RootCommand Root(Shell shell)
    {
        var root = new RootCommand(Description)
        {
            ServeCommand.Make(shell),
            OpenApiCommand.Make(shell),
            KeyCommands.Make(shell),
            ImportCommands.Make(shell),
            HistoryCommand.Make(shell),
            ReplayCommand.Make(shell),
            CommitmentCommands.Make(shell),
            KeptRateCommand.Make(shell),
            TrustCommand.Make(shell),
            LoyaltyCommand.Make(shell),
            SatisfactionCommand.Make(shell),
            SatisfactionCommand.MakeList(shell),
            ResponsivenessCommand.Make(shell),
            CustomerCommands.Make(shell),
            PracticesCommand.Make(shell),
            ExportCommand.Make(shell),
            EraseCommand.Make(shell),
            ReadingsCommand.Make(shell),
            LogCommands.Make(shell),
            MigrateCommand.Make(shell),
            MartenCommand.Make(),
            VerifyCommands.Make(shell),
            WitnessCommand.Make(shell),
            ViewCommands.MakeRebuild(shell),
            ViewCommands.MakeConsistencyCheck(shell),
            DiffCommand.Make(shell),
            ViewCommands.MakeStatus(shell),
        };
        root.HelpName = "crmledger";
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new TeachingHelp((HelpAction)help.Action!, $"{Beginning}\n\n{Settings.Help}\n\n{ExitCode.Help}");
        return root;
    }

    private static string PathOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent and not RootCommand
            ? $"{PathOf(parent)}{command.Name} "
            : $"{command.Name} ";
}
