namespace CrmLedger.Server.Views;

/// <summary>The moment of knowledge that an answer is about.</summary>
/// <param name="AsOf">The time asked about, UTC; the server's now when none was.</param>
/// <param name="Position">The position that it resolves to; null for the latest, when no time was asked about.</param>
/// <param name="Provisional">Whether later events could still be recorded at or before it.</param>
public sealed record KnownAt(DateTimeOffset AsOf, long? Position, bool Provisional);

/// <summary>
/// The two clocks of a question, what was known by when and what had happened by when, and what becomes of what was
/// annulled.
/// </summary>
/// <param name="Known">What was known.</param>
/// <param name="AsOf">The time of knowledge as it was asked for, UTC; null when it was not.</param>
/// <param name="Counts">What of what was known counts.</param>
public sealed record Clocks(KnownAt Known, DateTimeOffset? AsOf, WhatCounts Counts)
{
    /// <summary>Until when what happened counts, UTC; null for all that was known.</summary>
    public DateTimeOffset? Until => Counts.Until;

    /// <summary>What becomes of annulled entries.</summary>
    public AnnulledEntries Annulled => Counts.Annulled;

    /// <summary>Whether the answer stands in no stored row, and is folded; then a position is known.</summary>
    public bool IsFolded => Counts != WhatCounts.Everything;

    /// <summary>The time at which what is known is judged, UTC.</summary>
    public DateTimeOffset Time => Until ?? Known.AsOf;

    /// <summary>The address of something behind the answer, asked about at the same clocks.</summary>
    public string On(string path)
    {
        string[] given =
        [
            .. AsOf is { } asOf ? [$"asOf={LedgerJson.Format(asOf)}"] : Array.Empty<string>(),
            .. Until is { } until ? [$"until={LedgerJson.Format(until)}"] : Array.Empty<string>(),
            .. Annulled == AnnulledEntries.Counted ? ["annulled=counted"] : Array.Empty<string>(),
        ];
        return given.Length == 0 ? path : $"{path}?{string.Join('&', given)}";
    }

    /// <summary>The parameters, for the description of an operation.</summary>
    public static IReadOnlyList<(string Name, string Description)> Parameters { get; } =
    [
        ("asOf", "As known at this time (recordedAt); now when left out."),
        ("until", "By what had happened by this time (occurredAt), judged at it; not after asOf. It is folded from "
            + "the whole log."),
        ("annulled", "left_out, or counted: as if nothing had been annulled, folded from the whole log (left_out)."),
        ("atLeast", "Wait until the view reflects this position."),
    ];
}
