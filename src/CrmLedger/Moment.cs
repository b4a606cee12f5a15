namespace CrmLedger;

/// <summary>
/// When something is claimed to have happened and when the ledger came to know it. UTC, in microseconds.
/// </summary>
/// <param name="OccurredAt">The client's claim.</param>
/// <param name="RecordedAt">
/// The server's clock when the event was recorded, or, while deciding, the server's clock now.
/// </param>
/// <param name="Imported">Whether the event came with a declared import.</param>
public readonly record struct Moment(DateTimeOffset OccurredAt, DateTimeOffset RecordedAt, bool Imported)
{
    /// <summary>
    /// How long after it happened something may be recorded and still count from when it happened: 24 h.
    /// </summary>
    public static TimeSpan RecordingGrace { get; } = TimeSpan.FromHours(24);

    /// <summary>Whether the claim came too late to be taken at its word, so that backdating gains nothing.</summary>
    public bool RecordedLate => !Imported && RecordedAt - OccurredAt > RecordingGrace;

    /// <summary>The time from which the event counts: the claim, unless it came too late.</summary>
    public DateTimeOffset Effective => RecordedLate ? RecordedAt : OccurredAt;

    /// <summary>
    /// Whether what is recorded now came after the date by its own claim or, imports apart, by the ledger's clock. What
    /// was recorded only after its own due date was never a commitment, whatever time it claims.
    /// </summary>
    public bool IsAfter(DateTimeOffset due) => OccurredAt > due || (!Imported && RecordedAt > due);
}
