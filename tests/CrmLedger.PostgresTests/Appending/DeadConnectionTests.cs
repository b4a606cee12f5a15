using CrmLedger.EventStore;
using CrmLedger.EventStore.Tenants;
using CrmLedger.Server.Projections;
using CrmLedger.Server.Security;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using static CrmLedger.PostgresTests.Appending.Given;

namespace CrmLedger.PostgresTests.Appending;

/// <summary>
/// Connections that seem open while nothing comes through them any more: nobody waits for them for ever, and nobody
/// waits for who does.
/// </summary>
public abstract class DeadConnectionTests(TestStore store)
{
    private static readonly CancellationToken s_cancel = CancellationToken.None;
    private static readonly TimeSpan s_longerThanTheTest = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_write_whose_answer_never_comes_is_given_up_and_looked_up()
    {
        string tenant = await store.NewTenantAsync();
        await using var link = Link();
        await using var database = new LedgerDatabase(Impatient(link.Through(store.Connections)));
        await using var log = store.NewLog(tenant, database: database);
        link.Strike(At(FaultKind.SwallowAfterCommit, onRequests: false, offset: 0));

        (await log.AppendAsync(NewStreamOf(Event()), s_cancel)).ShouldBeAppended();

        link.Struck(FaultKind.SwallowAfterCommit).ShouldBe(1);
        (await store.CheckAsync(tenant)).Count.ShouldBe(1);
    }

    /// <summary>
    /// PostgreSQL has carried out the first half of the batch, holds the head, and waits for the rest, which none of
    /// its timeouts is about.
    /// </summary>
    [Fact]
    public async Task An_append_that_another_server_left_half_sent_is_ended_by_whoever_waits_for_the_head()
    {
        string tenant = await store.NewTenantAsync();
        await using var link = Link();
        await using var frozen = new LedgerDatabase(link.Through(store.Connections));
        await using var connection = await frozen.Appending.OpenConnectionAsync();
        await using var half = LedgerDatabase.ForTenant(
            connection, tenant, "select ledger.hold_head($1, null)", tenant);
        half.BatchCommands.Add(LedgerDatabase.Command("select length($1)", new string('x', 300_000)));
        half.Timeout = 60;
        link.Strike(At(FaultKind.Swallow, onRequests: true, offset: 100_000));
        var waiting = half.ExecuteNonQueryAsync();
        await Eventually.TrueAsync(() => Task.FromResult(link.Struck(FaultKind.Swallow) == 1), "it is half sent");

        (await store.NewLog(tenant).AppendAsync(NewStreamOf(Event()), s_cancel)).ShouldBeAppended();

        await link.DisposeAsync();
        await Should.ThrowAsync<NpgsqlException>(() => waiting);
        (await store.CheckAsync(tenant)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Whoever_listens_in_vain_listens_anew()
    {
        string tenant = await store.NewTenantAsync();
        await using var link = Link();
        await using var database = new LedgerDatabase(Impatient(link.Through(store.Connections)));
        var keys = new KnownKeys(new ApiKeys(database), TimeProvider.System);
        using var notices = new LedgerNotifications(database, keys, NullLogger<LedgerNotifications>.Instance);
        await notices.StartAsync(s_cancel);
        var log = store.NewLog(tenant);
        int heard = 0;
        notices.Grown = (_, _) => Interlocked.Increment(ref heard);
        async Task<bool> HearsAsync()
        {
            await log.AppendAsync(NewStreamOf(Event()), s_cancel);
            return Interlocked.Exchange(ref heard, 0) > 0;
        }
        await Eventually.TrueAsync(HearsAsync, "it listens");

        link.Strike(At(FaultKind.Swallow, onRequests: false, offset: 0));
        await Eventually.TrueAsync(
            async () => await HearsAsync() && link.Struck(FaultKind.Swallow) == 1, "it hears what came before");
        Interlocked.Exchange(ref heard, 0);
        await Eventually.TrueAsync(HearsAsync, "it listens again");

        await notices.StopAsync(s_cancel);
    }

    [Fact]
    public async Task Sessions_that_hold_what_others_need_are_ended_when_they_fall_silent()
    {
        const string limits = """
            select concat_ws(' ', current_setting('statement_timeout'),
              current_setting('idle_in_transaction_session_timeout'), current_setting('idle_session_timeout'))
            """;
        async Task<object?> LimitsAsync(NpgsqlDataSource pool)
        {
            await using var command = pool.CreateCommand(limits);
            return await command.ExecuteScalarAsync();
        }

        (await LimitsAsync(store.Database.Appending)).ShouldBe("3s 3s 0");
        (await LimitsAsync(store.Database.BulkAppending)).ShouldBe("6s 6s 0");
        (await LimitsAsync(store.Database.Projecting)).ShouldBe("0 8s 0");
        (await LimitsAsync(store.Database.ProjectingLock)).ShouldBe("0 0 15s");
        (await LimitsAsync(store.Database.Loader)).ShouldBe("0 30s 0");
    }

    private FaultyLink Link() => new(
        new NpgsqlConnectionStringBuilder(store.Connections.Server).Port, s_longerThanTheTest);

    private static Fault At(FaultKind kind, bool onRequests, int offset) =>
        new(kind, onRequests, offset, BothWays: false, TimeSpan.Zero);

    private static LedgerConnections Impatient(LedgerConnections connections)
    {
        static string Short(string given) => new NpgsqlConnectionStringBuilder(given) { CommandTimeout = 1 }.ToString();
        return new(Short(connections.Owner), Short(connections.Server), Short(connections.Loader));
    }
}
