namespace CrmLedger.Server.Demonstration;

/// <summary>
/// The working days around the end of the year, Monday to Friday, by number: 0 is the last one before the end, those
/// above it come after it. Everything is planned in these numbers, so no weekend can turn in time into late.
/// </summary>
/// <param name="end">The end of the year: its midnight, UTC.</param>
internal sealed class WorkingDays(DateOnly end)
{
    private const int Opens = 8;
    private const int Closes = 17;

    /// <summary>The first working day of the year.</summary>
    public const int First = -259;

    /// <summary>Minutes in which the business is open on a day.</summary>
    public const int Minutes = (Closes - Opens) * 60;

    /// <summary>Monday of the week of day 0.</summary>
    private readonly DateOnly _monday = end.AddDays(-1).AddDays(-((int)end.AddDays(-1).DayOfWeek + 6) % 7);

    private readonly int _weekday = Math.Min(4, ((int)end.AddDays(-1).DayOfWeek + 6) % 7);

    /// <summary>A time while the business is open.</summary>
    /// <param name="day">The working day.</param>
    /// <param name="minute">From 0 to <see cref="Minutes" /> − 1.</param>
    /// <param name="second">From 0 to 59.</param>
    public DateTimeOffset Time(int day, int minute, int second) =>
        On(day, Opens).AddMinutes(minute).AddSeconds(second);

    /// <summary>When something falls due on a day: when the business closes, after all that is done on it.</summary>
    public DateTimeOffset Due(int day) => On(day, Closes);

    private DateTimeOffset On(int day, int hour)
    {
        int week = (int)Math.Floor((_weekday + day) / 5.0);
        int weekday = _weekday + day - 5 * week;
        return new(_monday.AddDays(7 * week + weekday), new TimeOnly(hour, 0), TimeSpan.Zero);
    }
}
