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
/// The commands of clients: seals and decides them for the <see cref="WriteLoop" />, and answers a repeated request as
/// it was answered first.
/// </summary>
public sealed class CommandHandling(EventReader reader, ILogger<CommandHandling> log)
{
    private static readonly TimeSpan s_aheadAllowed = TimeSpan.FromMinutes(5);

    /// <summary>Handles one command.</summary>
    /// <returns>The outcome, or the problem to answer with; with a problem nothing was recorded.</returns>
    public async Task<(CommandOutcome? Outcome, Problem? Problem)> HandleAsync(
        TenantLedger ledger, CommandRequest request, CancellationToken cancel)
    {
        if (request.Context.Idempotency is not { } mark)
            return await WriteAsync(ledger, request, cancel);
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
            return await WriteAsync(ledger, request, cancel);
        }
        finally
        {
            ledger.RunningKeys.TryRemove(key, out _);
        }
    }

    /// <summary>Decides commands, each on a stream of its own, that are recorded together or not at all.</summary>
    public async Task<Write> DecideAsync(
        TenantLedger ledger, IReadOnlyList<(CommandRequest Request, StreamState State)> commands, Moment now,
        CancellationToken cancel)
    {
        var named = new NamedStreams(ledger.States);
        var streams = new List<StreamWrite>();
        Problem? refusal = null;
        foreach (var (request, state) in commands.TakeWhile(_ => refusal is null))
        {
            (var decided, refusal) = await DecideAsync(ledger, request, state, named, now, cancel);
            streams.Add(decided ?? new(request.Kind, request.StreamId, state, []));
        }
        return new(streams) { Seen = [.. named.Seen], Refusal = refusal };
    }

    /// <summary>
    /// Decides a command on a state: the pure middle, with what it needs from outside looked up first. The pending key
    /// is that of a subject who comes into the ledger earlier in the same batch.
    /// </summary>
    public async Task<(StreamWrite? Decided, Problem? Refusal)> DecideAsync(
        TenantLedger ledger, CommandRequest request, StreamState before, NamedStreams named, Moment now,
        CancellationToken cancel, NewSubjectKey? pendingKey = null)
    {
        var (context, state) = (request.Context, before.State);
        if (context.IfVersion is { } expected && expected != before.Version)
            return (null, Stale(expected, before.Version));
        var at = new Moment(context.OccurredAt ?? now.OccurredAt, now.RecordedAt, context.ImportId is not null);
        if (at.OccurredAt - now.OccurredAt > s_aheadAllowed)
        {
            return (null, Problem.Invalid(new FieldError("/occurredAt", "lies ahead of the server's clock "
                + $"({LedgerJson.Format(now.OccurredAt)}); at most 5 minutes are allowed.")));
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
            i == 0 && context.EventId is { } id ? id : Guid.CreateVersion7(now.OccurredAt),
            i == 0 && context.EventId is not null, e, headers, context.CorrelationId, context.CausationId)).ToList();
        return (new(request.Kind, request.StreamId, before, events) { NewKey = made, StandsAt = StandsAt }, null);

        // Only what is recorded late counts from when it is recorded, and what was late when it was decided stays so.
        bool StandsAt(DateTimeOffset recordedAt) => at with { RecordedAt = recordedAt } is var then
            && (!then.RecordedLate || request.Kind.Decide(state, request.Id, command, then).Rejection is null);
    }

    /// <summary>The keyed hash of what a client sent.</summary>
    public static string Fingerprint(byte[] key, CommandContext context) =>
        Base64Url.EncodeToString(TenantKeys.Fingerprint(key, "event content", context.Content).AsSpan(0, 16));

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

    private async Task<(CommandOutcome?, Problem?)> WriteAsync(
        TenantLedger ledger, CommandRequest request, CancellationToken cancel)
    {
        var (write, outcome) = await ledger.WriteLoop.RunAsync(request.Kind, request.StreamId,
            async (stream, now) => await DecideAsync(ledger, [(request, stream.Before)], now, cancel) with
            {
                Idempotency = request.Context.Idempotency,
            }, cancel);
        return outcome switch
        {
            null when write.Refusal is { } refusal => await FirstAnswerOrAsync(ledger, request, refusal, cancel),
            null => (new([], true, write.Streams[0].Before.Version), null),
            AppendOutcome.Appended done => (new(done.Events, false, done.Events[^1].Version), null),
            AppendOutcome.AlreadyThere there => await RepeatedAsync(ledger, request, there.Events, cancel),
            AppendOutcome.KeyUsed used => await ReplayAsync(ledger, write.Idempotency!,
                new(used.SameRequest ? write.Idempotency!.RequestHash : [], used.FirstPosition, used.EventCount),
                cancel),
            _ => throw new InvalidOperationException($"A command cannot end as {outcome.GetType().Name}."),
        };
    }

    /// <summary>
    /// Why it is refused, unless it is an event that is in the log already: then the reason is most likely that event.
    /// </summary>
    private async Task<(CommandOutcome?, Problem?)> FirstAnswerOrAsync(
        TenantLedger ledger, CommandRequest request, Problem problem, CancellationToken cancel)
    {
        var first = request.Context.EventId is { } id
            ? await reader.FindAppendedAsync(ledger.Tenant, id, cancel)
            : null;
        return first is null ? (null, problem) : await RepeatedAsync(ledger, request, [first], cancel);
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
