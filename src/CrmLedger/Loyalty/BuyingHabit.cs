using CrmLedger.Purchases;

namespace CrmLedger.Loyalty;

/// <summary>
/// How a customer buys, by a time. What was bought on one day, UTC, is one occasion, as in the models of repeat buying
/// (Fader, Hardie and Lee 2005): an order that was entered in three lines makes nobody loyal.
/// </summary>
/// <param name="Occasions">On how many days something was bought that was not all given back.</param>
/// <param name="First">The first purchase, UTC; null without one.</param>
/// <param name="Last">The last purchase, UTC; null without one.</param>
/// <param name="MedianGap">
/// The median of the times between the days of buying; null with fewer than two of these.
/// </param>
public readonly record struct BuyingHabit(
    int Occasions, DateTimeOffset? First, DateTimeOffset? Last, TimeSpan? MedianGap)
{
    /// <summary>
    /// The gap of a customer who bought once and so has none: without one they would stay established for ever.
    /// </summary>
    public static TimeSpan UsualGap { get; } = TimeSpan.FromDays(90);

    /// <summary>The least gap that is reckoned with: two purchases in two days tell of no habit.</summary>
    public static TimeSpan LeastGap { get; } = TimeSpan.FromDays(7);

    /// <summary>The gap by which the customer is judged, at least <see cref="LeastGap" />.</summary>
    public TimeSpan Gap => MedianGap is { } own ? own < LeastGap ? LeastGap : own : UsualGap;

    /// <summary>Whether nothing was bought for so many gaps.</summary>
    public bool IsSilentFor(int gaps, DateTimeOffset time) =>
        Last is { } last && Gap.Ticks <= (time - last).Ticks / gaps;

    /// <summary>From when on nothing will have been bought for so many gaps, UTC; null when never.</summary>
    public DateTimeOffset? SilentFrom(int gaps) =>
        Last is { } last && Gap.Ticks <= (DateTimeOffset.MaxValue - last).Ticks / gaps ? last + gaps * Gap : null;

    /// <summary>The habit by a time.</summary>
    /// <param name="purchases">In the order of their times.</param>
    /// <param name="time">The time, UTC.</param>
    public static BuyingHabit At(ReadOnlySpan<Purchase> purchases, DateTimeOffset time)
    {
        var days = purchases.Length <= 128 ? stackalloc int[purchases.Length] : new int[purchases.Length];
        int count = 0;
        DateTimeOffset? first = null, last = null;
        foreach (var purchase in purchases)
        {
            if (!purchase.CountsAt(time))
                continue;
            first ??= purchase.BoughtAt;
            last = purchase.BoughtAt;
            int day = (int)(purchase.BoughtAt.UtcTicks / TimeSpan.TicksPerDay);
            if (count == 0 || days[count - 1] != day)
                days[count++] = day;
        }
        return new(count, first, last, MedianOfGaps(days[..count]));
    }

    /// <param name="days">Rising; becomes the gaps.</param>
    private static TimeSpan? MedianOfGaps(Span<int> days)
    {
        if (days.Length < 2)
            return null;
        for (int i = 0; i < days.Length - 1; i++)
            days[i] = days[i + 1] - days[i];
        var gaps = days[..^1];
        gaps.Sort();
        return new((gaps[(gaps.Length - 1) / 2] + gaps[gaps.Length / 2]) * TimeSpan.TicksPerDay / 2);
    }
}
