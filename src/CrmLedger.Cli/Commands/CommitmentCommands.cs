using System.CommandLine;
using System.Text.Json;
using CrmLedger.Server.Commitments;

namespace CrmLedger.Cli.Commands;

/// <summary>
/// <c>crmledger commitments</c>: what we owe, to whom, by when, and who has too much of it.
/// </summary>
internal static class CommitmentCommands
{
    private const long ShownByDefault = 50;

    public static Command Make(Shell shell) =>
        new TaughtCommand("commitments", "What was promised to customers and is still owed.")
        {
            Open(shell), Due(shell),
        };

    private static Command Open(Shell shell)
    {
        var member = Options.Text("--member", "Only this member's: an id or your own reference.", "MEMBER");
        var team = Options.Text("--team", "Only this team's.", "TEAM");
        var customer = Options.Text(
            "--customer", "Only those to this customer: an id or your own reference.", "CUSTOMER");
        var only = Options.Text("--only", "Only promises (promise) or only follow-ups (follow_up).", "SORT");
        only.AcceptOnlyFromAmong("promise", "follow_up");
        var overdue = new Option<bool>("--overdue") { Description = "Only what is past its binding date." };
        var dueFrom = Options.Time("--due-from", "Only what is due at this time or later.");
        var dueTo = Options.Time("--due-to", "Only what is due before this time.");
        var asOf = Options.Time("--as-of", "As the ledger knew it at this time.");
        var until = Options.Time("--until", "By what had happened by this time, and judged at it.");
        var limit = Options.Whole("--limit", $"How many to show at most (default: {ShownByDefault}).", least: 1);
        var command = new TaughtCommand("open", """
            List open promises and follow-ups, the most pressing first.

            Example: crmledger commitments open --overdue
            Example: crmledger commitments open --team support --due-to 2026-07-08
            Example: crmledger commitments open --csv > open.csv
            """) { member, team, customer, only, overdue, dueFrom, dueTo, asOf, until, Options.WithAnnulled, limit }
            .AnsweringList(limit);
        command.SetAction((parse, ct) => Pages.AnswerAsync(
            shell, parse, parse.GetValue(limit) ?? ShownByDefault, "customer_id", page => LedgerClient.Address(
                "v1/commitments/open",
                ("member", Key(parse.GetValue(member))),
                ("team", parse.GetValue(team)),
                ("customer", Key(parse.GetValue(customer))),
                ("commitment", parse.GetValue(only)),
                ("overdue", parse.GetValue(overdue) ? "true" : null),
                ("dueFrom", parse.GetValue(dueFrom)),
                ("dueTo", parse.GetValue(dueTo)),
                ("asOf", parse.GetValue(asOf)),
                ("until", parse.GetValue(until)), ("annulled", parse.Annulled()),
                ("limit", page.Limit),
                ("cursor", page.Cursor),
                ("format", page.Format)), Show, ct));
        return command;
    }

    private static Command Due(Shell shell)
    {
        var by = Options.Text("--by", "Group by member, team or customer (member).", "GROUP");
        by.AcceptOnlyFromAmong([.. DueEndpoint.Groups]);
        var within = Options.Whole("--within", "How many hours ahead is soon (168).", least: 1, most: 8_760);
        var asOf = Options.Time("--as-of", "As the ledger knew it at this time.");
        var until = Options.Time("--until", "By what had happened by this time, and judged at it.");
        var command = new TaughtCommand("due", """
            Count what is overdue and due soon, by who owes it or to whom.

            Example: crmledger commitments due --by team
            Example: crmledger commitments due --within 24
            """) { by, within, asOf, until, Options.WithAnnulled }.AskingServer().AnsweringTables();
        command.SetAction(async (parse, ct) =>
        {
            using var ledger = parse.Connect(shell);
            bool asTable = parse.GetValue(Options.Csv);
            string address = LedgerClient.Address("v1/commitments/due",
                ("by", parse.GetValue(by)), ("within", parse.GetValue(within)?.ToString()),
                ("asOf", parse.GetValue(asOf)), ("until", parse.GetValue(until)), ("annulled", parse.Annulled()),
                ("format", asTable ? "csv" : null));
            if (asTable)
            {
                shell.Answer(await ledger.GetTableAsync(address, "key,", ct));
                return ExitCode.Done;
            }
            var answer = await ledger.GetAsync(address, "total", ct);
            if (parse.GetValue(Options.Json))
                shell.Answer(answer.GetRawText());
            else
                ShowDue(new Terminal(shell), answer);
            return ExitCode.Done;
        });
        return command;
    }

    private static void ShowDue(Terminal terminal, JsonElement answer)
    {
        terminal.Line($"Open commitments, {Pages.Known(answer)}; soon is within {answer.Text("withinHours")} hours");
        if (answer.Text("notice") is { } notice)
            terminal.Line(notice);
        terminal.Table([answer.Text("by") ?? "", "> Open", "> Overdue", "> Due soon", "Earliest (UTC)"],
            answer.Items("groups").Select(g => (Label: g.Text("label") ?? "", Counts: g.Member("counts") ?? default))
            .Append(("all", answer.Member("total") ?? default)).Select(g => (string[])
            [
                g.Item1, Sentences.Count(g.Item2.Whole("open")), Sentences.Count(g.Item2.Whole("overdue")),
                Sentences.Count(g.Item2.Whole("dueSoon")), Sentences.Minute(g.Item2.Time("earliest")),
            ]));
    }

    private static string? Key(string? idOrReference) =>
        idOrReference is null ? null : HistoryCommand.CustomerKey(idOrReference);

    private static void Show(Terminal terminal, JsonElement answer, List<JsonElement> items)
    {
        long total = answer.Whole("total") ?? items.Count;
        terminal.Line($"{Sentences.Count(total)} open, {Sentences.Count(answer.Whole("overdue"))} of them overdue, "
            + Pages.Known(answer));
        if (answer.Text("notice") is { } notice)
            terminal.Line(notice);
        if (items.Count == 0)
            return;
        terminal.Table(["Due (UTC)", "Overdue", "Customer", "What", "Held by", "Team", "> Moved", "> Age"],
            items.Select(Row));
        if (total > items.Count)
        {
            terminal.Line($"{Sentences.Count(items.Count)} of {Sentences.Count(total)} are shown; "
                + $"--limit {total} shows them all.");
        }
    }

    private static string[] Row(JsonElement item)
    {
        DateTimeOffset? first = item.Time("firstDue"), binding = item.Time("bindingDue");
        return
        [
            Sentences.Minute(binding) + (binding == first ? "" : $" (first {Sentences.Minute(first)})"),
            item.Flag("overdue") ? "overdue" : "",
            Name(item, "customer", "customerId"),
            $"{item.Text("commitment")?.Replace('_', ' ')} {item.Text("kind")}: {item.Text("id")}",
            Name(item, "member", "memberId"),
            item.Text("team") ?? "",
            item.Whole("renegotiations") is > 0 and var moved ? $"{moved}×" : "",
            Sentences.Duration(item.Number("ageSeconds")),
        ];
    }

    /// <summary>What a customer or member is called, or else the id.</summary>
    public static string Name(JsonElement item, string who, string id) =>
        item.Member(who)?.Text("name") ?? item.Member(who)?.Text("reference") ?? item.Text(id) ?? "";
}
