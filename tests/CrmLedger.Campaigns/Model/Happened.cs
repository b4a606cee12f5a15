namespace CrmLedger.Campaigns.Model;

/// <summary>An event of the reference ledger; or, while it is being judged, what would be one.</summary>
/// <param name="Event">Its name.</param>
/// <param name="Body">What the client sent, and what the ledger adds to it.</param>
/// <param name="Key">The key of the step that asked for it.</param>
/// <param name="Annuls">The key of the event that it annuls, or null.</param>
/// <param name="Version">Its place in the customer's stream, from 1.</param>
/// <param name="OccurredAt">The client's claim.</param>
/// <param name="RecordedAt">The server's clock.</param>
/// <param name="Imported">Whether it came with the import.</param>
internal sealed record Happened(
    string Event, IReadOnlyDictionary<string, object> Body, string Key, string? Annuls, long Version,
    DateTimeOffset OccurredAt, DateTimeOffset RecordedAt, bool Imported)
{
    /// <summary>Told more than 24 hours afterwards, and not by an import: the claim is not taken.</summary>
    public bool IsLate => !Imported && RecordedAt - OccurredAt > TimeSpan.FromHours(24);

    /// <summary>The time from which it counts.</summary>
    public DateTimeOffset Effective => IsLate ? RecordedAt : OccurredAt;

    public string Text(string field) => (string)Body[field];

    public string? TextOrNull(string field) => Body.GetValueOrDefault(field) as string;

    public DateTimeOffset Time(string field) => (DateTimeOffset)Body[field];

    public bool Has(string field, string value) => TextOrNull(field) == value;

    /// <summary>Whether a list in it names something twice.</summary>
    public bool ListsTwice(string field) =>
        Body.GetValueOrDefault(field) is string[] list && list.Distinct().Count() < list.Length;

    /// <summary>The event with one more field, or with another value of it.</summary>
    public Happened With(string field, object value) =>
        this with { Body = new Dictionary<string, object>(Body) { [field] = value } };
}
