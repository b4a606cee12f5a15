using System.Buffers.Text;
using CrmLedger.Customers;
using CrmLedger.EventStore.Appending;
using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Reading;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Tenants;
using Microsoft.Extensions.Logging;

namespace CrmLedger.Server.Commands;

/// <summary>
/// The one coordinator between request and log: load the stream, seal, decide, append with the version decided on; on a
/// conflict start again. It is the only code that knows both the deciders and the store.
/// </summary>
public sealed class CommandHandling(EventReader reader, TimeProvider clock, ILogger<CommandHandling> log)
{
    private const int Attempts = 10;
    private static readonly TimeSpan s_aheadAllowed = TimeSpan.FromMinutes(5);

    /// <summary>Handles one command.</summary>
    /// <returns>The outcome, or the problem to answer with; with a problem nothing was recorded.</returns>
    public async Task<(CommandOutcome? Outcome, Problem? Problem)> HandleAsync(
        TenantLedger ledger, CommandRequest request, CancellationToken cancel)
    {
        if (request.Context.Idempotency is not { } mark)
            return await InTurnAsync(ledger, request, cancel);
        string key = Convert.ToHexString(mark.KeyHash);
        if (!ledger.RunningKeys.TryAdd(key, 0))
        {
            return (null, new(ProblemCodes.KeyInUse,
                "Another request with this Idempotency-Key has not been answered yet. Wait for it, or send it later.",
                RetryAfterSeconds: 1));
        }
        try
        {
            if (await reader.FindIdempotencyKeyAsync(ledger.Tenant, mark.KeyHash, cancel) is { } used)
                return await ReplayAsync(ledger, mark, used, cancel);
            return await InTurnAsync(ledger, request, cancel);
        }
        finally
        {
            ledger.RunningKeys.TryRemove(key, out _);
        }
    }

    /// <summary>
    /// Decides a command on a state: the pure middle, with what it needs from outside looked up first.
    /// </summary>
    /// <param name="ledger">The tenant's ledger.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="state">The state of its stream.</param>
    /// <param name="named">Finds the other streams that it names.</param>
    /// <param name="cancel">Stops the wait.</param>
    /// <param name="pendingKey">The key of a subject who comes into the ledger earlier in the same batch.</param>
    /// <returns>The events to append, none of them when the command changes nothing; or the problem.</returns>
    public async Task<(Decided? Decided, Problem? Problem)> DecideAsync(
        TenantLedger ledger, CommandRequest request, object state, NamedStreams named, CancellationToken cancel,
        NewSubjectKey? pendingKey = null)
    {
        var now = LedgerJson.ToMicroseconds(clock.GetUtcNow());
        var context = request.Context;
        // Recorded it will be at the log's time, which another server's clock may have set ahead of this one.
        var recording = now > ledger.Log.LatestSeen ? now : ledger.Log.LatestSeen;
        var at = new Moment(context.OccurredAt ?? now, recording, context.ImportId is not null);
        if (at.OccurredAt - now > s_aheadAllowed)
        {
            return (null, Problem.Invalid(new FieldError("/occurredAt",
                $"lies ahead of the server's clock ({LedgerJson.Format(now)}); at most 5 minutes are allowed.")));
        }
        if (context.ImportId is { } importId && await named.RefusalOfImportAsync(importId, cancel) is { } refusal)
            return (null, refusal);
        var (teams, unknown) = await named.TeamsAsync(request.Draft, cancel);
        if (unknown is not null)
            return (null, unknown);
        if (await named.RefusalOfOtherCustomerAsync(request.Draft, cancel) is { } nobody)
            return (null, nobody);
        var (key, made) = pendingKey is null ? await KeyAsync(ledger, request, state, cancel) : (pendingKey.Key, null);
        if (key is not { Length: > 0 })
            return (null, await KeyMissingAsync(ledger, request, cancel));
        var command = request.Draft.Complete(teams, text => Sealing.Seal(request.Id, key, text));
        var decision = request.Kind.Decide(state, request.Id, command, at);
        if (decision.Rejection is { } rejection)
            return (null, Problem.Of(rejection));
        var headers = new EventHeaders($"key:{context.Caller.KeyId}", at.OccurredAt, context.Source, context.ImportId,
            Fingerprint(key, context), context.Extensions);
        var events = decision.Events.Select((e, i) => EventToAppend.Of(
            i == 0 && context.EventId is { } id ? id : Guid.CreateVersion7(now), i == 0 && context.EventId is not null,
            e, headers, context.CorrelationId, context.CausationId)).ToList();
        return (new(events, made, at, StandsAt), null);

        // Only what is recorded late counts from when it is recorded, and what was late when it was decided stays so.
        bool StandsAt(DateTimeOffset recordedAt) => at with { RecordedAt = recordedAt } is var then
            && (!then.RecordedLate || request.Kind.Decide(state, request.Id, command, then).Rejection is null);
    }

