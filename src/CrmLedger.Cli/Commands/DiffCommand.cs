using System.CommandLine;
using System.Text.Json;
using CrmLedger.EventStore.Views;

namespace CrmLedger.Cli.Commands;

/// <summary><c>crmledger diff</c>: what changed between two moments of knowledge, and which events did it.</summary>
internal static class DiffCommand
{
    private static readonly string[] s_views = [.. LedgerViews.All.Select(v => v.Name)];

    public static Command Make(Shell shell)
    {
        var view = new Argument<string>("VIEW") { Description = $"The view: {string.Join(", ", s_views)}." };
        view.AcceptOnlyFromAmong(s_views);
        var from = Options.Time("--from", "As the ledger knew it at this time.");
        from.Required = true;
        var to = Options.Time("--to", "As the ledger knew it at this time (default: now).");
        var limit = Options.Whole("--limit", "At most so many rows (100).", least: 1, most: 1_000_000);
        var command = new TaughtCommand("diff", """
            Show the rows of a view that differ between two moments of knowledge.
            For each row the fields that differ are told, and every event recorded in between that changed it.

            Example: crmledger diff kept-rate --from 2026-11-01
            Example: crmledger diff trust --from 2026-11-01 --to 2026-11-02T12:00:00Z --json
            """) { view, from, to, limit }.AskingServer();
        command.SetAction(async (parse, ct) =>
        {
            using var ledger = parse.Connect(shell);
            var (pages, rows) = await Pages.ReadAsync(ledger, cursor => LedgerClient.Address("v1/diff",
                ("view", parse.GetRequiredValue(view)), ("from", parse.GetValue(from)), ("to", parse.GetValue(to)),
                ("cursor", cursor)), "items", parse.GetValue(limit) ?? 100, ct);
            if (parse.GetValue(Options.Json))
                shell.Answer(Json.Joined(pages, "items", rows));
            else
                Show(new Terminal(shell), pages[^1], rows);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Show(Terminal terminal, JsonElement answer, List<JsonElement> rows)
    {
        bool more = answer.Text("next") is not null;
        string differ = rows.Count == 1 ? "row differs" : "rows differ";
        terminal.Line($"{answer.Text("view")}: {Sentences.Count(rows.Count)} {differ}"
            + $"{(more ? " and more" : "")} between {Sentences.Minute(answer.Time("from"))} UTC, position "
            + $"{answer.Text("fromPosition")}, and {Sentences.Minute(answer.Time("to"))} UTC, position "
            + $"{answer.Text("toPosition")}{(answer.Flag("provisional") ? ", provisional" : "")}");
        foreach (var row in rows)
        {
            string who = row.Member("name")?.Text("name") ?? row.Member("name")?.Text("reference")
                ?? row.Text("stream") ?? "";
            terminal.Line();
            terminal.Line($"{who} {row.Text("key")}".TrimEnd() + $" {row.Text("change")}");
            foreach (var field in row.Items("fields"))
                terminal.Line($"  {field.Text("field")}: {field.Text("before") ?? "–"} → {field.Text("after") ?? "–"}");
            foreach (var e in row.Items("events"))
            {
                terminal.Line($"  by {e.Text("type")} at position {e.Text("position")}, recorded "
                    + $"{Sentences.Minute(e.Time("recordedAt"))} UTC by {e.Text("actor")}");
            }
        }
    }
}
