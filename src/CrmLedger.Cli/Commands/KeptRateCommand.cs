using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using CrmLedger.Server.Commitments;

namespace CrmLedger.Cli.Commands;

/// <summary><c>crmledger kept-rate</c>: how often we keep our word, with every denominator named.</summary>
internal static class KeptRateCommand
{
    private static readonly (string Title, string Name)[] s_classes =
    [
        ("> Kept", "keptFirstDate"), ("> Agreed date", "keptAgreedDate"), ("> Late", "keptLate"),
        ("> Broken", "broken"), ("> Overdue", "overdue"), ("> Moved", "movedByAgreement"),
        ("> Released", "released"), ("> Not due", "notYetDue"),
    ];

    public static Command Make(Shell shell)
    {
        var by = Options.Text(
            "--by", "Group by maker, holder, team, kind, channel, customer, day, week or month.", "GROUP");
        by.AcceptOnlyFromAmong([.. KeptRateEndpoint.Groups]);
        var over = Options.Text("--over", "Also of every day, week or month: how it went.", "PERIOD");
        over.AcceptOnlyFromAmong([.. KeptRateEndpoint.Periods]);
        var from = Options.Time("--from", "Promises first due at this time or later.");
        var to = Options.Time("--to", "Promises first due before this time.");
        var asOf = Options.Time("--as-of", "As the ledger knew it at this time.");
        var until = Options.Time("--until", "By what had happened by this time, and judged at it.");
        var change = new Option<bool>("--change") { Description = "Beside the period before; needs --from and --to." };
        var csv = new Option<bool>("--csv") { Description = "A table for spreadsheets." };
        var command = new TaughtCommand("kept-rate", """
            Show the commitment-kept rate: of the promises whose first due date has passed, how many were
            kept by that date. Promises that are late, broken or still open count against it; moved ones
            never count as kept by the first date. 95 % is the Wilson interval of the strict rate.

            Example: crmledger kept-rate --by team
            Example: crmledger kept-rate --by month --from 2026-01-01 --to 2026-07-01 --json
            Example: crmledger kept-rate --by team --over month
            Example: crmledger kept-rate --by team --from 2026-07-01 --to 2026-10-01 --change
            Example: crmledger kept-rate --by customer --csv > kept-rate.csv
            """) { by, over, from, to, asOf, until, change, csv }.AskingServer();
        command.Validators.Add(asked =>
        {
            if (asked.GetValue(csv) && asked.GetValue(Options.Json))
                asked.AddError("Give --csv or --json, not both.");
            if (asked.GetValue(change) && (asked.GetValue(csv) || asked.GetResult(over) is not null
                || asked.GetResult(from) is null || asked.GetResult(to) is null))
            {
                asked.AddError("--change goes with --from and --to, and without --csv and --over.");
            }
        });
        command.SetAction(async (parse, ct) =>
        {
            using var ledger = parse.Connect(shell);
            bool asTable = parse.GetValue(csv), isChange = parse.GetValue(change);
            string address = LedgerClient.Address(
                isChange ? "v1/kept-rate/change" : "v1/kept-rate",
                ("by", parse.GetValue(by)),
                ("over", parse.GetValue(over)),
                ("from", parse.GetValue(from)),
                ("to", parse.GetValue(to)),
                ("asOf", parse.GetValue(asOf)),
                ("until", parse.GetValue(until)),
                ("format", asTable ? "csv" : null));
            if (asTable)
            {
                shell.Answer((await ledger.GetTableAsync(address, KeptRateCsv.FirstColumn + ",", ct)).TrimEnd());
                return ExitCode.Done;
            }
            var answer = await ledger.GetAsync(address, "total", ct);
            if (parse.GetValue(Options.Json))
                shell.Answer(answer.GetRawText());
            else if (isChange)
                ShowChange(new Terminal(shell), answer);
            else
                Show(new Terminal(shell), answer);
            return ExitCode.Done;
        });
        return command;
    }

    private static void ShowChange(Terminal terminal, JsonElement answer)
    {
        terminal.Line($"Commitment-kept rate, {Pages.Known(answer)}, first due from "
            + $"{Sentences.Minute(answer.Time("from"))} before {Sentences.Minute(answer.Time("to"))}, beside those "
            + $"from {Sentences.Minute(answer.Time("beforeFrom"))} on");
        var total = answer.Member("total") ?? default;
        terminal.Table([answer.Text("by") ?? "", "> Before", "> n", "> After", "> n", "> Change", "> 95 %", "> p"],
            answer.Items("groups").Append(total).Select(g => (string[])
            [
                g.Text("label") ?? "all",
                Sentences.Percent(g.Member("before")?.Number("rate")),
                Sentences.Count(g.Member("before")?.Whole("denominator")),
                Sentences.Percent(g.Member("after")?.Number("rate")),
                Sentences.Count(g.Member("after")?.Whole("denominator")),
                Points(g.Number("difference")),
                g.Number("low") is { } low ? $"{Points(low)} to {Points(g.Number("high"))}" : "–",
                g.Number("p")?.ToString("0.000", CultureInfo.InvariantCulture) ?? "–",
            ]));
        terminal.Line(answer.Text("method") ?? "");
    }

    /// <summary>Percentage points, with their sign and a true minus.</summary>
    private static string Points(double? share) =>
        (share * 100)?.ToString("+0.0;−0.0;0.0", CultureInfo.InvariantCulture) ?? "–";

