using CrmLedger.Annulments;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Appending;
using CrmLedger.EventStore.Projections;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Views;
using CrmLedger.PostgresTests.Appending;
using Npgsql;
using static CrmLedger.PostgresTests.Appending.Given;

namespace CrmLedger.PostgresTests.Projections;

public sealed class RebuildTests(TestStore store) : IClassFixture<TestStore>
{
    private static readonly CancellationToken s_cancel = CancellationToken.None;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_rebuilt_view_is_the_live_one_row_by_row_however_the_events_were_cut(int seed)
    {
        var (views, history) = await NewHistoryAsync(seed);
        await history.AddMemberAsync();
        var cuts = new Random(seed);
        for (int round = 0; round < 40; round++)
        {
            await history.RoundAsync();
            if (cuts.Next(3) == 0)
                await views.CatchUpAsync();
        }
        await views.CatchUpAsync();
        string[] live = await views.DumpAsync();
        live.Count(l => l.Contains("∞")).ShouldBeGreaterThan(60, "a history in which little happened shows little");
        live.Count(l => !l.Contains("∞")).ShouldBeGreaterThan(100);

        foreach (var view in LedgerViews.All)
        {
            int rows = (await views.DumpAsync(view)).Length - 1;
            var rebuilt = await views.Rebuild.RunAsync(views.Tenant, view, s_cancel);
            (rebuilt.View, rebuilt.Generation, rebuilt.Rows, rebuilt.Quarantined).ShouldBe((view.Name, 2, rows, 0));
            (await views.GenerationsAsync(view)).ShouldBe([2]);
        }
        (await views.DumpAsync()).ShouldBe(live, "rebuilt");
        await views.ForgetAsync();
        await views.CatchUpAsync();
        (await views.DumpAsync()).ShouldBe(live, "in batches as large as they get");
        await store.CheckAsync(views.Tenant);
    }

    [Fact]
    public async Task A_view_as_known_at_a_past_position_is_a_fold_that_stopped_there()
    {
        var (views, history) = await NewHistoryAsync(seed: 3);
        for (int round = 0; round < 30; round++)
        {
            await history.RoundAsync();
            await views.CatchUpAsync();
        }
        var log = await views.LogAsync();
        foreach (var view in LedgerViews.All)
        {
            for (long position = -1; position < log.Count; position += 13)
            {
                (await views.AsKnownAtAsync(view, position))
                    .ShouldBe(StoredViews.Fold(view, log, position), $"{view.Name} at {position}");
            }
            (await views.AsKnownAtAsync(view, log.Count - 1)).ShouldBe(StoredViews.Fold(view, log, log.Count - 1));
        }
        await store.CheckAsync(views.Tenant);
    }

    [Fact]
    public async Task A_rebuild_under_load_ends_and_misses_nothing()
    {
        string tenant = await store.NewTenantAsync();
        var views = new StoredViews(store, tenant);
        var sequencer = store.NewLog(tenant);
        using var enough = new CancellationTokenSource();
        async Task WriteAsync(int seed)
        {
            var history = new RandomHistory(sequencer, null, customers: 4, seed);
            for (int round = 0; round < 12 || !enough.IsCancellationRequested; round++)
                await history.RoundAsync();
        }
        async Task ProjectAsync()
        {
            while (!enough.IsCancellationRequested)
                await views.Step.RunAsync(tenant, s_cancel);
        }
        var writing = Task.WhenAll(Enumerable.Range(0, 8).Select(WriteAsync));
        var projecting = ProjectAsync();
        foreach (var view in LedgerViews.All)
            await views.Rebuild.RunAsync(tenant, view, s_cancel);
        await enough.CancelAsync();
        await Task.WhenAll(writing, projecting);

        await views.CatchUpAsync();
        string[] live = await views.DumpAsync();
        foreach (var view in LedgerViews.All)
        {
            (await views.StateAsync(view)).Generation.ShouldBe(2);
            (await views.Rebuild.RunAsync(tenant, view, s_cancel)).Generation.ShouldBe(3);
        }
        (await views.DumpAsync()).ShouldBe(live);
        await store.CheckAsync(tenant);
    }

