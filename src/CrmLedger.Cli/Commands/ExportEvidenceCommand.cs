using System.Buffers.Text;
using System.CommandLine;
using System.Text;
using System.Text.Json;
using CrmLedger.Transparency;

namespace CrmLedger.Cli.Commands;

/// <summary><c>crmledger export evidence</c>: a file that proves what the log holds.</summary>
internal static class ExportEvidenceCommand
{
    public static Command Make(Shell shell)
    {
        var customer = new Option<string?>("--customer")
        {
            Description = "A customer's events, by id or by your own reference.", HelpName = "CUSTOMER",
        };
        var promise = new Option<string?>("--promise")
        {
            Description = "Only those of one promise of the customer.", HelpName = "ID",
        };
        var from = Options.Time("--from", "Every event recorded at or after this time.");
        var to = Options.Time("--to", "Every event recorded before this time.");
        var statement = new Option<FileInfo?>("--statement")
        {
            Description = "What a statement follows from; kept-rate, trust and satisfaction write one.",
            HelpName = "FILE",
        };
        var through = new Option<string?>("--through")
        {
            Description = "Sizes of older checkpoints, separated by commas, against which the bundle can be held.",
            HelpName = "SIZES",
        };
        var output = new Option<FileInfo>("--output", "-o")
        {
            Description = "Where to write it.", HelpName = "FILE", Required = true,
        };
        var command = new TaughtCommand("evidence", """
            Export events with all that proves them, in one file. Give it to somebody who trusts neither the
            server nor you: `crmledger verify bundle` checks it with no server and no network. Without
            --customer, --from and --to it is the whole log. Personal text in it stays sealed.

            The file has a line for each thing: what it is about, the log's keys, the signed checkpoint, then
            from the log's beginning to its end `event`, an event exactly as it was hashed (its leaf is
            SHA-256(0x00, SHA-256(the line without "event "))), and `node HEIGHT HASH`, a subtree of the log's
            Merkle tree (RFC 6962) of which nothing is shown.

            Example: crmledger export evidence --customer C-4711 -o C-4711.evidence
            Example: crmledger export evidence --statement kept-rate.statement -o kept-rate.evidence
            Example: crmledger export evidence --from 2026-01-01 --to 2026-02-01 --through 40000 -o january.evidence
            """) { customer, promise, from, to, statement, through, output }.AskingServer();
        command.SetAction(async (parse, ct) =>
        {
            using var ledger = parse.Connect(shell);
            var file = parse.GetRequiredValue(output);
            string address = LedgerClient.Address("v1/evidence",
                ("customer", parse.GetValue(customer) is { } named ? HistoryCommand.CustomerKey(named) : null),
                ("promise", parse.GetValue(promise)), ("from", parse.GetValue(from)), ("to", parse.GetValue(to)),
                ("statement", parse.GetValue(statement) is { } signed ? Encoded(signed) : null),
                ("through", parse.GetValue(through)));
            long bytes;
            using (var line = new RewrittenLine(shell))
            {
                bytes = await ledger.DownloadAsync(
                    address, Encoding.ASCII.GetBytes(EvidenceWalk.Header), file,
                    done => line.Write($"{Sentences.Count(done)} bytes"), ct);
            }
            shell.Answer(parse.GetValue(Options.Json)
                ? JsonSerializer.Serialize(new { file = file.FullName, bytes }, LedgerJson.Options)
                : $"{file} holds {Sentences.Count(bytes)} bytes of evidence. "
                    + $"`crmledger verify bundle {file} --key KEY` checks it, with a key from /log/TENANT/key that was "
                    + "fetched before.");
            return ExitCode.Done;
        });
        return command;
    }

    private static string Encoded(FileInfo file)
    {
        try
        {
            return Base64Url.EncodeToString(File.ReadAllBytes(file.FullName));
        }
        catch (Exception unread) when (unread is IOException or UnauthorizedAccessException)
        {
            throw new CliFailure(ExitCode.Usage, $"The statement cannot be read: {unread.Message}", unread);
        }
    }
}
