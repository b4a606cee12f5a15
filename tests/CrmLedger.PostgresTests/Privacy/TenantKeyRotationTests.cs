using CrmLedger.EventStore;
using CrmLedger.EventStore.Checkpoints;
using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Tenants;
using CrmLedger.PostgresTests.Http;
using Npgsql;

namespace CrmLedger.PostgresTests.Privacy;

/// <summary>A tenant's key is replaced while two servers go on, which are told nothing.</summary>
public sealed class TenantKeyRotationTests(AlbaLedger ledger) : AlbaTest(ledger)
{
    private static readonly CancellationToken s_cancel = CancellationToken.None;
    private LedgerDatabase _database = null!;
    private RunningLedger _other = null!;
    private LedgerHttp _there = null!;
    private int _registered;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _database = new(Ledger.Connections);
        _other = await Ledger.BesideAsync();
        _there = _other.ClientOf(Http.Key);
    }

    public override async Task DisposeAsync()
    {
        _there.Dispose();
        await _other.DisposeAsync();
        await _database.DisposeAsync();
        await base.DisposeAsync();
    }

    private TenantDirectory Directory => new(_database, Ledger.Master);

    private TenantKeyRotation Rotation => new(_database, Directory) { PieceKeys = 3 };

    [Fact]
    public async Task Servers_read_and_write_without_a_failure_while_the_key_is_replaced_again_and_again()
    {
        const int times = 6;
        await RegisterAsync("first");
        var before = await WrappedAsync();
        using var enough = new CancellationTokenSource();
        var working = Enumerable.Range(0, 4)
            .Select(i => WorkAsync(i % 2 == 0 ? Http : _there, i, enough.Token)).ToList();
        for (int round = 1; round <= times || Volatile.Read(ref _registered) < 40; round++)
        {
            var replaced = (await Rotation.RunAsync(Tenant, null, s_cancel))!;
            (replaced.KeyNumber, replaced.Continued, replaced.Unopened.Count).ShouldBe((round + 1, false, 0));
            (await KeyNumbersAsync()).ShouldBe([round + 1]);
        }
        await enough.CancelAsync();
        string[] references = [.. (await Task.WhenAll(working)).SelectMany(r => r), "first"];
        await ReadableEverywhereAsync(references);
        (await WrappedAsync()).Intersect(before).ShouldBeEmpty("nothing stands there as it was wrapped before");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100)]
    public async Task Interrupted_after_any_step_everything_can_be_read_and_the_next_time_completes_it(int pieces)
    {
        var references = Enumerable.Range(0, 8).Select(i => $"c{i}").ToList();
        foreach (string reference in references)
            await RegisterAsync(reference);
        var keys = (await Directory.FindAsync(Tenant, s_cancel))!;
        var id = keys.CustomerId("c0");
        await Rotation.BeginAsync(keys, s_cancel);
        Guid? after = Guid.Empty;
        for (int piece = 0; piece < pieces && after is { } at; piece++)
            (after, _) = await Rotation.WrapPieceAsync(keys, at, [], s_cancel);

        (await KeyNumbersAsync()).ShouldBe([1, 2]);
        await ReadableEverywhereAsync(references);
        foreach (var http in new[] { Http, _there })
            references.Add(await RegisterAtAsync(http, $"late{references.Count}"));
        var replaced = (await Rotation.RunAsync(Tenant, null, s_cancel))!;
        (replaced.KeyNumber, replaced.Continued).ShouldBe((2, true));
        (await KeyNumbersAsync()).ShouldBe([2]);
        foreach (var http in new[] { Http, _there })
            references.Add(await RegisterAtAsync(http, $"later{references.Count}"));
        await ReadableEverywhereAsync(references);
        (await Directory.FindAsync(Tenant, s_cancel))!.CustomerId("c0").ShouldBe(id);
    }

    [Fact]
    public async Task A_server_that_has_slept_through_two_replacements_writes_with_the_key_that_is_there()
    {
        await RegisterAsync("anna");
        await _there.GetAsync("/v1/customers/ref:anna/history");
        var stale = (await Directory.FindAsync(Tenant, s_cancel))!;
        await Rotation.RunAsync(Tenant, null, s_cancel);
        await Rotation.RunAsync(Tenant, null, s_cancel);

        var references = Enumerable.Range(0, 450).Select(i => $"bulk{i}").ToList();
        await AppendAsync(references.Select(r => CloudEvent(
            r, "customer_registered", $"customer/{r}", new { name = $"Name of {r}" })));
        (await LogAsync()).Count.ShouldBe(451);
        await RegisterAtAsync(_there, "bert");
        var signer = await new LogKeys(_database).RotateAsync(stale, "yearly", s_cancel);
        signer.Signer.Verifier.ToString().ShouldBe(
            (await new LogKeys(_database).ListAsync((await Directory.FindAsync(Tenant, s_cancel))!, s_cancel))[^1]
            .Signer.Verifier.ToString());
        await ReadableEverywhereAsync(["anna", "bert", .. references.Take(20)]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_is_being_erased_meanwhile_is_waited_for_at_the_end_alone_and_stays_erased(bool erased)
    {
        string[] others = ["bert", "carl", "dora", "emil"];
        foreach (string reference in others.Append("anna"))
            await RegisterAsync(reference);
        var anna = (await Directory.FindAsync(Tenant, s_cancel))!.CustomerId("anna");
        await using var admin = NpgsqlDataSource.Create(await PostgresCluster.AdminOfAsync(Ledger.Connections));
        await using var connection = await admin.OpenConnectionAsync();
        await using var erasing = await connection.BeginTransactionAsync();
        await using (var erase = new NpgsqlCommand(
            "insert into ledger.erased_subjects values ($1, $2, now(), 'asked')", connection))
        {
            erase.Parameters.Add(new() { Value = Tenant });
            erase.Parameters.Add(new() { Value = anna });
            await erase.ExecuteNonQueryAsync();
        }
        var rotating = Rotation.RunAsync(Tenant, null, s_cancel);
        await EventuallyAsync(async () => (long)(await ScalarAsync(admin, """
            select count(*) from pg_stat_activity
            where wait_event_type = 'Lock' and query like '%delete from ledger.tenant_keys%'
              and datname = current_database()
            """))!, waiting => waiting == 1);
        if (erased)
            await erasing.CommitAsync();
        else
            await erasing.RollbackAsync();

        (await rotating)!.Unopened.ShouldBeEmpty();
        (await KeyNumbersAsync()).ShouldBe([2]);
        await ReadableEverywhereAsync(others);
        (await ReadAsync("/v1/customers/ref:anna/history")).Text("customer.name")
            .ShouldBe(erased ? "[erased]" : "Name of anna");
        (await ScalarAsync(admin, $"select count(*) from ledger.subject_keys where subject_id = '{anna}'"))
            .ShouldBe(erased ? 0L : 1L);
    }

    [Fact]
    public async Task What_the_old_key_does_not_open_keeps_it_until_somebody_has_looked()
    {
        foreach (string reference in new[] { "anna", "bert" })
            await RegisterAsync(reference);
        var anna = (await Directory.FindAsync(Tenant, s_cancel))!.CustomerId("anna");
        await using var admin = NpgsqlDataSource.Create(await PostgresCluster.AdminOfAsync(Ledger.Connections));
        await ScalarAsync(admin, $"update ledger.subject_keys set wrapped_key = '\\x00' where subject_id = '{anna}'");

        (await Rotation.RunAsync(Tenant, null, s_cancel))!.Unopened.ShouldBe([$"key of subject {anna:D}"]);
        (await KeyNumbersAsync()).ShouldBe([1, 2]);
        await ReadableEverywhereAsync(["bert"]);
        await ScalarAsync(admin, $"delete from ledger.subject_keys where subject_id = '{anna}'");
        (await Rotation.RunAsync(Tenant, null, s_cancel))!.Continued.ShouldBeTrue();
        (await KeyNumbersAsync()).ShouldBe([2]);
        (await Rotation.RunAsync("nobody", null, s_cancel)).ShouldBeNull();
    }

    /// <summary>Registers people and reads them, through one server, until it is told to stop.</summary>
    private async Task<List<string>> WorkAsync(LedgerHttp http, int worker, CancellationToken enough)
    {
        var references = new List<string>();
        while (!enough.IsCancellationRequested)
        {
            references.Add(await RegisterAtAsync(http, $"w{worker}-{references.Count}"));
            var answer = await http.PostAsync($"/v1/customers/ref:{references[^1]}/consents",
                """{"purpose":"news","given":true}""");
            answer.Status.ShouldBe(200, answer.Text);
            await ReadableAsync(http, references[references.Count / 2]);
            Interlocked.Increment(ref _registered);
        }
        return references;
    }

    private static async Task<string> RegisterAtAsync(LedgerHttp http, string reference)
    {
        var answer = await http.PostAsync("/v1/customers", Json(new { reference, name = $"Name of {reference}" }));
        answer.Status.ShouldBe(201, answer.Text);
        return reference;
    }

    private static async Task ReadableAsync(LedgerHttp http, string reference)
    {
        var answer = await http.GetAsync($"/v1/customers/ref:{reference}/history");
        answer.Text("customer.name").ShouldBe($"Name of {reference}", answer.Text);
    }

    /// <summary>Both servers read them, and one that has just been started.</summary>
    private async Task ReadableEverywhereAsync(IReadOnlyCollection<string> references)
    {
        await using var started = new StartedServer(await Ledger.BesideAsync());
        using var fresh = started.Server.ClientOf(Http.Key);
        foreach (string reference in references)
        {
            foreach (var http in new[] { Http, _there, fresh })
                await ReadableAsync(http, reference);
        }
        var checkpoint = await fresh.GetAsync($"/log/{Tenant}/checkpoint");
        checkpoint.Status.ShouldBe(200, checkpoint.Text);
    }

    private sealed record StartedServer(RunningLedger Server) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await Server.DisposeAsync();
    }

    private Task<List<int>> KeyNumbersAsync() => _database.QueryAsync(
        Tenant, "select number from ledger.tenant_keys order by 1", r => r.GetInt32(0), s_cancel);

    /// <summary>Everything that the tenant's key wraps, and the key itself, as it is stored.</summary>
    private Task<List<string>> WrappedAsync() => _database.QueryAsync(Tenant, """
        select encode(wrapped_key, 'hex') from ledger.subject_keys
        union all select encode(wrapped_seed, 'hex') from ledger.log_keys
        union all select encode(k, 'hex') from ledger.tenant_keys, unnest(array[wrapped_key, wrapped_index_key]) as k
        """, r => r.GetString(0), s_cancel);

    private static async Task<object?> ScalarAsync(NpgsqlDataSource admin, string sql)
    {
        await using var command = admin.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
