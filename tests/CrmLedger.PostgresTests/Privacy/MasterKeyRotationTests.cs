using System.Runtime.Versioning;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Tenants;
using CrmLedger.PostgresTests.Appending;
using CrmLedger.PostgresTests.Http;
using CrmLedger.PostgresTests.Projections;
using CrmLedger.Server.Hosting;
using Npgsql;

namespace CrmLedger.PostgresTests.Privacy;

/// <summary>The master key of a data folder is replaced.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class MasterKeyRotationTests : IAsyncLifetime
{
    private const string Tenant = "acme";
    private static readonly CancellationToken s_cancel = CancellationToken.None;
    private readonly string _home = Path.Combine(Path.GetTempPath(), $"crmledger-key-{Guid.CreateVersion7():N}");
    private LedgerDatabase _database = null!;
    private LedgerConnections _connections = null!;
    private MasterKey _first = null!;
    private TenantKeys _keys = null!;

    private string KeyFile => Path.Combine(_home, "master.key");

    public async Task InitializeAsync()
    {
        _connections = await PostgresCluster.NewLedgerAsync();
        _database = new(_connections);
        _first = await LoadAsync();
        _keys = await new TenantDirectory(_database, _first).FindOrCreateAsync(Tenant, s_cancel);
        await new TenantDirectory(_database, _first).FindOrCreateAsync("other", s_cancel);
    }

    public async Task DisposeAsync()
    {
        await _database.DisposeAsync();
        Directory.Delete(_home, recursive: true);
    }

    [Fact]
    public async Task All_that_the_old_key_wraps_is_wrapped_anew_and_it_opens_nothing_any_more()
    {
        string old = await File.ReadAllTextAsync(KeyFile);
        var before = await WrappedAsync();
        var replaced = await new MasterKeyRotation(_database, _first).RunAsync(null, s_cancel);

        (replaced.Number, replaced.TenantKeys, replaced.File).ShouldBe((2, 2, KeyFile));
        Directory.GetFiles(_home).ShouldBe([KeyFile]);
        File.GetUnixFileMode(KeyFile).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (await WrappedAsync()).Intersect(before).ShouldBeEmpty();
        (await File.ReadAllTextAsync(KeyFile)).ShouldNotBe(old);
        await OpensAsync(await LoadAsync());
        var refused = await Should.ThrowAsync<MasterKeyException>(() => LoadAsync(old.Trim()));
        refused.Message.ShouldContain("not this database's");
        refused.Message.ShouldContain("number 2, in force since ");
        await new MasterKeyRotation(_database, await LoadAsync()).RunAsync(null, s_cancel);
        var third = await LoadAsync();
        third.Number.ShouldBe(3);
        await OpensAsync(third);
    }

    [Theory]
    [InlineData("the new key lies beside the old one", false)]
    [InlineData("the database has the new key", true)]
    [InlineData("the database has the new key, and the old one is gone", true)]
    public async Task Wherever_it_ended_the_next_start_takes_the_key_that_the_database_knows(
        string ended, bool completed)
    {
        byte[] next = KeyWrap.NewKey();
        var rotation = new MasterKeyRotation(_database, _first);
        string old = await File.ReadAllTextAsync(KeyFile);
        if (completed)
            await rotation.WrapAnewAsync(MasterKey.Of(next), () => Keep(next), s_cancel);
        else
            Keep(next);
        if (ended.EndsWith("gone", StringComparison.Ordinal))
            File.Delete(KeyFile);

        var opened = await LoadAsync();

        opened.Settled!.Completed.ShouldBe(completed);
        opened.Settled.What.ShouldContain(completed ? "number 2, in force since" : "the new one was removed");
        await OpensAsync(opened);
        Directory.GetFiles(_home).ShouldBe([KeyFile]);
        (await File.ReadAllTextAsync(KeyFile)).ShouldBe(completed ? Convert.ToBase64String(next) + "\n" : old);
        (await LoadAsync()).Settled.ShouldBeNull();
    }

    [Fact]
    public async Task A_key_that_is_about_to_be_taken_is_removed_by_nobody()
    {
        byte[] next = KeyWrap.NewKey();
        using var go = new ManualResetEventSlim();
        var replacing = Task.Run(() => new MasterKeyRotation(_database, _first).WrapAnewAsync(MasterKey.Of(next), () =>
        {
            Keep(next);
            go.Wait(s_cancel);
        }, s_cancel));
        await Eventually.TrueAsync(() => Task.FromResult(File.Exists(KeyFile + ".next")), "it is on disk");
        var opening = LoadAsync();
        await Eventually.TrueAsync(IsSomebodyWaitingAsync, "who opens the folder waits for who replaces the key");
        go.Set();
        await replacing;

        var opened = await opening;
        opened.Settled!.Completed.ShouldBeTrue();
        await OpensAsync(opened);
        (await File.ReadAllTextAsync(KeyFile)).ShouldBe(Convert.ToBase64String(next) + "\n");
    }

    [Fact]
    public async Task Neither_of_two_strange_keys_is_removed()
    {
        await File.WriteAllTextAsync(KeyFile, Convert.ToBase64String(KeyWrap.NewKey()));
        Keep(KeyWrap.NewKey());
        await Should.ThrowAsync<MasterKeyException>(() => LoadAsync());
        Directory.GetFiles(_home).Length.ShouldBe(2);
    }

    [Fact]
    public async Task Of_several_who_replace_it_at_once_one_does_and_nothing_is_lost()
    {
        async Task<bool> ReplacesAsync()
        {
            try
            {
                await new MasterKeyRotation(_database, await LoadAsync()).RunAsync(null, s_cancel);
                return true;
            }
            catch (MasterKeyException)
            {
                return false;
            }
        }

        var done = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => ReplacesAsync()));

        done.ShouldContain(true);
        var opened = await LoadAsync();
        opened.Number.ShouldBe(1 + done.Count(d => d));
        await OpensAsync(opened);
        Directory.GetFiles(_home).ShouldBe([KeyFile]);
    }

    [Fact]
    public async Task Who_holds_the_old_key_looks_into_the_file_and_goes_on_with_the_new_one()
    {
        var beside = await LoadAsync();
        var following = await LoadAsync();
        await new MasterKeyRotation(_database, _first).RunAsync(null, s_cancel);

        await OpensAsync(beside);
        await new TenantDirectory(_database, beside).FindOrCreateAsync("new", s_cancel);
        (await MasterKeyCheck.FollowAsync(_database, following, s_cancel)).ShouldBeNull();
        following.Number.ShouldBe(2);
        await OpensAsync(await LoadAsync());
    }

    [Fact]
    public async Task Who_holds_the_old_key_alone_is_told_and_makes_no_tenant_that_could_not_be_opened()
    {
        string key = (await File.ReadAllTextAsync(KeyFile)).Trim();
        var elsewhere = await LoadAsync(key);
        await new MasterKeyRotation(_database, _first).RunAsync(null, s_cancel);

        (await Should.ThrowAsync<MasterKeyException>(() => OpensAsync(elsewhere))).Message.ShouldContain(
            "this process holds number 1, and the database has number 2. Stop it and start it again with number 2");
        (await MasterKeyCheck.FollowAsync(_database, elsewhere, s_cancel))!.ShouldContain("start it again");
        (await Should.ThrowAsync<MasterKeyException>(
            () => new TenantDirectory(_database, elsewhere).FindOrCreateAsync("new", s_cancel))).Message
            .ShouldContain("replaced at this moment");
        (await TenantDirectory.ListAsync(_database, s_cancel)).ShouldBe([Tenant, "other"]);
        (await Should.ThrowAsync<MasterKeyException>(
            () => new MasterKeyRotation(_database, elsewhere).RunAsync(KeyWrap.NewKey(), s_cancel))).Message
            .ShouldContain("not this database's");
        await new TenantDirectory(_database, await LoadAsync()).FindOrCreateAsync("new", s_cancel);
    }

    [Fact]
    public async Task A_server_with_the_old_key_serves_whom_it_knows_and_says_what_is_to_be_done()
    {
        string key = (await File.ReadAllTextAsync(KeyFile)).Trim();
        var server = new AlbaLedger { Master = await LoadAsync(key) };
        await server.ServeAsync(_connections);
        var known = await server.ClientAsync(Tenant);
        var unknown = await server.ClientAsync("other");
        (await RegisterAsync(known, "anna")).Status.ShouldBe(201);
        await new MasterKeyRotation(_database, _first).RunAsync(null, s_cancel);

        (await RegisterAsync(known, "bert")).Status.ShouldBe(201);
        (await known.GetAsync("/v1/customers/ref:anna/history")).Text("customer.name").ShouldBe("Name of anna");
        var refused = await RegisterAsync(unknown, "carl");
        (refused.Status, refused.Problem).ShouldBe((503, "unavailable"));
        refused.Text("detail")!.ShouldContain("start it again with the new one");
        var log = new KeptLog<MasterKeyWatcher>();
        using var watcher = new MasterKeyWatcher(_database, server.Master, log);
        await watcher.StartAsync(s_cancel);
        await Eventually.TrueAsync(() => Task.FromResult(log.Lines.Count > 0), "the operator is told");
        await watcher.StopAsync(s_cancel);
        log.Lines[0].ShouldContain("Stop it and start it again with number 2");
        known.Dispose();
        unknown.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task A_backup_from_before_is_refused_and_needs_the_key_of_its_time()
    {
        string old = (await File.ReadAllTextAsync(KeyFile)).Trim();
        await using var admin = NpgsqlDataSource.Create(await PostgresCluster.AdminOfAsync(_connections));
        string[] tables = ["tenant_keys", "master_key_check", "master_key_in_force"];
        async Task RunAsync(Func<string, string> sql)
        {
            foreach (string table in tables)
            {
                await using var command = admin.CreateCommand(
                    "set session_replication_role = replica; " + sql(table) + "; reset all");
                await command.ExecuteNonQueryAsync();
            }
        }
        await RunAsync(t => $"create table public.{t} as select * from ledger.{t}");
        await new MasterKeyRotation(_database, _first).RunAsync(null, s_cancel);
        await RunAsync(t => $"delete from ledger.{t}; insert into ledger.{t} select * from public.{t}");

        var refused = await Should.ThrowAsync<MasterKeyException>(() => LoadAsync());
        refused.Message.ShouldContain("not this database's");
        refused.Message.ShouldContain("number 1; a restored backup needs the one of its time");
        await OpensAsync(await LoadAsync(old));
    }

    [Fact]
    public async Task The_environments_key_is_replaced_by_one_that_is_given_and_by_no_other()
    {
        string key = (await File.ReadAllTextAsync(KeyFile)).Trim();
        var environments = await LoadAsync(key);
        byte[] next = KeyWrap.NewKey();
        (await Should.ThrowAsync<MasterKeyException>(
            () => new MasterKeyRotation(_database, environments).RunAsync(null, s_cancel))).Message
            .ShouldContain("--new-key-file");
        (await Should.ThrowAsync<MasterKeyException>(() => new MasterKeyRotation(_database, environments)
            .RunAsync(Convert.FromBase64String(key), s_cancel))).Message.ShouldContain("is the old one");

        (await new MasterKeyRotation(_database, environments).RunAsync(next, s_cancel)).File.ShouldBeNull();

        await OpensAsync(await LoadAsync(Convert.ToBase64String(next)));
        (await File.ReadAllTextAsync(KeyFile)).Trim().ShouldBe(key, "it is not the database's, and not touched");
    }

    private static Task<Answer> RegisterAsync(LedgerHttp http, string reference) =>
        http.PostAsync("/v1/customers", $$"""{"reference":"{{reference}}","name":"Name of {{reference}}"}""");

    private void Keep(byte[] next) => new MasterKeyFile(_home).WriteNext(next);

    private Task<MasterKey> LoadAsync(string? environment = null) =>
        MasterKeyCheck.LoadAsync(_database, _home, environment, s_cancel);

    /// <summary>A key opens both tenants, whose ids are what they were.</summary>
    private async Task OpensAsync(MasterKey master)
    {
        var directory = new TenantDirectory(_database, master);
        (await directory.FindAsync(Tenant, s_cancel))!.CustomerId("anna").ShouldBe(_keys.CustomerId("anna"));
        (await directory.FindAsync("other", s_cancel)).ShouldNotBeNull();
    }

    private async Task<bool> IsSomebodyWaitingAsync()
    {
        await using var admin = NpgsqlDataSource.Create(await PostgresCluster.AdminOfAsync(_connections));
        await using var waiting = admin.CreateCommand("""
            select count(*) > 0 from pg_stat_activity
            where wait_event_type = 'Lock' and query like '%master_key_in_force for update%'
              and datname = current_database()
            """);
        return await waiting.ExecuteScalarAsync() is true;
    }

    private async Task<List<string>> WrappedAsync()
    {
        await using var command = _database.Owner.CreateCommand("""
            select encode(wrapped, 'hex') from ledger.master_key_check
            union all select encode(wrapped_key, 'hex') from ledger.tenant_keys
            """);
        await using var reader = await command.ExecuteReaderAsync();
        var wrapped = new List<string>();
        while (await reader.ReadAsync())
            wrapped.Add(reader.GetString(0));
        return wrapped;
    }
}
