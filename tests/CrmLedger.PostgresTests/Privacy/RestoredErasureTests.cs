using System.Runtime.Versioning;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Checkpoints;
using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Tenants;
using CrmLedger.PostgresTests.Checkpoints;
using CrmLedger.PostgresTests.Appending;
using CrmLedger.PostgresTests.Http;
using Npgsql;

namespace CrmLedger.PostgresTests.Privacy;

/// <summary>A database restored from before an erasure, while the data folder is the server's own still.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class RestoredErasureTests : IAsyncLifetime
{
    /// <summary>What a backup of the whole database brings back beside the log.</summary>
    private static readonly string[] s_more =
        ["subject_keys", "erased_subjects", "views", "view_rows", "quarantine"];

    private readonly string _folder = Path.Combine(
        Path.GetTempPath(), $"crmledger-erasures-{Guid.CreateVersion7():N}");
    private AlbaLedger _ledger = null!;
    private LedgerHttp _http = null!;

    public async Task InitializeAsync()
    {
        _ledger = new() { CheckpointFolder = _folder };
        await _ledger.InitializeAsync();
        _http = await _ledger.ClientAsync("t", Scopes.Admin);
        foreach (string reference in new[] { "anna", "bert" })
            (await RegisterAsync(reference)).Status.ShouldBe(201);
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _ledger.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Who_was_erased_stays_so_in_an_older_database_and_the_log_is_told_again_once_it_goes_on()
    {
        await BackUpAsync();
        (await RegisterAsync("carl")).Status.ShouldBe(201);
        await EraseAsync("anna");
        await EraseAsync("carl");
        await UntilAsync(() => Task.FromResult(new OutsideCopy(_folder).Read("t")?.Checkpoint.Size == 5));
        await RestartAsync(RestoreAsync);

        // The log is read-only: it is behind what was signed.
        (await NameAsync("anna")).ShouldBe("[erased]");
        (await NameAsync("bert")).ShouldBe("Name of bert");
        (await CountAsync("subject_keys")).ShouldBe(1);
        (await CountAsync("mt_events")).ShouldBe(2);
        (await _http.PostAsync("/v1/customers/ref:anna/correct-details", """{"name":"Anna"}""")).Problem
            .ShouldBe("customer_erased");

        await DeclareOriginAsync();
        await TypesAsync("anna", ["customer_registered", "customer_erased"]);
        await TypesAsync("carl", ["customer_erased"]);
        (await _http.GetAsync("/v1/customers/ref:anna/history")).Items("events")[1].Text("data.basis")
            .ShouldBe("Asked by anna");
        (await RegisterAsync("carl")).Problem.ShouldBe("customer_erased");
        (await RegisterAsync("dora")).Status.ShouldBe(201);
        foreach (string view in new[] { "directory", "relationships", "touchpoints" })
        {
            var check = await _http.PostAsync($"/v1/views/{view}/check-consistency", "");
            check.Number("differences").ShouldBe(0, check.Text);
        }
        var status = await _http.GetAsync("/v1/status");
        status.Items("views").ShouldAllBe(v => v.GetProperty("quarantined").GetArrayLength() == 0, status.Text);
        await WholeLog.CheckAsync(_ledger.Connections, "t");
    }

    [Fact]
    public async Task A_server_that_runs_on_while_its_database_is_set_back_keeps_them_erased_too()
    {
        await BackUpAsync();
        await EraseAsync("anna");
        await RestoreAsync();
        await UntilAsync(async () => await CountAsync("subject_keys") == 1);
        (await NameAsync("anna")).ShouldBe("[erased]");
    }

    [Fact]
    public async Task Keys_that_come_back_alone_are_destroyed_before_the_server_answers()
    {
        await BackUpAsync();
        await EraseAsync("anna");
        await RestartAsync(() => AsSuperuserAsync(
            "delete from ledger.subject_keys; insert into ledger.subject_keys select * from older.subject_keys"));
        (await NameAsync("anna")).ShouldBe("[erased]");
        (await CountAsync("subject_keys")).ShouldBe(1);
        await TypesAsync("anna", ["customer_registered", "customer_erased"]);
    }

    [Fact]
    public async Task An_erasure_that_the_journal_missed_is_added_by_the_next_start()
    {
        await EraseAsync("anna");
        string journal = Path.Combine(_folder, "t.erasures");
        string whole = await File.ReadAllTextAsync(journal);
        await RestartAsync(() =>
        {
            File.Delete(journal);
            return Task.CompletedTask;
        });
        (await File.ReadAllTextAsync(journal)).ShouldBe(whole);
    }

    [Fact]
    public void A_line_that_was_cut_off_is_written_anew_and_one_that_was_altered_is_refused()
    {
        ErasedSubject[] erased =
        [
            .. Enumerable.Range(0, 3).Select(i => new ErasedSubject(
                Guid.CreateVersion7(), DateTimeOffset.UnixEpoch.AddDays(i), $"asked\n{i}")),
        ];
        string file = Path.Combine(_folder, "j.erasures");
        new ErasureJournal(_folder).Add("j", erased[..2]);
        string whole = File.ReadAllText(file);
        for (int cut = whole.IndexOf('\n') + 1; cut < whole.Length; cut++)
        {
            File.WriteAllText(file, whole[..cut]);
            var journal = new ErasureJournal(_folder);
            journal.Read("j").ShouldBe(erased[..1]);
            journal.Add("j", erased);
            journal.Read("j").ShouldBe(erased);
            new ErasureJournal(_folder).Read("j").ShouldBe(erased);
        }
        File.WriteAllText(file, whole.Insert(3, "x"));
        Should.Throw<FormatException>(() => new ErasureJournal(_folder).Read("j")).Message
            .ShouldContain("Line 1 of");
        File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        new ErasureJournal(null).Read("j").ShouldBeEmpty();
    }

    private Task<Answer> RegisterAsync(string reference) =>
        _http.PostAsync("/v1/customers", $$"""{"reference":"{{reference}}","name":"Name of {{reference}}"}""");

    private async Task EraseAsync(string reference)
    {
        var answer = await _http.PostAsync(
            $"/v1/customers/ref:{reference}/erase", $$"""{"reason":"Asked by {{reference}}"}""");
        answer.Status.ShouldBe(200, answer.Text);
        // Acknowledged means that the journal has it.
        string id = answer.Text("customerId")!;
        (await File.ReadAllLinesAsync(Path.Combine(_folder, "t.erasures"))).ShouldContain(l => l.Contains(id));
    }

    private async Task<string?> NameAsync(string reference) =>
        (await _http.GetAsync($"/v1/customers/ref:{reference}/history")).Text("customer.name");

    private Task TypesAsync(string reference, string[] expected) => UntilAsync(async () =>
    {
        var history = await _http.GetAsync($"/v1/customers/ref:{reference}/history");
        return history.Status == 200 && history.Items("events").Select(e => e.Text("type")).SequenceEqual(expected);
    });

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (int i = 0; !await holds(); i++)
        {
            i.ShouldBeLessThan(300);
            await Task.Delay(50);
        }
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

    private async Task DeclareOriginAsync()
    {
        await using var database = new LedgerDatabase(_ledger.Connections);
        var keys = await new TenantDirectory(database, _ledger.Master).FindAsync("t", CancellationToken.None);
        await new LogKeys(database).DeclareOriginAsync(
            keys!, new(_folder), "restored an older copy", CancellationToken.None);
    }

    private Task BackUpAsync() => OlderDatabase.BackUpAsync(_ledger.Connections, s_more);

    private Task RestoreAsync() => OlderDatabase.RestoreAsync(_ledger.Connections, s_more);

    private async Task<long> CountAsync(string table)
    {
        await using var admin = NpgsqlDataSource.Create(await PostgresCluster.AdminOfAsync(_ledger.Connections));
        await using var count = admin.CreateCommand($"select count(*) from ledger.{table}");
        return (long)(await count.ExecuteScalarAsync())!;
    }

    private Task AsSuperuserAsync(string sql) => OlderDatabase.ChangeAsync(_ledger.Connections, sql);
}
