namespace CrmLedger.EventStore.Appending;

/// <summary>A request that waits for its outcome.</summary>
internal sealed class PendingAppend(AppendRequest request)
{
    public AppendRequest Request { get; } = request;

    public int EventCount { get; } = request.Streams.Sum(s => s.Events.Count);

    /// <summary>The streams whose versions matter to it.</summary>
    public IEnumerable<string> StreamIds =>
        Request.Streams.Select(s => s.StreamId).Concat(Request.Seen.Select(s => s.StreamId));

    /// <summary>A write of this request was interrupted: it may stand in the log.</summary>
    public bool OutcomeUnknown { get; set; }

    /// <summary>Its streams' versions must be read, not remembered.</summary>
    public bool VersionsRead { get; set; }

    // The sequencer must not run its callers' code.
    public TaskCompletionSource<AppendOutcome> Answer { get; } =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>
    /// After an interrupted write, finding all of its own events means that the write went through.
    /// </summary>
    public AppendOutcome Certain(AppendOutcome outcome) =>
        outcome is AppendOutcome.AlreadyThere there && OutcomeUnknown && IsMine(there.Events)
            ? new AppendOutcome.Appended(there.Events)
            : outcome;

    private bool IsMine(IReadOnlyList<AppendedEvent> events) =>
        events.Count == EventCount
        && Request.Streams.SelectMany(s => s.Events).Select(e => (e.Id, e.Headers.Fingerprint))
            .SequenceEqual(events.Select(e => (e.Id, e.Fingerprint)));
}
