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
            """, UciIncidents));
        import.Subcommands.Add(Kind(shell, "cdnow", """
            Import the CDNOW purchase sample (master id, sample id, yyyyMMdd, number of CDs, dollars).

            Example: crmledger import cdnow cdnow-sample.txt
            """, Cdnow));
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

    /// <summary>A file that is read and understood: how many rows it has and how its events are made.</summary>
    private sealed record Parsed(
        string Source, long Rows, Func<Guid, IAsyncEnumerable<ImportLine>> ToLines,
        UciIncidents.MadeSlaAgreement? Agreement = null);

    private static Command Kind(Shell shell, string name, string description, Func<SourceFile, Parsed> read)
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
            var measured = await SourceFile.MeasureAsync(path, ct);
            var parsed = read(measured);
            if (parsed.Rows == 0)
                throw new CliFailure(ExitCode.Failed, $"{path} has no rows. Nothing was sent.");
            var source = new ImportFile(parsed.Source, Path.GetFileName(path), measured.Sha256, parsed.Rows);
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
        string? earlier;
        using (var rejectedLines = new RejectedLines(rejectedPath))
        using (var progress = new ProgressLine(shell, parsed.Rows, "rows"))
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
                earlier = rejectedLines.Finish();
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
            file, outcome, parsed.Agreement, outcome.Rejected > 0 ? rejectedPath : null, reasons, earlier,
            shell.Clock.GetElapsedTime(started));
        shell.Answer(json ? report.ToJson().ToJsonString(LedgerJson.Options) : report.ToText());
        return outcome.Rejected > 0 ? ExitCode.SomeRejected : ExitCode.Done;
    }

    private static Parsed UciIncidents(SourceFile file)
    {
        var rows = file.Parse(UciIncidentFile.Read);
        var events = Import.UciIncidents.ToEvents(rows);
        return new(Import.UciIncidents.Source, rows.Count,
            id => events.Select(e => ImportLine.Of(e, id)).ToAsyncEnumerable(), Import.UciIncidents.Agreement(rows));
    }

    private static Parsed Cdnow(SourceFile file)
    {
        var rows = file.Parse(Import.Cdnow.Read);
        return new(Import.Cdnow.Source, rows.Count,
            id => Import.Cdnow.ToEvents(rows).Select(e => ImportLine.Of(e, id)).ToAsyncEnumerable());
    }

    private static Parsed Events(SourceFile file) =>
        new(CloudEventLines.Source, file.Rows, id => Lines(file, id, CancellationToken.None));

    private static async IAsyncEnumerable<ImportLine> Lines(
        SourceFile file, Guid importId, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var line in file.LinesAsync(ct))
        {
            if (!line.IsBlank)
                yield return CloudEventLines.Read(line, importId);
        }
    }
}
