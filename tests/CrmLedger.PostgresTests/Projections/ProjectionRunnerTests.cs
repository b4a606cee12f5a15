using CrmLedger.EventStore.Projections;
using CrmLedger.EventStore.Tenants;
using CrmLedger.EventStore.Views;
using CrmLedger.PostgresTests.Appending;
using CrmLedger.Server.Projections;
using CrmLedger.Server.Security;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using static CrmLedger.PostgresTests.Appending.Given;

namespace CrmLedger.PostgresTests.Projections;

/// <summary>The background work of a server: all tenants, none at another's expense.</summary>
public sealed class ProjectionRunnerTests : IAsyncLifetime
{
    private static readonly CancellationToken s_cancel = CancellationToken.None;
    private readonly TestStore _store = new();
    private readonly KeptLog<ProjectionRunner> _log = new();
    private ProjectionRunner _runner = null!;

    public async Task InitializeAsync()
    {
        await _store.InitializeAsync();
        var keys = new KnownKeys(new ApiKeys(_store.Database), TimeProvider.System);
        _runner = new(_store.Database, new TenantDirectory(_store.Database, _store.Master),
            StoredViews.StepOf(_store.Database), new Rebuild(_store.Database, _store.Reader),
            new LedgerNotifications(_store.Database, keys, NullLogger<LedgerNotifications>.Instance), _log);
    }

    public async Task DisposeAsync()
    {
        await _runner.StopAsync(s_cancel);
        _runner.Dispose();
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

        await _runner.StartAsync(s_cancel);

        await UntilAsync(good, 2);
        await _store.NewLog(good.Tenant).AppendAsync(NewStreamOf(Events(3)), s_cancel);
        await UntilAsync(good, 5);
        _log.Lines.ShouldAllBe(line => line.StartsWith($"Projecting {bad.Tenant} failed and is tried again in "));
        _log.Lines[0].ShouldContain("this one fails");
        _log.Lines.Count.ShouldBeInRange(1, 3, "it is tried later each time");
        (await PositionsAsync(bad)).ShouldAllBe(position => position == -1);
        await _store.AsAdminAsync("drop trigger fail on ledger.views");
        await UntilAsync(bad, 2);
    }

    [Fact]
    public async Task A_connection_that_breaks_is_no_tenants_failure_however_often_it_does()
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

        await _runner.StartAsync(s_cancel);

        await UntilAsync(views, 2);
        _log.Lines.Count.ShouldBe(3);
        _log.Lines.ShouldAllBe(line => line.StartsWith($"Projecting {views.Tenant} was cut off: "));
    }

    [Fact]
    public async Task One_tenants_backlog_keeps_no_other_waiting()
    {
        var (busy, quick) = (await NewTenantAsync(events: 7_000), await NewTenantAsync(events: 3));

        await _runner.StartAsync(s_cancel);

        await UntilAsync(quick, 2);
        await UntilAsync(busy, 6_999);
        (await LastChangeAsync(quick)).ShouldBeLessThan(await LastChangeAsync(busy), "the busy one was first in turn");
    }

    [Fact]
    public async Task Views_of_another_version_are_made_again_also_while_it_runs()
    {
        var views = await NewTenantAsync(events: 3);
        var view = LedgerViews.All[1];
        await _runner.StartAsync(s_cancel);
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

            await _runner.StartAsync(s_cancel);

            await Eventually.TrueAsync(
                async () => (await PositionsAsync(views)).SequenceEqual(
                    LedgerViews.All.Select(v => v == view ? -1L : 2L)), "the others go on");
            await using var release = new NpgsqlCommand("select pg_advisory_unlock_all()", rebuilding);
            await release.ExecuteNonQueryAsync();
        }
        await UntilAsync(views, 2);
        _log.Lines.ShouldBeEmpty();
    }

    private async Task<StoredViews> NewTenantAsync(int events)
    {
        string tenant = await _store.NewTenantAsync();
        var same = Enumerable.Range(0, events).Select(_ => Event()).ToList(); // rows that stay small
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
}
