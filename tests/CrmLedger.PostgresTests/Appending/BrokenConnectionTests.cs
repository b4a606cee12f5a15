using System.Collections.Concurrent;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Appending;
using CrmLedger.EventStore.Privacy;
using Microsoft.Extensions.Logging;
using static CrmLedger.PostgresTests.Appending.Given;

namespace CrmLedger.PostgresTests.Appending;

/// <summary>
/// Connections break at the worst moments; what was acknowledged is there, and nothing is there twice.
/// </summary>
public abstract class BrokenConnectionTests(TestStore store)
{
    private static readonly CancellationToken s_cancel = CancellationToken.None;

    [Theory]
    [InlineData(CutAt.Request, 1)]
    [InlineData(CutAt.Answer, 1)]
    [InlineData(CutAt.Request, 500)]
    [InlineData(CutAt.Answer, 500)]
    public async Task A_write_whose_outcome_is_unknown_is_looked_up_and_recorded_once(CutAt at, int events)
    {
        string tenant = await store.NewTenantAsync();
        var (cut, through) = CutConnection.Of(store.Connections, CutConnection.Commit, at);
        await using var closing = cut;
        await using var database = new LedgerDatabase(through);
        await using var log = store.NewLog(tenant, database: database);
        string stream = NewStream();

        var appended = (await log.AppendAsync(
            AppendRequest.Of(stream, StreamAppend.AnyVersion, Events(events)), s_cancel)).ShouldBeAppended();

        cut.WasCut.ShouldBeTrue();
        appended.Select(e => e.Version).ShouldBe(Enumerable.Range(1, events).Select(i => (long)i));
        var rows = await store.CheckAsync(tenant);
        rows.Select(r => (r.Event.Id, r.Event.Position)).ShouldBe(appended.Select(e => (e.Id, e.Position)));
        (await log.AppendAsync(AppendRequest.Of(stream, events, Event()), s_cancel)).ShouldBeAppended();
        (await store.CheckAsync(tenant)).Count.ShouldBe(events + 1);
    }

    [Theory]
    [InlineData(CutAt.Request)]
    [InlineData(CutAt.Answer)]
    public async Task A_key_whose_write_was_interrupted_stands_for_one_append(CutAt at)
    {
        string tenant = await store.NewTenantAsync();
        var (cut, through) = CutConnection.Of(store.Connections, CutConnection.Commit, at);
        await using var closing = cut;
        await using var database = new LedgerDatabase(through);
        await using var log = store.NewLog(tenant, database: database);
        var mark = new IdempotencyMark(KeyWrap.NewKey(), KeyWrap.NewKey());

        var outcome = await log.AppendAsync(NewStreamOf(Event()) with { Idempotency = mark }, s_cancel);

        cut.WasCut.ShouldBeTrue();
        if (at == CutAt.Request)
            outcome.ShouldBeAppended();
        else
            outcome.ShouldBe(new AppendOutcome.KeyUsed(SameRequest: true, FirstPosition: 0, EventCount: 1));
        (await store.CheckAsync(tenant)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Killed_backends_lose_nothing_and_double_nothing()
    {
        const int writers = 16;
        const int eventsEach = 60;
        string tenant = await store.NewTenantAsync();
        var failures = new CountingLog();
        var log = store.NewLog(tenant, failures: failures);
        var acknowledged = new ConcurrentDictionary<Guid, AppendedEvent>();
        async Task WriteAsync()
        {
            string stream = NewStream();
            for (int version = 0; version < eventsEach; version++)
            {
                var e = Event();
                try
                {
                    var outcome = await log.AppendAsync(AppendRequest.Of(stream, version, e), s_cancel);
                    acknowledged[e.Id] = outcome.ShouldBeAppended()[0];
                }
                catch (LedgerUnavailableException)
                {
                    if (await store.Reader.FindAppendedAsync(tenant, e.Id, s_cancel) is { } there)
                        acknowledged[e.Id] = there;
                    else
                        version--; // it was not written: once more
                }
            }
        }
        var writing = Task.WhenAll(Enumerable.Range(0, writers).Select(_ => WriteAsync()));
        while (!writing.IsCompleted)
        {
            int before = acknowledged.Count;
            await store.AsAdminAsync("""
                select count(pg_terminate_backend(pid)) from pg_stat_activity
                where datname = current_database() and usename in ('ledger_server', 'ledger_loader')
                """);
            await Eventually.TrueAsync(
                () => Task.FromResult(writing.IsCompleted || acknowledged.Count >= before + 100),
                "the writers get on again");
        }
        await writing;

        failures.Warnings.ShouldBeGreaterThan(0, "no write was interrupted");
        var rows = await store.CheckAsync(tenant);
        rows.Count.ShouldBe(writers * eventsEach);
        foreach (var row in rows)
        {
            var answered = acknowledged[row.Event.Id];
            (answered.Stream, answered.Version, answered.Position)
                .ShouldBe((row.Event.Stream, row.Event.Version, row.Event.Position));
        }
    }

    /// <summary>Counts what a server would have logged.</summary>
    private sealed class CountingLog : ILogger
    {
        private int _warnings;

        public int Warnings => _warnings;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (logLevel == LogLevel.Warning)
                Interlocked.Increment(ref _warnings);
        }
    }
}
