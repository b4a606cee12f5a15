using CrmLedger.Annulments;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Projections;
using CrmLedger.EventStore.Views;
using CrmLedger.PostgresTests.Appending;
using CrmLedger.Promises;
using Npgsql;
using static CrmLedger.PostgresTests.Appending.Given;

namespace CrmLedger.PostgresTests.Projections;

public sealed class ProjectionTests(TestStore store) : IClassFixture<TestStore>
{
    private static readonly CancellationToken s_cancel = CancellationToken.None;

    [Theory]
    [InlineData("an unknown name", "type = 'customer_teleported'", "is not an event that this version knows")]
    [InlineData("data that does not fit", "data = '{\"promiseId\": 7}'", "does not fit it")]
    [InlineData("no headers", "headers = 'null'", "headers")]
    public async Task A_poison_event_sets_its_own_stream_aside_and_stops_nobody_else(
        string what, string tampering, string reason)
    {
        var (views, history) = await NewHistoryAsync(seed: what.Length);
        for (int round = 0; round < 10; round++)
            await history.RoundAsync();
        var third = (await views.LogAsync()).First(e => e is { Version: 3, Data: IPromiseEvent });
        string poisoned = third.Stream;
        await store.AsAdminAsync("create table if not exists untouched as select * from ledger.mt_events limit 0");
        await store.AsAdminAsync("""
            insert into untouched
            select * from ledger.mt_events where tenant_id = $1 and stream_id = $2 and version = 3
            """, views.Tenant, poisoned);
        long at = (long)(await store.AsAdminAsync($"""
            update ledger.mt_events set {tampering} where tenant_id = $1 and stream_id = $2 and version = 3
            returning seq_id - 1
            """, views.Tenant, poisoned))!;

        await views.CatchUpAsync();
        for (int round = 0; round < 10; round++)
            await history.RoundAsync();
        await views.CatchUpAsync();

        string[] live = await views.DumpAsync();
        // What a view does not read cannot be poison to it; a name that nobody knows may be anything.
        bool Takes(View view) => tampering.StartsWith("type", StringComparison.Ordinal)
            || !view.Skipped.Contains(third.Type);
        LedgerViews.All.Where(Takes).ShouldNotBeEmpty();
        foreach (var view in LedgerViews.All.Where(view => !Takes(view)))
            (await views.Step.QuarantineAsync(views.Tenant, view, s_cancel)).ShouldBeEmpty();
        foreach (var view in LedgerViews.All.Where(Takes))
        {
            var aside = (await views.Step.QuarantineAsync(views.Tenant, view, s_cancel)).ShouldHaveSingleItem();
            (aside.StreamId, aside.Position).ShouldBe((poisoned, at));
            aside.Reason.ShouldContain(reason, Case.Insensitive);
            long last = (await views.StateAsync(view)).Position;
            last.ShouldBe((await store.Reader.ReadHeadAsync(views.Tenant, s_cancel)).Size - 1, "the others went on");
            (await views.Rebuild.RunAsync(views.Tenant, view, s_cancel)).Quarantined.ShouldBe(1);
        }
        (await views.DumpAsync()).ShouldBe(live, "a rebuild sets the same aside");
        live.Where(l => l.Contains(poisoned)).ShouldNotBeEmpty("its rows stand as they were before");

        // The cause is removed: a rebuild mends the views.
        await store.AsAdminAsync("""
            update ledger.mt_events e set type = u.type, data = u.data, headers = u.headers
            from untouched u where e.tenant_id = u.tenant_id and e.id = u.id
            """);
        var log = await views.LogAsync();
        foreach (var view in LedgerViews.All)
        {
            (await views.Rebuild.RunAsync(views.Tenant, view, s_cancel)).Quarantined.ShouldBe(0);
            (await views.Step.QuarantineAsync(views.Tenant, view, s_cancel)).ShouldBeEmpty();
            (await views.AsKnownAtAsync(view, long.MaxValue - 1)).ShouldBe(StoredViews.Fold(view, log, log.Count));
        }
        await store.CheckAsync(views.Tenant);
    }

