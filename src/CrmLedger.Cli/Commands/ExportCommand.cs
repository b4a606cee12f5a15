using System.CommandLine;
using System.Text.Json;

namespace CrmLedger.Cli.Commands;

/// <summary><c>crmledger export</c>: all that is held about one customer, or what proves it.</summary>
internal static class ExportCommand
{
    private static readonly JsonSerializerOptions s_indented = new(LedgerJson.Options) { WriteIndented = true };

    public static Command Make(Shell shell) =>
        new TaughtCommand("export", "Write what is held about a customer, or evidence of what the log holds.")
        {
            Customer(shell), ExportEvidenceCommand.Make(shell),
        };

    private static Command Customer(Shell shell)
    {
        var customer = new Argument<string>("CUSTOMER") { Description = "The customer's id or your own reference." };
        var command = new TaughtCommand("customer", """
            Export all that is held about one customer, as JSON: details, consents, preferences, and every
            event in order with its personal text in clear. For whoever asks what is held about them. Needs a
            key with scope admin or audit.

            Example: crmledger export customer C-4711 > C-4711.json
            """) { customer }.AskingServer();
        command.SetAction(async (parse, ct) =>
        {
            using var ledger = parse.Connect(shell);
            string key = Uri.EscapeDataString(HistoryCommand.CustomerKey(parse.GetRequiredValue(customer)));
            var answer = await ledger.GetAsync($"v1/customers/{key}/export", "exportedAt", ct);
            shell.Answer(parse.GetValue(Options.Json)
                ? answer.GetRawText()
                : JsonSerializer.Serialize(answer, s_indented));
            return ExitCode.Done;
        });
        return command;
    }
}
