using System.CommandLine;
using System.Text.Json;

namespace CrmLedger.Cli.Commands;

/// <summary><c>crmledger customers</c>: whom nobody has spoken with for too long.</summary>
internal static class CustomerCommands
{
    private const long ShownByDefault = 50;

    public static Command Make(Shell shell) =>
        new TaughtCommand("customers", "Customers, and how we keep in touch with them.") { Quiet(shell) };

    private static Command Quiet(Shell shell)
    {
        var days = Options.Whole("--days", "For how many days at least (60).", least: 1, most: 36_500);
        var direction = Options.Text(
            "--direction", "inbound: who was not in touch; outbound: whom we were not in touch with.", "DIRECTION");
        direction.AcceptOnlyFromAmong("inbound", "outbound");
        var team = Options.Text("--team", "Only whose last touchpoint was with this team.", "TEAM");
        var member = Options.Text(
            "--member", "Only whose last touchpoint was with this member: an id or your own reference.", "MEMBER");
        var segment = Options.Text("--segment", "Only customers of this segment.", "SEGMENT");
        var asOf = Options.Time("--as-of", "As the ledger knew it at this time.");
        var until = Options.Time("--until", "By what had happened by this time, and judged at it.");
        var limit = Options.Whole("--limit", $"How many to show at most (default: {ShownByDefault}).", least: 1);
        var command = new TaughtCommand("quiet", """
            List customers with no touchpoint for so many days, the longest silent first; those whom nobody
            ever spoke with count from their registration. Who was erased, was merged or has left is not
            listed.

            Example: crmledger customers quiet --days 60
            Example: crmledger customers quiet --direction outbound --segment retail
            """) { days, direction, team, member, segment, asOf, until, Options.WithAnnulled, limit }
            .AnsweringList(limit);
        command.SetAction((parse, ct) => Pages.AnswerAsync(
            shell, parse, parse.GetValue(limit) ?? ShownByDefault, "customer_id", page => LedgerClient.Address(
                "v1/customers/quiet",
                ("days", parse.GetValue(days)?.ToString()),
                ("direction", parse.GetValue(direction)),
                ("team", parse.GetValue(team)),
                ("member", parse.GetValue(member) is { } who ? HistoryCommand.CustomerKey(who) : null),
                ("segment", parse.GetValue(segment)),
                ("asOf", parse.GetValue(asOf)),
                ("until", parse.GetValue(until)), ("annulled", parse.Annulled()),
                ("limit", page.Limit),
                ("cursor", page.Cursor),
                ("format", page.Format)), Show, ct));
        return command;
    }

    private static void Show(Terminal terminal, JsonElement answer, List<JsonElement> items)
    {
        long total = answer.Whole("total") ?? items.Count;
        string what = answer.Text("direction") is { } direction ? $"{direction} touchpoint" : "touchpoint";
        terminal.Line($"{Sentences.Count(total)} of {Sentences.Count(answer.Whole("customers"))} customers had no "
            + $"{what} for {answer.Text("days")} days or more, {Pages.Known(answer)}");
        if (answer.Text("notice") is { } notice)
            terminal.Line(notice);
        terminal.Line("Silent for " + string.Join(", ", answer.Items("silent").Select(s =>
            $"{s.Text("days")} days: {Sentences.Count(s.Whole("customers"))}")));
        if (items.Count == 0)
            return;
        terminal.Table(["Customer", "> Days", "Last touchpoint (UTC)", "By", "With", "Team", "> Touchpoints"],
            items.Select(Row));
        if (total > items.Count)
        {
            terminal.Line($"{Sentences.Count(items.Count)} of {Sentences.Count(total)} are shown; "
                + $"--limit {total} shows them all.");
        }
    }

    private static string[] Row(JsonElement item)
    {
        var last = item.Member("last") ?? default;
        return
        [
            CommitmentCommands.Name(item, "customer", "customerId"),
            Sentences.Count(item.Whole("daysSilent")),
            last.Time("at") is { } at ? Sentences.Minute(at) : $"none since {Sentences.Minute(item.Time("since"))}",
            last.Text("channel") is { } channel ? $"{channel}, {last.Text("direction")}" : "",
            CommitmentCommands.Name(last, "member", "memberId"),
            last.Text("team") ?? "",
            Sentences.Count(item.Whole("touchpoints")),
        ];
    }
}
