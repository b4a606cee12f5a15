using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using CrmLedger.Server.Loyalty;
using CrmLedger.Server.Views;

namespace CrmLedger.Cli.Commands;

/// <summary>
/// <c>crmledger loyalty</c>: a customer's timeline, whether customers stay, and who is at risk.
/// </summary>
internal static class LoyaltyCommand
{
    private const long ShownByDefault = 50;

    public static Command Make(Shell shell) =>
        new TaughtCommand("loyalty", "Whether customers stay: one by one, in numbers, and who is at risk.")
        {
            Customer(shell), Count(shell), List(shell),
        };

    private static Command Customer(Shell shell)
    {
        var customer = new Argument<string>("CUSTOMER") { Description = "The customer's id or your own reference." };
        var asOf = Options.Time("--as-of", "As the ledger knew it at this time.");
        var until = Options.Time("--until", "By what had happened by this time, and judged at it.");
        var command = new TaughtCommand("customer", """
            Show a customer's loyalty timeline: stages as a picture, milestones, risks, value to date.

            Example: crmledger loyalty customer C-4711
            """) { customer, asOf, until, Options.WithAnnulled }.AskingServer();
        command.SetAction(async (parse, ct) =>
        {
            using var ledger = parse.Connect(shell);
            string key = Uri.EscapeDataString(HistoryCommand.CustomerKey(parse.GetValue(customer)!));
            var answer = await ledger.GetAsync(LedgerClient.Address($"v1/customers/{key}/loyalty",
                ("asOf", parse.GetValue(asOf)), ("until", parse.GetValue(until)),
                ("annulled", parse.Annulled())), "milestones", ct);
            if (parse.GetValue(Options.Json))
                shell.Answer(answer.GetRawText());
            else
                LoyaltyPicture.Show(new Terminal(shell), answer);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Count(Shell shell)
    {
        var over = Options.Text("--over", "By day, week or month (month).", "PERIOD");
        over.AcceptOnlyFromAmong([.. Periods.Units]);
        var by = Options.Text("--by", "Group by segment.", "GROUP");
        by.AcceptOnlyFromAmong([.. LoyaltyCountEndpoint.Groups]);
        var from = Options.Time("--from", "From this time on (default: a year).");
        var to = Options.Time("--to", "Before this time.");
        var asOf = Options.Time("--as-of", "As the ledger knew it at this time.");
        var until = Options.Time("--until", "By what had happened by this time, and judged at it.");
        var command = new TaughtCommand("count", """
            Show whether customers stay: who stayed, was lost, is new or won back in each period, with
            retention, the stages at the end, and why relationships ended.

            Example: crmledger loyalty count --from 2026-01-01
            Example: crmledger loyalty count --by segment --over week --csv
            """) { over, by, from, to, asOf, until, Options.WithAnnulled }.AskingServer().AnsweringTables();
        command.SetAction(async (parse, ct) =>
        {
            using var ledger = parse.Connect(shell);
            bool asTable = parse.GetValue(Options.Csv);
            string address = LedgerClient.Address("v1/loyalty", ("over", parse.GetValue(over)),
                ("by", parse.GetValue(by)), ("from", parse.GetValue(from)), ("to", parse.GetValue(to)),
                ("asOf", parse.GetValue(asOf)), ("until", parse.GetValue(until)), ("annulled", parse.Annulled()),
                ("format", asTable ? "csv" : null));
            if (asTable)
            {
                shell.Answer(await ledger.GetTableAsync(address, "key,", ct));
                return ExitCode.Done;
            }
            var answer = await ledger.GetAsync(address, "groups", ct);
            if (parse.GetValue(Options.Json))
                shell.Answer(answer.GetRawText());
            else
                ShowCount(new Terminal(shell), answer);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command List(Shell shell)
    {
        var find = Options.Text("--find", "Only whose name or reference contains these words.", "TEXT");
        var stage = Options.Text("--stage", "Only these stages, with commas: at_risk,lapsed.", "STAGES");
        var risk = Options.Text("--risk", "Only those at risk: any, silence, low_trust or critical_concern.", "RISK");
        var segment = Options.Text("--segment", "Only this segment.", "SEGMENT");
        var before = Options.Time("--before", "An earlier time to compare with.");
        var stageBefore = Options.Text("--stage-before", "Only those in these stages then.", "STAGES");
        var order = Options.Text("--order", "trust (lowest first) or since (latest change first).", "ORDER");
        order.AcceptOnlyFromAmong("since", "trust");
        var asOf = Options.Time("--as-of", "As the ledger knew it at this time.");
        var until = Options.Time("--until", "By what had happened by this time, and judged at it.");
        var limit = Options.Whole("--limit", $"How many to show at most (default: {ShownByDefault}).", least: 1);
        var command = new TaughtCommand("list", """
            List customers by stage and risk, with what there is to fear.

            Example: crmledger loyalty list --risk any --order since
            Example: crmledger loyalty list --find "anna lind"
            Example: crmledger loyalty list --stage lapsed --before 2026-01-01 --stage-before loyal,advocate
            """)
        {
            find, stage, risk, segment, before, stageBefore, order, asOf, until, Options.WithAnnulled, limit,
        }.AnsweringList(limit);
        command.SetAction((parse, ct) => Pages.AnswerAsync(
            shell, parse, parse.GetValue(limit) ?? ShownByDefault, "customer_id", page => LedgerClient.Address(
                "v1/loyalty/customers",
                ("find", parse.GetValue(find)), ("stage", parse.GetValue(stage)), ("risk", parse.GetValue(risk)),
                ("segment", parse.GetValue(segment)), ("before", parse.GetValue(before)),
                ("stageBefore", parse.GetValue(stageBefore)), ("order", parse.GetValue(order)),
                ("asOf", parse.GetValue(asOf)), ("until", parse.GetValue(until)), ("annulled", parse.Annulled()),
                ("limit", page.Limit), ("cursor", page.Cursor), ("format", page.Format)), ShowList, ct));
        return command;
    }

    private static void ShowCount(Terminal terminal, JsonElement answer)
    {
        terminal.Line($"Loyalty, {Pages.Known(answer)}");
        if (answer.Text("notice") is { } notice)
            terminal.Line(notice);
        foreach (var group in answer.Items("groups"))
        {
            terminal.Line(group.Text("key") is not { } key ? "Everybody"
                : $"Segment {(key.Length > 0 ? key : "(none)")}");
            var total = group.Member("total") ?? default;
            terminal.Table(
                ["", "> Start", "> Stayed", "> Lost", "> New", "> Won back", "> End", "> Retention", "", "> Value"],
                group.Items("periods").Select(p => (p.Text("key") ?? "", p.Member("count") ?? default))
                    .Append(("all of it", total)).Select(p => Row(p.Item1, p.Item2)));
            terminal.Line("At the end: " + string.Join(", ", Numbers(total, "stages")
                .Select(s => $"{s.Value} {s.Name.Replace('_', ' ')}")) + ".");
            if (Numbers(total, "reasonsForLeaving").Any())
            {
                terminal.Line("Why relationships ended: " + string.Join(", ", Numbers(total, "reasonsForLeaving")
                    .Select(r => $"{r.Name.Replace('_', ' ')} {r.Value}")) + ".");
            }
        }
    }

    private static string[] Row(string label, JsonElement count)
    {
        var retention = count.Member("retention") ?? default;
        return
        [
            label, Sentences.Count(count.Whole("start")), Sentences.Count(count.Whole("retained")),
            Sentences.Count(count.Whole("lost")), Sentences.Count(count.Whole("new")),
            Sentences.Count(count.Whole("wonBack")), Sentences.Count(count.Whole("end")),
            Sentences.Percent(retention.Number("rate")),
            retention.Number("rate") is { } rate ? Terminal.Bar(rate) : "", LoyaltyPicture.Value(count.Member("value")),
        ];
    }

    private static void ShowList(Terminal terminal, JsonElement answer, List<JsonElement> items)
    {
        terminal.Line($"{Sentences.Count(answer.Whole("total"))} found, {Pages.Known(answer)}");
        if (answer.Text("notice") is { } notice)
            terminal.Line(notice);
        if (items.Count == 0)
            return;
        terminal.Table(["Customer", "Stage", "Since (UTC)", "> Trust", "> Bought on", "Value", "What there is to fear"],
            items.Select(c => (string[])
            [
                c.Member("customer")?.Text("name") ?? c.Text("customerId") ?? "",
                c.Text("stage")?.Replace('_', ' ') ?? "", Sentences.Minute(c.Time("since")),
                c.Number("trust")?.ToString("0.0", CultureInfo.InvariantCulture) ?? "",
                c.Whole("occasions") is 1 ? "1 day" : $"{c.Whole("occasions")} days",
                string.Join(", ", c.Items("value").Select(LoyaltyPicture.Money)),
                string.Join(' ', c.Items("risks").Select(r => r.Text("explanation"))),
            ]));
    }

    private static IEnumerable<(string Name, long Value)> Numbers(JsonElement count, string name) =>
        count.Member(name) is { ValueKind: JsonValueKind.Object } numbers
            ? numbers.EnumerateObject().Where(n => n.Value.GetInt64() > 0).Select(n => (n.Name, n.Value.GetInt64()))
            : [];
}
