using CrmLedger.Customers;
using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Views;
using CrmLedger.Transparency;

namespace CrmLedger.EventStore.Appending;

/// <summary>What the sequencer knows when it plans: facts read from the database or written by itself.</summary>
/// <param name="Versions">Stream versions; a stream that is not there has version 0.</param>
/// <param name="Events">Events of the requests' client ids that are in the log.</param>
/// <param name="Keys">Idempotency-Keys that were used, by the hexadecimal of their hash.</param>
internal sealed record KnownFacts(
    IReadOnlyDictionary<string, long> Versions,
    IReadOnlyDictionary<Guid, AppendedEvent> Events,
    IReadOnlyDictionary<string, (byte[] RequestHash, long FirstPosition, int EventCount)> Keys);

/// <summary>An event in its place.</summary>
internal readonly record struct PlacedEvent(EventToAppend Event, string StreamId, long Version, string Type);

/// <summary>
/// Which of the gathered requests go into the log and where: pure. A request that conflicts or repeats is answered for
/// itself only and takes no position.
/// </summary>
internal sealed class BatchPlan
{
    private readonly KnownFacts _known;
    private readonly long _firstPosition;
    private readonly Dictionary<Guid, int> _placedIds = [];
    private readonly Dictionary<string, int> _placedKeys = new(StringComparer.Ordinal);

    private BatchPlan(KnownFacts known, LogHead head, DateTimeOffset now)
    {
        _known = known;
        _firstPosition = head.Size;
        RecordedAt = now > head.RecordedAt ? now : head.RecordedAt;
    }

    /// <summary>The batch's time: the clock's, but never before the head's.</summary>
    public DateTimeOffset RecordedAt { get; }

    /// <summary>The events in the log's order.</summary>
    public List<PlacedEvent> Events { get; } = [];

    /// <summary>The streams' versions after the batch.</summary>
    public Dictionary<string, long> NewVersions { get; } = new(StringComparer.Ordinal);

    /// <summary>The requests that are placed, with the index of their first event.</summary>
    public List<(int Request, int FirstEvent, int EventCount)> Placed { get; } = [];

    /// <summary>
    /// The requests that are answered without being placed; those that wait on another of the batch are absent from
    /// both.
    /// </summary>
    public List<(int Request, AppendOutcome Outcome)> Answered { get; } = [];

    /// <summary>
    /// Requests that repeat another one of this batch: to be planned again once that one is in the log.
    /// </summary>
    public List<int> Deferred { get; } = [];

    /// <summary>Leaves of <see cref="Events" />.</summary>
    public byte[][] LeafHashes { get; private set; } = [];

    /// <summary>
    /// The subjects whose erasure stands among the events: their keys go with the batch, whoever appends.
    /// </summary>
    public IReadOnlyList<ErasedSubject> Erased =>
    [
        .. from placed in Events
           let erased = placed.Event.Data as CustomerErased
           where erased is not null
           select new ErasedSubject(View.IdOf(placed.StreamId), RecordedAt, erased.Basis),
    ];

    /// <summary>Plans the requests in their order.</summary>
    public static BatchPlan Make(
        IReadOnlyList<AppendRequest> requests, KnownFacts known, LogHead head, DateTimeOffset now)
    {
        var plan = new BatchPlan(known, head, now);
        for (int i = 0; i < requests.Count; i++)
            plan.Place(i, requests[i]);
        return plan;
    }

    /// <summary>Hashes the leaves; large batches on all cores.</summary>
    public void HashLeaves(string tenant)
    {
        var leaves = new byte[Events.Count][];
        void Hash(int i)
        {
            var placed = Events[i];
            leaves[i] = new LogEntry(tenant, _firstPosition + i, placed.StreamId, placed.Version, placed.Event.Id,
                placed.Type, RecordedAt, placed.Event.CorrelationId, placed.Event.CausationId,
                placed.Event.HeadersUtf8, placed.Event.DataUtf8).LeafHash();
        }
        if (leaves.Length < 256)
        {
            for (int i = 0; i < leaves.Length; i++)
                Hash(i);
        }
        else
        {
            Parallel.For(0, leaves.Length, Hash);
        }
        LeafHashes = leaves;
    }

    /// <summary>Where the events of a placed request came to stand.</summary>
    public IReadOnlyList<AppendedEvent> Outcome(int firstEvent, int eventCount)
    {
        var appended = new AppendedEvent[eventCount];
        for (int i = 0; i < eventCount; i++)
        {
            var placed = Events[firstEvent + i];
            appended[i] = new(placed.Event.Id, placed.Type, placed.StreamId, placed.Version,
                _firstPosition + firstEvent + i, RecordedAt, LeafHashes[firstEvent + i],
                placed.Event.Headers.Fingerprint);
        }
        return appended;
    }

    private void Place(int index, AppendRequest request)
    {
        if (request.Idempotency is { } mark && !KeyIsFree(index, mark))
            return;
        var there = new List<AppendedEvent>();
        foreach (var e in request.Streams.SelectMany(s => s.Events))
        {
            if (_known.Events.TryGetValue(e.Id, out var known))
                there.Add(known);
            else if (_placedIds.ContainsKey(e.Id))
            {
                Deferred.Add(index);
                return;
            }
        }
        if (there.Count > 0)
        {
            Answered.Add((index, new AppendOutcome.AlreadyThere(there)));
            return;
        }
        if (ConflictOf(request) is { } conflict)
            Answered.Add((index, conflict));
        else if (request.StandsAt is { } standsAt && !standsAt(RecordedAt))
            Answered.Add((index, new AppendOutcome.Overtaken(RecordedAt)));
        else
            Take(index, request);
    }

    private AppendOutcome.Conflict? ConflictOf(AppendRequest request) => request.Streams
        .Where(s => s.ExpectedVersion != StreamAppend.AnyVersion)
        .Select(s => new SeenStream(s.StreamId, s.ExpectedVersion))
        .Concat(request.Seen)
        .Where(s => s.Version != VersionOf(s.StreamId))
        .Select(s => new AppendOutcome.Conflict(s.StreamId, s.Version, VersionOf(s.StreamId)))
        .FirstOrDefault();

    private bool KeyIsFree(int index, IdempotencyMark mark)
    {
        string key = Convert.ToHexString(mark.KeyHash);
        if (_known.Keys.TryGetValue(key, out var used))
        {
            bool same = used.RequestHash.AsSpan().SequenceEqual(mark.RequestHash);
            Answered.Add((index, new AppendOutcome.KeyUsed(same, used.FirstPosition, used.EventCount)));
            return false;
        }
        if (_placedKeys.ContainsKey(key))
        {
            Deferred.Add(index);
            return false;
        }
        return true;
    }

    private void Take(int index, AppendRequest request)
    {
        int first = Events.Count;
        foreach (var stream in request.Streams)
        {
            long version = VersionOf(stream.StreamId);
            foreach (var e in stream.Events)
            {
                _placedIds.Add(e.Id, Events.Count);
                Events.Add(new(e, stream.StreamId, ++version, LedgerEvents.NameOf(e.Data.GetType())));
            }
            NewVersions[stream.StreamId] = version;
        }
        if (request.Idempotency is { } mark)
            _placedKeys.Add(Convert.ToHexString(mark.KeyHash), index);
        Placed.Add((index, first, Events.Count - first));
    }

    private long VersionOf(string streamId) =>
        NewVersions.TryGetValue(streamId, out long placed) ? placed : _known.Versions.GetValueOrDefault(streamId);
}
