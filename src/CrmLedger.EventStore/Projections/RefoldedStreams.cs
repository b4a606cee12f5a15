using CrmLedger.EventStore.Reading;

namespace CrmLedger.EventStore.Projections;

/// <summary>
/// The streams in which a batch annuls, read as they are asked for: each event once, however much is annulled, and none
/// beyond what is asked for, as a rebuild does. What comes later in a stream may be poison.
/// </summary>
/// <param name="stored">Their events, each stream's in order.</param>
/// <param name="skipped">The names of those that are left out.</param>
internal sealed class RefoldedStreams(IEnumerable<StoredEvent> stored, IReadOnlySet<string> skipped)
{
    private readonly Dictionary<string, (Queue<StoredEvent> Left, List<Envelope> Read)> _streams =
        stored.Where(e => !skipped.Contains(e.Type)).GroupBy(e => e.Stream, StringComparer.Ordinal)
            .ToDictionary(s => s.Key, s => (new Queue<StoredEvent>(s), new List<Envelope>()), StringComparer.Ordinal);

    /// <summary>A stream up to a position, inclusive, which is not lower than any that was asked for before.</summary>
    /// <exception cref="UnknownEventException">An event is not one that this version knows.</exception>
    public IReadOnlyList<Envelope> UpTo(string stream, long position)
    {
        var (left, read) = _streams[stream];
        while (left.TryPeek(out var next) && next.Position <= position)
        {
            read.Add(next.ToEnvelope());
            left.Dequeue();
        }
        return read;
    }
}