    [Fact]
    public async Task Poison_that_comes_after_an_annulment_is_where_the_stream_is_set_aside()
    {
        var (views, history) = await NewHistoryAsync(seed: 9);
        for (int round = 0; round < 40; round++)
            await history.RoundAsync();
        // Some event that follows an annulment in its stream; live, they come in one batch.
        var log = await views.LogAsync();
        var annulment = log.First(e => e.Data is EntryAnnulled
            && log.Any(later => later.Stream == e.Stream && later.Version == e.Version + 2));
        long at = (long)(await store.AsAdminAsync("""
            update ledger.mt_events set type = 'customer_teleported'
            where tenant_id = $1 and stream_id = $2 and version = $3 returning seq_id - 1
            """, views.Tenant, annulment.Stream, annulment.Version + 2))!;

        await views.CatchUpAsync();

        string[] live = await views.DumpAsync();
        foreach (var view in LedgerViews.All)
        {
            var aside = await views.Step.QuarantineAsync(views.Tenant, view, s_cancel);
            aside.ShouldHaveSingleItem().Position.ShouldBe(at);
            await views.Rebuild.RunAsync(views.Tenant, view, s_cancel);
        }
        (await views.DumpAsync()).ShouldBe(live);
    }

    [Fact]
    public async Task A_stored_row_that_cannot_be_read_sets_its_stream_aside_until_a_rebuild()
    {
        var (views, history) = await NewHistoryAsync(seed: 13);
        for (int round = 0; round < 10; round++)
            await history.RoundAsync();
        await views.CatchUpAsync();
        var view = LedgerViews.All[1];
        string spoilt = (string)(await store.AsAdminAsync("""
            update ledger.view_rows set row = '[]' where tenant_id = $1 and view = $2 and stream_id = (
              select stream_id from ledger.view_rows where tenant_id = $1 and view = $2 and valid_to is null
              group by 1 order by count(*) desc, 1 limit 1)
            returning stream_id
            """, views.Tenant, view.Name))!;
        long before = (await views.StateAsync(view)).Position;

        for (int round = 0; round < 20; round++)
            await history.RoundAsync();
        await views.CatchUpAsync();

        var log = await views.LogAsync();
        foreach (var each in LedgerViews.All)
            (await views.StateAsync(each)).Position.ShouldBe(log.Count - 1);
        var aside = (await views.Step.QuarantineAsync(views.Tenant, view, s_cancel)).ShouldHaveSingleItem();
        aside.StreamId.ShouldBe(spoilt);
        aside.Position.ShouldBe(log.First(e => e.Position > before && e.Stream == spoilt).Position);
        aside.Reason.ShouldContain("cannot be read");
        await views.Rebuild.RunAsync(views.Tenant, view, s_cancel);
        (await views.Step.QuarantineAsync(views.Tenant, view, s_cancel)).ShouldBeEmpty();
        (await views.AsKnownAtAsync(view, long.MaxValue - 1)).ShouldBe(StoredViews.Fold(view, log, log.Count));
        await store.CheckAsync(views.Tenant);
    }

    [Fact]
    public async Task A_view_that_is_far_behind_holds_up_no_other()
    {
        string tenant = await store.NewTenantAsync();
        var views = new StoredViews(store, tenant);
        var sequencer = store.NewLog(tenant);
        var same = Enumerable.Range(0, 2 * ProjectionStep.BatchEvents).Select(_ => Event()).ToList();
        await sequencer.AppendAsync(NewStreamOf(same), s_cancel);
        await views.CatchUpAsync();
        await store.AsAdminAsync("update ledger.views set position = -1 where tenant_id = $1 and view = $2",
            tenant, LedgerViews.All[0].Name);
        await sequencer.AppendAsync(NewStreamOf(Event()), s_cancel);

        await views.Step.RunAsync(tenant, s_cancel);

        var positions = await Task.WhenAll(LedgerViews.All.Select(async v => (await views.StateAsync(v)).Position));
        positions[0].ShouldBe(ProjectionStep.BatchEvents - 1);
        positions[1..].ShouldAllBe(p => p == 2 * ProjectionStep.BatchEvents);
        await views.CatchUpAsync();
        (await views.StateAsync(LedgerViews.All[0])).Position.ShouldBe(2 * ProjectionStep.BatchEvents);
        await store.CheckAsync(tenant);
    }

