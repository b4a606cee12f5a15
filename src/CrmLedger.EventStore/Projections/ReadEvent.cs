using System.Data.Common;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Views;

namespace CrmLedger.EventStore.Projections;

/// <summary>
/// An event as projections take it: read once for all views, and poison rather than an exception when it cannot be.
/// </summary>
internal sealed class ReadEvent
{
    private readonly Envelope? _envelope;
    private readonly Exception? _unreadable;

    private ReadEvent(string stream, long position, Envelope? envelope, Exception? unreadable) =>
        (Stream, Position, _envelope, _unreadable) = (stream, position, envelope, unreadable);

    /// <summary>The stream.</summary>
    public string Stream { get; }

    /// <summary>The place in the log.</summary>
    public long Position { get; }

    /// <summary>Whether it annuls another entry.</summary>
    public bool IsAnnulment => _envelope?.Data is Annulments.EntryAnnulled;

    /// <summary>Reads a stored event.</summary>
    public static ReadEvent Of(StoredEvent stored)
    {
        try
        {
            return new(stored.Stream, stored.Position, stored.ToEnvelope(), null);
        }
        catch (Exception unreadable)
        {
            // Reading asks nobody: whatever went wrong lies in the event itself.
            return new(stored.Stream, stored.Position, null, unreadable);
        }
    }

    /// <summary>The keys of the view's rows that it may change.</summary>
    public IReadOnlyList<string> KeysIn(View view) => _envelope is null ? [] : view.KeysOf(_envelope.Data);

    /// <summary>Folds it; the answer is what made it impossible, or null.</summary>
    /// <exception cref="DbException">
    /// The stream of an annulled entry could not be read now, which is no fault of the event's.
    /// </exception>
    public Exception? TryApply(ViewFold fold)
    {
        if (_envelope is null)
            return _unreadable;
        try
        {
            fold.Apply(_envelope);
            return null;
        }
        catch (Exception poison) when (poison is not (DbException or IOException or TimeoutException))
        {
            return poison; // the stream is set aside with this reason; the others go on
        }
    }
}