    /// <summary>The keyed hash of what a client sent.</summary>
    public static string Fingerprint(byte[] key, CommandContext context) =>
        Base64Url.EncodeToString(TenantKeys.Fingerprint(key, "event content", context.Content).AsSpan(0, 16));

    /// <summary>The state after events that were appended, at the times that the log gave them.</summary>
    public static StreamState After(
        StreamKind kind, StreamState before, IReadOnlyList<EventToAppend> events, IReadOnlyList<AppendedEvent> places)
    {
        object state = before.State;
        for (int i = 0; i < events.Count; i++)
        {
            var (e, place) = (events[i], places[i]);
            state = kind.Evolve(state, new(e.Id, place.Type, place.Stream, place.Version, place.Position,
                new(e.Headers.OccurredAt, place.RecordedAt, e.Headers.ImportId is not null), e.Headers, e.Data));
        }
        return new(state, places[^1].Version);
    }

    /// <summary>What to say of an event id that is in the log: the same event again, or another one.</summary>
    public static async Task<(CommandOutcome? Outcome, Problem? Problem)> RepeatedAsync(
        TenantLedger ledger, CommandRequest request, IReadOnlyList<AppendedEvent> there, CancellationToken cancel)
    {
        var key = request.Kind.HasSubject ? await ledger.Subjects.FindAsync(request.Id, cancel) : ledger.Keys.IndexKey;
        bool same = there[0].Stream == request.StreamId
            && (key is not { Length: > 0 } || there[0].Fingerprint == Fingerprint(key, request.Context));
        return same
            ? (new([there[0]], true, there[0].Version), null)
            : (null, new(ProblemCodes.EventIdReused,
                $"Event {there[0].Id} (this source and id) is in the log already with other content. "
                    + "Give the event another id.",
                [new("/id", "is the id of another event.")]));
    }

