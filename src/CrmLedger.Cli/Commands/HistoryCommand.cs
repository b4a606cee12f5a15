using System.CommandLine;
using System.Text.Json;

namespace CrmLedger.Cli.Commands;

/// <summary><c>crmledger history</c>: a customer's whole story, now or as it was.</summary>
internal static class HistoryCommand
{
    public static Command Make(Shell shell)
    {
        var customer = new Argument<string>("CUSTOMER") { Description = "The customer's id or your own reference." };
        var asOf = Options.Time("--as-of", "Only what the ledger knew at this time (the server's clock).");
        var until = Options.Time("--until", "Only what had happened by this time (as its recorder claims).");
        var version = Options.Whole("--version", "Only the first N events of the customer.", least: 1);
        var position = Options.Whole("--position", "Only what the log held up to this position.");
        var command = new TaughtCommand("history", """
            Show a customer's story: every event in order, in plain words. Two clocks can be turned back:
            --as-of what was known by then, --until what had happened by then.

            Example: crmledger history C-4711
            Example: crmledger history "Caller 2403" --as-of 2026-07-01 --json
            """) { customer, asOf, until, version, position }.AskingServer();
        command.SetAction(async (parse, ct) =>
        {
            using var ledger = parse.Connect(shell);
            string path = $"v1/customers/{Uri.EscapeDataString(CustomerKey(parse.GetRequiredValue(customer)))}/history";
            var (pages, events) = await Pages.ReadAsync(ledger, cursor => LedgerClient.Address(
                path,
                ("version", parse.GetValue(version)?.ToString()),
                ("position", parse.GetValue(position)?.ToString()),
                ("asOf", parse.GetValue(asOf)),
                ("until", parse.GetValue(until)),
                ("cursor", cursor)), "events", long.MaxValue, ct);
            if (parse.GetValue(Options.Json))
                shell.Answer(Json.Joined(pages, "events", events));
            else
                Show(new Terminal(shell), pages[0], events);
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>A uuid is an id; anything else is the client's own reference.</summary>
    public static string CustomerKey(string customer) =>
        Guid.TryParseExact(customer, "D", out _) || customer.StartsWith("ref:", StringComparison.Ordinal)
            ? customer
            : "ref:" + customer;

    private static void Show(Terminal terminal, JsonElement answer, List<JsonElement> events)
    {
        var customer = answer.Member("customer") ?? default;
        string name = customer.Text("name") ?? "(erased or without a name)";
        terminal.Line(string.Join(", ", new[]
        {
            customer.Text("reference") is { } reference && reference != name ? $"{name} ({reference})" : name,
            customer.Text("segment") is { } segment ? $"segment {segment}" : null,
            $"customer {answer.Text("customerId")}",
        }.OfType<string>()));
        terminal.Line($"{Sentences.Count(events.Count)} events, {Pages.Known(answer)}");
        var members = answer.Member("members");
        var annulled = events.ConvertAll(e => e.Member("annulled"));
        string[] columns = ["> #", "When (UTC)", "Event", "What it says"];
        terminal.Table(
            annulled.Exists(a => a is not null) ? [.. columns, "Annulled"] : columns,
            events.Select((e, i) => (string[])
            [
                e.Text("version") ?? "",
                Sentences.Minute(e.Time("occurredAt")),
                (e.Text("type") ?? "").Replace('_', ' '),
                EventSentence.Of(e, members),
                .. annulled.Exists(a => a is not null) ? [Annulment(annulled[i])] : Array.Empty<string>(),
            ]),
            (row, column) => column < columns.Length && annulled[row] is not null);
    }

    /// <summary>What annulled an event, in words; empty for nothing.</summary>
    public static string Annulment(JsonElement? annulled) => annulled is not { } by ? ""
        : $"{Sentences.Minute(by.Time("at"))} UTC by {by.Text("by")}, position {by.Text("position")}: "
            + $"{by.Text("reason")}";
}