    [Fact]
    public async Task A_second_rebuild_is_refused_while_the_first_runs_and_one_that_dies_leaves_nothing()
    {
        var (views, history) = await NewHistoryAsync(seed: 4);
        for (int round = 0; round < 10; round++)
            await history.RoundAsync();
        await views.CatchUpAsync();
        string[] before = await views.DumpAsync();
        var (view, other) = (LedgerViews.All[0], LedgerViews.All[1]);

        await using (var held = await HoldAsync(views, view))
        {
            var first = views.Rebuild.RunAsync(views.Tenant, view, s_cancel);
            await Eventually.TrueAsync(async () => await store.AsAdminAsync(WaitingLoader("true")) is true, "it waits");

            var second = await Should.ThrowAsync<RebuildRunningException>(
                () => views.Rebuild.RunAsync(views.Tenant, view, s_cancel));
            second.Message.ShouldBe("View 'open-commitments' is being rebuilt already. Wait for it to end.");
            (await views.Rebuild.RunAsync(views.Tenant, other, s_cancel)).Generation.ShouldBe(2);
            (await views.DumpAsync()).ShouldBe(before, "readers see the old generation until the new one is whole");

            await store.AsAdminAsync(WaitingLoader("pg_terminate_backend(pid)"));
            await Should.ThrowAsync<NpgsqlException>(first);
        }
        (await views.GenerationsAsync(view)).ShouldBe([1]);
        (await views.DumpAsync()).ShouldBe(before);
        (await views.Rebuild.RunAsync(views.Tenant, view, s_cancel)).Generation.ShouldBe(2);
        (await views.DumpAsync()).ShouldBe(before);
        await store.CheckAsync(views.Tenant);
    }

    [Fact]
    public async Task A_rebuild_never_shows_less_than_the_live_view_has_shown()
    {
        var (views, history) = await NewHistoryAsync(seed: 6);
        for (int round = 0; round < 8; round++)
            await history.RoundAsync();
        await views.CatchUpAsync();
        var view = LedgerViews.Find(KeptRateView.ViewName)!;
        await using var live = await HoldAsync(views, view);
        var rebuilding = views.Rebuild.RunAsync(views.Tenant, view, s_cancel);
        await Eventually.TrueAsync(async () => await store.AsAdminAsync(WaitingLoader("true")) is true, "it waits");

        // The rebuild has read all there was. Now the live view moves on, in the moment before the swap.
        for (int round = 0; round < 4; round++)
            await history.RoundAsync();
        var log = await views.LogAsync();
        await using (var move = new NpgsqlCommand($"""
            update ledger.views set position = {log.Count - 1}
            where tenant_id = '{views.Tenant}' and view = '{view.Name}';
            commit
            """, live))
        {
            await move.ExecuteNonQueryAsync();
        }

        (await rebuilding).Position.ShouldBe(log.Count - 1);
        (await views.AsKnownAtAsync(view, log.Count - 1)).ShouldBe(StoredViews.Fold(view, log, log.Count - 1));
        await store.CheckAsync(views.Tenant);
    }

    [Fact]
    public async Task A_rebuild_that_loses_its_connection_fails_and_blames_no_event()
    {
        string tenant = await store.NewTenantAsync();
        var views = new StoredViews(store, tenant);
        var made = Event();
        // So much follows the annulment that whoever reads the log would wait for a fold that had given up.
        EventToAppend[] stream =
        [
            made, EventToAppend.Of(Guid.CreateVersion7(), false, new EntryAnnulled(made.Id, "a slip"), made.Headers),
            .. Enumerable.Range(0, 6_000).Select(_ => Event()),
        ];
        (await store.NewLog(tenant).AppendAsync(NewStreamOf(stream), s_cancel)).ShouldBeAppended();
        await views.CatchUpAsync();
        string[] before = await views.DumpAsync();
        var view = LedgerViews.Find(KeptRateView.ViewName)!;

        // What an annulled entry's stream is read with, in the middle of the fold.
        var (cut, through) = CutConnection.Of(store.Connections, "stream_id = $2 and version > $3", CutAt.Request);
        await using var closing = cut;
        await using var database = new LedgerDatabase(through);
        var rebuild = new Rebuild(database, new EventReader(database));

        await Should.ThrowAsync<NpgsqlException>(
            () => rebuild.RunAsync(views.Tenant, view, s_cancel).WaitAsync(TimeSpan.FromSeconds(30)));
        cut.WasCut.ShouldBeTrue();
        (await views.DumpAsync()).ShouldBe(before);

        (await rebuild.RunAsync(views.Tenant, view, s_cancel)).Quarantined.ShouldBe(0);
        (await views.DumpAsync()).ShouldBe(before);
        await store.CheckAsync(views.Tenant);
    }

