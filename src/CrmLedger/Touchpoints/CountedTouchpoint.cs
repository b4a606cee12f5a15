using CrmLedger.Feedback;

namespace CrmLedger.Touchpoints;

/// <summary>All of a touchpoint that is counted, in 48 bytes, since there may be millions of them.</summary>
/// <param name="AtTicks">The time from which it counts, in ticks of UTC.</param>
/// <param name="Position">The position of the event that recorded it.</param>
/// <param name="Seconds">How long it took; -1 when that is not known.</param>
/// <param name="Practices">What the member did well: bit n is practice n.</param>
/// <param name="Csat">How many CSAT scores were given about it.</param>
/// <param name="Satisfied">How many of them are 4 or 5.</param>
/// <param name="Channel">By which way.</param>
/// <param name="Direction">Who began.</param>
/// <param name="Tone">How the customer sounded; null when nobody noted it.</param>
public readonly record struct CountedTouchpoint(
    long AtTicks, long Position, int Seconds, ushort Practices, ushort Csat, ushort Satisfied, Channel Channel,
    Direction Direction, Tone? Tone)
{
    /// <summary>What is counted of a row; null of a relationship, and while only feedback names it.</summary>
    public static CountedTouchpoint? Of(CustomerContact row)
    {
        if (row.Touchpoint is not { } touchpoint)
            return null;
        int practices = row.Practices.Aggregate(0, (all, practice) => all | (1 << (int)practice));
        var csat = row.Scores.Where(s => s.Kind == FeedbackKind.Csat).ToList();
        return new(touchpoint.At.UtcTicks, touchpoint.Position, touchpoint.DurationSeconds ?? -1, (ushort)practices,
            Capped(csat.Count), Capped(csat.Count(s => s.Score >= 4)), touchpoint.Channel, touchpoint.Direction,
            touchpoint.Tone);
    }

    private static ushort Capped(int count) => (ushort)Math.Min(count, ushort.MaxValue);
}
