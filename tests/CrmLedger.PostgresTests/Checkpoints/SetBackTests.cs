using CrmLedger.EventStore;
using CrmLedger.EventStore.Checkpoints;
using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Tenants;
using CrmLedger.Transparency;

namespace CrmLedger.PostgresTests.Checkpoints;

/// <summary>
/// A database that is set back or changed behind the server's back, by its superuser, while the last checkpoint is kept
/// in the data folder.
/// </summary>
public sealed class SetBackTests : IAsyncLifetime
{
    private readonly string _folder = Path.Combine(
        Path.GetTempPath(), $"crmledger-checkpoints-{Guid.CreateVersion7():N}");
    private AlbaLedger _ledger = null!;
    private LedgerHttp _http = null!;

    public async Task InitializeAsync()
    {
        _ledger = new() { CheckpointFolder = _folder };
        await _ledger.InitializeAsync();
        _http = await _ledger.ClientAsync("t");
        for (int i = 0; i < 5; i++)
        {
            var answer = await RegisterAsync($"c{i}");
            answer.Status.ShouldBe(201, answer.Text);
        }
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _ledger.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_restored_older_database_is_caught_before_it_takes_a_write_and_a_new_origin_is_the_way_out()
    {
        await SignedAsync(5);
        await BackUpAsync();
        (await RegisterAsync("lost")).Status.ShouldBe(201);
        string old = (await SignedAsync(6)).Checkpoint.Origin;
        await RestartAsync(RestoreAsync);

        var refused = await RegisterAsync("new");
        (refused.Status, refused.Problem).ShouldBe((503, "log_stopped"), refused.Text);
        refused.Text.ShouldContain("new-origin");
        (await _http.GetAsync("/v1/customers/ref:c1/history")).Status.ShouldBe(200);
        (await _http.GetAsync("/v1/customers/ref:lost/history")).Status.ShouldBe(404);

        await DeclareOriginAsync();
        await GoesOnAsync();
        var signed = await SignedAsync(6);
        signed.Checkpoint.Origin.ShouldNotBe(old);
        using var log = new PublishedLog(_ledger.Connect(), "t");
        signed.Check(await log.PolicyAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task A_database_that_has_never_heard_of_the_log_goes_on_under_a_new_origin()
    {
        await SignedAsync(5);
        await RestartAsync(() => AsSuperuserAsync("delete from ledger.log_keys; delete from ledger.checkpoints"));
        var refused = await RegisterAsync("new");
        (refused.Status, refused.Problem).ShouldBe((503, "log_stopped"), refused.Text);
        await DeclareOriginAsync();
        await GoesOnAsync();
        await SignedAsync(6);
        await RestartAsync(() => Task.CompletedTask);
        (await RegisterAsync("later")).Status.ShouldBe(201);
    }

    [Fact]
    public async Task A_server_that_runs_on_takes_nothing_into_a_database_that_was_set_back_under_it()
    {
        await BackUpAsync();
        for (int i = 0; i < 3; i++)
            (await RegisterAsync($"lost{i}")).Status.ShouldBe(201);
        await SignedAsync(8);
        await RestoreAsync();
        int taken = 0;
        for (int i = 0; i < 20; i++)
            taken += (await RegisterAsync($"new{i}")).Status == 201 ? 1 : 0;
        taken.ShouldBe(0);
    }

    [Theory]
    [InlineData("update ledger.tile_edges set hashes = overlay(hashes placing sha256('x') from 65 for 32) "
        + "where level = 0")]
    [InlineData("update ledger.heads set root = sha256('x')")]
    [InlineData("update ledger.tile_edges set hashes = substring(hashes from 1 for 128) where level = 0")]
    [InlineData("delete from ledger.tile_edges")]
    [InlineData("update ledger.checkpoints set note = convert_to('nothing', 'UTF8')")]
    [InlineData("update ledger.checkpoints set note = overlay(note placing convert_to('9', 'UTF8') from 3 for 1)")]
    [InlineData("delete from ledger.log_keys; delete from ledger.checkpoints")]
    [InlineData("update ledger.heads set size = 4, root = sha256('x'); delete from ledger.checkpoints")]
    public async Task A_log_that_was_altered_takes_nothing(string tampering)
    {
        await SignedAsync(5);
        await RestartAsync(() => AsSuperuserAsync(tampering));
        var refused = await RegisterAsync("new");
        (refused.Status, refused.Problem).ShouldBe((503, "log_stopped"), refused.Text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not a checkpoint")]
    public async Task A_damaged_copy_outside_stops_the_log_until_somebody_has_looked(string content)
    {
        await SignedAsync(5);
        string file = Path.Combine(_folder, "t.checkpoint");
        string whole = await File.ReadAllTextAsync(file);
        await RestartAsync(() => File.WriteAllTextAsync(file, content));
        (await RegisterAsync("new")).Problem.ShouldBe("log_stopped");
        await File.WriteAllTextAsync(file, whole);
        await GoesOnAsync();
    }

    [Fact]
    public async Task A_new_origin_sets_a_damaged_copy_aside()
    {
        await SignedAsync(5);
        await RestartAsync(() => File.WriteAllTextAsync(Path.Combine(_folder, "t.checkpoint"), "damaged"));
        (await RegisterAsync("new")).Problem.ShouldBe("log_stopped");
        await DeclareOriginAsync();
        await GoesOnAsync();
        await SignedAsync(6);
        (await File.ReadAllTextAsync(Directory.GetFiles(_folder, "t.checkpoint.damaged-*").ShouldHaveSingleItem()))
            .ShouldBe("damaged");
    }

    [Fact]
    public async Task A_server_that_was_away_while_another_one_recorded_goes_on()
    {
        await SignedAsync(5);
        var elsewhere = await _ledger.BesideAsync();
        using (var other = await elsewhere.ClientAsync("t"))
            (await other.PostAsync("/v1/customers", """{"name":"Elsewhere"}""")).Status.ShouldBe(201);
        await elsewhere.DisposeAsync();
        (await RegisterAsync("new")).Status.ShouldBe(201);
        await SignedAsync(7);
    }

    [Fact]
    public async Task What_a_replaced_key_has_signed_stays_signed()
    {
        var before = await SignedAsync(5);
        var keys = await KeysAsync();
        await using (var database = new LedgerDatabase(_ledger.Connections))
            await new LogKeys(database).RotateAsync(keys, "yearly", CancellationToken.None);
        (await RegisterAsync("new")).Status.ShouldBe(201);
        var after = await SignedAsync(6);
        after.Checkpoint.Origin.ShouldBe(before.Checkpoint.Origin);
        using var log = new PublishedLog(_ledger.Connect(), "t");
        var policy = await log.PolicyAsync();
        before.Check(policy).ShouldBeNull();
        after.Check(policy).ShouldBeNull();
        after.Note.Signatures[0].KeyId.ShouldNotBe(before.Note.Signatures[0].KeyId);
    }

    private Task<Answer> RegisterAsync(string reference) =>
        _http.PostAsync("/v1/customers", $$"""{"reference":"{{reference}}","name":"Name of {{reference}}"}""");

    /// <summary>The checkpoint of a size, once it is kept outside.</summary>
    private async Task<SignedCheckpoint> SignedAsync(long size)
    {
        var copy = new OutsideCopy(_folder);
        for (int i = 0; i < 200; i++)
        {
            if (copy.Read("t") is { } kept && kept.Checkpoint.Size == size)
                return kept;
            await Task.Delay(50);
        }
        throw new TimeoutException($"Size {size} is not signed: {copy.Read("t")?.Checkpoint.Size}.");
    }

    private async Task GoesOnAsync()
    {
        var seen = new List<string>();
        for (int i = 0; i < 100; i++)
        {
            var answer = await RegisterAsync("on");
            if (answer.Status == 201)
                return;
            if (seen.LastOrDefault() != answer.Text)
                seen.Add(answer.Text);
            await Task.Delay(50);
        }
        throw new TimeoutException($"The log does not go on: {string.Join('\n', seen)}");
    }

    private async Task RestartAsync(Func<Task> meanwhile)
    {
        await _ledger.DisposeAsync();
        await meanwhile();
        await _ledger.RestartAsync();
        string key = _http.Key;
        _http.Dispose();
        _http = _ledger.ClientOf(key);
    }

    private async Task<TenantKeys> KeysAsync()
    {
        await using var database = new LedgerDatabase(_ledger.Connections);
        return (await new TenantDirectory(database, _ledger.Master).FindAsync("t", CancellationToken.None))!;
    }

    private async Task DeclareOriginAsync()
    {
        var keys = await KeysAsync();
        await using var database = new LedgerDatabase(_ledger.Connections);
        await new LogKeys(database).DeclareOriginAsync(
            keys, new(_folder), "restored an older copy", CancellationToken.None);
    }

    private Task BackUpAsync() => OlderDatabase.BackUpAsync(_ledger.Connections);

    private Task RestoreAsync() => OlderDatabase.RestoreAsync(_ledger.Connections);

    private Task AsSuperuserAsync(string sql) => OlderDatabase.ChangeAsync(_ledger.Connections, sql);
}
