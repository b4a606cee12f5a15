using System.Text.RegularExpressions;
using CrmLedger.EventStore;
using CrmLedger.PostgresTests.Appending;
using CrmLedger.Server.Deadlines;
using CrmLedger.Server.Views;
using Npgsql;

namespace CrmLedger.PostgresTests.Projections;

/// <summary>
/// A plan that was made while the views' table was empty is kept until the table is analyzed, which may be after the
/// first 50,000 rows. What a step of the views looks up must then cost what it costs later.
/// </summary>
public sealed class LookUpTests(TestStore store) : IClassFixture<TestStore>
{
    [Theory]
    [InlineData("load_rows.sql", "'t', 'v', 1, '{s}', '{k}', '{s}'", 2)]
    [InlineData("end_rows.sql", "'t', 'v', 1, '{s}', '{k}', '{1}', '{2}'", 1)]
    public Task A_step_of_the_views_finds_each_row_by_its_key_even_in_a_table_that_was_empty(
        string script, string values, int lookUps) =>
        LooksUpAsync(store.Database.Projecting, Sql.Load("Projections/" + script), values, lookUps);

    [Theory]
    [InlineData("read_people.sql", "'t', '{s}', 1", 1)]
    [InlineData("standing_rows_of.sql", "'t', 'v', 1, '{s}', '{k}', '{s}'", 2)]
    public Task A_question_finds_each_row_by_its_key_even_in_a_table_that_was_empty(
        string script, string values, int lookUps) => LooksUpAsync(
        store.Database.Server, Sql.Load("Views/" + script, typeof(ViewReader).Assembly), values, lookUps);

    [Fact]
    public async Task Passed_deadlines_are_found_by_their_dates_even_in_a_table_that_was_empty()
    {
        string sql = Sql.Load("Deadlines/passed_deadlines.sql", typeof(PassedDeadlines).Assembly);
        var plan = await PlanAsync(store.Database.Server, sql, "'t', now(), now(), '', '', 500");
        plan.ShouldContain(line => line.Contains("using ix_view_rows_due"), string.Join('\n', plan));
        plan.ShouldContain(line => line.Contains("Index Cond") && line.Contains("due <"), string.Join('\n', plan));
    }

    [Fact]
    public async Task Whoever_takes_the_head_reads_what_others_appended_and_no_more_even_by_a_plan_of_an_empty_log()
    {
        const int others = 4_000;
        string tenant = await store.NewTenantAsync();
        await using var connection = await store.Database.BulkAppending.OpenConnectionAsync();
        async Task<string> TakeAsync(string explain, long known)
        {
            await using var command = new NpgsqlCommand(
                $"{explain} select * from ledger.hold_head('{tenant}', {known})", connection);
            await using var rows = await command.ExecuteReaderAsync();
            var lines = new List<string>();
            while (await rows.ReadAsync())
                lines.Add(rows.GetValue(0).ToString()!);
            return string.Join('\n', lines);
        }
        for (int i = 0; i < 10; i++) // enough for PostgreSQL to keep its plan
            await TakeAsync("", 0);
        await store.NewLog(tenant).AppendAsync(
            Given.NewStreamOf([.. Given.Events(others)]), CancellationToken.None);

        string plan = await TakeAsync("explain (analyze, buffers)", others - 5);

        long pages = Regex.Matches(plan, @"shared hit=(\d+)").Max(hit => long.Parse(hit.Groups[1].Value));
        pages.ShouldBeLessThan(60, plan);
    }

    private static async Task LooksUpAsync(NpgsqlDataSource pool, string sql, string values, int lookUps)
    {
        var plan = await PlanAsync(pool, sql, values);
        string text = string.Join('\n', plan);
        plan.Count(line => Regex.IsMatch(line, @"on view_rows\b") && !line.Contains("Update on")
            && !line.Contains("Tid Scan") && !line.Contains("using view_rows_pkey")).ShouldBe(0, text);
        plan.Count(line => line.Contains("Index Cond") && line.Contains("stream_id")).ShouldBe(lookUps, text);
    }

    private static async Task<List<string>> PlanAsync(NpgsqlDataSource pool, string sql, string values)
    {
        await using var connection = await pool.OpenConnectionAsync();
        await ExecuteAsync(connection, "set plan_cache_mode = force_generic_plan");
        await ExecuteAsync(connection, $"prepare looking as {sql}");
        var plan = new List<string>();
        await using (var explain = new NpgsqlCommand($"explain execute looking({values})", connection))
        await using (var lines = await explain.ExecuteReaderAsync())
        {
            while (await lines.ReadAsync())
                plan.Add(lines.GetString(0));
        }
        // The session goes back to its pool as it was.
        await ExecuteAsync(connection, "deallocate looking; reset plan_cache_mode");
        return plan;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