    [Fact]
    public async Task Several_projectors_at_once_do_no_harm()
    {
        var (views, history) = await NewHistoryAsync(seed: 10);
        var databases = Enumerable.Range(0, 3).Select(_ => new LedgerDatabase(store.Connections)).ToList();
        using var enough = new CancellationTokenSource();
        async Task ProjectAsync(ProjectionStep step)
        {
            while (!enough.IsCancellationRequested)
                await step.RunAsync(views.Tenant, s_cancel);
        }
        var projecting = databases.ConvertAll(d => ProjectAsync(StoredViews.StepOf(d)));
        for (int round = 0; round < 25; round++)
            await history.RoundAsync();
        await enough.CancelAsync();
        await Task.WhenAll(projecting);
        foreach (var database in databases)
            await database.DisposeAsync();

        await views.CatchUpAsync();
        string[] live = await views.DumpAsync();
        foreach (var view in LedgerViews.All)
            await views.Rebuild.RunAsync(views.Tenant, view, s_cancel);
        (await views.DumpAsync()).ShouldBe(live);
        await store.CheckAsync(views.Tenant);
    }

    [Theory]
    [InlineData("ledger.view_rows", CutAt.Request, false)]
    [InlineData(CutConnection.Commit, CutAt.Request, false)]
    [InlineData(CutConnection.Commit, CutAt.Answer, true)]
    public async Task Rows_and_checkpoint_commit_together(string statement, CutAt at, bool committed)
    {
        var (views, history) = await NewHistoryAsync(seed: 11);
        for (int round = 0; round < 8; round++)
            await history.RoundAsync();
        var view = LedgerViews.All[0]; // the first that is folded
        var (cut, through) = CutConnection.Of(store.Connections, statement, at);
        await using var closing = cut;
        await using var database = new LedgerDatabase(through);

        await Should.ThrowAsync<NpgsqlException>(() => StoredViews.StepOf(database).RunAsync(views.Tenant, s_cancel));

        cut.WasCut.ShouldBeTrue();
        var log = await views.LogAsync();
        long position = (await views.StateAsync(view)).Position;
        position.ShouldBe(committed ? log.Count - 1 : -1);
        (await views.AsKnownAtAsync(view, long.MaxValue - 1)).ShouldBe(StoredViews.Fold(view, log, position));

        await views.CatchUpAsync();
        foreach (var each in LedgerViews.All)
            (await views.AsKnownAtAsync(each, long.MaxValue - 1)).ShouldBe(StoredViews.Fold(each, log, log.Count));
        await store.CheckAsync(views.Tenant);
    }

    [Fact]
    public async Task A_killed_projector_loses_and_doubles_nothing()
    {
        var (views, history) = await NewHistoryAsync(seed: 12);
        await using var database = new LedgerDatabase(store.Connections);
        var step = StoredViews.StepOf(database);
        int interrupted = 0;
        for (int round = 0; round < 30 || interrupted == 0; round++)
        {
            await history.RoundAsync();
            var projecting = step.RunAsync(views.Tenant, s_cancel);
            await store.AsAdminAsync("""
                select count(pg_terminate_backend(pid)) from pg_stat_activity
                where datname = current_database() and usename = 'ledger_loader'
                """);
            try
            {
                await projecting;
            }
            catch (NpgsqlException)
            {
                interrupted++;
            }
        }

        database.Projecting.Clear(); // of connections that were killed while they rested
        while (await step.RunAsync(views.Tenant, s_cancel))
        {
        }
        var log = await views.LogAsync();
        store.Database.Projecting.Clear();
        store.Database.Loader.Clear();
        foreach (var view in LedgerViews.All)
            (await views.AsKnownAtAsync(view, long.MaxValue - 1)).ShouldBe(StoredViews.Fold(view, log, log.Count));
        await store.CheckAsync(views.Tenant);
    }

    [Fact]
    public async Task Events_that_no_view_takes_move_the_checkpoints_all_the_same()
    {
        string tenant = await store.NewTenantAsync();
        var views = new StoredViews(store, tenant);
        await store.NewLog(tenant).AppendAsync(NewStreamOf(Events(3)), s_cancel);

        (await views.Step.RunAsync(tenant, s_cancel)).ShouldBeTrue();
        (await views.Step.RunAsync(tenant, s_cancel)).ShouldBeFalse();

        foreach (var view in LedgerViews.All)
            (await views.StateAsync(view)).Position.ShouldBe(2);
        await store.CheckAsync(tenant);
    }

    private async Task<(StoredViews Views, RandomHistory History)> NewHistoryAsync(int seed)
    {
        string tenant = await store.NewTenantAsync();
        var clock = new TestClock(DateTimeOffset.UnixEpoch);
        return (new(store, tenant), new(store.NewLog(tenant, clock), clock, customers: 30, seed));
    }
}
