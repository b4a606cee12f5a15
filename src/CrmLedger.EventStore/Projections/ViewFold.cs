using CrmLedger.Annulments;
using CrmLedger.EventStore.Views;

namespace CrmLedger.EventStore.Projections;

/// <summary>A row of a view while it was true.</summary>
/// <param name="StreamId">The stream that it comes from.</param>
/// <param name="Key">Its key within the stream.</param>
/// <param name="ValidFrom">The position that made it true.</param>
/// <param name="ValidTo">The position that ended it; null while it is true.</param>
/// <param name="Row">The folded state.</param>
public sealed record ViewRow(string StreamId, string Key, long ValidFrom, long? ValidTo, object Row);

/// <summary>
/// Folds events into the rows of one view, keeping every version of a row with the positions between which it was true.
/// Pure: what it gives does not depend on how the events are cut into batches.
/// </summary>
/// <param name="view">The view.</param>
/// <param name="readStream">
/// Reads of a stream, up to a position, inclusive, what the view does not skip; asked only when an entry was annulled.
/// </param>
public sealed class ViewFold(View view, Func<string, long, IReadOnlyList<Envelope>> readStream)
{
    private readonly Dictionary<string, Dictionary<string, Current>> _streams = new(StringComparer.Ordinal);

    /// <summary>The view.</summary>
    public View View => view;

    /// <summary>Versions of rows that began here and have ended.</summary>
    public List<ViewRow> Ended { get; } = [];

    /// <summary>Stored rows that ended, with their end.</summary>
    public List<ViewRow> EndedStored { get; } = [];

    /// <summary>Takes a stored row that is true.</summary>
    public void Load(ViewRow stored) =>
        RowsOf(stored.StreamId)[stored.Key] = new(stored.ValidFrom, stored.Row, Stored: true);

    /// <summary>Folds the next event. When it throws, no row has changed.</summary>
    public void Apply(Envelope entry)
    {
        if (entry.Data is EntryAnnulled)
        {
            Refold(entry);
            return;
        }
        foreach (string key in view.KeysOf(entry.Data))
        {
            var rows = RowsOf(entry.Stream);
            Replace(rows, entry.Stream, key, view.Project(rows.GetValueOrDefault(key)?.Row, entry), entry.Position);
        }
    }

    /// <summary>The versions that still stand and began here.</summary>
    public IEnumerable<ViewRow> Standing() =>
        from stream in _streams
        from row in stream.Value
        where !row.Value.Stored
        select new ViewRow(stream.Key, row.Key, row.Value.ValidFrom, null, row.Value.Row);

    /// <summary>
    /// Every version that began here, by stream, key and beginning: as the primary key of the stored rows has them, so
    /// that its index grows at its right edge only.
    /// </summary>
    public IEnumerable<ViewRow> InKeyOrder()
    {
        var ofStreams = Ended.Concat(Standing()).ToLookup(r => r.StreamId, StringComparer.Ordinal);
        foreach (var rows in ofStreams.OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            foreach (var row in rows.OrderBy(r => r.Key, StringComparer.Ordinal).ThenBy(r => r.ValidFrom))
                yield return row;
        }
    }

    private Dictionary<string, Current> RowsOf(string streamId)
    {
        if (!_streams.TryGetValue(streamId, out var rows))
            _streams[streamId] = rows = new(StringComparer.Ordinal);
        return rows;
    }

    /// <summary>
    /// Makes the rows of the annulled entry again without what was annulled; those that differ change at this position.
    /// No other row looks at that entry, so that annulling much of a long stream takes no longer than it must.
    /// </summary>
    private void Refold(Envelope annulment)
    {
        var stream = readStream(annulment.Stream, annulment.Position);
        var annulledId = ((EntryAnnulled)annulment.Data).EventId;
        if (stream.FirstOrDefault(e => e.Id == annulledId) is not { } annulled)
            return;
        var keys = view.KeysOf(annulled.Data);
        var anew = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var entry in Entries.LeaveOutAnnulled(stream))
        {
            foreach (string key in view.KeysOf(entry.Data).Where(keys.Contains))
                anew[key] = view.Project(anew.GetValueOrDefault(key), entry);
        }
        var rows = RowsOf(annulment.Stream);
        foreach (string key in keys.Order(StringComparer.Ordinal))
        {
            object? next = anew.GetValueOrDefault(key);
            // A row that was stored and read back may differ from one just folded by more than its value.
            if (rows.GetValueOrDefault(key) is { } before && next is not null
                && view.Write(before.Row).AsSpan().SequenceEqual(view.Write(next)))
            {
                continue;
            }
            Replace(rows, annulment.Stream, key, next, annulment.Position);
        }
    }

    private void Replace(Dictionary<string, Current> rows, string streamId, string key, object? next, long position)
    {
        var before = rows.GetValueOrDefault(key);
        if (before is null && next is null || before is not null && before.Row.Equals(next))
            return;
        if (before is not null)
            (before.Stored ? EndedStored : Ended).Add(new(streamId, key, before.ValidFrom, position, before.Row));
        if (next is null)
            rows.Remove(key);
        else
            rows[key] = new(position, next, Stored: false);
    }

    private sealed record Current(long ValidFrom, object Row, bool Stored);
}
