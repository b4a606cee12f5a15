using System.CommandLine;
using System.Text.Json;

namespace CrmLedger.Cli.Commands;

/// <summary><c>crmledger readings</c>: who among leaders and auditors was given a customer's personal text.</summary>
internal static class ReadingsCommand
{
    private const long ShownByDefault = 50;

    public static Command Make(Shell shell)
    {
        var customer = new Argument<string>("CUSTOMER") { Description = "The customer's id or your own reference." };
        var limit = Options.Whole("--limit", $"How many to show at most (default: {ShownByDefault}).", least: 1);
        var command = new TaughtCommand("readings", """
            Show who has read a customer's personal data: each answer with personal text of the customer that
            was given to a key with scope lead, audit or admin, the latest first. What keys for daily work
            read, with scopes append and read alone, is not recorded. Needs a key with scope audit.

            Example: crmledger readings C-4711
            Example: crmledger readings C-4711 --csv > readings.csv
            """) { customer, limit }.AnsweringList(limit);
        command.SetAction((parse, ct) => Pages.AnswerAsync(
            shell, parse, parse.GetValue(limit) ?? ShownByDefault, "read_at", page => LedgerClient.Address(
                $"v1/customers/{Uri.EscapeDataString(
                    HistoryCommand.CustomerKey(parse.GetRequiredValue(customer)))}/readings",
                ("limit", page.Limit),
                ("cursor", page.Cursor),
                ("format", page.Format)),
            (terminal, answer, items) => Show(terminal, answer, items, parse.GetValue(limit)), ct, "readings"));
        return command;
    }

    private static void Show(Terminal terminal, JsonElement answer, List<JsonElement> items, long? limit)
    {
        terminal.Line(items.Count == 0
            ? $"No leader or auditor has read personal data of customer {answer.Text("customerId")}."
            : $"Readings of personal data of customer {answer.Text("customerId")}, the latest first");
        if (items.Count == 0)
            return;
        terminal.Table(["When (UTC)", "Key", "Asked for"], items.Select(i => (string[])
        [
            Sentences.Minute(i.Time("readAt")), i.Text("keyId") ?? "", i.Text("operation") ?? "",
        ]));
        if (items.Count == (limit ?? ShownByDefault))
            terminal.Line($"These are the latest {Sentences.Count(items.Count)}; --limit shows more.");
    }
}
