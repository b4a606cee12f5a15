using System.Globalization;
using System.Text.Json;

namespace CrmLedger.Cli.Commands;

/// <summary>A step of a replay as people read it.</summary>
internal static class ReplayPicture
{
    /// <summary>Whose story it is, and as known when.</summary>
    public static void ShowHeading(Terminal terminal, JsonElement page)
    {
        var customer = page.Member("customer") ?? default;
        string? reference = customer.Text("reference");
        string name = customer.Text("name") ?? reference ?? "(without a name)";
        terminal.Line($"{name}{(reference is null || reference == name ? "" : $" ({reference})")}, "
            + $"customer {page.Text("customerId")}");
        long total = page.Whole("total") ?? 0;
        terminal.Line($"{Sentences.Count(total)} {(total == 1 ? "step" : "steps")}, {Pages.Known(page)}");
        if (page.Text("notice") is { } notice)
            terminal.Line(notice);
    }

    /// <summary>What happened, what it changed and what became of trust.</summary>
    /// <param name="terminal">Where to.</param>
    /// <param name="page">The page that the step is of.</param>
    /// <param name="step">The step.</param>
    /// <param name="isWhole">Whether all fields are shown, changed or not.</param>
    public static void ShowStep(Terminal terminal, JsonElement page, JsonElement step, bool isWhole)
    {
        var entry = step.Member("event") ?? default;
        var members = page.Member("members");
        terminal.Line($"── {step.Text("number")} of {page.Text("total")} ── {Words(entry.Text("type"))} ──");
        terminal.Line($"Happened {Sentences.Minute(entry.Time("occurredAt"))} UTC, recorded "
            + $"{Sentences.Minute(entry.Time("recordedAt"))} UTC by {entry.Text("actor")}");
        terminal.Line($"Version {entry.Text("version")}, position {entry.Text("position")}"
            + (entry.Text("importId") is { } import ? $", import {import}" : ""));
        string sentence = step.Member("annuls") is { } annuls
            ? $"Event {annuls.Text("version")}, {Words(annuls.Text("type"))}, was wrong and no longer counts: "
                + entry.Member("data")?.Text("reason")
            : EventSentence.Of(entry, members);
        if (entry.Member("annulled") is { } annulled)
        {
            terminal.StruckLine(sentence);
            terminal.Line($"Annulled {HistoryCommand.Annulment(annulled)}");
        }
        else
        {
            terminal.Line(sentence);
        }
        ShowState(terminal, step, members, isWhole);
        ShowViews(terminal, step, members, isWhole);
        ShowTrust(terminal, step);
    }

    private static void ShowState(Terminal terminal, JsonElement step, JsonElement? members, bool isWhole)
    {
        if (step.Member("state") is not { } state)
            return;
        var (before, after) = (state.Member("before"), state.Member("after"));
        var fields = new[] { before, after }.OfType<JsonElement>().SelectMany(s => s.EnumerateObject())
            .Select(f => f.Name).Distinct(StringComparer.Ordinal)
            .Select(f => (Name: f, Before: before?.Member(f), After: after?.Member(f))).ToList();
        if (!isWhole && before is not null && after is not null)
            fields.RemoveAll(f => f.Before?.GetRawText() == f.After?.GetRawText());
        terminal.Line();
        terminal.Line((before, after) switch
        {
            (null, null) => $"There is no {state.Text("part")}.",
            (null, _) => $"{state.Text("part")} begins:",
            (_, null) => $"{state.Text("part")} is no more:",
            _ when fields.Count == 0 => $"{state.Text("part")} stays as it was.",
            _ => $"{state.Text("part")} changed:",
        });
        if (fields.Count > 0)
        {
            terminal.Table(["Field", "Before", "After"], fields.Select(f =>
                (string[])[f.Name, Value(f.Name, f.Before, members), Value(f.Name, f.After, members)]));
        }
    }

    private static void ShowViews(Terminal terminal, JsonElement step, JsonElement? members, bool isWhole)
    {
        var rows = step.Items("views").SelectMany(v => v.Items("rows").Select(r => (View: v, Row: r))).ToList();
        if (rows.Count == 0)
        {
            terminal.Line("No view changed.");
            return;
        }
        terminal.Table(["View", "Row", "What it did"], rows.Select(r => (string[])
        [
            r.View.Text("view") ?? "", r.Row.Text("key") ?? "",
            r.Row.Text("change") == "changed" || isWhole
                ? $"{r.Row.Text("change")}: " + string.Join("; ", r.Row.Items("fields").Select(f =>
                    $"{f.Text("field")} {Value(Last(f.Text("field")), f.Member("before"), members)} → "
                    + Value(Last(f.Text("field")), f.Member("after"), members)))
                : r.Row.Text("change") ?? "",
        ]));
    }

    private static void ShowTrust(Terminal terminal, JsonElement step)
    {
        var trust = step.Member("trust") ?? default;
        var (before, after) = (trust.Number("before") ?? 0, trust.Number("after") ?? 0);
        string moved = Math.Round(after - before, 1) == 0
            ? $"Trust {Score(after)}, not moved"
            : $"Trust {Score(before)} → {Score(after)} "
                + $"({(after - before).ToString("+0.0;−0.0", CultureInfo.InvariantCulture)})";
        terminal.Line($"{moved}  {Terminal.Bar(after / 100)}");
    }

    private static string Value(string field, JsonElement? value, JsonElement? members)
    {
        if (value is not { } there)
            return "–";
        if (there.ValueKind == JsonValueKind.Array)
            return $"[{string.Join(", ", there.EnumerateArray().Select(Short))}]";
        if (there.ValueKind != JsonValueKind.String)
            return there.GetRawText();
        string text = there.GetString()!;
        if (field is "makerId" or "holderId" || field.EndsWith("emberId", StringComparison.Ordinal))
            return members?.Member(text)?.Text("name") ?? text;
        return text.EndsWith('Z') && there.TryGetDateTimeOffset(out var time) ? Sentences.Minute(time) : text;
    }

    /// <summary>An item of a list: evidence by its kind, anything else as it is.</summary>
    private static string Short(JsonElement item) => item.Text("kind") is { } kind ? Words(kind) : item.GetRawText();

    private static string Last(string? field) => field?[(field.LastIndexOf('.') + 1)..] ?? "";

    private static string Words(string? type) => (type ?? "").Replace('_', ' ');

    private static string Score(double score) => score.ToString("0.0", CultureInfo.InvariantCulture);
}
