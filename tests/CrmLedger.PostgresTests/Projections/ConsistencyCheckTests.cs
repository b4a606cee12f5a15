using CrmLedger.EventStore.Projections;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Views;
using CrmLedger.PostgresTests.Appending;

namespace CrmLedger.PostgresTests.Projections;

public sealed class ConsistencyCheckTests(TestStore store) : IClassFixture<TestStore>
{
    private const int Tamperings = 200;
    private static readonly CancellationToken s_cancel = CancellationToken.None;

    /// <summary>What a database administrator may do to one row; the statement is completed with which.</summary>
    private static readonly (string Column, string Sql)[] s_tamperings =
    [
        ("row", "update ledger.view_rows set row = (row::text || ' ')::json"),
        ("row", "update ledger.view_rows set row = json_build_object('row', row)"),
        ("row", "update ledger.view_rows set row = '{}'"),
        ("valid_to", "update ledger.view_rows set valid_to = coalesce(valid_to, 0) + 1"),
        ("valid_to", "update ledger.view_rows set valid_to = case when valid_to is null then 7 end"),
        ("due", "update ledger.view_rows set due = coalesce(due, now()) + interval '1 microsecond'"),
        ("due", "update ledger.view_rows set due = case when due is null then now() end"),
        ("member_id", "update ledger.view_rows set member_id = gen_random_uuid()"),
        ("team", "update ledger.view_rows set team = coalesce(team, '') || 'x'"),
        ("summary", "update ledger.view_rows set summary = coalesce(summary, '') || '\\x00'"),
        ("summary", "update ledger.view_rows set summary = case when summary is null then '\\x01'::bytea end"),
        ("", "update ledger.view_rows set valid_from = valid_from + 100000"),
        ("", "update ledger.view_rows set key = key || 'x'"),
        ("", "update ledger.view_rows set stream_id = 'customer-' || gen_random_uuid()"),
        ("", "update ledger.view_rows set generation = generation + 1"),
        ("", "delete from ledger.view_rows"),
        ("+", Copied("key || 'x', valid_from")),
        ("+", Copied("key, valid_from + 1000000")),
    ];

    private static string Copied(string keyAndValidFrom) => $"""
        insert into ledger.view_rows
        select tenant_id, view, generation, stream_id, {keyAndValidFrom}, valid_to, due, member_id, team, row, summary
        from ledger.view_rows
        """;

    [Fact]
    public async Task A_check_of_what_was_projected_finds_nothing()
    {
        var (views, _) = await NewHistoryAsync(seed: 11, rounds: 40);
        foreach (var view in LedgerViews.All)
        {
            var result = await CheckAsync(views, view);
            (result.Differences, result.Items.Count).ShouldBe((0, 0), view.Name);
            result.Rows.ShouldBe((await views.DumpAsync(view)).Length - 1);
            result.Position.ShouldBe((await views.StateAsync(view)).Position);
        }
    }

