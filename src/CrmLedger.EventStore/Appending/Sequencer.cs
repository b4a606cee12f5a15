using System.Text.Json;
using System.Threading.Channels;
using CrmLedger.EventStore.Checkpoints;
using CrmLedger.EventStore.Privacy;
using CrmLedger.Postgres;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CrmLedger.EventStore.Appending;

/// <summary>
/// Puts one tenant's events into its log by group commit: it gathers what arrives while a batch is being written and
/// writes that as the next one, so that nobody waits when it is idle. At most one batch is in flight; other servers may
/// append to the same tenant, and whoever loses the swap of the head reads what was appended since. From then on, for a
/// while, it takes the head's lock before reading: who waits for a lock gets it in turn, so that servers beside each
/// other take turns and a large batch is not overtaken for ever by another server's small ones.
/// </summary>
public sealed class Sequencer : IEventLog
{
    private const int QueueLength = 8_192;
    private const int QueueEvents = 200_000;
    private const int BatchEvents = 5_000;
    private const int VersionsRemembered = 200_000;
    private const int Attempts = 8;
    private const int BatchesInTurns = 64;
    private const string IdleInTransactionTimeout = "25P03";
    private static readonly TimeSpan s_longestQueueing = TimeSpan.FromSeconds(2);

    private readonly string _tenant;
    private readonly LogFacts _facts;
    private readonly BatchWriter _writer;
    private readonly DiskReserve _reserve;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly Func<string?> _stopped;
    private readonly Channel<PendingAppend> _queue = Channel.CreateBounded<PendingAppend>(
        new BoundedChannelOptions(QueueLength) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
    private readonly Dictionary<string, long> _versions = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationToken _stop; // outlives its source, so that who comes too late is told so
    private readonly Task _running;
    private LogHead? _head;
    private int _queuedEvents;
    private int _inTurns;
    private long _latestTicks;
    private long _largest;

    /// <summary>Starts sequencing.</summary>
    /// <param name="database">The database.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="clock">The server's clock.</param>
    /// <param name="log">Where to tell of failures.</param>
    /// <param name="stopped">
    /// Says why nothing may be appended at the moment; null, or null of it, when something may.
    /// </param>
    public Sequencer(
        LedgerDatabase database, string tenant, TimeProvider clock, ILogger log, Func<string?>? stopped = null)
    {
        (_tenant, _clock, _log, _stopped) = (tenant, clock, log, stopped ?? (() => null));
        _facts = new(database.Appending, tenant);
        _writer = new(database, tenant);
        _reserve = database.Reserve;
        _stop = _stopping.Token;
        _running = Task.Run(RunAsync);
    }

    /// <inheritdoc />
    public DateTimeOffset LatestSeen => new(Interlocked.Read(ref _latestTicks), TimeSpan.Zero);

    /// <inheritdoc />
    public async Task<AppendOutcome> AppendAsync(AppendRequest request, CancellationToken cancel)
    {
        RefuseRepetition(request);
        _reserve.Require();
        if (_stopped() is { } why)
            throw new LogStoppedException(why);
        var pending = new PendingAppend(request);
        int queued = Interlocked.Add(ref _queuedEvents, pending.EventCount);
        try
        {
            // One request alone may be larger than what may wait.
            if (queued > QueueEvents && queued > pending.EventCount)
                throw new LedgerBusyException();
            await EnqueueAsync(pending, cancel);
            return await pending.Answer.Task;
        }
        finally
        {
            Interlocked.Add(ref _queuedEvents, -pending.EventCount);
        }
    }

    private async Task EnqueueAsync(PendingAppend pending, CancellationToken cancel)
    {
        if (!_queue.Writer.TryWrite(pending))
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel, _stop);
            limit.CancelAfter(s_longestQueueing);
            try
            {
                await _queue.Writer.WriteAsync(pending, limit.Token);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                throw new LedgerBusyException();
            }
            catch (ChannelClosedException closed)
            {
                throw new LedgerUnavailableException("The server is stopping; nothing was written.", closed);
            }
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        try
        {
            await _running.WaitAsync(TimeSpan.FromSeconds(20));
        }
        catch (TimeoutException)
        {
            await _stopping.CancelAsync();
            await _running;
        }
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        var gathered = new List<PendingAppend>();
        while (await _queue.Reader.WaitToReadAsync())
        {
            gathered.Clear();
            int events = 0;
            while (events < BatchEvents && _queue.Reader.TryRead(out var next))
            {
                gathered.Add(next);
                events += next.EventCount;
            }
            try
            {
                await AppendGatheredAsync(gathered);
            }
            catch (Exception failure)
            {
                // Whatever it was, those who wait are told and the next batch starts from what the database says.
                Forget();
                _log.Log(failure is InvalidDataException ? LogLevel.Critical : LogLevel.Error, failure,
                    "Appending {Requests} requests to {Tenant} failed", gathered.Count, _tenant);
                var told = Told(failure);
                foreach (var pending in gathered)
                    pending.Answer.TrySetException(told);
            }
        }
    }

