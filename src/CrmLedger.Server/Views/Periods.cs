using System.Diagnostics;
using System.Globalization;

namespace CrmLedger.Server.Views;

/// <summary>Days, weeks (ISO 8601) and months, UTC, by which answers are told over time.</summary>
public static class Periods
{
    /// <summary>What an answer can be told over.</summary>
    public static IReadOnlyList<string> Units { get; } = ["day", "week", "month"];

    /// <summary>The number of the period that a time lies in; rising with time.</summary>
    /// <param name="unit">One of <see cref="Units" />.</param>
    /// <param name="ticks">The time, in ticks of UTC.</param>
    public static int Of(string unit, long ticks)
    {
        int day = (int)(ticks / TimeSpan.TicksPerDay);
        return unit switch
        {
            "day" => day,
            // Day 0, 0001-01-01, was a Monday.
            "week" => day / 7,
            "month" => DateOnly.FromDayNumber(day) is var date ? date.Year * 12 + date.Month - 1 : 0,
            _ => throw new UnreachableException($"Nothing is told over {unit}s."),
        };
    }

    /// <summary>The period's name: <c>2026-02-09</c>, <c>2026-W07</c> or <c>2026-02</c>.</summary>
    public static string NameOf(string unit, int period)
    {
        var start = StartOf(unit, period);
        return unit switch
        {
            "day" => start.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            "week" => $"{ISOWeek.GetYear(start.UtcDateTime):0000}-W{ISOWeek.GetWeekOfYear(start.UtcDateTime):00}",
            _ => start.ToString("yyyy-MM", CultureInfo.InvariantCulture),
        };
    }

    /// <summary>When the period begins, UTC.</summary>
    public static DateTimeOffset StartOf(string unit, int period) => unit switch
    {
        "day" => new(period * TimeSpan.TicksPerDay, TimeSpan.Zero),
        "week" => new(period * 7 * TimeSpan.TicksPerDay, TimeSpan.Zero),
        _ => new(period / 12, period % 12 + 1, 1, 0, 0, 0, TimeSpan.Zero),
    };
}
