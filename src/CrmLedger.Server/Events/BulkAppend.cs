using CrmLedger.EventStore.Appending;
using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Reading;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Tenants;
using Microsoft.Extensions.Logging;

namespace CrmLedger.Server.Events;

/// <summary>What became of one event of a batch.</summary>
/// <param name="Index">Its place in the batch, from 0.</param>
/// <param name="Id">The CloudEvent's id, where it had one.</param>
/// <param name="Status"><c>appended</c>, <c>duplicate</c> or <c>rejected</c>.</param>
/// <param name="Event">Where it stands in the log; null when rejected.</param>
/// <param name="Problem">Why it was rejected, or null.</param>
public sealed record BulkItem(int Index, string? Id, string Status, EventReceipt? Event, ProblemBody? Problem);

/// <summary>The answer to a batch.</summary>
/// <param name="Appended">Events recorded now.</param>
/// <param name="Duplicates">Events that were in the log already.</param>
/// <param name="Rejected">Events that were refused.</param>
/// <param name="LastPosition">The highest position among those recorded now, or null.</param>
/// <param name="Items">Each event, or only the rejected ones.</param>
public sealed record BulkAnswer(
    int Appended, int Duplicates, int Rejected, long? LastPosition, IReadOnlyList<BulkItem> Items);

/// <summary>An atomic batch of which nothing was recorded: a problem with what was wrong with each event.</summary>
/// <param name="Type">
/// Of the batch: <c>atomic_batch_rejected</c>, or <c>contended</c> when others were in the way.
/// </param>
/// <param name="Title">The same for every problem of this type.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What it was this time.</param>
/// <param name="Items">Each event, or only the rejected ones.</param>
/// <param name="RetryAfterSeconds">When to send the batch again, where that helps.</param>
public sealed record RefusedBatch(
    string Type, string Title, int Status, string Detail, IReadOnlyList<BulkItem> Items, int? RetryAfterSeconds)
    : ProblemBody(Type, Title, Status, Detail, null, RetryAfterSeconds)
{
    /// <summary>What to answer for a batch of which nothing was recorded.</summary>
    /// <param name="results">What became of each of its events.</param>
    /// <param name="shown">Those of them that the answer lists.</param>
    public static RefusedBatch Of(IReadOnlyList<BulkItem> results, IReadOnlyList<BulkItem> shown)
    {
        string contended = LedgerProblems.TypeBase + ProblemCodes.Contended;
        int rejected = results.Count(r => r.Problem is not null && !IsHeldBack(r.Problem));
        var problem = results.Select(r => r.Problem).FirstOrDefault(p => p?.Type == contended)
            ?? LedgerProblems.Body(new(ProblemCodes.AtomicRejected,
                $"{rejected:N0} of {results.Count:N0} events were rejected, so none was recorded. See items."));
        return new(problem.Type, problem.Title, problem.Status, problem.Detail, shown, problem.RetryAfterSeconds);
    }

    private static bool IsHeldBack(ProblemBody problem) =>
        problem.Type == LedgerProblems.TypeBase + ProblemCodes.AtomicRejected;
}

/// <summary>
/// Puts many events through their deciders. The events of one stream are decided in their order, each on the state that
/// the one before leaves, and go into the log together; streams do not hold each other up.
/// </summary>
public sealed class BulkAppend(CommandHandling handling, EventReader reader, ILogger<BulkAppend> log)
{
    private static readonly Problem s_heldBack =
        new(ProblemCodes.AtomicRejected, "Another event of the batch was rejected, so this one was not recorded.");

    private static readonly Problem s_afterAnnulment = Problem.Invalid(new FieldError("/subject",
        "an earlier event of this atomic batch annuls an entry of the same subject, and what follows is judged anew "
            + "only once that is recorded. Send what follows in another batch."));

    /// <summary>Appends what can be appended; every item answers for itself.</summary>
    /// <param name="ledger">The tenant's ledger.</param>
    /// <param name="items">The batch in its order: a request, or what was wrong with it.</param>
    /// <param name="atomic">Whether nothing is to be recorded when anything is rejected.</param>
    /// <param name="cancel">Stops the wait.</param>
    public async Task<BulkItem[]> RunAsync(
        TenantLedger ledger, IReadOnlyList<CloudEventItem> items, bool atomic, CancellationToken cancel)
    {
        if (atomic)
            return await AppendTogetherAsync(ledger, items, cancel);
        // An atomic batch goes through the write loop whole. Any other is decided once, its streams are appended beside
        // each other, and only what others got in the way of goes through the loop, event by event: trouble with one
        // stream must not have thousands of events decided anew.
        var (streams, results) = await DecideAsync(ledger, items, atomic: false, cancel);
        await Task.WhenAll(streams.Select(s => AppendOrTellAsync(ledger, s, results, cancel)));
        return results!;
    }

