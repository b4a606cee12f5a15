using System.Globalization;
using System.Text.Json;

namespace CrmLedger.Cli.Commands;

/// <summary>A customer's loyalty timeline as people like to see it: a skyline of stages, milestones under it.</summary>
internal static class LoyaltyPicture
{
    private const int Columns = 72;

    private static readonly (string Stage, char Sign)[] s_skyline =
    [
        ("prospect", '·'), ("new", '▂'), ("established", '▄'), ("loyal", '▆'), ("advocate", '█'), ("at_risk", '!'),
        ("lapsed", '×'),
    ];

    public static void Show(Terminal terminal, JsonElement answer)
    {
        string name = answer.Member("customer")?.Text("name") ?? answer.Member("customer")?.Text("reference")
            ?? $"customer {answer.Text("customerId")}";
        terminal.Line($"{name}, {Pages.Known(answer)}");
        if (answer.Text("notice") is { } notice)
            terminal.Line(notice);
        if (answer.Text("stage") is not { } stage)
            return;
        terminal.Line($"{Words(stage)} since {Sentences.Minute(answer.Time("since"))} UTC; trust "
            + (answer.Number("trust")?.ToString("0.0", CultureInfo.InvariantCulture) ?? "–")
            + (answer.Text("lastRecommendation") is { } nps ? $"; would recommend us: {nps} of 10" : "")
            + $"; value to date {Value(answer.Items("value"))}");
        foreach (var risk in answer.Items("risks"))
            terminal.Line($"  ! {risk.Text("explanation")}");
        Draw(terminal, answer);
        terminal.Table(["When (UTC)", "What", "> Position"], answer.Items("milestones").Select(m => (string[])
        [
            Sentences.Minute(m.Time("at")), m.Text("text") ?? "", m.Text("position") ?? "",
        ]));
    }

    /// <summary>What was paid and not paid back, by currency.</summary>
    public static string Value(JsonElement? byCurrency) => byCurrency is { ValueKind: JsonValueKind.Object } values
        ? Value(values.EnumerateObject().Select(v => v.Value))
        : "–";

    /// <summary>An amount in the major unit of a currency, which nearly always has a hundred minor ones.</summary>
    public static string Money(JsonElement value) =>
        $"{((value.Number("valueMinor") ?? 0) / 100).ToString("#,0.00", CultureInfo.InvariantCulture)} "
        + value.Text("currency");

    private static string Value(IEnumerable<JsonElement> values) =>
        values.ToList() is { Count: > 0 } some ? string.Join(", ", some.Select(Money)) : "nothing";

    private static void Draw(Terminal terminal, JsonElement answer)
    {
        var stages = answer.Items("stages").Select(s => (Stage: s.Text("stage") ?? "", From: s.Time("from")!.Value))
            .ToList();
        var (first, last) = (stages[0].From, answer.Time("until") ?? answer.Time("asOf")!.Value);
        if (last <= first)
            return;
        int ColumnOf(DateTimeOffset time) =>
            (int)Math.Clamp((time - first) / (last - first) * Columns, 0, Columns - 1);
        char[] skyline = new char[Columns];
        for (int i = 0; i < Columns; i++)
        {
            var time = first + (last - first) * ((i + 0.5) / Columns);
            skyline[i] = SignOf(stages.FindLast(s => s.From <= time).Stage);
        }
        char[] marks = [.. Enumerable.Repeat(' ', Columns)];
        foreach (var milestone in answer.Items("milestones"))
        {
            if (milestone.Time("at") is { } at && milestone.Text("position") is not null)
                marks[ColumnOf(at)] = '◆';
        }
        terminal.Line($"  {new string(skyline)}");
        terminal.Line($"  {new string(marks).TrimEnd()}");
        terminal.Line($"  {Day(first)}{Day(last).PadLeft(Columns - 10)}");
        terminal.Line("  " + string.Join("  ", s_skyline.Where(s => stages.Exists(t => t.Stage == s.Stage))
            .Select(s => $"{s.Sign} {Words(s.Stage)}")) + "  ◆ milestone");
    }

    private static char SignOf(string stage) =>
        s_skyline.Where(s => s.Stage == stage).Select(s => s.Sign).FirstOrDefault('?');

    private static string Words(string stage) => stage.Replace('_', ' ');

    private static string Day(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
