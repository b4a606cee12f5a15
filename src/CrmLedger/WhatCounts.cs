using CrmLedger.Annulments;

namespace CrmLedger;

/// <summary>What an answer makes of entries that were annulled.</summary>
public enum AnnulledEntries
{
    /// <summary>They count no more, and what followed is judged without them: what stands.</summary>
    LeftOut,

    /// <summary>They count as if nobody had annulled them: what stood before.</summary>
    Counted,
}

/// <summary>
/// Which of the events that are known count for an answer. What annuls an entry says nothing of its own time: it is
/// known or it is not, and an answer honours it or passes over it.
/// </summary>
/// <param name="Until">Only what is said to have happened by this time (occurredAt), UTC; null for all.</param>
/// <param name="Annulled">What becomes of annulled entries.</param>
public sealed record WhatCounts(DateTimeOffset? Until = null, AnnulledEntries Annulled = AnnulledEntries.LeftOut)
{
    /// <summary>Whatever is known and stands: what is meant when nothing else is said.</summary>
    public static WhatCounts Everything { get; } = new();

    /// <summary>Whether a fold, which honours annulments, is given an event.</summary>
    public bool Takes(Envelope entry) => entry.Data is EntryAnnulled
        ? Annulled == AnnulledEntries.LeftOut
        : Until is null || entry.Moment.OccurredAt <= Until;

    /// <summary>What of a stream counts, in order, annulments honoured.</summary>
    public IEnumerable<Envelope> Of(IReadOnlyList<Envelope> stream)
    {
        var known = Annulled == AnnulledEntries.Counted ? stream : Entries.LeaveOutAnnulled(stream);
        return this == Everything ? known : known.Where(Takes);
    }
}