    /// <summary>Decides a batch in its order, on what the log says now.</summary>
    /// <returns>What is to be appended, and what became of the items that are not to be.</returns>
    private async Task<(IReadOnlyList<Working> Streams, BulkItem?[] Results)> DecideAsync(
        TenantLedger ledger, IReadOnlyList<CloudEventItem> items, bool atomic, CancellationToken cancel)
    {
        var results = new BulkItem?[items.Count];
        var requests = items.Where(i => i.Request is not null).Select(i => i.Request!).ToList();
        // Here once for all: what is refused below is refused by what the log says and not by what is remembered.
        await ledger.States.PreloadAsync(
            requests.SelectMany(r => r.Named.Prepend((r.Kind, r.StreamId))), cancel);
        await ledger.Subjects.FindAsync(
            [.. requests.Where(r => r.Kind.HasSubject).Select(r => r.Id).Distinct()], cancel);
        var known = await reader.FindAppendedAsync(
            ledger.Tenant, [.. requests.Select(r => r.Context.EventId).OfType<Guid>().Distinct()], cancel);
        var streams = new Dictionary<string, Working>(StringComparer.Ordinal);
        var ids = new HashSet<Guid>();
        foreach (var item in items)
        {
            results[item.Index] = item.Problem is not null ? Rejected(item, item.Problem)
                : atomic && RefusalOfRepetition(item, known, ids) is { } repeated ? Rejected(item, repeated)
                : await DecideAsync(ledger, item, known, streams, atomic, cancel);
        }
        return ([.. streams.Values], results);
    }

    /// <summary>
    /// What goes into the log together goes there at once, so that none of it can be judged by what is there then: an
    /// id that stands twice in it, on whichever streams, is refused.
    /// </summary>
    private static Problem? RefusalOfRepetition(
        CloudEventItem item, IReadOnlyDictionary<Guid, AppendedEvent> known, HashSet<Guid> ids)
    {
        if (item.Request!.Context.EventId is not { } id || known.ContainsKey(id) || ids.Add(id))
            return null;
        const string detail = "Another event of this batch has this source and id; an atomic batch names each once.";
        return new(ProblemCodes.EventIdReused, detail, [new("/id", detail)]);
    }

    private async Task<BulkItem?> DecideAsync(
        TenantLedger ledger, CloudEventItem item, IReadOnlyDictionary<Guid, AppendedEvent> known,
        Dictionary<string, Working> streams, bool atomic, CancellationToken cancel)
    {
        var request = item.Request!;
        if (request.Context.EventId is { } id && known.TryGetValue(id, out var there))
        {
            var (repeated, reused) = await CommandHandling.RepeatedAsync(ledger, request, [there], cancel);
            return reused is not null ? Refused(item, reused) : Done(item, repeated!.Events[0], "duplicate");
        }
        if (!streams.TryGetValue(request.StreamId, out var stream))
        {
            var state = await ledger.States.LoadAsync(request.Kind, request.StreamId, cancel);
            streams[request.StreamId] = stream = new(new(request.Kind, request.StreamId, state, []),
                new(ledger.States, name => streams.GetValueOrDefault(name)?.State.State));
        }
        if (stream.OneByOne && atomic)
            return Rejected(item, s_afterAnnulment);
        if (stream.OneByOne || !stream.Ids.Add(request.Context.EventId ?? Guid.CreateVersion7()))
        {
            // After an annulment the state must be folded again; an id met twice is judged by what is in the log then.
            stream.OneByOne = true;
            stream.Later.Add(item);
            return null;
        }
        var now = ledger.WriteLoop.Now;
        var (decided, refusal) = await handling.DecideAsync(
            ledger, request, stream.State, stream.Named, now, cancel, stream.NewKey);
        if (refusal is not null)
            return Refused(item, refusal);
        stream.Take(item, decided!, now.RecordedAt);
        return null;
    }

    /// <summary>
    /// Appends a stream's events. A failure that passes is theirs alone: what other streams of the batch recorded must
    /// still be told, so these are rejected and may be sent again.
    /// </summary>
    private async Task AppendOrTellAsync(
        TenantLedger ledger, Working stream, BulkItem?[] results, CancellationToken cancel)
    {
        try
        {
            await AppendAsync(ledger, stream, results, cancel);
        }
        catch (Exception failure) when (FailureHandling.Passing(failure) is not null)
        {
            log.LogError(failure, "A part of a batch of {Tenant} was not recorded", ledger.Tenant);
            foreach (var item in stream.Items.Select(i => i.Item).Concat(stream.Later))
                results[item.Index] ??= Rejected(item, FailureHandling.Passing(failure)!);
        }
    }

