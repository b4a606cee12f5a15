using System.CommandLine;
using System.Text.Json;
using CrmLedger.Cli.Import;
using CrmLedger.EventStore.Verification;
using CrmLedger.Server;

namespace CrmLedger.Cli.Commands;

/// <summary><c>crmledger verify database</c>: reads everything again. Works on the database itself.</summary>
internal static class VerifyDatabaseCommand
{
    private const int MostShown = 100;

    public static Command Make(Shell shell)
    {
        var tenants = new Option<string[]>("--tenant")
        {
            Description = "A tenant whose log is verified; give it again for another one. All when left out.",
            HelpName = "NAME",
        };
        var files = new Option<FileInfo[]>("--checkpoint")
        {
            Description = "A signed checkpoint that you kept: the log must continue it. Give it again for another one.",
            HelpName = "FILE",
        };
        var keys = new Option<string[]>("--key")
        {
            Description = "A key of a log, as you were given it: your checkpoints are then checked with it, and not "
                + "with what the database says.",
            HelpName = "KEY",
        };
        var logOnly = new Option<bool>("--log-only")
        {
            Description = "Verify the log alone, and fold no view again.",
        };
        var command = new TaughtCommand("database", """
            Read a whole database again and believe nothing of it. Every event is hashed, every tile and root
            is made anew, every signature is checked, every key of personal text is opened and held against the
            erasures, and every view is folded again and compared with what is stored. Names each place where
            something is wrong; exits with 1 when there is any. Changes nothing that is recorded; an older
            database is brought to this version first, as by every command.

            Whoever holds the database and the master key could make all of it anew: only a checkpoint that was
            kept elsewhere shows that. Fetch one now and then from /log/TENANT/checkpoint, and give it here.

            Example: crmledger verify database
            Example: crmledger verify database --tenant demo --checkpoint may.checkpoint --key crmledger/demo/…
            """) { tenants, files, keys, logOnly, Options.Json, Options.Home };
        command.SetAction(async (parse, ct) =>
        {
            var request = new VerificationRequest(
                parse.GetValue(tenants) ?? [], [.. (parse.GetValue(files) ?? []).Select(
                    f => new HeldCheckpoint(f.Name, VerifyBundleCommand.Read(f)))],
                VerifyCommands.KeysOf(parse.GetValue(keys) ?? []), !parse.GetValue(logOnly));
            var report = await RunAsync(
                shell, Settings.Home(parse.GetValue(Options.Home), shell.Environment), request, ct);
            if (parse.GetValue(Options.Json))
                shell.Answer(JsonSerializer.Serialize(report, LedgerJson.Options));
            else
                Show(new Terminal(shell), report, request.Held.Count > 0);
            return report.Count == 0 ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    private static async Task<VerificationReport> RunAsync(
        Shell shell, string home, VerificationRequest request, CancellationToken ct)
    {
        using var watched = new WatchedVerification(shell);
        try
        {
            return await LogAdministration.VerifyAsync(home, request, watched.Report, ct);
        }
        catch (ArgumentException unknown)
        {
            throw new CliFailure(ExitCode.Usage, unknown.Message);
        }
    }

    private static void Show(Terminal terminal, VerificationReport report, bool hasHeld)
    {
        terminal.Table(
            ["Tenant", "> Events", "> Events/s", "> Checkpoints", "> Keys", "> Rows of views", "> Seconds", "> Wrong"],
            report.Tenants.Select(t => (string[])
            [
                t.Tenant, Sentences.Count(t.Size), Sentences.Count((long)(t.Size / Math.Max(t.LogSeconds, 0.001))),
                Sentences.Count(t.Checkpoints), Sentences.Count(t.SubjectKeys), Sentences.Count(t.Rows),
                $"{t.Seconds:0.0}", Sentences.Count(t.Findings),
            ]));
        if (report.Count == 0)
        {
            terminal.Line("All is as it was recorded"
                + (hasHeld ? ", and continues the checkpoints that you kept." : "."));
        }
        else
        {
            terminal.Table(["Tenant", "Where", "What is wrong"],
                report.Findings.Take(MostShown).Select(f => (string[])[f.Tenant, f.Place, f.Detail]));
            if (report.Count > MostShown)
                terminal.Line($"These are the first {MostShown} of {Sentences.Count(report.Count)}.");
        }
        if (!hasHeld)
        {
            terminal.Line("No checkpoint that was kept elsewhere was given: whoever holds the database and the master "
                + "key could have made all of it anew.");
        }
    }

    /// <summary>One line for each tenant's events and for each view, rewritten as it goes on.</summary>
    private sealed class WatchedVerification(Shell shell) : IDisposable
    {
        private readonly RewrittenLine _views = new(shell);
        private string? _tenant;
        private ProgressLine? _events;

        public void Report(VerificationProgress progress)
        {
            if (progress.View is { } view)
            {
                Dispose();
                _views.Write($"{progress.Tenant}: folding {view} again");
                return;
            }
            if (_tenant != progress.Tenant)
            {
                _tenant = progress.Tenant;
                _events = new(shell, progress.Total, $"events of {progress.Tenant}");
            }
            _events!.Report(progress.Done);
        }

        public void Dispose()
        {
            _events?.Dispose();
            _views.Dispose();
        }
    }
}
