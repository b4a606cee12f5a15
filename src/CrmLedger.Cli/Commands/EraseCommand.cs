using System.CommandLine;
using System.Text.Json;

namespace CrmLedger.Cli.Commands;

/// <summary><c>crmledger erase</c>: destroys a customer's key, and tells what that does not reach.</summary>
internal static class EraseCommand
{
    private const string Word = "erase";

    public static Command Make(Shell shell)
    {
        var customer = new Argument<string>("CUSTOMER") { Description = "The customer's id or your own reference." };
        var reason = new Option<string>("--reason")
        {
            Description = "On what ground; recorded for ever, so no personal data.",
            HelpName = "TEXT",
            Required = true,
        };
        var yes = new Option<bool>("--yes") { Description = "Do not ask: it cannot be undone." };
        var command = new TaughtCommand("erase", """
            Erase a customer, for ever. The key of the customer's personal text is destroyed, and that of
            everybody who by merges is the same person: nobody can read it again, and every proof of the log
            still holds. Asked again, it tells what was done. Needs a key with scope admin.

            Example: crmledger erase C-4711 --reason "asked by the customer"
            Example: crmledger erase C-4711 --reason "asked by the customer" --yes --json
            """) { customer, reason, yes }.AskingServer();
        command.SetAction(async (parse, ct) =>
        {
            using var ledger = parse.Connect(shell);
            string path = $"v1/customers/{Uri.EscapeDataString(
                HistoryCommand.CustomerKey(parse.GetRequiredValue(customer)))}";
            if (!parse.GetValue(yes))
                await ConfirmAsync(shell, ledger, path, ct);
            string body = JsonSerializer.Serialize(
                new { reason = parse.GetRequiredValue(reason) }, LedgerJson.Options);
            var report = await ledger.PostAsync($"{path}/erase", body, "notReached", TimeSpan.Zero, ct);
            if (parse.GetValue(Options.Json))
                shell.Answer(report.GetRawText());
            else
                Show(new Terminal(shell), report);
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Says who it is about, so that a wrong reference is seen before it is too late.</summary>
    private static async Task ConfirmAsync(Shell shell, LedgerClient ledger, string path, CancellationToken ct)
    {
        if (!shell.InIsTerminal)
        {
            throw new CliFailure(ExitCode.Usage,
                "An erasure cannot be undone, and there is nobody here to ask. Give --yes if it is meant.");
        }
        var answer = await ledger.GetAsync($"{path}/history?limit=1", "events", ct);
        string name = answer.Member("customer")?.Text("name") ?? "(without a name)";
        await shell.Error.WriteLineAsync($"{name}, customer {answer.Text("customerId")}, will be erased for ever.");
        await shell.Error.WriteAsync($"Type {Word} if that is meant: ");
        if ((await shell.In.ReadLineAsync(ct))?.Trim() != Word)
            throw new CliFailure(ExitCode.Failed, "Nothing was erased.");
    }

    private static void Show(Terminal terminal, JsonElement report)
    {
        bool already = report.Flag("alreadyErased");
        terminal.Line($"Customer {report.Text("customerId")} {(already ? "was erased already," : "was erased")} at "
            + $"{Sentences.Minute(report.Time("erasedAt"))} UTC: {report.Text("reason")}");
        terminal.Line();
        terminal.Table(["Customer", "> Position", "> Events", "> With personal text"], report.Items("customers").Select(
            c => (string[])
            [
                c.Text("customerId") ?? "", c.Text("position") ?? "", Sentences.Count(c.Whole("events")),
                Sentences.Count(c.Whole("sealedEvents")),
            ]));
        terminal.Line($"{Sentences.Count(report.Whole("provableEvents"))} of {Sentences.Count(report.Whole("events"))} "
            + $"events have the hash that they had. {report.Text("proof")}");
        terminal.Line();
        terminal.Line("Not reached:");
        foreach (var limit in report.Items("notReached"))
            terminal.Line($"  {limit.Text("what")}: {limit.Text("why")}");
    }
}