    private async Task<(CommandOutcome?, Problem?)> InTurnAsync(
        TenantLedger ledger, CommandRequest request, CancellationToken cancel)
    {
        var turn = ledger.States.TurnOf(request.StreamId);
        await turn.WaitAsync(cancel);
        try
        {
            for (int attempt = 1; attempt <= Attempts; attempt++)
            {
                var (outcome, problem, again) = await TryOnceAsync(ledger, request, cancel);
                if (!again)
                    return (outcome, problem);
                log.LogDebug("Stream {Stream} moved on; deciding again ({Attempt})", request.StreamId, attempt);
            }
            return (null, new(ProblemCodes.Contended,
                "Other requests kept changing this stream. Nothing was recorded; send it again.",
                RetryAfterSeconds: 1));
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<(CommandOutcome?, Problem?, bool Again)> TryOnceAsync(
        TenantLedger ledger, CommandRequest request, CancellationToken cancel)
    {
        var named = new NamedStreams(ledger.States);
        var parts = new List<DecidedStream>();
        Problem? problem = null;
        foreach (var part in request.Also.Prepend(request))
        {
            var state = await ledger.States.LoadAsync(part.Kind, part.StreamId, cancel);
            Decided? decided = null;
            if (part.Context.IfVersion is { } expected && expected != state.Version)
                problem = Stale(expected, state.Version);
            else
                (decided, problem) = await DecideAsync(ledger, part, state.State, named, cancel);
            parts.Add(new(part, state, decided));
            if (problem is not null)
                break;
        }
        if (problem is null && parts.Exists(p => p.Decided is { Events.Count: > 0 }))
            return await AppendAsync(ledger, request, parts, [.. named.Seen], cancel);
        // No append confirms what this rests on, and what is remembered may be behind what another server wrote: only
        // what the log says is reason to refuse.
        var seen = parts.Select(p => new SeenStream(p.Request.StreamId, p.State.Version)).Concat(named.Seen);
        if (!await ledger.States.AreLatestAsync([.. seen], cancel))
            return (null, null, true);
        return problem is null
            ? (new([], true, parts[0].State.Version), null, false)
            : await FirstAnswerOrAsync(ledger, request, problem, cancel);
    }

    /// <summary>A stream, and what was decided on it; null where it was refused.</summary>
    private sealed record DecidedStream(CommandRequest Request, StreamState State, Decided? Decided)
    {
        public IReadOnlyList<EventToAppend> Events => Decided?.Events ?? [];
    }

    /// <summary>
    /// Why it is refused, unless it is an event that is in the log already: then the reason is most likely that event.
    /// </summary>
    private async Task<(CommandOutcome?, Problem?, bool Again)> FirstAnswerOrAsync(
        TenantLedger ledger, CommandRequest request, Problem problem, CancellationToken cancel)
    {
        var first = request.Context.EventId is { } id
            ? await reader.FindAppendedAsync(ledger.Tenant, id, cancel)
            : null;
        if (first is null)
            return (null, problem, false);
        var (outcome, reused) = await RepeatedAsync(ledger, request, [first], cancel);
        return (outcome, reused, false);
    }

    private async Task<(CommandOutcome?, Problem?, bool Again)> AppendAsync(
        TenantLedger ledger, CommandRequest request, IReadOnlyList<DecidedStream> parts,
        IReadOnlyList<SeenStream> seen, CancellationToken cancel)
    {
        var writing = parts.Where(p => p.Events.Count > 0).ToList();
        var append = new AppendRequest(
            writing.ConvertAll(p => new StreamAppend(p.Request.StreamId, p.State.Version, p.Events)),
            [.. writing.Select(p => p.Decided!.NewKey).OfType<NewSubjectKey>()], request.Context.Idempotency)
        {
            Seen = seen,
            StandsAt = recordedAt => writing.TrueForAll(p => p.Decided!.StandsAt(recordedAt)),
        };
        switch (await ledger.Log.AppendAsync(append, cancel))
        {
            case AppendOutcome.Appended done:
                int at = 0;
                foreach (var part in writing)
                {
                    Keep(ledger, part, [.. done.Events.Skip(at).Take(part.Events.Count)]);
                    at += part.Events.Count;
                }
                return (new(done.Events, false, done.Events[writing[0].Events.Count - 1].Version), null, false);
            case AppendOutcome.Conflict conflict:
                ledger.States.Forget(conflict.StreamId);
                return request.Context.IfVersion is { } expected && conflict.StreamId == request.StreamId
                    ? await FirstAnswerOrAsync(ledger, request, Stale(expected, conflict.ActualVersion), cancel)
                    : (null, null, true);
            case AppendOutcome.Overtaken:
                return (null, null, true);
            case AppendOutcome.AlreadyThere there:
                var (repeated, reused) = await RepeatedAsync(ledger, request, there.Events, cancel);
                return (repeated, reused, false);
            case AppendOutcome.KeyUsed used:
                var (replayed, problem) = await ReplayAsync(ledger, request.Context.Idempotency!,
                    new(used.SameRequest ? request.Context.Idempotency!.RequestHash : [], used.FirstPosition,
                        used.EventCount),
                    cancel);
                return (replayed, problem, false);
            case var other:
                throw new InvalidOperationException($"An append cannot end as {other.GetType().Name}.");
        }
    }

    private static void Keep(TenantLedger ledger, DecidedStream part, IReadOnlyList<AppendedEvent> places)
    {
        if (StreamKind.NeedsRefold(part.Events.Select(e => e.Data)))
            ledger.States.Forget(part.Request.StreamId);
        else
            ledger.States.Keep(part.Request.StreamId, After(part.Request.Kind, part.State, part.Events, places));
        if (part.Decided?.NewKey is { } key)
            ledger.Subjects.Remember(key);
    }

    private async Task<(CommandOutcome?, Problem?)> ReplayAsync(
        TenantLedger ledger, IdempotencyMark mark, UsedIdempotencyKey used, CancellationToken cancel)
    {
        if (!used.RequestHash.AsSpan().SequenceEqual(mark.RequestHash))
        {
            return (null, new(ProblemCodes.KeyReused,
                "This Idempotency-Key was used for another request. Use a new key for a new request.",
                [new("Idempotency-Key", "was used for another request.")]));
        }
        var stored = await reader.ReadLogAsync(ledger.Tenant, used.FirstPosition - 1, used.EventCount, cancel);
        var events = stored.ConvertAll(e => new AppendedEvent(
            e.Id, e.Type, e.Stream, e.Version, e.Position, e.RecordedAt, e.LeafHash, null));
        return (new(events, true, events[^1].Version), null);
    }

    private static async Task<(byte[]? Key, NewSubjectKey? Made)> KeyAsync(
        TenantLedger ledger, CommandRequest request, object state, CancellationToken cancel)
    {
        if (!request.Kind.HasSubject)
            return (ledger.Keys.IndexKey, null);
        if (request.Kind.HasKey(state))
            return (await ledger.Subjects.FindAsync(request.Id, cancel), null);
        // Somebody new; or somebody unknown or erased, whom the decider will refuse.
        var made = ledger.Subjects.Make(request.Id);
        return (made.Key, made);
    }

    /// <summary>
    /// A new key would hide that what was sealed before can be read no more; and where the old key comes back with a
    /// backup, what was sealed meanwhile would be lost instead.
    /// </summary>
    private async Task<Problem> KeyMissingAsync(
        TenantLedger ledger, CommandRequest request, CancellationToken cancel)
    {
        if (await ledger.Subjects.IsErasedAsync(request.Id, cancel))
            return Problem.Of(CustomerDecider.WasErased); // the log was set back, and will be told again
        log.LogError("The key of {Stream} of {Tenant} is missing or cannot be opened, though nobody was erased; "
            + "restore its row in ledger.subject_keys", request.StreamId, ledger.Tenant);
        return new(ProblemCodes.KeyMissing, $"The key of {request.StreamId} is missing or cannot be opened, though "
            + "nobody was erased. Nothing was recorded; what is recorded can still be read, but for personal text. "
            + "Once the operator has restored the key, send the same request again.", RetryAfterSeconds: 30);
    }

    private static Problem Stale(long expected, long actual) => new(ProblemCodes.StaleVersion,
        $"The stream is at version {actual}, not {expected}. Read it again and decide on what it says now.",
        [new("If-Match", $"the stream is at version {actual}.")]);
}

/// <summary>What a command came to.</summary>
/// <param name="Events">To be appended, with the version that was decided on.</param>
/// <param name="NewKey">The data key of a subject that comes into the ledger, or null.</param>
/// <param name="At">The times that were decided on.</param>
/// <param name="StandsAt">Whether it would be decided so too if it were recorded at a later time.</param>
public sealed record Decided(
    IReadOnlyList<EventToAppend> Events, NewSubjectKey? NewKey, Moment At, Func<DateTimeOffset, bool> StandsAt);
