using CrmLedger.Customers;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Appending;
using CrmLedger.EventStore.Projections;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Tenants;
using CrmLedger.EventStore.Views;
using CrmLedger.PostgresTests.Appending;
using CrmLedger.Server.Projections;
using CrmLedger.Server.Security;
using CrmLedger.Touchpoints;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using static CrmLedger.PostgresTests.Appending.Given;

namespace CrmLedger.PostgresTests.Projections;

/// <summary>The daemon of a server: all tenants, none at another's expense.</summary>
public sealed class ViewDaemonTests : IAsyncLifetime
{
    private static readonly CancellationToken s_cancel = CancellationToken.None;
    private readonly TestStore _store = new();
    private readonly KeptLogs _log = new();
    private Server _server = null!;

    public async Task InitializeAsync()
    {
        await _store.InitializeAsync();
        _server = new(_store, _log);
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        await _store.DisposeAsync();
    }

    [Fact]
    public async Task One_tenants_failure_stops_no_other()
    {
        var (bad, good) = (await NewTenantAsync(events: 3), await NewTenantAsync(events: 3));
        await _store.AsAdminAsync($"""
            create function ledger.fail() returns trigger language plpgsql as
              'begin raise exception ''this one fails''; end';
            create trigger fail before update on ledger.views for each row when (old.tenant_id = '{bad.Tenant}')
              execute function ledger.fail()
            """);

        await _server.StartAsync();

        await UntilAsync(good, 2);
        await _store.NewLog(good.Tenant).AppendAsync(NewStreamOf(Events(3)), s_cancel);
        await UntilAsync(good, 5);
        await Eventually.TrueAsync(() => Task.FromResult(_log.Lines.Count > 0), "it is told");
        _log.Lines.ShouldAllBe(line => line.StartsWith($"Projecting {bad.Tenant} failed and is tried again every "));
        _log.Lines.ShouldHaveSingleItem("it is told once").ShouldContain("this one fails");
        (await PositionsAsync(bad)).ShouldAllBe(position => position == -1);
        await _store.AsAdminAsync("drop trigger fail on ledger.views");
        await UntilAsync(bad, 2);
    }

    [Fact]
    public async Task A_page_whose_connection_breaks_is_folded_again_however_often_it_does()
    {
        var views = await NewTenantAsync(events: 3);
        await _store.AsAdminAsync("""
            create sequence ledger.breaks;
            create function ledger.break_off() returns trigger language plpgsql security definer as
              'begin
                 if nextval(''ledger.breaks'') <= 3 then perform pg_terminate_backend(pg_backend_pid()); end if;
                 return new;
               end';
            create trigger break_off before update on ledger.views for each row execute function ledger.break_off()
            """);

        await _server.StartAsync();

        await UntilAsync(views, 2);
        _log.Lines.ShouldAllBe(line => line.StartsWith($"Projecting {views.Tenant} failed and is tried again "));
    }

    [Fact]
    public async Task One_tenants_backlog_keeps_no_other_waiting()
    {
        var (busy, quick) = (await NewTenantAsync(events: 7_000), await NewTenantAsync(events: 3));

        await _server.StartAsync();

        await UntilAsync(quick, 2);
        await UntilAsync(busy, 6_999);
        (await LastChangeAsync(quick)).ShouldBeLessThan(await LastChangeAsync(busy), "the busy one was first in turn");
    }

