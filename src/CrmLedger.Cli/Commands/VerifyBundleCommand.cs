using System.CommandLine;
using System.Text.Json;
using CrmLedger.Cli.Import;
using CrmLedger.Server.EvidenceBundles;
using CrmLedger.Server.Statements;
using CrmLedger.Transparency;

namespace CrmLedger.Cli.Commands;

/// <summary><c>crmledger verify bundle</c>: checks a bundle of evidence with no server and no network.</summary>
internal static class VerifyBundleCommand
{
    public static Command Make(Shell shell)
    {
        var file = new Argument<FileInfo>("FILE") { Description = "The bundle, from `crmledger export evidence`." };
        var keys = new Option<string[]>("--key")
        {
            Description = "A key of the log, as you were given it: name+id+base64. Give it again for another one; "
                + "each is trusted for the log that it is named after.",
            HelpName = "KEY",
            Required = true,
        };
        var older = new Option<FileInfo[]>("--checkpoint")
        {
            Description = "An older checkpoint of the log that you kept: the bundle's must continue it. Give it again "
                + "for another one.",
            HelpName = "FILE",
        };
        var command = new TaughtCommand("bundle", """
            Check a bundle of evidence. Every event in it is hashed, the root of the log's tree is computed
            from them, and the checkpoint of that root must be signed by a key that you trust. Exit code 1 if
            anything was altered, left out or added. The keys in the file are not believed. What was stated is
            computed again, by the rules and not by the server's views.

            A line `event …` of the file is the event as it was hashed: you can read it with any tool.

            Example: crmledger verify bundle C-4711.evidence --key crmledger/demo/…+1f2e3d4c+AQ…=
            Example: crmledger verify bundle 2026.evidence --key … --checkpoint january.checkpoint
            """) { file, keys, older, Options.Json };
        command.SetAction(async (parse, ct) =>
        {
            var trusted = VerifyCommands.KeysOf(parse.GetRequiredValue(keys));
            var report = await CheckAsync(
                shell, parse.GetRequiredValue(file), trusted, [.. (parse.GetValue(older) ?? []).Select(Read)], ct);
            if (parse.GetValue(Options.Json))
                shell.Answer(JsonSerializer.Serialize(report, LedgerJson.Options));
            else
                Show(new Terminal(shell), report);
            return report.Refusal is null ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    /// <summary>A signed checkpoint from a file.</summary>
    public static SignedCheckpoint Read(FileInfo file)
    {
        try
        {
            return SignedCheckpoint.Parse(File.ReadAllBytes(file.FullName));
        }
        catch (Exception unread) when (unread is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new CliFailure(ExitCode.Usage, $"{file} holds no signed checkpoint: {unread.Message}");
        }
    }

    private static async Task<EvidenceReport> CheckAsync(
        Shell shell, FileInfo file, VerifierKey[] trusted, SignedCheckpoint[] older, CancellationToken ct)
    {
        try
        {
            await using var bundle = file.OpenRead();
            using var progress = new ProgressLine(shell, bundle.Length, "bytes");
            return await EvidenceVerification.CheckAsync(
                bundle, origin => VerifyCommands.PolicyOf(origin, trusted), older, progress.Report, ct);
        }
        catch (FormatException damaged)
        {
            throw new CliFailure(ExitCode.Failed, $"Not verified: {damaged.Message}", damaged);
        }
        catch (Exception unread) when (unread is IOException or UnauthorizedAccessException)
        {
            throw new CliFailure(ExitCode.Usage, $"The bundle cannot be read: {unread.Message}", unread);
        }
    }

    private static void Show(Terminal terminal, EvidenceReport report)
    {
        if (report.Refusal is { } refusal)
        {
            terminal.Line($"Not verified: {refusal}");
            return;
        }
        terminal.Line($"Verified: the log {report.Origin}, of {Sentences.Count(report.TreeSize)} events, has signed "
            + $"for every one of the {Sentences.Count(report.Events)} in this bundle.");
        if (report is { FirstRecordedAt: { } first, LastRecordedAt: { } last })
            terminal.Line($"They were recorded from {Sentences.Minute(first)} to {Sentences.Minute(last)} UTC.");
        terminal.Line(report.About.Split(' ')[0] switch
        {
            "log" => "It is the whole log: nothing is left out.",
            "positions" => "It is everything of that time: nothing is left out. What was annulled later it cannot "
                + "show.",
            "streams" => "Of each stream it shows everything up to a version: "
                + string.Join(", ", report.Streams.Select(s => $"{s.Key} up to {s.Value}"))
                + ". Whether one went on after that it cannot show.",
            _ => "Whether there is more of the promise it cannot show: ask for the customer's or for the whole log.",
        });
        ShowAnnulled(terminal, report.Annulled);
        foreach (var statement in report.Statements)
        {
            terminal.Line($"What the log has stated about {Asked(statement.Question)}, as known at position "
                + $"{statement.Question.Position}, follows from these events. With --json it is shown.");
        }
    }

    /// <summary>What was asked, with all that the answer depends on.</summary>
    private static string Asked(StatementQuestion question)
    {
        string?[] parts =
        [
            $"'{question.About}'",
            question.Customer is { } customer ? $"of customer {customer:D}" : null,
            question.By is { } by ? $"by {by}" : null,
            question.Over is { } over ? $"over {over}" : null,
            question.From is { } from ? $"from {Sentences.Minute(from)} UTC" : null,
            question.To is { } to ? $"to {Sentences.Minute(to)} UTC" : null,
            question.Until is { } until ? $"by what had happened by {Sentences.Minute(until)} UTC" : null,
            question.Annulled is AnnulledEntries.Counted ? "with annulled entries counted" : null,
        ];
        return string.Join(' ', parts.OfType<string>());
    }

    private static void ShowAnnulled(Terminal terminal, IReadOnlyList<AnnulledEvidence> annulled)
    {
        if (annulled.Count == 0)
            return;
        terminal.Line($"{Sentences.Count(annulled.Count)} of them {(annulled.Count == 1 ? "was" : "were")} annulled: "
            + "in the log for ever, and counted no more.");
        terminal.Table(["> Position", "Event", "Of", "Annulled (UTC)", "By", "> At", "Why"],
            annulled.Select(a => (string[])
            [
                $"{a.Position}", a.Type.Replace('_', ' '), a.Stream, Sentences.Minute(a.Annulled.At), a.Annulled.By,
                $"{a.Annulled.Position}", a.Annulled.Reason,
            ]));
    }
}
