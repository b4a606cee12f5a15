using System.Runtime.Versioning;
using CrmLedger.Postgres;
using Npgsql;
using static CrmLedger.PostgresTests.Embedded.TemporaryHome;

namespace CrmLedger.PostgresTests.Embedded;

[UnsupportedOSPlatform("windows")]
public sealed class EmbeddedPostgresTests : IDisposable
{
    private readonly TemporaryHome home = new();

    public void Dispose()
    {
        home.Dispose();
    }

    [Fact]
    public async Task The_first_start_makes_the_cluster_and_the_second_finds_it_with_its_data()
    {
        int port;
        await using (EmbeddedPostgres first = await home.StartAsync())
        {
            port = first.Port;
            first.IsOwner.ShouldBeTrue();
            first.ServerVersion.Major.ShouldBeGreaterThanOrEqualTo(15);
            await AskAsync(first.OwnerConnectionString, "create table promise as select 'kept' as outcome");
        }
        File.Exists(Path.Combine(home.Data, "postmaster.pid")).ShouldBeFalse("disposing shuts it down");

        await using EmbeddedPostgres second = await home.StartAsync();
        second.Port.ShouldBe(port);
        (await AskAsync(second.OwnerConnectionString, "select outcome from promise")).ShouldBe("kept");
    }

    [Fact]
    public async Task Roles_and_passwords_are_as_narrow_as_the_design_says()
    {
        await using EmbeddedPostgres postgres = await home.StartAsync();
        const string roles = """
            select string_agg(concat_ws(' ', rolname, rolcanlogin, rolsuper, rolcreatedb, rolcreaterole, rolreplication,
                rolbypassrls), E'\n' order by rolname)
            from pg_roles where rolname like 'ledger%' or rolsuper
            """;
        (await AskAsync(postgres.AdminConnectionString, roles)).ShouldBe("""
            crmledger_admin t t t t t t
            ledger_loader t f f f f t
            ledger_owner t f f f f f
            ledger_server t f f f f f
            """);
        (await AskAsync(postgres.OwnerConnectionString, "select current_user || ' ' || current_database()"))
            .ShouldBe("ledger_owner crmledger");
        (await AskAsync(postgres.ServerConnectionString, "select current_user::text")).ShouldBe("ledger_server");
        (await AskAsync(postgres.LoaderConnectionString, "select current_user::text")).ShouldBe("ledger_loader");
        (await AskAsync(postgres.AdminConnectionString, """
            select pg_get_userbyid(datdba) || ' ' || has_database_privilege('pg_monitor', 'crmledger', 'connect')
            from pg_database where datname = 'crmledger'
            """)).ShouldBe("ledger_owner false");
        (await AskAsync(postgres.AdminConnectionString, "show data_checksums")).ShouldBe("on");
        // What this PostgreSQL was built with decides, and it says so itself.
        object? hasLz4 = await AskAsync(postgres.AdminConnectionString,
            "select 'lz4' = any(enumvals) from pg_settings where name = 'wal_compression'");
        (await AskAsync(postgres.AdminConnectionString, "show wal_compression"))
            .ShouldBe(hasLz4 is true ? "lz4" : "pglz");

        const UnixFileMode everybodyElse = (UnixFileMode)0b111_111;
        File.GetUnixFileMode(home.SecretsFile).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (File.GetUnixFileMode(home.Data) & everybodyElse).ShouldBe(UnixFileMode.None);

        var wrong = new NpgsqlConnectionStringBuilder(postgres.ServerConnectionString) { Password = "guessed" };
        var overTcp = new NpgsqlConnectionStringBuilder(postgres.ServerConnectionString) { Host = "127.0.0.1" };
        (await Should.ThrowAsync<PostgresException>(() => AskAsync(wrong.ConnectionString, "select 1")))
            .SqlState.ShouldBe(PostgresErrorCodes.InvalidPassword);
        (await AskAsync(overTcp.ConnectionString, "select 1")).ShouldBe(1);
    }

