using System.CommandLine;
using System.Globalization;
using System.Text.Json;

namespace CrmLedger.Cli.Commands;

/// <summary><c>crmledger trust</c>: a customer's trust in us and why, or all relationships by trust.</summary>
internal static class TrustCommand
{
    private const int ShortList = 10;

    public static Command Make(Shell shell)
    {
        var customer = new Argument<string?>("CUSTOMER")
        {
            Description = "The customer's id or your own reference; all relationships when left out.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var explain = new Option<bool>("--explain") { Description = "Every event that counts, not only the first." };
        var since = Options.Time("--since", "Also what moved the score since this time.");
        var asOf = Options.Time("--as-of", "As the ledger knew it at this time.");
        var until = Options.Time("--until", "By what had happened by this time, and the score of that time.");
        var order = Options.Text("--order", "Without CUSTOMER: lowest or highest first.", "ORDER");
        order.AcceptOnlyFromAmong("lowest", "highest");
        var limit = Options.Whole("--limit", "Without CUSTOMER: how many (20).", least: 1, most: 1_000_000);
        var statement = StatementFile.Option();
        var command = new TaughtCommand("trust", """
            Show how much a customer can trust us, from 0 to 100, by what we did.
            Every promise kept or broken, follow-up, concern and answer counts, and fades by half in each
            half-life. The points of all events and the start sum to the score. Without CUSTOMER,
            relationships are ranked.

            Example: crmledger trust C-4711 --explain
            Example: crmledger trust C-4711 --since 2026-01-01
            Example: crmledger trust --order lowest --limit 10
            Example: crmledger trust --csv > trust.csv
            """) { customer, explain, since, asOf, until, Options.WithAnnulled, order, limit, statement }
            .AnsweringList(limit);
        command.Validators.Add(asked =>
        {
            bool one = asked.GetValue(customer) is not null;
            foreach (Option other in one ? [order, limit, Options.Csv] : new Option[] { explain, since, statement })
            {
                if (asked.GetResult(other) is { Implicit: false })
                    asked.AddError($"{other.Name} goes {(one ? "without" : "with")} CUSTOMER.");
            }
        });
        command.SetAction(async (parse, ct) =>
        {
            if (parse.GetValue(customer) is { } named)
            {
                using var ledger = parse.Connect(shell);
                var answer = await ledger.GetAsync(LedgerClient.Address(
                    $"v1/customers/{Uri.EscapeDataString(HistoryCommand.CustomerKey(named))}/trust",
                    ("asOf", parse.GetValue(asOf)), ("until", parse.GetValue(until)), ("annulled", parse.Annulled()),
                    ("since", parse.GetValue(since)), ("statement", StatementFile.Asked(parse, statement))),
                    "score", ct);
                StatementFile.Write(shell, parse.GetValue(statement), answer);
                if (parse.GetValue(Options.Json))
                    shell.Answer(answer.GetRawText());
                else
                    Show(new Terminal(shell), answer, parse.GetValue(explain));
                return ExitCode.Done;
            }
            return await Pages.AnswerAsync(shell, parse, parse.GetValue(limit) ?? 20, "customer_id",
                page => LedgerClient.Address("v1/trust",
                    ("order", parse.GetValue(order)), ("asOf", parse.GetValue(asOf)),
                    ("until", parse.GetValue(until)), ("annulled", parse.Annulled()), ("limit", page.Limit),
                    ("cursor", page.Cursor), ("format", page.Format)), ShowRanking, ct);
        });
        return command;
    }

    private static void Show(Terminal terminal, JsonElement answer, bool all)
    {
        double score = answer.Number("score") ?? 0;
        terminal.Line($"{NameOf(answer)}, {Pages.Known(answer)}");
        terminal.Line($"Trust {score.ToString("0.0", CultureInfo.InvariantCulture)} of 100  "
            + $"{Terminal.Bar(score / 100)}  between {One(answer, "atLeast")} and {One(answer, "atMost")} by what is "
            + "not known");
        if (answer.Text("notice") is { } notice)
            terminal.Line(notice);
        var evidence = answer.Items("evidence").ToList();
        if (evidence.Count > 0)
        {
            terminal.Table(["> Points", "Why", "> Position"], evidence.Take(all ? int.MaxValue : ShortList).Select(e =>
                (string[])[Points(e.Number("points")), e.Text("explanation") ?? "", e.Text("position") ?? ""]));
            double start = answer.Number("start") ?? 0;
            terminal.Line($"{evidence.Count} {(evidence.Count == 1 ? "event" : "events")}; "
                + $"start {start.ToString("0.0", CultureInfo.InvariantCulture)} "
                + $"{Points(score - start)} = {score.ToString("0.0", CultureInfo.InvariantCulture)}."
                + (all || evidence.Count <= ShortList ? "" : " All of them: --explain."));
        }
        if (answer.Member("since") is { } since)
            ShowSince(terminal, since);
    }

    private static void ShowSince(Terminal terminal, JsonElement since)
    {
        terminal.Line($"Since {Sentences.Minute(since.Time("time"))} UTC it moved {Points(since.Number("moved"))}, "
            + $"from {One(since, "score")}:");
        terminal.Table(["> Moved", "Because", "Evidence"], since.Items("changes").Select(c => (string[])
        [
            Points(c.Number("moved")), c.Text("why") ?? "", c.Text("explanation") ?? "",
        ]));
    }

    private static void ShowRanking(Terminal terminal, JsonElement answer, List<JsonElement> items)
    {
        terminal.Line($"Trust, {Pages.Known(answer)}: {Sentences.Count(answer.Whole("customers"))} customers"
            + (answer.Number("median") is { } median
                ? $", median {median.ToString("0.0", CultureInfo.InvariantCulture)}" : ""));
        if (answer.Text("notice") is { } notice)
            terminal.Line(notice);
        var bands = answer.Items("bands").Select(b => b.GetInt32()).ToList();
        for (int i = 0; i < bands.Count; i++)
        {
            int width = 100 / bands.Count;
            string bar = Terminal.Bar((double)bands[i] / Math.Max(1, bands.Max()));
            terminal.Line($"  {i * width,3}–{(i + 1) * width,-3} {bar} {Sentences.Count(bands[i])}");
        }
        terminal.Table(["Customer", "> Trust", "> At least", "> At most", "> Evidence"], items.Select(c => (string[])
        [
            NameOf(c), One(c, "score"), One(c, "atLeast"), One(c, "atMost"), Sentences.Count(c.Whole("evidence")),
        ]));
    }

    private static string NameOf(JsonElement answer) =>
        answer.Member("customer")?.Text("name") ?? answer.Member("customer")?.Text("reference")
        ?? $"customer {answer.Text("customerId")}";

    private static string One(JsonElement answer, string name) =>
        answer.Number(name)?.ToString("0.0", CultureInfo.InvariantCulture) ?? "–";

    /// <summary>With its sign, and a true minus.</summary>
    private static string Points(double? points) =>
        points?.ToString("+0.0;−0.0;0.0", CultureInfo.InvariantCulture) ?? "–";
}
