namespace CrmLedger;

/// <summary>Times that anybody may ask about, the first and the last one included.</summary>
public static class Times
{
    /// <summary>
    /// A time later by a span, or earlier by a negative one; the last or the first time there is where the calendar
    /// ends before (DateTimeOffset: years 1 to 9999).
    /// </summary>
    public static DateTimeOffset Plus(this DateTimeOffset time, TimeSpan span) =>
        span > TimeSpan.Zero && time > DateTimeOffset.MaxValue - span ? DateTimeOffset.MaxValue
        : span < TimeSpan.Zero && time < DateTimeOffset.MinValue - span ? DateTimeOffset.MinValue
        : time + span;
}
