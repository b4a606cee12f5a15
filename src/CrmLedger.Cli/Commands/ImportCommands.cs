using System.CommandLine;
using System.Runtime.CompilerServices;
using CrmLedger.Cli.Import;

namespace CrmLedger.Cli.Commands;

/// <summary><c>crmledger import</c>: files into the ledger, each safely repeated.</summary>
internal static class ImportCommands
{
    private const string Again = """

        The same file can be imported again at any time: what is there already is not added twice,
        and an import that was stopped goes on.
        """;

    public static Command Make(Shell shell)
    {
        var import = new TaughtCommand("import", "Bring a file into the ledger." + Again);
        import.Subcommands.Add(Kind(shell, "uci-incidents", """
            Import the UCI incident management event log (CSV): each incident becomes a concern and a
            promise to resolve it, each update a touchpoint.

            Example: crmledger import uci-incidents uci-incident-event-log-sample.csv
            """, (path, _) => UciIncidents(path)));
        import.Subcommands.Add(Kind(shell, "cdnow", """
            Import the CDNOW purchase sample (master id, sample id, yyyyMMdd, number of CDs, dollars).

            Example: crmledger import cdnow cdnow-sample.txt
            """, (path, _) => Cdnow(path)));
        import.Subcommands.Add(Kind(shell, "events", """
            Import CloudEvents 1.0, one JSON object a line. Each needs specversion, id, source, type (the
            event's name), subject (customer/REF or member/REF), time and data. Lines that are not taken are
            written, with the reason, to FILE.rejected.jsonl: correct them there and import that file.

            Example line:
              {"specversion":"1.0","id":"4711/called","source":"our-crm","type":"follow_up_completed",
               "subject":"customer/C-4711","time":"2026-07-01T09:30:00Z","data":{"followUpId":"F-1"}}
            Example: crmledger import events july.jsonl
            """, Events));
        return import;
    }

    /// <summary>A file that is read and understood: how many events it has and how they are made.</summary>
    private sealed record Parsed(
        string Source, long Rows, long Lines, Func<Guid, IAsyncEnumerable<ImportLine>> ToLines,
        UciIncidents.MadeSlaAgreement? Agreement = null);

    private static Command Kind(Shell shell, string name, string description, Func<string, long, Parsed> read)
    {
        var file = new Argument<FileInfo>("FILE") { Description = "The file." }.AcceptExistingOnly();
        var rejected = Options.Text(
            "--rejected", "Where lines that are not taken go (default: FILE.rejected.jsonl).", "FILE");
        var command = new TaughtCommand(name, description) { file, rejected }.AskingServer();
        command.SetAction(async (parse, ct) =>
        {
            using var ledger = parse.Connect(shell);
            string path = parse.GetRequiredValue(file).FullName;
            string rejectedPath = Path.GetFullPath(parse.GetValue(rejected) ?? path + ".rejected.jsonl");
            if (rejectedPath == path)
                throw new CliFailure(ExitCode.Usage, "--rejected names the imported file itself; give another one.");
            var (sha256, lines) = await SourceFile.MeasureAsync(path, ct);
            var parsed = read(path, lines);
            var source = new ImportFile(parsed.Source, Path.GetFileName(path), sha256, parsed.Rows);
            return await RunAsync(shell, ledger, parsed, source, rejectedPath, parse.GetValue(Options.Json), ct);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        Shell shell, LedgerClient ledger, Parsed parsed, ImportFile file, string rejectedPath, bool json,
        CancellationToken ct)
    {
        long started = shell.Clock.GetTimestamp();
        var reasons = new List<string>();
        ImportOutcome outcome;
        using (var rejectedLines = new RejectedLines(rejectedPath))
        using (var progress = new ProgressLine(shell, parsed.Lines, "events"))
        {
            var run = new ImportRun(
                ledger,
                (line, reason, original) =>
                {
                    rejectedLines.Add(line, reason, original);
                    if (reasons.Count < 5)
                        reasons.Add($"Line {line}: {reason.Reason}");
                },
                progress.Report);
            try
            {
                outcome = await run.RunAsync(file, parsed.ToLines, ct);
            }
            catch (CliFailure failure) when (run.Started)
            {
                throw new CliFailure(failure.ExitCode,
                    $"{failure.Message} {run.Said} Running the same import again goes on from there.", failure);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested && run.Started)
            {
                throw new CliFailure(ExitCode.Failed,
                    $"Stopped. {run.Said} Running the same import again goes on from there.");
            }
        }
        var report = new ImportReport(
            file, outcome, parsed.Agreement, outcome.Rejected > 0 ? rejectedPath : null, reasons,
            shell.Clock.GetElapsedTime(started));
        shell.Answer(json ? report.ToJson().ToJsonString(LedgerJson.Options) : report.ToText());
        return outcome.Rejected > 0 ? ExitCode.SomeRejected : ExitCode.Done;
    }

    private static Parsed UciIncidents(string path)
    {
        using var text = SourceFile.Text(path);
        var rows = UciIncidentFile.Read(text);
        var events = Import.UciIncidents.ToEvents(rows);
        return new(Import.UciIncidents.Source, rows.Count, events.Count,
            id => events.Select(e => ImportLine.Of(e, id)).ToAsyncEnumerable(), Import.UciIncidents.Agreement(rows));
    }

    private static Parsed Cdnow(string path)
    {
        using var text = SourceFile.Text(path);
        var rows = Import.Cdnow.Read(text);
        long events = rows.Count + rows.Select(r => r.Customer).Distinct().LongCount();
        return new(Import.Cdnow.Source, rows.Count, events,
            id => Import.Cdnow.ToEvents(rows).Select(e => ImportLine.Of(e, id)).ToAsyncEnumerable());
    }

    private static Parsed Events(string path, long lines) =>
        new(CloudEventLines.Source, lines, lines, id => Lines(path, id, CancellationToken.None));

    private static async IAsyncEnumerable<ImportLine> Lines(
        string path, Guid importId, [EnumeratorCancellation] CancellationToken ct)
    {
        using var text = SourceFile.Text(path);
        long number = 0;
        while (await text.ReadLineAsync(ct) is { } line)
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line))
                yield return CloudEventLines.Read(line, number, importId);
        }
    }
}
