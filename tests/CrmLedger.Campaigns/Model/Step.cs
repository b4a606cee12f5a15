using System.Text.Json;

namespace CrmLedger.Campaigns.Model;

/// <summary>
/// Something asked of one of a sequence's customers at a time of the server's clock. It says everything that the
/// request needs, so that a sequence from which others were taken out still means the same.
/// </summary>
internal sealed record Step
{
    /// <summary>Its place in the sequence as it was first drawn.</summary>
    public required int Number { get; init; }

    /// <summary>What the server's clock shows.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Which of the sequence's customers.</summary>
    public required int Customer { get; init; }

    /// <summary>The event that is asked for.</summary>
    public required string Event { get; init; }

    /// <summary>The command's fields; members by <c>ref:</c>.</summary>
    public required IReadOnlyDictionary<string, object> Body { get; init; }

    /// <summary>When it is claimed to have happened, or null.</summary>
    public DateTimeOffset? OccurredAt { get; init; }

    /// <summary>The client's id of the event, or null. A later step with the same one repeats it.</summary>
    public string? EventId { get; init; }

    /// <summary>Whether it goes through <c>POST /v1/events</c> rather than through the command's own address.</summary>
    public bool AsCloudEvent { get; init; }

    /// <summary>Whether it comes with the declared import; only a CloudEvent can.</summary>
    public bool Imported { get; init; }

    /// <summary>How far the client's idea of the stream's version is off, or null when it has none.</summary>
    public int? VersionOff { get; init; }

    /// <summary>The <see cref="Key" /> of the step whose entry is to be annulled.</summary>
    public string? Annuls { get; init; }

    /// <summary>The customer that this one is to be merged into.</summary>
    public int? MergesInto { get; init; }

    /// <summary>Names the event that it asks for, before and after it has an id.</summary>
    public string Key => EventId ?? $"step {Number}";

    /// <summary>What makes two steps with the same event id the same.</summary>
    public string Content => $"{Customer} {Event} {Time(OccurredAt)} {Annuls} {MergesInto} {Json}";

    private string Json => JsonSerializer.Serialize(Body, LedgerJson.Options);

    public override string ToString() =>
        $"{Number,2}  {LedgerJson.Format(At)}  customer {Customer}  {Event} {Json}"
        + (Annuls is { } annulled ? $" annuls {annulled}" : "")
        + (MergesInto is { } other ? $" into customer {other}" : "")
        + (OccurredAt is null ? "" : $" occurred {Time(OccurredAt)}")
        + (EventId is null ? "" : $" id {EventId}")
        + (VersionOff is { } off ? $" if-match off by {off}" : "")
        + (Imported ? " imported" : AsCloudEvent ? " as a CloudEvent" : "");

    private static string Time(DateTimeOffset? time) => time is { } there ? LedgerJson.Format(there) : "";
}

/// <summary>The commands of some customers who have to do with nobody else.</summary>
/// <param name="Number">Its place in the campaign, from 0.</param>
/// <param name="Steps">In order.</param>
internal sealed record Sequence(int Number, IReadOnlyList<Step> Steps)
{
    /// <summary>The client's reference of a customer.</summary>
    public string ReferenceOf(int customer) => $"s{Number}c{customer}";

    public override string ToString() => string.Join('\n', Steps);
}