    private async Task AppendGatheredAsync(List<PendingAppend> gathered)
    {
        var waiting = gathered;
        int interruptions = 0;
        while (waiting.Count > 0)
        {
            try
            {
                waiting = await AppendOnceAsync(waiting, hold: _inTurns > 0);
                _inTurns = Math.Max(0, _inTurns - 1);
                interruptions = 0;
            }
            catch (PostgresException lost) when (lost.SqlState == BatchWriter.LostSwap)
            {
                _inTurns = BatchesInTurns; // another server was quicker, which is no failure
            }
            catch (PostgresException taken)
                when (taken.SqlState == PostgresErrorCodes.UniqueViolation && !waiting[0].OutcomeUnknown)
            {
                // Most likely an id that was made here and not looked up stands there already: look up every id.
                LookUpEverything(waiting);
            }
            catch (PostgresException replaced)
                when (WrappingKeys.IsRefusal(replaced) && ++interruptions < Attempts)
            {
                // The tenant's key was replaced; what is new is wrapped with the one that is there now.
                Forget();
                foreach (var key in waiting.SelectMany(p => p.Request.NewKeys))
                    await key.WrapAgainAsync(_stop);
            }
            catch (Exception refused) when (IsRefusal(refused) && waiting.Count > 1)
            {
                _log.LogWarning(refused, "A batch of {Tenant} was refused; its requests are tried one by one", _tenant);
                Forget();
                await AppendOneByOneAsync(waiting);
                return;
            }
            catch (Exception failure)
                when (IsPassing(failure) && ++interruptions < Attempts && !_stop.IsCancellationRequested)
            {
                // The commit may have gone through without its answer: from here on every id is looked up first.
                _log.LogWarning(
                    failure, "Writing to {Tenant} was interrupted (attempt {Attempt})", _tenant, interruptions);
                LookUpEverything(waiting);
                await RecoverAsync(failure);
                await Task.Delay(TimeSpan.FromMilliseconds(Math.Min(50 << interruptions, 2_000)), _clock, _stop);
            }
        }
    }

    private async Task RecoverAsync(Exception failure)
    {
        try
        {
            await _writer.RecoverAsync(failure, _stop);
        }
        catch (Exception again) when (IsPassing(again))
        {
            _log.LogWarning(again, "Sessions of {Tenant} that may be stuck could not be ended", _tenant);
        }
    }

    private async Task AppendOneByOneAsync(List<PendingAppend> waiting)
    {
        foreach (var pending in waiting)
        {
            try
            {
                await AppendGatheredAsync([pending]);
            }
            catch (Exception failure)
            {
                Forget(); // the others are not to suffer for this one, which is told
                _log.LogError(failure, "A request to {Tenant} was refused by PostgreSQL", _tenant);
                pending.Answer.TrySetException(Told(failure));
            }
        }
    }

    /// <summary>
    /// Plans and writes once; answers those that are certain and returns those that must be planned again.
    /// </summary>
    /// <param name="waiting">The requests.</param>
    /// <param name="hold">Whether to lock the head before anything is read, so that the swap cannot be lost.</param>
    private async Task<List<PendingAppend>> AppendOnceAsync(List<PendingAppend> waiting, bool hold)
    {
        var cancel = _stop;
        await using var held = hold ? await _writer.BeginAsync(cancel) : null;
        if (held is not null)
            CatchUp(await TakenHead.TakeAsync(held, _tenant, _head?.Tree.Size, cancel));
        var head = _head ??= await _facts.ReadHeadAsync(cancel);
        if (head.Tree.Size < _largest)
        {
            throw new LogStoppedException($"The log has {head.Tree.Size} events, and this server has seen {_largest}: "
                + "the database was set back. Nothing is recorded until the right database is back.");
        }
        _largest = head.Tree.Size;
        var requests = waiting.ConvertAll(p => p.Request);
        var read = await LookUpAsync(waiting, cancel);
        var now = LedgerJson.ToMicroseconds(_clock.GetUtcNow());
        var plan = BatchPlan.Make(requests, read, head, now);
        Interlocked.Exchange(ref _latestTicks, head.RecordedAt.UtcTicks);
        var again = plan.Deferred.ConvertAll(i => waiting[i]);
        if (plan.Events.Count > 0)
        {
            plan.HashLeaves(_tenant);
            var growth = head.Tree.Append(plan.LeafHashes);
            await _writer.WriteAsync(head, plan, growth, requests, held, cancel);
            _head = new(plan.RecordedAt, growth.Edge);
            _largest = growth.Edge.Size;
            foreach (var (stream, version) in plan.NewVersions)
                _versions[stream] = version;
        }
        foreach (var (request, first, count) in plan.Placed)
            waiting[request].Answer.TrySetResult(new AppendOutcome.Appended(plan.Outcome(first, count)));
        foreach (var (request, outcome) in plan.Answered)
        {
            var pending = waiting[request];
            if (outcome is AppendOutcome.Conflict conflict && !pending.VersionsRead)
            {
                _versions.Remove(conflict.StreamId);
                pending.VersionsRead = true; // what was remembered may be behind another server's append
                again.Add(pending);
            }
            else
            {
                pending.Answer.TrySetResult(pending.Certain(outcome));
            }
        }
        return again;
    }

