using System.Runtime.Versioning;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Schema;
using CrmLedger.EventStore.Verification;
using CrmLedger.Postgres;
using CrmLedger.PostgresTests.Appending;
using CrmLedger.PostgresTests.Embedded;
using CrmLedger.PostgresTests.Imports;
using Marten;
using Npgsql;

namespace CrmLedger.PostgresTests.Fixtures;

/// <summary>
/// The first store's events move into Marten's tables once, wholly, and whatever interrupts it. That what was there is
/// answered and proven as before, the tests beside these show.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class MoveTests
{
    private static readonly CancellationToken s_cancel = CancellationToken.None;

    [Fact]
    public async Task It_says_what_it_needs_and_how_far_it_is_and_leaves_nothing_of_the_old_store()
    {
        var connections = await V1DataFolder.LoadAsync();
        await using var database = new LedgerDatabase(connections);
        var told = new List<string>();

        (await Migration.RunAsync(database, s_cancel, told.Add, V1DataFolder.Copied)).ShouldBeTrue();
        (await Migration.RunAsync(database, s_cancel, told.Add, V1DataFolder.Copied)).ShouldBeFalse();

        told[0].ShouldMatch(@"^The events move into Marten's tables\. That needs \d+ MiB while it lasts\. Servers of "
            + @"an older version can no longer use this database\.$");
        told.Skip(1).Select(t => t.Split("events of")[^1]).ShouldBe(
            [" north (tenant 1 of 2) ...", " south (tenant 2 of 2) ...", "The events have moved."]);
        (await AsAdminAsync(connections, "select to_regnamespace('ledger_own_store') is null")).ShouldBe(true);
        await using var owner = DocumentStore.For(options =>
        {
            options.Connection(database.Owner);
            options.ReadsLedger();
        });
        await owner.Storage.Database.AssertDatabaseMatchesConfigurationAsync(s_cancel);
        foreach (string tenant in new[] { "north", "south" })
            (await WholeLog.CheckAsync(connections, tenant)).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task The_command_tells_what_there_is_to_do_and_moves_nothing_without_a_checked_copy()
    {
        var connections = await V1DataFolder.LoadAsync();
        using var home = new TemporaryHome();
        var variables = new Dictionary<string, string>
        {
            ["ConnectionStrings__Ledger"] = connections.Server,
            ["ConnectionStrings__LedgerOwner"] = connections.Owner,
            ["ConnectionStrings__LedgerLoader"] = connections.Loader,
        };
        Task<Ran> RunAsync(params string[] more) =>
            CommandLineOf.RunProgramAsync(variables, ["migrate", "--home", home.Path, .. more]);
        string copy = Path.Combine(home.Path, "copies", "v1.dump");
        string damaged = Path.Combine(home.Path, "damaged.dump");
        await File.WriteAllTextAsync(damaged, "PGDMP and no more");

        var told = await RunAsync("--check");
        var refused = await RunAsync();
        var mistaken = await RunAsync("--copied", damaged);
        (await AsAdminAsync(connections, "select max(number) from ledger.migrations")).ShouldBe(12);
        var moved = await RunAsync("--copy", copy);
        var again = await RunAsync("--check");

        told.ShouldBe(new Ran(1, told.Out, ""));
        told.Out.ShouldMatch(@"^The database has to be brought from step 12 to step 15\. Its events move into other "
            + @"tables, after a copy of it was made\. That needs \d+ MiB while it lasts\. Nothing was changed\.\n$");
        (refused.ExitCode, refused.Out).ShouldBe((1, ""));
        refused.Error.ShouldContain("crmledger migrate --copy FILE");
        (mistaken.ExitCode, mistaken.Out).ShouldBe((1, ""));
        mistaken.Error.ShouldStartWith("pg_restore ended with 1: ");
        moved.Out.ShouldBe("The database was brought from step 12 to step 15.\n", moved.Error);
        moved.Error.ShouldContain("Moving the ");
        again.ShouldBe(
            new Ran(0, "The database is at step 15, which is this version's. There is nothing to do.\n", ""));
        File.GetUnixFileMode(copy).ShouldBe(UnixFiles.OwnerOnlyFile);
        await PostgresCopy.CheckAsync(copy, s_cancel);
        Directory.GetFiles(Path.GetDirectoryName(copy)!).ShouldBe([copy]);
    }

    [Theory]
    [InlineData("needs")]
    [InlineData("north")]
    [InlineData("south")]
    [InlineData("have moved")]
    public async Task Interrupted_anywhere_it_goes_on_where_it_was(string at)
    {
        var connections = await V1DataFolder.LoadAsync();
        await using var database = new LedgerDatabase(connections);
        void Interrupt(string told)
        {
            if (told.Contains(at, StringComparison.Ordinal))
                throw new OperationCanceledException("interrupted");
        }
        await Should.ThrowAsync<OperationCanceledException>(
            () => Migration.RunAsync(database, s_cancel, Interrupt, V1DataFolder.Copied));

        (await Migration.RunAsync(database, s_cancel, null, V1DataFolder.Copied)).ShouldBeTrue();

        var verified = await new DatabaseVerification(database, V1DataFolder.Master, new(null))
            .RunAsync(new([], [], []), null, s_cancel);
        verified.Findings.ShouldBeEmpty();
        verified.Tenants.Select(t => t.Tenant).ShouldBe(["north", "south"]);
    }

    [Fact]
    public async Task An_older_server_is_refused_from_its_beginning_on()
    {
        var connections = await V1DataFolder.LoadAsync();
        await using var database = new LedgerDatabase(connections);
        await Should.ThrowAsync<OperationCanceledException>(() => Migration.RunAsync(database, s_cancel, told =>
        {
            if (told.Contains("north", StringComparison.Ordinal))
                throw new OperationCanceledException("interrupted");
        }, V1DataFolder.Copied));

        // What the first store's server asks at its start, which it answers by refusing; and its first statement after.
        (await AsAdminAsync(connections, "select max(number) from ledger.migrations")).ShouldBe(13);
        await Should.ThrowAsync<PostgresException>(
            () => AsAdminAsync(connections, "select position, leaf_hash from ledger.mt_events limit 1"));
    }

    [Fact]
    public async Task A_log_of_which_events_are_missing_is_not_moved()
    {
        var connections = await V1DataFolder.LoadAsync();
        await AsAdminAsync(connections, "delete from ledger.mt_events where tenant_id = 'south' and position = 3");
        await using var database = new LedgerDatabase(connections);

        var refused = await Should.ThrowAsync<SchemaException>(
            () => Migration.RunAsync(database, s_cancel, null, V1DataFolder.Copied));

        refused.Message.ShouldStartWith("The log of south says to have ");
        (await AsAdminAsync(connections,
            "select count(*) > 0 from ledger_own_store.mt_events where tenant_id = 'south'")).ShouldBe(true);
    }

    [Fact]
    public async Task The_roles_may_do_in_it_what_they_may_in_a_new_database_and_no_more()
    {
        const string rights = """
            select string_agg(line, chr(10) order by line) from (
              select format('%s %s %s', c.relname, a.grantee::regrole, a.privilege_type)
              from pg_class c, aclexplode(c.relacl) a
              where c.relnamespace = 'ledger'::regnamespace and not c.relispartition
                and c.relname !~ '^mt_events_sequence_t'
              union all
              select format('%s.%s %s %s', c.relname, t.attname, a.grantee::regrole, a.privilege_type)
              from pg_class c join pg_attribute t on t.attrelid = c.oid, aclexplode(t.attacl) a
              where c.relnamespace = 'ledger'::regnamespace
              union all
              select format('%s %s', p.polrelid::regclass, p.polname) from pg_policy p) as r (line)
            """;
        var moved = await V1DataFolder.LoadAsync();
        await using var database = new LedgerDatabase(moved);
        await Migration.RunAsync(database, s_cancel, null, V1DataFolder.Copied);

        string fresh = (string)(await AsAdminAsync(await PostgresCluster.NewLedgerAsync(), rights))!;

        fresh.ShouldContain("mt_events ledger_server INSERT");
        ((string)(await AsAdminAsync(moved, rights))!).Split('\n').ShouldBe(fresh.Split('\n'));
    }

    private static async Task<object?> AsAdminAsync(LedgerConnections connections, string sql)
    {
        await using var admin = NpgsqlDataSource.Create(await PostgresCluster.AdminOfAsync(connections));
        await using var command = admin.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