    [Fact]
    public async Task What_a_rebuild_leaves_that_is_killed_after_its_swap_is_removed()
    {
        var (views, history) = await NewHistoryAsync(seed: 8);
        for (int round = 0; round < 6; round++)
            await history.RoundAsync();
        await views.CatchUpAsync();
        string[] before = await views.DumpAsync();
        var view = LedgerViews.All[0];
        var (cut, through) = CutConnection.Of(store.Connections, "generation < $3", CutAt.Request);
        await using var closing = cut;
        await using var database = new LedgerDatabase(through);

        await Should.ThrowAsync<NpgsqlException>(
            () => new Rebuild(database, new EventReader(database)).RunAsync(views.Tenant, view, s_cancel));

        cut.WasCut.ShouldBeTrue();
        (await views.GenerationsAsync(view)).ShouldBe([1, 2]);
        (await views.DumpAsync()).ShouldBe(before, "the pointer has moved");
        await views.Rebuild.RemoveLeftoversAsync(s_cancel);
        (await views.GenerationsAsync(view)).ShouldBe([2]);
        (await views.DumpAsync()).ShouldBe(before);
    }

    [Fact]
    public async Task A_quarantine_that_a_killed_rebuild_leaves_is_removed_when_its_rows_are_gone_already()
    {
        var (views, history) = await NewHistoryAsync(seed: 14);
        await history.RoundAsync();
        await views.CatchUpAsync();
        var view = LedgerViews.All[0];
        await store.AsAdminAsync("""
            insert into ledger.quarantine (tenant_id, view, generation, stream_id, position, reason)
            values ($1, $2, 1, 'customer-poisoned', 0, 'poison')
            """, views.Tenant, view.Name);
        var (cut, through) = CutConnection.Of(store.Connections, "delete from ledger.quarantine", CutAt.Request);
        await using var closing = cut;
        await using var database = new LedgerDatabase(through);

        await Should.ThrowAsync<NpgsqlException>(
            () => new Rebuild(database, new EventReader(database)).RunAsync(views.Tenant, view, s_cancel));

        cut.WasCut.ShouldBeTrue();
        (await views.GenerationsAsync(view)).ShouldBeSubsetOf([2]);
        await views.Rebuild.RemoveLeftoversAsync(s_cancel);
        (await store.AsAdminAsync("select count(*) from ledger.quarantine where tenant_id = $1", views.Tenant))
            .ShouldBe(0L);
    }

    [Fact]
    public async Task An_empty_log_makes_an_empty_view()
    {
        string tenant = await store.NewTenantAsync();
        foreach (var view in LedgerViews.All)
        {
            var rebuilt = await new StoredViews(store, tenant).Rebuild.RunAsync(tenant, view, s_cancel);
            (rebuilt.Position, rebuilt.Events, rebuilt.Rows).ShouldBe((-1, 0, 0));
        }
        await store.CheckAsync(tenant);
    }

    private async Task<(StoredViews Views, RandomHistory History)> NewHistoryAsync(int seed)
    {
        string tenant = await store.NewTenantAsync();
        var clock = new TestClock(DateTimeOffset.UnixEpoch);
        return (new(store, tenant), new(store.NewLog(tenant, clock), clock, customers: 30, seed));
    }

    /// <summary>Holds the view's row, which a rebuild needs when it is about to swap.</summary>
    private async Task<NpgsqlConnection> HoldAsync(StoredViews views, View view)
    {
        var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(await PostgresCluster.AdminOfAsync(store.Connections)) { Pooling = false }
                .ConnectionString);
        await connection.OpenAsync();
        await using var hold = new NpgsqlCommand(
            $"begin; select from ledger.views where tenant_id = '{views.Tenant}' and view = '{view.Name}' for update",
            connection);
        await hold.ExecuteNonQueryAsync();
        return connection;
    }

    private static string WaitingLoader(string select) => $"""
        select {select} from pg_stat_activity
        where datname = current_database() and usename = 'ledger_loader' and wait_event_type = 'Lock'
        """;
}
