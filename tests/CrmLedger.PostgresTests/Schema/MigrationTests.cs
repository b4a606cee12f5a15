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
using Marten;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using static CrmLedger.PostgresTests.Appending.Given;

namespace CrmLedger.PostgresTests.Schema;

public sealed class MigrationTests
{
    private static readonly CancellationToken s_cancel = CancellationToken.None;

    [Fact]
    public async Task Migrating_twice_does_nothing_the_second_time()
    {
        await using var database = new LedgerDatabase(await PostgresCluster.NewDatabaseAsync());

        (await Migration.RunAsync(database, s_cancel)).ShouldBeTrue();
        (await Migration.RunAsync(database, s_cancel)).ShouldBeFalse();
    }

    [Fact]
    public async Task Servers_that_start_at_once_migrate_once()
    {
        var connections = await PostgresCluster.NewDatabaseAsync();
        async Task<bool> StartAsync()
        {
            await using var database = new LedgerDatabase(connections);
            return await Migration.RunAsync(database, s_cancel);
        }

        var applied = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => StartAsync()));

        applied.Count(made => made).ShouldBe(1);
    }

    [Fact]
    public async Task Marten_finds_no_difference_between_the_database_and_its_configuration()
    {
        var connections = await PostgresCluster.NewLedgerAsync();
        await using var database = new LedgerDatabase(connections);
        await new TenantDirectory(database, MasterKey.Of(KeyWrap.NewKey())).FindOrCreateAsync("acme-shop", s_cancel);
        await using var owner = DocumentStore.For(options =>
        {
            options.Connection(database.Owner);
            options.ReadsLedger();
        });

        await owner.Storage.Database.AssertDatabaseMatchesConfigurationAsync(s_cancel);
        await AsAdminAsync(connections, "alter table ledger.tiles drop column hashes");
        await Should.ThrowAsync<Exception>(
            () => owner.Storage.Database.AssertDatabaseMatchesConfigurationAsync(s_cancel));
    }

    [Fact]
    public async Task A_newer_versions_schema_is_refused()
    {
        var connections = await PostgresCluster.NewLedgerAsync();
        await AsAdminAsync(
            connections, "insert into ledger.migrations (number, name, sha256) values (99, '0099_new', '')");
        await using var database = new LedgerDatabase(connections);

        var refused = await Should.ThrowAsync<SchemaException>(() => Migration.RunAsync(database, s_cancel));

        refused.Message.ShouldBe(
            "The database's schema is at step 99, which a newer version of crmledger made. Run that version.");
    }

    [Fact]
    public async Task A_superusers_connection_string_serves_for_all_three_roles()
    {
        // A database of the superuser's own, in a cluster that has the roles already.
        var connections = LedgerConnections.Of(await NewDatabaseOfSuperuserAsync());
        await using var database = new LedgerDatabase(connections);
        (await Migration.RunAsync(database, s_cancel)).ShouldBeTrue();
        (await Migration.RunAsync(database, s_cancel)).ShouldBeFalse();
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

        var refused = await Should.ThrowAsync<SchemaException>(() => Migration.RunAsync(database, s_cancel));

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
