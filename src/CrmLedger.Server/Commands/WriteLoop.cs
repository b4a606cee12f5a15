using CrmLedger.EventStore.Appending;
using CrmLedger.EventStore.Privacy;
using CrmLedger.Server.Problems;

namespace CrmLedger.Server.Commands;

/// <summary>What was decided on one stream.</summary>
/// <param name="Kind">The sort of stream.</param>
/// <param name="StreamId">The stream.</param>
/// <param name="Before">The state that was decided on.</param>
/// <param name="Events">What is to be appended to it; may be nothing.</param>
public sealed record StreamWrite(
    StreamKind Kind, string StreamId, StreamState Before, IReadOnlyList<EventToAppend> Events)
{
    /// <summary>The data key of a subject that comes into the ledger with it, or null.</summary>
    public NewSubjectKey? NewKey { get; init; }

    /// <summary>Whether it would be decided so too if it were recorded at a later time.</summary>
    public Func<DateTimeOffset, bool> StandsAt { get; init; } = _ => true;

    /// <summary>The state after its events, at the times that the log gave them.</summary>
    public StreamState After(IEnumerable<AppendedEvent> places) => Events.Zip(places).Aggregate(Before, (state, next) =>
    {
        var (e, place) = next;
        var moment = new Moment(e.Headers.OccurredAt, place.RecordedAt, e.Headers.ImportId is not null);
        return new(Kind.Evolve(state.State, new(e.Id, place.Type, place.Stream, place.Version, place.Position, moment,
            e.Headers, e.Data)), place.Version);
    });
}

/// <summary>What was decided, to be recorded together or not at all.</summary>
/// <param name="Streams">Each stream once.</param>
public sealed record Write(params IReadOnlyList<StreamWrite> Streams)
{
    /// <summary>Other streams that the decision rests on.</summary>
    public IReadOnlyList<SeenStream> Seen { get; init; } = [];

    /// <summary>The client's key, or null.</summary>
    public IdempotencyMark? Idempotency { get; init; }

    /// <summary>Why nothing is to be recorded; null when nothing speaks against it.</summary>
    public Problem? Refusal { get; init; }
}

/// <summary>How a write ended.</summary>
/// <param name="Write">What was decided last.</param>
/// <param name="Outcome">
/// What the log answered; null when it was refused or there was nothing to record. Never a conflict, nor overtaken.
/// </param>
public sealed record Written(Write Write, AppendOutcome? Outcome);

/// <summary>
/// The one way into the log, for whatever is decided: look at the streams, decide, append at the versions decided on;
/// and again when a stream or the log's time has moved on meanwhile. It keeps the states of streams right on the way.
/// </summary>
public sealed class WriteLoop(IEventLog log, StreamStates states, SubjectKeys subjects, TimeProvider clock)
{
    private const int Attempts = 10;

    /// <summary>What to answer when others were in the way each time.</summary>
    public static Problem Contended { get; } = new(ProblemCodes.Contended,
        "Other requests kept changing a stream that this rests on. Nothing of it was recorded; send it again.",
        RetryAfterSeconds: 1);

    /// <summary>
    /// Now by the server's clock, and when it would be recorded: at the log's time, which another server's clock may
    /// have set ahead of this one.
    /// </summary>
    public Moment Now
    {
        get
        {
            var now = LedgerJson.ToMicroseconds(clock.GetUtcNow());
            return new(now, now > log.LatestSeen ? now : log.LatestSeen, Imported: false);
        }
    }

    /// <summary>Writes what a pure decision adds to a stream as it stands.</summary>
    public Task<Written> RunAsync(
        StreamKind kind, string streamId, Func<StreamWrite, Moment, StreamWrite> decide, CancellationToken cancel) =>
        RunAsync(kind, streamId, (stream, now) => Task.FromResult<Write>(new(decide(stream, now))), cancel);

    /// <summary>Writes, in the turn of a stream, what is decided on it as it stands.</summary>
    public async Task<Written> RunAsync(
        StreamKind kind, string streamId, Func<StreamWrite, Moment, Task<Write>> decide, CancellationToken cancel)
    {
        var turn = states.TurnOf(streamId);
        await turn.WaitAsync(cancel);
        try
        {
            return await RunAsync(async now =>
                await decide(new(kind, streamId, await states.LoadAsync(kind, streamId, cancel), []), now), cancel);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>
    /// Writes what is decided, on streams that are found and loaded while it is; asked again when it was overtaken.
    /// </summary>
    public async Task<Written> RunAsync(Func<Moment, Task<Write>> decide, CancellationToken cancel)
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            var write = await decide(Now);
            if (write.Refusal is null && write.Streams.Any(s => s.Events.Count > 0))
            {
                var outcome = await AppendAsync(write, cancel);
                if (outcome is not (AppendOutcome.Conflict or AppendOutcome.Overtaken))
                    return new(write, outcome);
                continue;
            }
            // No append confirms what this rests on, and what is remembered may be behind what another server wrote:
            // only what the log says is reason to refuse.
            var seen = write.Streams.Select(s => new SeenStream(s.StreamId, s.Before.Version)).Concat(write.Seen);
            if (await states.AreLatestAsync([.. seen], cancel))
                return new(write, null);
        }
        return new(new() { Refusal = Contended }, null);
    }

    /// <summary>Appends once what was decided.</summary>
    public async Task<AppendOutcome> AppendAsync(Write write, CancellationToken cancel)
    {
        var writing = write.Streams.Where(s => s.Events.Count > 0).ToList();
        var request = new AppendRequest(
            writing.ConvertAll(s => new StreamAppend(s.StreamId, s.Before.Version, s.Events)),
            [.. writing.Select(s => s.NewKey).OfType<NewSubjectKey>()], write.Idempotency)
        {
            Seen = write.Seen,
            StandsAt = recordedAt => writing.TrueForAll(s => s.StandsAt(recordedAt)),
        };
        var outcome = await log.AppendAsync(request, cancel);
        if (outcome is AppendOutcome.Conflict conflict)
            states.Forget(conflict.StreamId);
        if (outcome is AppendOutcome.Appended done)
        {
            int at = 0;
            foreach (var stream in writing)
            {
                Keep(stream, done.Events.Skip(at).Take(stream.Events.Count));
                at += stream.Events.Count;
            }
        }
        return outcome;
    }

    private void Keep(StreamWrite written, IEnumerable<AppendedEvent> places)
    {
        if (StreamKind.NeedsRefold(written.Events.Select(e => e.Data)))
            states.Forget(written.StreamId);
        else
            states.Keep(written.StreamId, written.After(places));
        if (written.NewKey is { } key)
            subjects.Remember(key);
    }
}
