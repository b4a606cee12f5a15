using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using CrmLedger.Annulments;
using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Reading;
using CrmLedger.Server.Tenants;

namespace CrmLedger.Server.Events;

/// <summary>An event as those with the right to read see it: personal text in clear.</summary>
/// <param name="Id">The event's id.</param>
/// <param name="Type">Its stored name.</param>
/// <param name="Stream">Its stream.</param>
/// <param name="Version">Its place in the stream, from 1.</param>
/// <param name="Position">Its place in the log, from 0.</param>
/// <param name="OccurredAt">When it is claimed to have happened, UTC.</param>
/// <param name="RecordedAt">When the ledger recorded it, UTC.</param>
/// <param name="EffectiveAt">
/// From when it counts, UTC: as claimed, unless it came more than 24 h later and not with an import.
/// </param>
/// <param name="Actor">Who recorded it.</param>
/// <param name="Source">From where, or null.</param>
/// <param name="CorrelationId">What it belongs to, or null.</param>
/// <param name="CausationId">What brought it about, or null.</param>
/// <param name="ImportId">The import that brought it, or null.</param>
/// <param name="Extensions">CloudEvents extension attributes.</param>
/// <param name="Data">
/// The fact; <c>[erased]</c> stands where a person's key was destroyed, <c>[unreadable]</c> where it is lost.
/// </param>
/// <param name="LeafHash">Its leaf in the tenant's tree, base64.</param>
/// <param name="Annulled">
/// What annulled it, as known at the bounds asked for; told in a customer's history, replay and export, and of a
/// promise.
/// </param>
public sealed record ShownEvent(
    Guid Id, string Type, string Stream, long Version, long Position, DateTimeOffset OccurredAt,
    DateTimeOffset RecordedAt, DateTimeOffset EffectiveAt, string Actor, string? Source, string? CorrelationId,
    string? CausationId, Guid? ImportId, IReadOnlyDictionary<string, string>? Extensions, JsonObject Data,
    string LeafHash, KnownAnnulment? Annulled = null)
{
    /// <summary>Shows stored events, their personal text opened.</summary>
    public static async Task<IReadOnlyList<ShownEvent>> ShowAsync(
        IReadOnlyList<StoredEvent> stored, TenantLedger ledger, CancellationToken cancel)
    {
        var data = stored.Select(e => (JsonObject)JsonNode.Parse(e.Data)!).ToList();
        var subjects = data.SelectMany((d, i) => SealedMembers(stored[i].Type, d)).Select(m => m.Subject).Distinct()
            .ToList();
        var keys = await ledger.Subjects.FindAsync(subjects, cancel);
        var shown = new ShownEvent[stored.Count];
        for (int i = 0; i < shown.Length; i++)
        {
            foreach (var (name, text, subject) in SealedMembers(stored[i].Type, data[i]))
                data[i][name] = Open(text, keys.GetValueOrDefault(subject));
            shown[i] = Of(stored[i], data[i]);
        }
        return shown;
    }

    /// <summary>The same events, each with what annulled it.</summary>
    /// <param name="shown">The events.</param>
    /// <param name="annulments">What is known to be annulled, by the annulled event.</param>
    public static IReadOnlyList<ShownEvent> Marked(
        IReadOnlyList<ShownEvent> shown, IReadOnlyDictionary<Guid, KnownAnnulment> annulments) =>
        annulments.Count == 0
            ? shown
            : [.. shown.Select(e => annulments.GetValueOrDefault(e.Id) is { } by ? e with { Annulled = by } : e)];

    /// <summary>Opens a sealed text; a text that only looks like one is shown as it is.</summary>
    public static string Open(Sealed text, byte[]? key)
    {
        try
        {
            return Sealing.Open(text, key);
        }
        catch (Exception notSealed) when (notSealed is CryptographicException or FormatException)
        {
            return text.Ciphertext;
        }
    }

    private static ShownEvent Of(StoredEvent e, JsonObject data)
    {
        var headers = e.ReadHeaders();
        var at = new Moment(headers.OccurredAt, e.RecordedAt, headers.ImportId is not null);
        return new(e.Id, e.Type, e.Stream, e.Version, e.Position, at.OccurredAt, at.RecordedAt, at.Effective,
            headers.Actor, headers.Source, e.CorrelationId, e.CausationId, headers.ImportId, headers.Extensions, data,
            Convert.ToBase64String(e.LeafHash));
    }

    /// <summary>Only fields that are sealed by type: any other text is shown as it was sent.</summary>
    private static IEnumerable<(string Name, Sealed Text, Guid Subject)> SealedMembers(string type, JsonObject data) =>
        from name in LedgerEvents.SealedFieldsOf(type)
        where data[name]?.GetValueKind() == JsonValueKind.String
        let text = new Sealed(data[name]!.GetValue<string>())
        let subject = Sealing.SubjectOf(text)
        where subject is not null
        select (name, text, subject.Value);
}
