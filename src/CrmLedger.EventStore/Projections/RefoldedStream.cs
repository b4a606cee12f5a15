using CrmLedger.EventStore.Reading;

namespace CrmLedger.EventStore.Projections;

/// <summary>
/// A stream in which entries are annulled, read as it is asked for: each event once, however much is annulled, and none
/// beyond what is asked for. What comes later in a stream may be poison.
/// </summary>
/// <param name="stored">Its events, in order.</param>
/// <param name="skipped">The names of those that are left out.</param>
internal sealed class RefoldedStream(IEnumerable<StoredEvent> stored, IReadOnlySet<string> skipped)
{
    private readonly Queue<StoredEvent> _left = new(stored.Where(e => !skipped.Contains(e.Type)));
    private readonly List<Envelope> _read = [];

    /// <summary>The stream up to a position, inclusive, which is not lower than any that was asked for.</summary>
    /// <exception cref="UnknownEventException">An event is not one that this version knows.</exception>
    public IReadOnlyList<Envelope> UpTo(long position)
    {
        while (_left.TryPeek(out var next) && next.Position <= position)
        {
            _read.Add(next.ToEnvelope());
            _left.Dequeue();
        }
        return _read;
    }
}
