using System.Collections.Concurrent;
using CrmLedger.EventStore.Appending;
using CrmLedger.EventStore.Reading;

namespace CrmLedger.Server.Commands;

/// <summary>A stream's state at a version.</summary>
/// <param name="State">The fold of its events.</param>
/// <param name="Version">Of the last event folded; 0 for none.</param>
public sealed record StreamState(object State, long Version);

/// <summary>
/// The states of streams, kept at their versions. One that is behind does no harm where something is appended: that
/// conflicts, the state is forgotten and read again, and the command is decided anew. Where nothing is appended, as
/// when a command is refused, <see cref="AreLatestAsync" /> tells whether a state was behind what another server wrote.
/// </summary>
public sealed class StreamStates(EventReader reader, string tenant)
{
    private const int Kept = 50_000;
    private readonly ConcurrentDictionary<string, StreamState> _states = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim[] _turns = [.. Enumerable.Range(0, 256).Select(_ => new SemaphoreSlim(1))];

    /// <summary>
    /// The turn of a stream: commands of one server on one stream go one after the other, rather than each conflicting
    /// with the next. Release it when done.
    /// </summary>
    public SemaphoreSlim TurnOf(string streamId) =>
        _turns[(uint)string.GetHashCode(streamId, StringComparison.Ordinal) % (uint)_turns.Length];

    /// <summary>The state, from memory or folded from the log.</summary>
    public async ValueTask<StreamState> LoadAsync(StreamKind kind, string streamId, CancellationToken cancel)
    {
        if (_states.TryGetValue(streamId, out var known))
            return known;
        var events = await reader.ReadEnvelopesAsync(tenant, streamId, cancel);
        var read = events.Count == 0
            ? new StreamState(kind.Initial, 0)
            : new StreamState(kind.Fold(events), events[^1].Version);
        Keep(streamId, read);
        return read;
    }

    /// <summary>Loads many streams at once, where they are not in memory or those in memory are behind.</summary>
    public async Task PreloadAsync(IEnumerable<(StreamKind Kind, string StreamId)> streams, CancellationToken cancel)
    {
        var wanted = streams.DistinctBy(s => s.StreamId).ToList();
        var kept = new List<SeenStream>();
        foreach (var (_, streamId) in wanted)
        {
            if (_states.TryGetValue(streamId, out var known))
                kept.Add(new(streamId, known.Version));
        }
        await AreLatestAsync(kept, cancel);
        var missing = wanted.FindAll(s => !_states.ContainsKey(s.StreamId));
        if (missing.Count == 0)
            return;
        var events = await reader.ReadStreamsAsync(tenant, missing.ConvertAll(s => s.StreamId), long.MaxValue, cancel);
        var byStream = events.GroupBy(e => e.Stream).ToDictionary(g => g.Key, g => g.ToList(), StringComparer.Ordinal);
        foreach (var (kind, streamId) in missing)
        {
            Keep(streamId, byStream.TryGetValue(streamId, out var stream)
                ? new(kind.Fold(stream.ConvertAll(e => e.ToEnvelope())), stream[^1].Version)
                : new(kind.Initial, 0));
        }
    }

    /// <summary>
    /// Whether the log has these streams at these versions, by one query; of those that it has not, the states are
    /// forgotten.
    /// </summary>
    public async Task<bool> AreLatestAsync(IReadOnlyList<SeenStream> seen, CancellationToken cancel)
    {
        if (seen.Count == 0)
            return true;
        // A command may name the stream that it is about, such as a customer to be merged into itself.
        string[] streams = [.. seen.Select(s => s.StreamId).Distinct(StringComparer.Ordinal)];
        var latest = await reader.ReadVersionsAsync(tenant, streams, cancel);
        var behind = seen.Where(s => latest.GetValueOrDefault(s.StreamId) != s.Version).ToList();
        behind.ForEach(s => Forget(s.StreamId));
        return behind.Count == 0;
    }

    /// <summary>Keeps a state, unless a later one is kept already.</summary>
    public void Keep(string streamId, StreamState state)
    {
        if (_states.Count >= Kept)
            _states.Clear();
        _states.AddOrUpdate(streamId, state, (_, kept) => kept.Version > state.Version ? kept : state);
    }

    /// <summary>Forgets a state that turned out to be behind.</summary>
    public void Forget(string streamId) => _states.TryRemove(streamId, out _);
}