    [Fact]
    public async Task A_check_names_every_row_that_was_tampered_with()
    {
        var (views, _) = await NewHistoryAsync(seed: 12, rounds: 30);
        var random = new Random(12);
        await store.AsAdminAsync("create table rows_before as select * from ledger.view_rows where tenant_id = $1",
            views.Tenant);
        for (int trial = 0; trial < Tamperings; trial++)
        {
            var view = LedgerViews.All[random.Next(LedgerViews.All.Count)];
            var (column, sql) = s_tamperings[random.Next(s_tamperings.Length)];
            string row = (string)(await store.AsAdminAsync("""
                select stream_id || '|' || key || '|' || valid_from from ledger.view_rows
                where tenant_id = $1 and view = $2 order by stream_id, key, valid_from
                offset $3 % (select count(*) from ledger.view_rows where tenant_id = $1 and view = $2) limit 1
                """, views.Tenant, view.Name, random.Next(1_000_000)))!;
            string[] place = row.Split('|');
            await store.AsAdminAsync(
                sql + " where tenant_id = $1 and view = $2 and stream_id = $3 and key = $4 and valid_from = $5",
                views.Tenant, view.Name, place[0], place[1], long.Parse(place[2]));

            var result = await CheckAsync(views, view);
            string said = $"trial {trial}, {view.Name} {row}: {sql}";
            bool isMoved = column.Length == 0 && !sql.StartsWith("delete", StringComparison.Ordinal)
                && !sql.Contains("generation +", StringComparison.Ordinal);
            result.Differences.ShouldBe(isMoved ? 2 : 1, said);
            foreach (var item in result.Items.Where(i => column is not "+" || i.Kind == DifferenceKind.Unexpected))
            {
                if (item.Kind != DifferenceKind.Unexpected)
                    (item.Stream, item.Key, item.ValidFrom).ShouldBe((place[0], place[1], long.Parse(place[2])), said);
                item.Columns.ShouldBe(column is "" or "+" ? [] : [column], said);
            }
            await RestoreAsync(views.Tenant);
            (await CheckAsync(views, view)).Differences.ShouldBe(0, "restored after " + said);
        }
    }

    [Fact]
    public async Task A_check_beside_busy_writers_and_projectors_finds_nothing()
    {
        string tenant = await store.NewTenantAsync();
        var views = new StoredViews(store, tenant);
        var sequencer = store.NewLog(tenant);
        using var enough = new CancellationTokenSource();
        var history = new RandomHistory(sequencer, null, customers: 40, seed: 13);
        var writing = Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                await history.RoundAsync();
                await Task.Delay(100); // a log that grows as fast as it can outgrows every check
            }
        });
        var projecting = Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
                await views.Step.RunAsync(tenant, s_cancel);
        });
        var positions = new HashSet<long>();
        while (positions.Count < 20)
        {
            foreach (var view in LedgerViews.All)
            {
                var result = await CheckAsync(views, view);
                result.Differences.ShouldBe(0, view.Name);
                positions.Add(result.Position);
            }
        }
        await enough.CancelAsync();
        await Task.WhenAll(writing, projecting);
    }

    [Fact]
    public async Task A_stream_that_is_set_aside_without_reason_is_named()
    {
        var (views, _) = await NewHistoryAsync(seed: 14, rounds: 3);
        var view = LedgerViews.Find(KeptRateView.ViewName)!;
        await store.AsAdminAsync("""
            insert into ledger.quarantine (tenant_id, view, generation, stream_id, position, reason)
            values ($1, $2, 1, 'customer-x', 2, 'none')
            """, views.Tenant, view.Name);
        var item = (await CheckAsync(views, view)).Items.ShouldHaveSingleItem();
        (item.Kind, item.Stream, item.Columns.Single()).ShouldBe(
            (DifferenceKind.Unexpected, "customer-x", "quarantine"));
    }

    private Task<ConsistencyCheckResult> CheckAsync(StoredViews views, View view) =>
        new ConsistencyCheck(store.Database, new EventReader(store.Database)).RunAsync(views.Tenant, view, s_cancel);

    private async Task RestoreAsync(string tenant)
    {
        await store.AsAdminAsync("delete from ledger.view_rows where tenant_id = $1", tenant);
        await store.AsAdminAsync(
            "insert into ledger.view_rows select * from rows_before where tenant_id = $1", tenant);
    }

    private async Task<(StoredViews Views, RandomHistory History)> NewHistoryAsync(int seed, int rounds)
    {
        string tenant = await store.NewTenantAsync();
        var views = new StoredViews(store, tenant);
        var clock = new TestClock(DateTimeOffset.UnixEpoch);
        var history = new RandomHistory(store.NewLog(tenant, clock), clock, customers: 6, seed);
        for (int round = 0; round < rounds; round++)
            await history.RoundAsync();
        await views.CatchUpAsync();
        return (views, history);
    }
}