    [Fact]
    public async Task Views_of_another_version_are_made_again_also_while_it_runs()
    {
        var views = await NewTenantAsync(events: 3);
        var view = LedgerViews.All[1];
        await _server.StartAsync();
        await UntilAsync(views, 2);

        await SetVersionAsync(views, view, 0);

        await Eventually.TrueAsync(
            async () => await views.StateAsync(view) is { Generation: 2 } s && s.ProjectionVersion == view.Version,
            "it is made again");
        _log.Lines.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_rebuild_that_runs_already_is_no_failure_and_keeps_no_view_waiting()
    {
        var views = await NewTenantAsync(events: 3);
        var view = LedgerViews.All[1];
        foreach (var each in LedgerViews.All)
            await views.StateAsync(each);
        await SetVersionAsync(views, view, 0);
        await using var admin = NpgsqlDataSource.Create(await PostgresCluster.AdminOfAsync(_store.Connections));
        await using (var rebuilding = await admin.OpenConnectionAsync())
        {
            await using var hold = new NpgsqlCommand(
                $"select pg_advisory_lock(hashtextextended('rebuild {views.Tenant} {view.Name}', 470239))", rebuilding);
            await hold.ExecuteNonQueryAsync();

            await _server.StartAsync();

            await Eventually.TrueAsync(
                async () => (await PositionsAsync(views)).SequenceEqual(
                    LedgerViews.All.Select(v => v == view ? -1L : 2L)), "the others go on");
            await using var release = new NpgsqlCommand("select pg_advisory_unlock_all()", rebuilding);
            await release.ExecuteNonQueryAsync();
        }
        await UntilAsync(views, 2);
        _log.Lines.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("type = 'customer_teleported'", "is not an event that this version knows")]
    [InlineData("data = '{\"purpose\": 7}'", "does not fit it")]
    [InlineData("headers = 'null'", "headers")]
    public async Task An_event_that_cannot_be_read_is_set_aside_where_it_stands_and_at_the_end_of_the_log(
        string tampering, string reason)
    {
        var views = await NewTenantAsync(events: 0);
        string before = NewStream();
        var log = _store.NewLog(views.Tenant);
        await log.AppendAsync(AppendRequest.Of(before, 0, [.. Events(3)]), s_cancel);
        await log.AppendAsync(NewStreamOf(Events(2)), s_cancel);
        string last = NewStream();
        await log.AppendAsync(AppendRequest.Of(last, 0, [.. Events(2)]), s_cancel);
        await _store.AsAdminAsync(
            $"update ledger.mt_events set {tampering} where tenant_id = $1 and seq_id in (2, 7)", views.Tenant);

        await _server.StartAsync();

        await UntilAsync(views, 6);
        var takes = LedgerViews.All.Where(v => tampering.StartsWith("type", StringComparison.Ordinal)
            || !v.Skipped.Contains("consent_recorded"));
        foreach (var view in takes)
        {
            var aside = await views.Step.QuarantineAsync(views.Tenant, view, s_cancel);
            aside.Select(q => (q.StreamId, q.Position)).ShouldBe([(before, 1L), (last, 6L)], ignoreOrder: true);
            aside.ShouldAllBe(q => q.Reason.Contains(reason, StringComparison.OrdinalIgnoreCase));
        }
        takes.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task An_event_counts_by_its_name_though_another_NET_type_stands_beside_it()
    {
        var views = await NewTenantAsync(events: 3);
        await _store.AsAdminAsync("update ledger.mt_events set mt_dotnet_type = $2 where tenant_id = $1 and seq_id = 2",
            views.Tenant, LedgerEvents.ClrNameOf(typeof(CustomerErased)));

        await _server.StartAsync();
        await UntilAsync(views, 2);

        await views.ShouldBeFreshFoldsAsync();
    }

    [Fact]
    public async Task What_the_daemon_folds_is_what_a_rebuild_and_a_fresh_fold_give()
    {
        string tenant = await _store.NewTenantAsync();
        var clock = new TestClock(DateTimeOffset.UnixEpoch);
        var history = new RandomHistory(_store.NewLog(tenant, clock), clock, customers: 30, seed: 16);
        await _server.StartAsync();
        for (int round = 0; round < 40; round++)
            await history.RoundAsync();

        var views = new StoredViews(_store, tenant);
        await UntilAsync(views, (await _store.Reader.ReadHeadAsync(tenant, s_cancel)).Size - 1);

        await views.ShouldBeFreshFoldsAsync();
        _log.Lines.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_event_of_an_older_shape_is_lifted_for_the_daemon_too()
    {
        var views = await NewTenantAsync(events: 0);
        var recorded = EventToAppend.Of(Guid.CreateVersion7(), false, new TouchpointRecorded(
            "T-1", Channel.Phone, Direction.Outbound, Guid.CreateVersion7(), "north", [], DurationSeconds: 120),
            Event().Headers);
        await _store.NewLog(views.Tenant).AppendAsync(NewStreamOf(recorded), s_cancel);
        await _store.AsAdminAsync("""
            update ledger.mt_events set type = 'touchpoint_recorded_v0', data = data - 'memberId' - 'durationSeconds'
              || jsonb_build_object('agentId', data->'memberId', 'durationMinutes', 2)
            where tenant_id = $1
            """, views.Tenant);

        await _server.StartAsync();
        await UntilAsync(views, 0);

        var view = LedgerViews.Find(TouchpointsView.ViewName)!;
        (await views.DumpAsync(view)).ShouldContain(line => line.Contains("T-1", StringComparison.Ordinal));
        await views.ShouldBeFreshFoldsAsync();
    }

    [Fact]
    public async Task A_view_that_is_far_behind_catches_up_beside_the_daemon()
    {
        var views = await NewTenantAsync(events: 3 * ProjectionStep.BatchEvents);
        await _server.StartAsync();
        await UntilAsync(views, 3 * ProjectionStep.BatchEvents - 1);
        await _store.AsAdminAsync("delete from ledger.views where tenant_id = $1 and view = $2",
            views.Tenant, LedgerViews.All[0].Name);

        await _store.NewLog(views.Tenant).AppendAsync(NewStreamOf(Event()), s_cancel);

        await UntilAsync(views, 3 * ProjectionStep.BatchEvents);
        _log.Lines.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_log_that_grows_is_seen_though_its_notice_was_lost()
    {
        var views = await NewTenantAsync(events: 3);
        await _server.StartAsync(hears: false);
        await UntilAsync(views, 2);

        await _store.NewLog(views.Tenant).AppendAsync(NewStreamOf(Event()), s_cancel);

        await UntilAsync(views, 3);
    }

    [Fact]
    public async Task Another_server_goes_on_when_the_one_that_projects_has_stopped()
    {
        var views = await NewTenantAsync(events: 3);
        await using var other = new Server(_store, _log);
        await _server.StartAsync();
        await UntilAsync(views, 2);
        await other.StartAsync();

        await _server.StopAsync();
        await _store.NewLog(views.Tenant).AppendAsync(NewStreamOf(Event()), s_cancel);

        await UntilAsync(views, 3);
        _log.Lines.ShouldBeEmpty();
    }

    private async Task<StoredViews> NewTenantAsync(int events)
    {
        string tenant = await _store.NewTenantAsync();
        var same = Enumerable.Range(0, events).Select(_ => Event()).ToList(); // rows that stay small
        if (events > 0)
            await _store.NewLog(tenant).AppendAsync(NewStreamOf(same), s_cancel);
        return new(_store, tenant);
    }

    private static async Task<long[]> PositionsAsync(StoredViews views)
    {
        var positions = new List<long>();
        foreach (var view in LedgerViews.All)
            positions.Add((await views.StateAsync(view)).Position);
        return [.. positions];
    }

    private static Task UntilAsync(StoredViews views, long position) => Eventually.TrueAsync(
        async () => (await PositionsAsync(views)).All(p => p == position), $"{views.Tenant} is at {position}");

    private Task<object?> SetVersionAsync(StoredViews views, View view, int version) => _store.AsAdminAsync(
        "update ledger.views set projection_version = $3 where tenant_id = $1 and view = $2",
        views.Tenant, view.Name, version);

    /// <summary>The transaction that moved the tenant's views last; transactions are numbered as they begin.</summary>
    private async Task<long> LastChangeAsync(StoredViews views) => (long)(await _store.AsAdminAsync(
        "select max(xmin::text::bigint) from ledger.views where tenant_id = $1", views.Tenant))!;

    /// <summary>What of a server projects, with connections of its own.</summary>
    private sealed class Server : IAsyncDisposable
    {
        private readonly LedgerDatabase _database;
        private readonly LedgerNotifications _notices;
        private readonly ViewDaemon _daemon;

        public Server(TestStore store, KeptLogs log)
        {
            _database = new(store.Connections, log);
            _notices = new(_database, new KnownKeys(new ApiKeys(_database), TimeProvider.System),
                NullLogger<LedgerNotifications>.Instance);
            var mending = new ViewMending(StoredViews.StepOf(_database),
                new Rebuild(_database, new EventReader(_database)), new Logger<ViewMending>(log));
            _daemon = new(_database, _notices, mending, log);
        }

        public async Task StartAsync(bool hears = true)
        {
            if (hears)
                await _notices.StartAsync(s_cancel);
            await _daemon.StartAsync(s_cancel);
        }

        public Task StopAsync() => _daemon.StopAsync(s_cancel);

        public async ValueTask DisposeAsync()
        {
            await _daemon.StopAsync(s_cancel);
            await _notices.StopAsync(s_cancel);
            _daemon.Dispose();
            _notices.Dispose();
            await _database.DisposeAsync();
        }
    }
}
