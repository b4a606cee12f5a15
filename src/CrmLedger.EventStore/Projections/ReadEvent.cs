using System.Data.Common;
using CrmLedger.Annulments;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Views;

namespace CrmLedger.EventStore.Projections;

/// <summary>
/// An event as projections take it: read once, when the first view wants it, and poison rather than an exception when
/// it cannot be. Not for several threads.
/// </summary>
internal sealed class ReadEvent(StoredEvent stored)
{
    private static readonly string s_annulment = LedgerEvents.NameOf(typeof(EntryAnnulled));

    private Envelope? _envelope;
    private Exception? _unreadable;

    /// <summary>The stream.</summary>
    public string Stream => stored.Stream;

    /// <summary>The place in the log.</summary>
    public long Position => stored.Position;

    /// <summary>Whether it annuls another entry.</summary>
    public bool IsAnnulment => stored.Type == s_annulment;

    /// <summary>The keys of the view's rows that it may change.</summary>
    public IReadOnlyList<string> KeysIn(View view) =>
        !view.Skipped.Contains(stored.Type) && TryRead() ? view.KeysOf(_envelope!.Data) : [];

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
        if (fold.View.Skipped.Contains(stored.Type))
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
                _envelope = stored.ToEnvelope();
            }
            catch (Exception unreadable)
            {
                _unreadable = unreadable; // reading asks nobody: whatever went wrong lies in the event itself
            }
        }
        return _envelope is not null;
    }
}
