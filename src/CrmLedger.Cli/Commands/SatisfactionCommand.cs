using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using CrmLedger.Server.Satisfaction;

namespace CrmLedger.Cli.Commands;

/// <summary><c>crmledger satisfaction</c> and <c>crmledger feedback</c>: what customers say, and what waits.</summary>
internal static class SatisfactionCommand
{
    private const long ShownByDefault = 50;

    public static Command Make(Shell shell) =>
        new CountCommand("satisfaction", "v1/satisfaction", SatisfactionEndpoint.Groups, "Asked or received",
            canBeStated: true)
            .Make(shell, """
                Show how satisfied customers are: CSAT (share of 4 and 5), NPS with its standard error, how
                many answer, and how much is acted upon and told to the customer.

                Example: crmledger satisfaction --by team
                Example: crmledger satisfaction --by topic --over month --from 2026-01-01
                Example: crmledger satisfaction --by team --statement satisfaction.statement
                """, Show);

    public static Command MakeList(Shell shell)
    {
        var state = Options.Text("--state", "waiting (default), overdue, answered, received, unanswered_request.",
            "STATE");
        var by = Options.Text("--by", "Narrow to a group of satisfaction: topic, member, team, …", "GROUP");
        by.AcceptOnlyFromAmong([.. SatisfactionEndpoint.Groups]);
        var key = Options.Text("--key", "The group.", "KEY");
        var asOf = Options.Time("--as-of", "As the ledger knew it at this time.");
        var until = Options.Time("--until", "By what had happened by this time, and judged at it.");
        var limit = Options.Whole("--limit", $"How many to show at most (default: {ShownByDefault}).", least: 1);
        var command = new TaughtCommand("feedback", """
            List feedback that waits: neither acted upon nor answered, the longest waiting first.

            Example: crmledger feedback
            Example: crmledger feedback --state overdue --by team --key support
            """) { state, by, key, asOf, until, Options.WithAnnulled, limit }.AnsweringList(limit);
        command.SetAction((parse, ct) => Pages.AnswerAsync(
            shell, parse, parse.GetValue(limit) ?? ShownByDefault, "customer_id", page => LedgerClient.Address(
                "v1/satisfaction/feedback", ("state", parse.GetValue(state) ?? "waiting"),
                ("by", parse.GetValue(by)), ("key", parse.GetValue(key)), ("asOf", parse.GetValue(asOf)),
                ("until", parse.GetValue(until)), ("annulled", parse.Annulled()), ("limit", page.Limit),
                ("cursor", page.Cursor), ("format", page.Format)), ShowList, ct));
        return command;
    }

    private static void Show(Terminal terminal, JsonElement answer)
    {
        terminal.Line($"Satisfaction, {Pages.Known(answer)}");
        if (answer.Text("notice") is { } notice)
            terminal.Line(notice);
        terminal.Table(
            [
                answer.Text("by") ?? "", "> Received", "> CSAT", "> of", "> NPS", "> ± SE", "> of", "> CES",
                "> Answered", "> Acted upon", "> Told", "> Waiting", "> Overdue",
            ],
            CountCommand.Lines(answer).Select(l => Row(l.Label, l.Numbers)));
    }

    private static string[] Row(string label, JsonElement numbers)
    {
        var nps = numbers.Member("nps") ?? default;
        return
        [
            label, Sentences.Count(numbers.Whole("received")), Rate(numbers, "csat"),
            Sentences.Count(numbers.Member("csat")?.Whole("denominator")), One(nps.Number("score"), "+0.0;−0.0;0.0"),
            One(nps.Number("standardError"), "0.0"), Sentences.Count(nps.Whole("n")),
            One(numbers.Number("cesMean"), "0.0"), Rate(numbers, "responded"), Rate(numbers, "actedUpon"),
            Rate(numbers, "closedLoop"), Sentences.Count(numbers.Whole("waiting")),
            Sentences.Count(numbers.Whole("overdue")),
        ];
    }

    private static void ShowList(Terminal terminal, JsonElement answer, List<JsonElement> items)
    {
        terminal.Line($"{Sentences.Count(answer.Whole("total"))} found, {Pages.Known(answer)}");
        if (answer.Text("notice") is { } notice)
            terminal.Line(notice);
        if (items.Count == 0)
            return;
        terminal.Table(["Received (UTC)", "Customer", "What", "> Score", "Topics", "About", "Answer by", ""],
            items.Select(f => (string[])
            [
                Sentences.Minute(f.Time("receivedAt")),
                f.Member("customer")?.Text("name") ?? f.Text("customerId") ?? "",
                $"{f.Text("kind")} {f.Text("feedbackId")}", f.Text("score") ?? "",
                string.Join(", ", f.Items("topics").Select(t => t.GetString())),
                f.Member("member")?.Text("name") ?? f.Text("team") ?? "", Sentences.Minute(f.Time("answerBy")),
                f.Flag("overdue") ? "overdue" : f.Flag("waiting") ? "waiting" : "",
            ]));
    }

    private static string Rate(JsonElement numbers, string share) =>
        Sentences.Percent(numbers.Member(share)?.Number("rate"));

    private static string One(double? number, string format) =>
        number?.ToString(format, CultureInfo.InvariantCulture) ?? "–";
}