    [Theory]
    [InlineData("the postmaster")]
    [InlineData("its guard")]
    public async Task Killed_outright_it_comes_back_with_its_data(string killed)
    {
        await using EmbeddedPostgres postgres = await home.StartAsync();
        await AskAsync(postgres.OwnerConnectionString, "create table promise as select 'kept' as outcome");
        int postmaster = home.PostmasterId;
        string status = await File.ReadAllTextAsync($"/proc/{postmaster}/stat");
        int guard = int.Parse(status[(status.LastIndexOf(')') + 2)..].Split(' ')[1]);

        Kill(killed == "its guard" ? guard : postmaster);

        await UntilAsync(() => !Runs(postmaster), "the old postmaster is gone");
        await UntilAsync(async () =>
        {
            try
            {
                return await AskAsync(postgres.OwnerConnectionString, "select outcome from promise") is "kept";
            }
            catch (NpgsqlException)
            {
                return false;
            }
        }, "PostgreSQL answers again");
        home.PostmasterId.ShouldNotBe(postmaster);
        postgres.Failed.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task It_stops_when_its_owner_is_killed_and_the_next_owner_finds_the_data()
    {
        int postmaster;
        using (OwnerProcess owner = await OwnerProcess.ServeAsync(home))
        {
            postmaster = home.PostmasterId;
            (await home.RefusalAsync()).ShouldContain($"already being served by process {owner.Id}");
            await using (EmbeddedPostgres attached = await home.AttachOrStartAsync())
            {
                attached.IsOwner.ShouldBeFalse();
                await AskAsync(attached.OwnerConnectionString, "create table promise as select 'kept' as outcome");
            }
            Runs(postmaster).ShouldBeTrue("whoever only attached does not stop it");

            await owner.KillAsync();
        }

        // At once, while the old one is still shutting down.
        await using EmbeddedPostgres next = await home.StartAsync();
        Runs(postmaster).ShouldBeFalse();
        (await AskAsync(next.OwnerConnectionString, "select outcome from promise")).ShouldBe("kept");
    }

    [Fact]
    public async Task It_stops_when_its_owner_is_killed_also_when_nobody_comes_after()
    {
        using OwnerProcess owner = await OwnerProcess.ServeAsync(home);
        int postmaster = home.PostmasterId;

        await owner.KillAsync();

        await UntilAsync(() => !Runs(postmaster), "PostgreSQL ends after its owner");
        await UntilAsync(() => !File.Exists(Path.Combine(home.Data, "postmaster.pid")), "it was a clean shutdown");
    }

    [Fact]
    public async Task A_server_waits_for_a_short_command_and_is_then_attached_to()
    {
        EmbeddedPostgres command = await home.AttachOrStartAsync();
        command.IsOwner.ShouldBeTrue();

        Task<EmbeddedPostgres> starting = home.StartAsync();
        (await Task.WhenAny(starting, Task.Delay(300))).ShouldNotBe(starting, "the command still owns the cluster");
        await command.DisposeAsync();
        await using EmbeddedPostgres server = await starting;

        (await home.RefusalAsync()).ShouldContain($"already being served by process {Environment.ProcessId}");
        await using EmbeddedPostgres attached = await home.AttachOrStartAsync();
        attached.IsOwner.ShouldBeFalse();
        attached.ServerConnectionString.ShouldBe(server.ServerConnectionString);
        attached.ServerVersion.ShouldBe(server.ServerVersion);
    }

    [Fact]
    public async Task Lost_passwords_are_replaced_and_the_data_stays()
    {
        await using (EmbeddedPostgres first = await home.StartAsync())
            await AskAsync(first.OwnerConnectionString, "create table promise as select 'kept' as outcome");
        File.Delete(home.SecretsFile);

        await using EmbeddedPostgres second = await home.StartAsync();

        (await AskAsync(second.OwnerConnectionString, "select outcome from promise")).ShouldBe("kept");
    }
}