    private static void Show(Terminal terminal, JsonElement answer)
    {
        var total = answer.Member("total") ?? default;
        DateTimeOffset? from = answer.Time("from"), to = answer.Time("to");
        string period = (from, to) switch
        {
            (null, null) => "",
            _ => $", first due {(from is null ? "" : "from " + Sentences.Minute(from) + " ")}"
                + $"{(to is null ? "" : "before " + Sentences.Minute(to))}".TrimEnd(),
        };
        terminal.Line($"Commitment-kept rate, {Pages.Known(answer)}{period}");
        if (answer.Text("notice") is { } notice)
            terminal.Line(notice);
        Table(terminal, answer, total);
        terminal.Line(
            $"{Sentences.Count(total.Whole("n"))} promises to {Sentences.Count(total.Whole("customers"))} customers; "
            + $"{Sentences.Count(total.Whole("imported"))} came with an import, "
            + $"{Sentences.Count(total.Whole("recordedLate"))} were recorded late; renegotiated "
            + $"{Sentences.Percent(total.Number("renegotiationRate"))}"
            + (total.Number("medianLatenessSeconds") is { } late
                ? $"; median lateness {Sentences.Duration(late)}."
                : "."));
        string causes = Causes(total);
        if (causes.Length > 0)
            terminal.Line($"Why they were missed: {causes}.");
        if (answer.Text("over") is { } over)
            ShowOver(terminal, answer, over);
    }

    private static List<(string Label, JsonElement Rate)> Rates(JsonElement answer) =>
        [
            .. answer.Items("groups").Select(g => (g.Text("label") ?? g.Text("key") ?? "", g)),
            ("all", answer.Member("total") ?? default),
        ];

    /// <summary>How each group went as a row of blocks below each other, then the numbers of every period.</summary>
    private static void ShowOver(Terminal terminal, JsonElement answer, string over)
    {
        var rates = Rates(answer);
        string[] periods = [.. rates[^1].Rate.Items("over").Select(p => p.Text("key") ?? "")];
        if (periods.Length == 0)
            return;
        terminal.Line();
        terminal.Line($"Strict rate of each {over}, {periods[0]} to {periods[^1]}; ▁ is none kept, █ is all");
        int widest = rates.Max(r => r.Label.Length);
        foreach (var (label, rate) in rates)
        {
            var of = rate.Items("over").ToDictionary(p => p.Text("key") ?? "", StringComparer.Ordinal);
            terminal.Line($"  {label.PadRight(widest)}  " + Terminal.Spark(periods.Select(key =>
                of.TryGetValue(key, out var period) ? period.Member("strict")?.Number("rate") : null)));
        }
        terminal.Table([answer.Text("by") ?? "", over, "> n", "> Strict", "> 95 %", "> Agreed", "> Moved", "Missed by"],
            rates.SelectMany(r => r.Rate.Items("over").Select((p, i) => (string[])
            [
                i == 0 ? r.Label : "", p.Text("key") ?? "", Sentences.Count(p.Whole("n")), .. Shares(p),
                p.Whole("renegotiated") is > 0 and var moved
                    ? $"{Sentences.Count(moved)} ({Sentences.Percent(p.Number("renegotiationRate"))})" : "",
                Causes(p),
            ])));
    }

    /// <summary>The strict rate, its interval and the agreed rate.</summary>
    private static string[] Shares(JsonElement rate)
    {
        var strict = rate.Member("strict") ?? default;
        return
        [
            Sentences.Percent(strict.Number("rate")),
            strict.Number("low") is { } low ? $"{low * 100:0.0}–{strict.Number("high") * 100:0.0}" : "–",
            Sentences.Percent(rate.Member("agreed")?.Number("rate")),
        ];
    }

    /// <summary>
    /// With the count of every class that occurs where the terminal is wide enough, without any where not.
    /// </summary>
    private static void Table(Terminal terminal, JsonElement answer, JsonElement total)
    {
        var classes = s_classes.Where(c => total.Member("counts")?.Whole(c.Name) > 0).ToArray();
        var rates = Rates(answer);
        foreach (var shown in new[] { classes, [] })
        {
            string[] columns =
            [
                answer.Text("by") ?? "", "> n", .. shown.Select(c => c.Title), "> Strict", "> 95 %", "> Agreed",
                "Strict rate",
            ];
            List<string[]> rows = [.. rates.Select(r => Row(r.Label, r.Rate, shown))];
            if (shown.Length > 0 && !terminal.Fits(columns, rows))
                continue;
            terminal.Table(columns, rows);
            if (shown.Length < classes.Length)
            {
                terminal.Line(string.Join(", ", classes.Select(c =>
                    $"{c.Title[2..].ToLowerInvariant()} {Sentences.Count(total.Member("counts")?.Whole(c.Name))}")));
            }
            break;
        }
    }

    private static string[] Row(string label, JsonElement rate, (string Title, string Name)[] classes)
    {
        var counts = rate.Member("counts") ?? default;
        return
        [
            label,
            Sentences.Count(rate.Whole("n")),
            .. classes.Select(c => Sentences.Count(counts.Whole(c.Name))),
            .. Shares(rate),
            rate.Member("strict")?.Number("rate") is { } share ? Terminal.Bar(share) : "",
        ];
    }

    private static string Causes(JsonElement total) =>
        total.Member("missCauses") is { ValueKind: JsonValueKind.Object } causes
            ? string.Join(", ", causes.EnumerateObject()
                .Where(c => c.Value.ValueKind == JsonValueKind.Number)
                .Select(c => $"{c.Name} {c.Value.GetRawText()}"))
            : "";
}
