using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using CrmLedger.Server.Touchpoints;

namespace CrmLedger.Cli.Commands;

/// <summary><c>crmledger practices</c>: what members do in touchpoints, and how those go.</summary>
internal static class PracticesCommand
{
    private static readonly (string Title, string Name)[] s_outcomes =
        [("positive tone", "positiveTone"), ("negative tone", "negativeTone"), ("CSAT 4–5", "csat")];

    public static Command Make(Shell shell)
    {
        var by = Options.Text("--by", "Group by member, team or channel.", "GROUP");
        by.AcceptOnlyFromAmong([.. PracticesEndpoint.Groups]);
        var from = Options.Time("--from", "Touchpoints at this time or later.");
        var to = Options.Time("--to", "Touchpoints before this time.");
        var asOf = Options.Time("--as-of", "As the ledger knew it at this time.");
        var until = Options.Time("--until", "By what had happened by this time.");
        var command = new TaughtCommand("practices", """
            Show how touchpoints went with each practice and without it: the customer's tone, and CSAT. What
            goes together need not be cause and effect. With --by, what each member, team or channel did.

            Example: crmledger practices
            Example: crmledger practices --by member --from 2026-01-01
            Example: crmledger practices --csv > practices.csv
            """) { by, from, to, asOf, until, Options.WithAnnulled }.AskingServer().AnsweringTables();
        command.SetAction(async (parse, ct) =>
        {
            using var ledger = parse.Connect(shell);
            bool asTable = parse.GetValue(Options.Csv);
            string address = LedgerClient.Address("v1/practices", ("by", parse.GetValue(by)),
                ("from", parse.GetValue(from)), ("to", parse.GetValue(to)), ("asOf", parse.GetValue(asOf)),
                ("until", parse.GetValue(until)), ("annulled", parse.Annulled()), ("format", asTable ? "csv" : null));
            if (asTable)
            {
                string first = parse.GetValue(by) is null ? PracticesCsv.FirstOutcome : PracticesCsv.FirstGroup;
                shell.Answer(await ledger.GetTableAsync(address, first + ",", ct));
                return ExitCode.Done;
            }
            var answer = await ledger.GetAsync(address, "total", ct);
            if (parse.GetValue(Options.Json))
                shell.Answer(answer.GetRawText());
            else
                Show(new Terminal(shell), answer);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Show(Terminal terminal, JsonElement answer)
    {
        var total = answer.Member("total") ?? default;
        terminal.Line($"{Sentences.Count(total.Whole("touchpoints"))} touchpoints, "
            + $"{Sentences.Count(total.Whole("noted"))} of them with a practice noted, {Pages.Known(answer)}");
        if (answer.Text("notice") is { } notice)
            terminal.Line(notice);
        if (answer.Text("by") is { } by)
        {
            terminal.Table([by, "> Touchpoints", "> Minutes", "Mostly by", "Tone", "Practices noted", "> CSAT", "> n"],
                answer.Items("groups").Select(g => (g.Text("label") ?? "", g.Member("numbers") ?? default))
                    .Append(("all", total)).Select(g => Group(g.Item1, g.Item2)));
            return;
        }
        terminal.Table(["Practice", "Outcome", "> With", "> n", "> Without", "> n", "> Difference", "> 95 %", "> p"],
            answer.Items("practices").SelectMany(p => s_outcomes.Select((o, i) =>
                Outcome(i == 0 ? p.Text("practice")?.Replace('_', ' ') ?? "" : "", o.Title,
                    p.Member(o.Name) ?? default))));
        terminal.Line(answer.Text("method") ?? "");
    }

    private static string[] Outcome(string practice, string outcome, JsonElement compared)
    {
        JsonElement with = compared.Member("with") ?? default, without = compared.Member("without") ?? default;
        return
        [
            practice, outcome, Sentences.Percent(with.Number("rate")), Sentences.Count(with.Whole("denominator")),
            Sentences.Percent(without.Number("rate")), Sentences.Count(without.Whole("denominator")),
            Sentences.Points(compared.Number("difference")),
            compared.Number("low") is { } low
                ? $"{Sentences.Points(low)} to {Sentences.Points(compared.Number("high"))}" : "–",
            compared.Number("p")?.ToString("0.000", CultureInfo.InvariantCulture) ?? "–",
        ];
    }

    private static string[] Group(string label, JsonElement numbers)
    {
        var csat = numbers.Member("csat") ?? default;
        return
        [
            label, Sentences.Count(numbers.Whole("touchpoints")),
            numbers.Number("minutes")?.ToString("#,0", CultureInfo.InvariantCulture) ?? "",
            Most(numbers, "channels", 2), Most(numbers, "tones", 5), Most(numbers, "practices", 3),
            Sentences.Percent(csat.Number("rate")), Sentences.Count(csat.Whole("denominator")),
        ];
    }

    /// <summary>The words that were counted most, with their counts.</summary>
    private static string Most(JsonElement numbers, string name, int shown) =>
        numbers.Member(name) is { ValueKind: JsonValueKind.Object } counts
            ? string.Join(", ", counts.EnumerateObject().Select(c => (c.Name, Count: counts.Whole(c.Name)))
                .Where(c => c.Count > 0).OrderByDescending(c => c.Count).Take(shown)
                .Select(c => $"{c.Name.Replace('_', ' ')} {Sentences.Count(c.Count)}"))
            : "";
}
