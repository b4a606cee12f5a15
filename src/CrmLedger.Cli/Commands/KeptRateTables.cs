using System.Globalization;
using System.Text.Json;

namespace CrmLedger.Cli.Commands;

/// <summary>The answers of <c>crmledger kept-rate</c> for people.</summary>
internal static class KeptRateTables
{
    private static readonly (string Title, string Name)[] s_classes =
    [
        ("> Kept", "keptFirstDate"), ("> Agreed date", "keptAgreedDate"), ("> Late", "keptLate"),
        ("> Broken", "broken"), ("> Overdue", "overdue"), ("> Moved", "movedByAgreement"),
        ("> Released", "released"), ("> Not due", "notYetDue"),
    ];

    /// <summary>Beside the period before.</summary>
    public static void ShowChange(Terminal terminal, JsonElement answer)
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
                Sentences.Points(g.Number("difference")),
                g.Number("low") is { } low ? $"{Sentences.Points(low)} to {Sentences.Points(g.Number("high"))}" : "–",
                g.Number("p")?.ToString("0.000", CultureInfo.InvariantCulture) ?? "–",
            ]));
        terminal.Line(answer.Text("method") ?? "");
    }

    /// <summary>Who comes first, and who was left out.</summary>
    public static void ShowRanking(Terminal terminal, JsonElement answer)
    {
        var overall = answer.Member("overall") ?? default;
        string why = answer.Text("order") == "lowest"
            ? "the most that it could be, lowest first: who surely needs help"
            : "the least that it could be, highest first: who surely keeps their word";
        terminal.Line($"Strict kept rate by {why}; {Pages.Known(answer)}{Period(answer)}");
        if (answer.Text("notice") is { } notice)
            terminal.Line(notice);
        terminal.Table(["> Rank", answer.Text("by") ?? "", "> n", "> Strict", "> 95 %", "> Agreed", "Beside all"],
            answer.Items("items").Select(g => (string[])
            [
                g.Text("rank") ?? "", g.Text("label") ?? "", Sentences.Count(g.Whole("n")), .. Shares(g),
                g.Text("stands") ?? "",
            ]));
        long left = (answer.Whole("ranked") ?? 0) - answer.Items("items").Count();
        terminal.Line($"Of all {Sentences.Count(overall.Whole("denominator"))} promises "
            + $"{Sentences.Percent(overall.Number("rate"))} were kept by their first date. "
            + $"{Sentences.Count(answer.Whole("tooFew"))} with fewer than {answer.Text("minN")} are left out"
            + (left > 0 ? $", {Sentences.Count(left)} more are not shown." : "."));
    }

    /// <summary>The rate, and how it went where that was asked for.</summary>
    public static void Show(Terminal terminal, JsonElement answer)
    {
        var total = answer.Member("total") ?? default;
        terminal.Line($"Commitment-kept rate, {Pages.Known(answer)}{Period(answer)}");
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

    private static string Period(JsonElement answer)
    {
        DateTimeOffset? from = answer.Time("from"), to = answer.Time("to");
        return (from, to) switch
        {
            (null, null) => "",
            _ => $", first due {(from is null ? "" : "from " + Sentences.Minute(from) + " ")}"
                + $"{(to is null ? "" : "before " + Sentences.Minute(to))}".TrimEnd(),
        };
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
