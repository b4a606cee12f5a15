using System.Globalization;
using System.Text;

namespace CrmLedger.Benchmarks;

/// <summary>A number that was promised and what it came to.</summary>
/// <param name="What">Of what.</param>
/// <param name="Limit">The number.</param>
/// <param name="IsFloor">Whether it is the least; else it is the most.</param>
/// <param name="Measured">What it came to.</param>
internal sealed record Budget(string What, double Limit, bool IsFloor, double Measured)
{
    /// <summary>Whether it was kept.</summary>
    public bool Kept => IsFloor ? Measured >= Limit : Measured <= Limit;

    /// <summary>At least so much.</summary>
    public static Budget AtLeast(string what, double limit, double measured) => new(what, limit, true, measured);

    /// <summary>At most so much.</summary>
    public static Budget AtMost(string what, double limit, double measured) => new(what, limit, false, measured);
}

/// <summary>One question and its answer.</summary>
/// <param name="Title">Its name.</param>
/// <param name="Question">What was measured, and how.</param>
/// <param name="Budgets">What was promised.</param>
/// <param name="Outcomes">What was measured, ours and bare.</param>
/// <param name="Notes">What a reader must know to judge it.</param>
/// <param name="Unit">What is counted.</param>
internal sealed record Section(
    string Title, string Question, IReadOnlyList<Budget> Budgets, IReadOnlyList<Outcome> Outcomes,
    IReadOnlyList<string> Notes, string Unit = "events");

/// <summary>Writes what was measured as Markdown that somebody who has never seen the ledger can read.</summary>
internal static class Report
{
    private const int BarWidth = 40;

    /// <summary>The whole page.</summary>
    public static string Write(IReadOnlyList<Section> sections, Size size, Version postgres, string loadBefore)
    {
        var page = new StringBuilder();
        var today = TimeProvider.System.GetUtcNow();
        page.Append(CultureInfo.InvariantCulture, $"""
            # Benchmarks

            Measured on {today:yyyy-MM-dd HH:mm} UTC, size `{size.ToString().ToLowerInvariant()}`. The ledger and bare
            PostgreSQL took turns in one run on one machine. Each number is the median of the rounds; the lowest and
            the highest rate stand beside it. Acknowledged means committed to disk: `fsync` and `synchronous_commit` are
            on. CPU time is that of all cores together.

            | | |
            | --- | --- |
            | Processor | {Machine.Processors()} |
            | Memory | {Machine.Memory()} |
            | System | {Machine.System()} |
            | PostgreSQL | {postgres}, with the settings of the embedded cluster, on the same machine |
            | .NET | {Machine.Runtime()} |
            | Load before and after | {loadBefore} and {Machine.Load()} (1, 5 and 15 minutes) |

            """);
        foreach (var section in sections)
            Write(page, section);
        return page.ToString();
    }

    private static void Write(StringBuilder page, Section section)
    {
        page.Append(CultureInfo.InvariantCulture, $"\n## {section.Title}\n\n");
        if (section.Budgets.Count > 0)
            page.Append("| Budget | | Measured | |\n| --- | ---: | ---: | --- |\n");
        foreach (var b in section.Budgets)
        {
            page.Append(CultureInfo.InvariantCulture, $"| {b.What} | {(b.IsFloor ? "≥" : "≤")} {b.Limit:#,0.##} "
                + $"| {Number(b.Measured)} | {(b.Kept ? "kept" : "**missed**")} |\n");
        }
        page.Append(CultureInfo.InvariantCulture, $"\n{section.Question}\n\n");
        page.Append(CultureInfo.InvariantCulture, $"| | {section.Unit}/s | lowest – highest | p50 ms | p99 ms "
            + $"| client CPU ms/1,000 {section.Unit} | PostgreSQL CPU ms/1,000 {section.Unit} |\n");
        page.Append("| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n");
        foreach (var o in section.Outcomes)
        {
            page.Append(CultureInfo.InvariantCulture, $"| {o.Contender.Name} | {Number(o.Rate)} "
                + $"| {Number(o.Samples.Min(s => s.Rate))} – {Number(o.Samples.Max(s => s.Rate))} "
                + $"| {Number(o.Median(s => s.P50))} | {Number(o.Median(s => s.P99))} "
                + $"| {Number(o.Median(s => s.OurCpuSeconds * 1e6 / s.Events))} "
                + $"| {Number(o.Median(s => s.PostgresCpuSeconds * 1e6 / s.Events))} |\n");
        }
        Chart(page, section.Outcomes);
        foreach (string note in section.Notes)
            page.Append(CultureInfo.InvariantCulture, $"- {note}\n");
    }

    private static void Chart(StringBuilder page, IReadOnlyList<Outcome> outcomes)
    {
        double most = outcomes.Max(o => o.Rate);
        int name = outcomes.Max(o => o.Contender.Name.Length);
        page.Append("\n```\n");
        foreach (var o in outcomes)
        {
            int length = Math.Max(1, (int)Math.Round(BarWidth * o.Rate / most));
            string bar = new(o.Contender.IsOurs ? '█' : '░', length);
            page.Append(CultureInfo.InvariantCulture, $"{o.Contender.Name.PadRight(name)} {bar} {Number(o.Rate)}/s\n");
        }
        page.Append("```\n\n");
    }

    private static string Number(double? value) => value switch
    {
        null => "",
        < 100 => value.Value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("N0", CultureInfo.InvariantCulture),
    };
}