    private async Task AppendAsync(
        TenantLedger ledger, Working stream, BulkItem?[] results, CancellationToken cancel)
    {
        if (stream.Items.Count > 0)
        {
            if (await ledger.WriteLoop.AppendAsync(Working.Write([stream]), cancel) is AppendOutcome.Appended done)
                Report([stream], done.Events, results);
            else // Somebody wrote to it, or to one that it names, meanwhile: each event is decided again, on its own.
                stream.Later.InsertRange(0, stream.Items.Select(i => i.Item));
        }
        foreach (var item in stream.Later)
            results[item.Index] = await HandleAloneAsync(ledger, item, cancel);
    }

    private async Task<BulkItem[]> AppendTogetherAsync(
        TenantLedger ledger, IReadOnlyList<CloudEventItem> items, CancellationToken cancel)
    {
        IReadOnlyList<Working> streams = [];
        BulkItem?[] results = [];
        var (write, outcome) = await ledger.WriteLoop.RunAsync(async _ =>
        {
            (streams, results) = await DecideAsync(ledger, items, atomic: true, cancel);
            return results.Any(r => r is { Status: "rejected" }) ? new() : Working.Write(streams);
        }, cancel);
        if (outcome is AppendOutcome.Appended done)
            Report(streams, done.Events, results);
        var held = outcome is null && write.Refusal is null ? s_heldBack : WriteLoop.Contended;
        return [.. items.Select(i => results[i.Index] ?? Rejected(i, held))];
    }

    private async Task<BulkItem> HandleAloneAsync(TenantLedger ledger, CloudEventItem item, CancellationToken cancel)
    {
        var (outcome, problem) = await handling.HandleAsync(ledger, item.Request!, cancel);
        return problem is not null
            ? Refused(item, problem)
            : Done(item, outcome!.Events.Count > 0 ? outcome.Events[0] : null,
                outcome.Replayed ? "duplicate" : "appended");
    }

    private static void Report(
        IReadOnlyList<Working> streams, IReadOnlyList<AppendedEvent> places, BulkItem?[] results)
    {
        var placeOf = places.ToDictionary(p => p.Id);
        foreach (var (item, decided) in streams.SelectMany(s => s.Items))
            results[item.Index] = Done(item, placeOf[decided.Events[0].Id], "appended");
    }

    private static BulkItem Done(CloudEventItem item, AppendedEvent? place, string status) =>
        new(item.Index, item.Id, status, place is null ? null : EventReceipt.Of(place), null);

    /// <summary>A decider names a command's field: a CloudEvent has it in its data, and calls its time time.</summary>
    private static BulkItem Refused(CloudEventItem item, Problem problem)
    {
        FieldError[] errors = [.. (problem.Errors ?? []).Select(e => e with
        {
            Pointer = e.Pointer switch
            {
                "/occurredAt" => "/time",
                "/id" or "/importid" => e.Pointer,
                var field => $"/data{field}",
            },
        })];
        return Rejected(item, errors.Length == 0 ? problem
            : problem.Code == ProblemCodes.Invalid ? Problem.Invalid(errors)
            : problem with { Errors = errors });
    }

    private static BulkItem Rejected(CloudEventItem item, Problem problem) =>
        new(item.Index, item.Id, "rejected", null, LedgerProblems.Body(problem));

    /// <summary>A stream while a batch goes through it.</summary>
    private sealed class Working(StreamWrite stream, NamedStreams named)
    {
        public NamedStreams Named => named;

        public StreamState State { get; private set; } = stream.Before;

        public bool OneByOne { get; set; }

        public NewSubjectKey? NewKey { get; private set; }

        public HashSet<Guid> Ids { get; } = [];

        public List<(CloudEventItem Item, StreamWrite Decided)> Items { get; } = [];

        public List<CloudEventItem> Later { get; } = [];

        public static Write Write(IReadOnlyList<Working> streams)
        {
            var writing = streams.Where(s => s.Items.Count > 0).ToList();
            return new(writing.ConvertAll(s => s.ToWrite())) { Seen = [.. writing.SelectMany(s => s.Named.Seen)] };
        }

        public void Take(CloudEventItem item, StreamWrite decided, DateTimeOffset recordedAt)
        {
            Items.Add((item, decided));
            State = decided.After(decided.Events.Select((e, i) => new AppendedEvent(e.Id,
                LedgerEvents.NameOf(e.Data.GetType()), decided.StreamId, decided.Before.Version + i + 1, -1, recordedAt,
                [], null)));
            // Later events of the batch are sealed under a new key too. Nobody else may know it before it is stored: of
            // two who register the same customer, one loses, and nothing must ever be sealed under the loser's key.
            NewKey ??= decided.NewKey;
            OneByOne = StreamKind.NeedsRefold(decided.Events.Select(e => e.Data));
        }

        private StreamWrite ToWrite() => stream with
        {
            Events = [.. Items.SelectMany(i => i.Decided.Events)],
            NewKey = NewKey,
            StandsAt = recordedAt => Items.TrueForAll(i => i.Decided.StandsAt(recordedAt)),
        };
    }
}