    /// <summary>Takes over what others have appended.</summary>
    private void CatchUp(TakenHead taken)
    {
        if (taken.Appended is null)
            _versions.Clear();
        foreach (var (stream, version) in taken.Appended ?? [])
            _versions[stream] = version;
        _head = taken.Head;
    }

    private async Task<KnownFacts> LookUpAsync(List<PendingAppend> waiting, CancellationToken cancel)
    {
        var streams = new HashSet<string>(StringComparer.Ordinal);
        var ids = new HashSet<Guid>(); // two requests of one batch may carry the same client id
        var keys = new List<byte[]>();
        foreach (var pending in waiting)
        {
            streams.UnionWith(pending.StreamIds.Where(s => pending.VersionsRead || !_versions.ContainsKey(s)));
            foreach (var stream in pending.Request.Streams)
                ids.UnionWith(stream.Events.Where(e => e.IdFromClient || pending.OutcomeUnknown).Select(e => e.Id));
            if (pending.Request.Idempotency is { } mark)
                keys.Add(mark.KeyHash);
        }
        if (streams.Count > 0)
        {
            if (_versions.Count + streams.Count + waiting.Count > VersionsRemembered)
            {
                _versions.Clear();
                streams.UnionWith(waiting.SelectMany(p => p.StreamIds));
            }
            foreach (string id in streams)
                _versions[id] = 0;
            foreach (var (id, version) in await _facts.ReadVersionsAsync([.. streams], cancel))
                _versions[id] = version;
        }
        return new(_versions, await _facts.ReadEventsAsync([.. ids], cancel),
            await _facts.ReadKeysAsync([.. keys], cancel));
    }

    private void Forget()
    {
        _head = null;
        _versions.Clear();
    }

    private void LookUpEverything(List<PendingAppend> waiting)
    {
        Forget();
        foreach (var pending in waiting)
            pending.OutcomeUnknown = true;
    }

    /// <summary>A batch is planned on the assumption that each of its requests makes sense by itself.</summary>
    private static void RefuseRepetition(AppendRequest request)
    {
        if (request.Streams is [{ Events.Count: 1 }])
            return;
        if (request.Streams.DistinctBy(s => s.StreamId).Count() < request.Streams.Count)
            throw new ArgumentException("A request names each stream once.", nameof(request));
        var ids = new HashSet<Guid>();
        foreach (var e in request.Streams.SelectMany(s => s.Events))
        {
            if (!ids.Add(e.Id))
                throw new ArgumentException($"Event {e.Id} stands in the request twice.", nameof(request));
        }
    }

    private static bool IsPassing(Exception failure) =>
        failure is TimeoutException or IOException
        || failure is NpgsqlException and not PostgresException
        || failure is PostgresException { IsTransient: true, SqlState: not PostgresErrorCodes.DiskFull }
        || failure is PostgresException p && (p.SqlState.StartsWith("57", StringComparison.Ordinal)
            || p.SqlState == IdleInTransactionTimeout);

    /// <summary>Whether some request of the batch cannot be written at all, such as text that is not I-JSON.</summary>
    private static bool IsRefusal(Exception failure) => failure switch
    {
        PostgresException refused => refused.SqlState[..2] is "22" or "23",
        JsonException or ArgumentException => true,
        AggregateException several => several.InnerExceptions.All(IsRefusal), // leaves are hashed on all cores
        _ => false,
    };

    private static Exception Told(Exception failure) => failure switch
    {
        LogStoppedException => failure,
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } full =>
            new StorageFullException("The disk of the ledger's database is full; nothing was written.", full),
        InvalidDataException => new LedgerUnavailableException("The log contradicts itself, and nothing is written to "
            + "it until somebody has looked: the server's log says where.", failure),
        _ => new LedgerUnavailableException("The ledger could not write. Send the same request again; with the same "
            + "event ids or Idempotency-Key nothing will be recorded twice.", failure),
    };
}
