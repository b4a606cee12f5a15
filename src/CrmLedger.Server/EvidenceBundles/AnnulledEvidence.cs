using System.Text.Json;
using CrmLedger.Annulments;
using CrmLedger.EventStore.Reading;
using CrmLedger.Transparency;

namespace CrmLedger.Server.EvidenceBundles;

/// <summary>An event of a bundle that another one in it annulled: it is in the log, and counts for nothing.</summary>
/// <param name="EventId">The annulled event.</param>
/// <param name="Type">Its stored name.</param>
/// <param name="Stream">Its stream.</param>
/// <param name="Position">Its place in the log.</param>
/// <param name="Annulled">What annulled it.</param>
public sealed record AnnulledEvidence(
    Guid EventId, string Type, string Stream, long Position, KnownAnnulment Annulled);

/// <summary>The entries that a bundle shows, and which of them were annulled by others of them.</summary>
internal sealed class ShownEntries
{
    private static readonly string s_annulment = LedgerEvents.NameOf(typeof(EntryAnnulled));

    private readonly Dictionary<Guid, (string Type, string Stream, long Position)> _shown = [];
    private readonly List<AnnulledEvidence> _annulled = [];

    /// <summary>Of a whole log, each of few names and each stream's is kept once.</summary>
    private readonly HashSet<string> _texts = new(StringComparer.Ordinal);

    /// <summary>Those that were annulled, in the order of their annulments.</summary>
    public IReadOnlyList<AnnulledEvidence> Annulled => _annulled;

    /// <summary>Whether an entry of that id was shown.</summary>
    public bool Holds(Guid id) => _shown.ContainsKey(id);

    /// <summary>Takes the next entry.</summary>
    public void Take(LogEntry entry)
    {
        // Folds look for what was annulled in the annulment's own stream, and nowhere else.
        if (entry.Type == s_annulment && Read(entry) is { Data: EntryAnnulled { EventId: var id } } envelope
            && _shown.TryGetValue(id, out var annulled) && annulled.Stream == entry.Stream)
        {
            _annulled.Add(new(id, annulled.Type, annulled.Stream, annulled.Position,
                KnownAnnulment.In([envelope])[id]));
        }
        _shown[entry.Id] = (Kept(entry.Type), Kept(entry.Stream), entry.Position);
    }

    /// <summary>An entry as the rules read it.</summary>
    /// <exception cref="UnknownEventException">These rules do not know it.</exception>
    /// <exception cref="JsonException">Its headers are none.</exception>
    public static Envelope ToEnvelope(LogEntry entry) => new StoredEvent(
        entry.Id, entry.Type, entry.Stream, entry.Version, entry.Position, entry.RecordedAt, [], entry.Data.ToArray(),
        entry.Headers.ToArray(), entry.Correlation, entry.Causation).ToEnvelope();

    /// <summary>An annulment that these rules cannot read annuls nothing by them.</summary>
    private static Envelope? Read(LogEntry entry)
    {
        try
        {
            return ToEnvelope(entry);
        }
        catch (Exception unknown) when (unknown is UnknownEventException or JsonException)
        {
            return null;
        }
    }

    private string Kept(string text)
    {
        if (_texts.TryGetValue(text, out string? kept))
            return kept;
        _texts.Add(text);
        return text;
    }
}
