namespace CrmLedger.EventStore.Projections;

/// <summary>
/// Some of a log's streams, by a hash that PostgreSQL computes: a view's rows come from one stream each, so that parts
/// can be folded one after the other, in no more memory than one of them takes.
/// </summary>
/// <param name="Index">From 0.</param>
/// <param name="Of">How many parts there are.</param>
internal readonly record struct StreamPart(int Index, int Of)
{
    private const long EventsOfPart = 250_000;

    /// <summary>All of them.</summary>
    public static StreamPart Whole => new(0, 1);

    /// <summary>The parts of a log of some length.</summary>
    public static IEnumerable<StreamPart> Split(long events)
    {
        int of = (int)(Math.Max(0, events - 1) / EventsOfPart) + 1;
        return Enumerable.Range(0, of).Select(index => new StreamPart(index, of));
    }
}
