using System.Collections.Concurrent;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Appending;
using CrmLedger.EventStore.Reading;
using Npgsql;
using static CrmLedger.PostgresTests.Appending.Given;

namespace CrmLedger.PostgresTests.Appending;

public abstract class ConcurrentAppendTests(TestStore store)
{
    private static readonly CancellationToken s_cancel = CancellationToken.None;

    [Fact]
    public async Task Thirty_two_writers_leave_no_gap()
    {
        string tenant = await store.NewTenantAsync();
        var log = store.NewLog(tenant);

        var placed = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => WriteAsync(log, 50)));

        await ShouldHoldAsync(tenant, placed.SelectMany(p => p));
    }

    [Fact]
    public async Task Two_servers_append_to_one_tenant_and_nothing_is_lost_or_doubled()
    {
        string tenant = await store.NewTenantAsync();
        var servers = new[] { store.NewLog(tenant), store.NewLog(tenant) };

        var placed = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => WriteAsync(servers[i % 2], 25)));

        await ShouldHoldAsync(tenant, placed.SelectMany(p => p));
    }

    [Fact]
    public async Task Two_servers_append_to_one_stream_and_each_version_is_given_once()
    {
        string tenant = await store.NewTenantAsync();
        var servers = new[] { store.NewLog(tenant), store.NewLog(tenant) };
        string stream = NewStream();
        async Task<List<AppendedEvent>> WriteAsync(IEventLog log)
        {
            var mine = new List<AppendedEvent>();
            for (long version = 0; mine.Count < 10;)
            {
                var outcome = await log.AppendAsync(AppendRequest.Of(stream, version, Event()), s_cancel);
                if (outcome is AppendOutcome.Appended done)
                    mine.Add(done.Events[0]);
                version = outcome is AppendOutcome.Conflict conflict ? conflict.ActualVersion : version + 1;
            }
            return mine;
        }

        var placed = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => WriteAsync(servers[i % 2])));

        placed.SelectMany(p => p).Select(e => e.Version)
            .ShouldBe(Enumerable.Range(1, 80).Select(i => (long)i), ignoreOrder: true);
        await ShouldHoldAsync(tenant, placed.SelectMany(p => p));
    }

    [Fact]
    public async Task A_server_that_was_overtaken_takes_the_head_before_it_reads()
    {
        string tenant = await store.NewTenantAsync();
        var quick = store.NewLog(tenant);
        var overtakers = new ConcurrentBag<Task<AppendOutcome>>();
        // Whoever appends asks for the time when it has read all that it needs: each time another one gets in between.
        var slow = store.NewLog(tenant, new InterruptedClock(() =>
        {
            var overtaking = quick.AppendAsync(NewStreamOf(Event()), s_cancel);
            overtakers.Add(overtaking);
            return overtaking;
        }));

        var outcome = await slow.AppendAsync(NewStreamOf(Event()), s_cancel).WaitAsync(TimeSpan.FromSeconds(30));

        var overtaken = await Task.WhenAll(overtakers);
        overtaken.Length.ShouldBe(2, "one won, the second had to wait");
        await ShouldHoldAsync(tenant, overtaken.Append(outcome).SelectMany(o => o.ShouldBeAppended()));
    }

    [Fact]
    public async Task A_server_that_is_frozen_while_it_holds_the_head_keeps_it_for_seconds_only()
    {
        string tenant = await store.NewTenantAsync();
        await using var frozen = new LedgerDatabase(store.Connections);
        await using var connection = await frozen.BulkAppending.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var hold = new NpgsqlCommand(
            $"select ledger.hold_head('{tenant}', null)", connection);
        await hold.ExecuteNonQueryAsync();

        var outcome = await store.NewLog(tenant).AppendAsync(NewStreamOf(Event()), s_cancel)
            .WaitAsync(TimeSpan.FromSeconds(40));

        await ShouldHoldAsync(tenant, outcome.ShouldBeAppended());
    }

    [Fact]
    public async Task Tenants_have_logs_of_their_own()
    {
        string[] tenants = [await store.NewTenantAsync(), await store.NewTenantAsync(), await store.NewTenantAsync()];

        await Task.WhenAll(tenants.Select(t => store.NewLog(t)).SelectMany(
            s => Enumerable.Range(0, 4).Select(_ => WriteAsync(s, 20))));

        foreach (string tenant in tenants)
            (await store.CheckAsync(tenant)).Count.ShouldBe(80);
    }

    [Theory]
    [InlineData(399)] // the last that is written in one round trip
    [InlineData(400)] // the first that goes by COPY
    [InlineData(6_000)] // more than one batch takes
    public async Task A_large_request_reads_back_as_a_small_one_does(int count)
    {
        string tenant = await store.NewTenantAsync();
        var log = store.NewLog(tenant);
        var events = Enumerable.Range(0, count).Select(i => Event($"purpose “{i}” \\ \t 🙂") with
        {
            CorrelationId = i % 2 == 0 ? $"c-{i}" : null,
            CausationId = i % 3 == 0 ? "causé" : null,
        }).ToList();
        var few = events[..10].ConvertAll(e => e with { Id = Guid.CreateVersion7() });

        var large = (await log.AppendAsync(NewStreamOf(events), s_cancel)).ShouldBeAppended();
        var small = (await log.AppendAsync(NewStreamOf(few), s_cancel)).ShouldBeAppended();

        await ShouldHoldAsync(tenant, large.Concat(small));
        var read = await store.Reader.ReadLogAsync(tenant, -1, int.MaxValue, s_cancel);
        for (int i = 0; i < 10; i++)
        {
            var (a, b) = (read[i], read[count + i]);
            (b.Type, b.CorrelationId, b.CausationId).ShouldBe((a.Type, a.CorrelationId, a.CausationId));
            b.Data.ShouldBe(a.Data);
            b.Headers.ShouldBe(a.Headers);
        }
    }

    [Fact]
    public async Task Recorded_times_never_go_back_when_the_clock_does()
    {
        string tenant = await store.NewTenantAsync();
        var noon = new DateTimeOffset(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);
        var clock = new TestClock(noon.AddTicks(7)); // finer than is stored
        var (here, there) = (store.NewLog(tenant, clock), store.NewLog(tenant, clock));

        foreach (double minutes in new[] { 0, 5, -60, 4, -1, 6 })
        {
            clock.Now = noon.AddMinutes(minutes).AddTicks(7);
            await here.AppendAsync(NewStreamOf(Event()), s_cancel);
            await there.AppendAsync(NewStreamOf(Event()), s_cancel);
        }

        (await store.CheckAsync(tenant)).Select(r => (r.Event.RecordedAt - noon).TotalMinutes)
            .ShouldBe([0, 0, 5, 5, 5, 5, 5, 5, 5, 5, 6, 6]);
    }

    [Theory]
    [InlineData("an escape that PostgreSQL's jsonb does not take")]
    [InlineData("text that PostgreSQL does not take")]
    [InlineData("an object with a member twice")]
    public async Task A_request_that_cannot_be_written_fails_alone(string what)
    {
        var bad = what switch
        {
            "text that PostgreSQL does not take" => Event() with { CorrelationId = "nul: \0" },
            "an object with a member twice" => RawEvent("""{"purpose":"a","given":true,"given":false}"""),
            _ => RawEvent("""{"purpose":"a\u0000b","given":true}"""),
        };
        string tenant = await store.NewTenantAsync();
        var log = store.NewLog(tenant);
        string before = NewStream();
        await log.AppendAsync(AppendRequest.Of(before, 0, Event()), s_cancel);

        var good = Enumerable.Range(0, 10).Select(_ => log.AppendAsync(NewStreamOf(Event()), s_cancel)).ToList();
        var refused = log.AppendAsync(NewStreamOf(bad), s_cancel);
        var large = log.AppendAsync(
            NewStreamOf([.. Events(450), bad with { Id = Guid.CreateVersion7() }]), s_cancel);
        good.AddRange(Enumerable.Range(0, 10).Select(_ => log.AppendAsync(NewStreamOf(Event()), s_cancel)));

        await Should.ThrowAsync<LedgerUnavailableException>(refused);
        await Should.ThrowAsync<LedgerUnavailableException>(large);
        foreach (var outcome in await Task.WhenAll(good))
            outcome.ShouldBeAppended();
        (await log.AppendAsync(AppendRequest.Of(before, 1, Event()), s_cancel)).ShouldBeAppended();
        (await store.CheckAsync(tenant)).Count.ShouldBe(22);
    }

    [Fact]
    public async Task A_refused_request_leaves_a_connection_that_writes_the_next()
    {
        string tenant = await store.NewTenantAsync();
        await using var unused = new LedgerDatabase(store.Connections);
        var log = store.NewLog(tenant, database: unused);
        // On a new connection the second append is the one that prepares the statement.
        foreach (bool isGood in (bool[])[true, false, true, false, false, true])
        {
            var appending = log.AppendAsync(
                NewStreamOf(isGood ? Event() : Event() with { CorrelationId = "nul: \0" }), s_cancel);
            if (isGood)
                (await appending).ShouldBeAppended();
            else
                await Should.ThrowAsync<LedgerUnavailableException>(appending);
        }
        (await store.CheckAsync(tenant)).Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_request_that_repeats_itself_is_refused_before_it_can_disturb_others()
    {
        string tenant = await store.NewTenantAsync();
        var log = store.NewLog(tenant);
        var e = Event();
        string stream = NewStream();

        await Should.ThrowAsync<ArgumentException>(() => log.AppendAsync(NewStreamOf(e, e), s_cancel));
        await Should.ThrowAsync<ArgumentException>(() => log.AppendAsync(
            new([new(stream, 0, Events(1)), new(stream, 1, Events(1))], [], null), s_cancel));

        (await store.CheckAsync(tenant)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_full_queue_refuses_what_it_cannot_take_and_keeps_what_it_took()
    {
        const int queueLength = 8_192;
        string tenant = await store.NewTenantAsync();
        var log = store.NewLog(tenant);
        List<Task<AppendOutcome>> taken;
        await using (var held = await HeldHead.TakeAsync(store, tenant))
        {
            taken = [log.AppendAsync(NewStreamOf(Event()), s_cancel)];
            await held.UntilWaitedForAsync();
            taken.AddRange(Enumerable.Range(0, queueLength).Select(_ =>
                log.AppendAsync(NewStreamOf(Event()), s_cancel)));

            await Should.ThrowAsync<LedgerBusyException>(() => log.AppendAsync(NewStreamOf(Event()), s_cancel));
            using var impatient = new CancellationTokenSource(TimeSpan.FromMilliseconds(10));
            await Should.ThrowAsync<OperationCanceledException>(
                () => log.AppendAsync(NewStreamOf(Event()), impatient.Token));
        }

        await ShouldHoldAsync(tenant, (await Task.WhenAll(taken)).SelectMany(o => o.ShouldBeAppended()));
    }

    [Fact]
    public async Task A_log_that_stops_writes_what_it_took_and_takes_no_more()
    {
        string tenant = await store.NewTenantAsync();
        var log = store.NewLog(tenant);
        Task<AppendOutcome> AppendAsync() => log.AppendAsync(NewStreamOf(Event()), s_cancel);
        var taken = Enumerable.Range(0, 100).Select(_ => AppendAsync()).ToList();

        await log.DisposeAsync();
        await Should.ThrowAsync<LedgerUnavailableException>(AppendAsync);

        await ShouldHoldAsync(tenant, (await Task.WhenAll(taken)).SelectMany(o => o.ShouldBeAppended()));
    }

    private static async Task<List<AppendedEvent>> WriteAsync(IEventLog log, int events)
    {
        string stream = NewStream();
        var placed = new List<AppendedEvent>();
        for (int version = 0; version < events; version++)
        {
            var outcome = await log.AppendAsync(AppendRequest.Of(stream, version, Event()), s_cancel);
            placed.AddRange(outcome.ShouldBeAppended());
        }
        return placed;
    }

    /// <summary>The log holds exactly what was answered, where it was answered to stand.</summary>
    private async Task ShouldHoldAsync(string tenant, IEnumerable<AppendedEvent> answered) =>
        (await store.CheckAsync(tenant)).Select(r => Key(r.Event))
            .ShouldBe(answered.OrderBy(e => e.Position).Select(Key));

    private static (Guid, string, long, long, DateTimeOffset, string) Key(StoredEvent e) =>
        (e.Id, e.Stream, e.Version, e.Position, e.RecordedAt, Convert.ToHexString(e.LeafHash));

    private static (Guid, string, long, long, DateTimeOffset, string) Key(AppendedEvent e) =>
        (e.Id, e.Stream, e.Version, e.Position, e.RecordedAt, Convert.ToHexString(e.LeafHash));
}

/// <summary>A clock that stands where it was put.</summary>
internal sealed class TestClock(DateTimeOffset now) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => Now;
}

/// <summary>Whoever asks for the time waits until something was done, but not longer than a second.</summary>
internal sealed class InterruptedClock(Func<Task> interrupt) : TimeProvider
{
    public override DateTimeOffset GetUtcNow()
    {
        interrupt().Wait(TimeSpan.FromSeconds(1));
        return System.GetUtcNow();
    }
}
