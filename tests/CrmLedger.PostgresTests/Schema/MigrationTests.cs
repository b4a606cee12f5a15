using CrmLedger.EventStore;
using CrmLedger.EventStore.Appending;
using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Projections;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Schema;
using CrmLedger.EventStore.Tenants;
using CrmLedger.EventStore.Views;
using CrmLedger.PostgresTests.Appending;
using CrmLedger.Tests;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using static CrmLedger.PostgresTests.Appending.Given;

namespace CrmLedger.PostgresTests.Schema;

public sealed class MigrationTests
{
    private static readonly CancellationToken s_cancel = CancellationToken.None;

    private static readonly string[] s_steps =
    [
        "0001_event_store", "0002_views", "0003_master_key_check", "0004_open_commitments_by_owner",
        "0005_marten_compacting", "0006_view_summaries", "0007_unfinished_imports",
        "0008_relationships", "0009_checkpoints",
        "0010_superseded_origins", "0011_privacy", "0012_replaced_keys",
    ];

    [Fact]
    public async Task Migrating_twice_does_nothing_the_second_time()
    {
        await using var database = new LedgerDatabase(await PostgresCluster.NewDatabaseAsync());

        (await Migrator.MigrateAsync(database, s_cancel)).ShouldBe(s_steps);
        (await Migrator.MigrateAsync(database, s_cancel)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Servers_that_start_at_once_migrate_once()
    {
        var connections = await PostgresCluster.NewDatabaseAsync();
        async Task<IReadOnlyList<string>> StartAsync()
        {
            await using var database = new LedgerDatabase(connections);
            return await Migrator.MigrateAsync(database, s_cancel);
        }

        var applied = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => StartAsync()));

        applied.Select(steps => steps.Count).Order().ShouldBe([0, 0, 0, s_steps.Length]);
    }

    [Fact]
    public async Task A_step_that_was_changed_is_refused()
    {
        var connections = await PostgresCluster.NewLedgerAsync();
        await AsAdminAsync(connections, "update ledger.migrations set sha256 = 'another text' where number = 1");
        await using var database = new LedgerDatabase(connections);

        var refused = await Should.ThrowAsync<SchemaException>(() => Migrator.MigrateAsync(database, s_cancel));

        refused.Message.ShouldBe(
            "Step 0001_event_store of the database's schema is not the one that this version knows.");
    }

    [Fact]
    public async Task A_newer_versions_schema_is_refused()
    {
        var connections = await PostgresCluster.NewLedgerAsync();
        await AsAdminAsync(
            connections, "insert into ledger.migrations (number, name, sha256) values (99, '0099_new', '')");
        await using var database = new LedgerDatabase(connections);

        var refused = await Should.ThrowAsync<SchemaException>(() => Migrator.MigrateAsync(database, s_cancel));

        refused.Message.ShouldBe(
            "The database's schema is at step 99, which a newer version of crmledger made. Run that version.");
    }

    [Fact]
    public async Task A_superusers_connection_string_serves_for_all_three_roles()
    {
        // A database of the superuser's own, in a cluster that has the roles already.
        var connections = LedgerConnections.Of(await NewDatabaseOfSuperuserAsync());
        await using var database = new LedgerDatabase(connections);
        (await Migrator.MigrateAsync(database, s_cancel)).ShouldBe(s_steps);
        (await Migrator.MigrateAsync(database, s_cancel)).ShouldBeEmpty();
        foreach (var (role, source) in new Dictionary<string, NpgsqlDataSource>
        {
            ["ledger_owner"] = database.Owner,
            ["ledger_server"] = database.Server,
            ["ledger_loader"] = database.Loader,
        })
        {
            await using var who = source.CreateCommand("select current_user::text");
            (await who.ExecuteScalarAsync()).ShouldBe(role);
        }

        await new TenantDirectory(database, MasterKey.Of(KeyWrap.NewKey())).FindOrCreateAsync("acme", s_cancel);
        var reader = new EventReader(database);
        await using (var sequencer = new Sequencer(database, "acme", TimeProvider.System, NullLogger.Instance))
        {
            (await sequencer.AppendAsync(NewStreamOf(Event()), s_cancel)).ShouldBeAppended();
            (await sequencer.AppendAsync(NewStreamOf(Events(500)), s_cancel)).ShouldBeAppended();
        }
        var step = new ProjectionStep(database, reader, NullLogger<ProjectionStep>.Instance);
        (await step.RunAsync("acme", s_cancel)).ShouldBeTrue();
        (await new Rebuild(database, reader).RunAsync("acme", LedgerViews.All[0], s_cancel)).Position.ShouldBe(500);
        await WholeLog.CheckAsync(connections, "acme");
    }

    [Fact]
    public async Task An_owner_who_may_not_make_the_schema_is_told_what_to_have_done()
    {
        string name = new NpgsqlConnectionStringBuilder(await NewDatabaseOfSuperuserAsync()).Database!;
        var cluster = await PostgresCluster.RunningAsync();
        var owner = new NpgsqlConnectionStringBuilder(cluster.OwnerConnectionString) { Database = name };
        await using var database = new LedgerDatabase(LedgerConnections.Of(owner.ConnectionString));

        var refused = await Should.ThrowAsync<SchemaException>(() => Migrator.MigrateAsync(database, s_cancel));

        refused.Message.ShouldContain("Have a superuser run src/CrmLedger.EventStore/Schema/roles.sql");
        File.Exists(Checkout.PathTo("src/CrmLedger.EventStore/Schema/roles.sql")).ShouldBeTrue();
    }

    private static async Task<string> NewDatabaseOfSuperuserAsync()
    {
        string name = $"superusers_{Guid.CreateVersion7():N}";
        string admin = (await PostgresCluster.RunningAsync()).AdminConnectionString;
        await using var source = NpgsqlDataSource.Create(admin);
        await using var create = source.CreateCommand($"create database {name}");
        await create.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(admin) { Database = name }.ConnectionString;
    }

    private static async Task AsAdminAsync(LedgerConnections connections, string sql)
    {
        await using var admin = NpgsqlDataSource.Create(await PostgresCluster.AdminOfAsync(connections));
        await using var command = admin.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
