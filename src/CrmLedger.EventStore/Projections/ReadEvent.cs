using System.Data.Common;
using CrmLedger.Annulments;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Views;

namespace CrmLedger.EventStore.Projections;

/// <summary>
/// An event as projections take it: read once, when the first view wants it, and poison rather than an exception when
/// it cannot be. Not for several threads.
/// </summary>
/// <param name="stream">The stream.</param>
/// <param name="position">The place in the log.</param>
/// <param name="type">The stored name.</param>
/// <param name="read">Reads it; throws when it cannot be read.</param>
internal sealed class ReadEvent(string stream, long position, string type, Func<Envelope> read)
{
    private static readonly string s_annulment = LedgerEvents.NameOf(typeof(EntryAnnulled));

    private Envelope? _envelope;
    private Exception? _unreadable;

    /// <summary>A row of the log.</summary>
    public ReadEvent(StoredEvent stored) : this(stored.Stream, stored.Position, stored.Type, stored.ToEnvelope)
    {
    }

    /// <summary>An event that Marten has read.</summary>
    public ReadEvent(JasperFx.Events.IEvent read)
        : this(read.StreamKey!, LedgerStore.PositionOf(read), read.EventTypeName, () => LedgerStore.ToEnvelope(read))
    {
    }

    /// <summary>The stream.</summary>
    public string Stream => stream;

    /// <summary>The place in the log.</summary>
    public long Position => position;

    /// <summary>Whether it annuls another entry.</summary>
    public bool IsAnnulment => type == s_annulment;

    /// <summary>Whether the view need not look at it.</summary>
    public bool IsSkippedBy(View view) => view.Skipped.Contains(type);

    /// <summary>The keys of the view's rows that it may change.</summary>
    public IReadOnlyList<string> KeysIn(View view) =>
        !IsSkippedBy(view) && TryRead() ? view.KeysOf(_envelope!.Data) : [];

    /// <summary>
    /// Whether it counts. One that cannot be read is taken, so that it is found to be poison.
    /// </summary>
    public bool CountsIn(WhatCounts counts) =>
        counts == WhatCounts.Everything || !TryRead() || counts.Takes(_envelope!);

    /// <summary>Folds it; the answer is what made it impossible, or null.</summary>
    /// <exception cref="DbException">
    /// The stream of an annulled entry could not be read now, which is no fault of the event's.
    /// </exception>
    public Exception? TryApply(ViewFold fold)
    {
        if (IsSkippedBy(fold.View))
            return null;
        if (!TryRead())
            return _unreadable;
        try
        {
            fold.Apply(_envelope!);
            return null;
        }
        catch (Exception poison) when (poison is not (DbException or IOException or TimeoutException))
        {
            return poison; // the stream is set aside with this reason; the others go on
        }
    }

    /// <summary>Reads it now, so that nobody waits for it later.</summary>
    public void Parse() => TryRead();

    private bool TryRead()
    {
        if (_envelope is null && _unreadable is null)
        {
            try
            {
                _envelope = read();
            }
            catch (Exception unreadable)
            {
                _unreadable = unreadable; // reading asks nobody: whatever went wrong lies in the event itself
            }
        }
        return _envelope is not null;
    }
}
