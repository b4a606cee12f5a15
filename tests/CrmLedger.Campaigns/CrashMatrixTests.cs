using System.Net.Http.Headers;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Checkpoints;
using CrmLedger.PostgresTests;
using CrmLedger.PostgresTests.Appending;
using CrmLedger.PostgresTests.Checkpoints;
using CrmLedger.PostgresTests.Embedded;
using CrmLedger.Transparency;
using Npgsql;
using Xunit.Abstractions;

namespace CrmLedger.Campaigns;

/// <summary>
/// A server is killed between every two durable steps of appending and signing; what was being committed fails, or is
/// committed and nobody learns it. A database that is set back afterwards is caught.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class CrashMatrixTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const string Tenant = "crash";
    private const int BulkEvents = 450; // more than go without COPY

    private readonly TemporaryHome _home = new();
    private readonly SeenRoots _seen = new();
    private readonly Dictionary<string, Acknowledged> _acknowledged = new(StringComparer.Ordinal);
    private LedgerConnections _connections = null!;
    private ServerProcess _server = null!;
    private HttpClient _http = null!;
    private string _admin = null!;
    private int _sent;

    private string Kept => Path.Combine(_home.Path, "checkpoints", $"{Tenant}.checkpoint");

    public async Task InitializeAsync()
    {
        _connections = await PostgresCluster.NewDatabaseAsync();
        _admin = await PostgresCluster.AdminOfAsync(_connections);
        _server = ServerProcess.On(_home, _connections);
        _http = new() { BaseAddress = _server.Url, Timeout = TimeSpan.FromSeconds(60) };
        _http.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Bearer", await _server.CreateKeyAsync(Tenant));
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
        _home.Dispose();
    }

    [SlowDiskFact]
    public async Task A_log_that_is_killed_between_any_two_durable_steps_never_forks_nor_has_two_roots_of_one_size()
    {
        var campaign = new Campaign("CrashMatrix", output);
        int rounds = Campaign.Size(small: 1, full: 40);
        await _server.StartAsync();
        await GoOnAsync();
        await OlderDatabase.BackUpAsync(_connections);
        string[] names = [];
        for (int round = 0; round < rounds; round++)
        {
            var points = Points(round);
            names = [.. points.Select(p => p.Point.Name)];
            campaign.Random.Shuffle(points);
            foreach (var (point, act) in points)
                await CrashAsync(point, act, campaign.Seed);
        }
        var rows = await WholeLog.CheckAsync(_connections, Tenant);
        await CheckSignedAsync(rows);
        await IsCaughtWhenSetBackAsync();
        campaign.Say("points", string.Join("; ", names));
        campaign.Say("roots", $"{_seen.Count:N0} different ones were seen outside, in the database and over HTTP");
        campaign.SayBound("crashes", rounds * names.Length);
        await campaign.WriteAsync("""
            A server is killed with SIGKILL between every two durable steps of making a log's key, of appending with its
            tiles (in one round trip and by COPY), of keeping a checkpoint outside the database, and of storing it
            inside: a transaction is held up within its COMMIT, the server killed, and the transaction then fails or is
            committed; of the file's steps the server is killed as it enters the next call. After each crash it starts
            again, takes what its client sends once more, and signs. Is a log ever forked, is anything acknowledged
            lost or doubled, are there ever two roots of one size, and is the database caught when it is set back?
            """);
    }

    /// <summary>Every point, with what brings a server there.</summary>
    private (CrashPoint Point, Func<Task> Act)[] Points(int round)
    {
        string Fresh(bool persists) => $"fresh-{round}-{(persists ? "kept" : "lost")}";
        string aside = Kept + ".new";
        IEnumerable<(CrashPoint, Func<Task>)> Commits(string what, string table, Func<bool, string> tenant,
            Func<bool, Task> act) => new[] { false, true }.Select(persists => (
                (CrashPoint)new CommitPoint($"{what} {(persists ? "was committed and not answered" : "failed")}",
                    _admin, table, tenant(persists), persists), (Func<Task>)(() => act(persists))));
        return
        [
            .. Commits("the log's key", "log_keys", Fresh, persists => _server.CreateKeyAsync(Fresh(persists))),
            .. Commits("an append", "mt_events", _ => Tenant, _ => AppendAsync()),
            .. Commits("an append by COPY", "mt_events", _ => Tenant, _ => AppendManyAsync()),
            .. Commits("the checkpoint inside", "checkpoints", _ => Tenant, _ => AppendAsync()),
            (new FilePoint("before the file beside the copy is made", "openat", aside), AppendAsync),
            (new FilePoint("it is made, not written", "p?write(64|v)?", aside), AppendAsync),
            (new FilePoint("it is written, not flushed", "f(data)?sync", aside), AppendAsync),
            (new FilePoint("it is flushed, not renamed", "rename.*", aside), AppendAsync),
            (new FilePoint("it is renamed, its folder not flushed", "f(data)?sync", Path.GetDirectoryName(Kept)!),
                AppendAsync),
        ];
    }

    private async Task CrashAsync(CrashPoint point, Func<Task> act, int seed)
    {
        await point.CrashAsync(_server, act);
        if (File.Exists(Kept))
            _seen.Add(SignedCheckpoint.Parse(await File.ReadAllBytesAsync(Kept)), $"{Kept} after {point.Name}");
        await _server.StartAsync();
        try
        {
            await GoOnAsync();
        }
        catch (Exception stuck)
        {
            throw new InvalidOperationException(
                $"After '{point.Name}' (seed {seed}) the log does not go on. {_server.LastLines}", stuck);
        }
    }

    /// <summary>What was sent and not answered is sent again, something new added, and all of it signed.</summary>
    private async Task GoOnAsync()
    {
        for (int i = 1; i <= _sent; i++)
        {
            if (!_acknowledged.ContainsKey(IdOf(i)))
                await AppendAsync(i);
        }
        await AppendAsync();
        long size = _acknowledged.Values.Max(a => a.Position) + 1;
        using var log = new PublishedLog(_server.Url, Tenant);
        await Eventually.TrueAsync(async () =>
        {
            var signed = await log.CheckpointAsync();
            _seen.Add(signed, "what is published");
            signed.Check(await log.PolicyAsync()).ShouldBeNull();
            return signed.Checkpoint.Size >= size;
        }, $"size {size} is never signed");
    }

    private static string IdOf(int number) => $"e{number}";

    private Task AppendAsync() => AppendAsync(++_sent);

    private async Task AppendAsync(int number)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/customers")
        {
            Content = new StringContent($$"""{"reference":"c{{number}}","name":"A"}""", Encoding.UTF8,
                "application/json"),
        };
        request.Headers.Add("ce-source", "matrix");
        request.Headers.Add("ce-id", IdOf(number));
        using var answer = await _http.SendAsync(request);
        string text = await answer.Content.ReadAsStringAsync();
        answer.IsSuccessStatusCode.ShouldBeTrue(text);
        _acknowledged.Add(IdOf(number), Acknowledged.In(JsonDocument.Parse(text).RootElement));
    }

    /// <summary>Many at once; what becomes of them the oracle of the log tells.</summary>
    private async Task AppendManyAsync()
    {
        string run = Guid.CreateVersion7().ToString("N");
        var lines = Enumerable.Range(0, BulkEvents).Select(i =>
            $$$"""
            {"specversion":"1.0","id":"{{{run}}}-{{{i}}}","source":"bulk","type":"customer_registered",
            """ + $$$"""
            "subject":"customer/{{{run}}}-{{{i}}}","data":{"reference":"{{{run}}}-{{{i}}}","name":"A"}}
            """);
        using var content = new StringContent(string.Join('\n', lines), Encoding.UTF8, "application/jsonl");
        using var answer = await _http.PostAsync("/v1/events?atomic=true", content);
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
    }

    private async Task CheckSignedAsync(IReadOnlyList<LogRow> rows)
    {
        var byId = rows.ToDictionary(r => r.Event.Id, r => r.Event);
        foreach (var told in _acknowledged.Values)
        {
            var stored = byId[told.Id];
            (stored.Stream, stored.Version, stored.Position).ShouldBe((told.Stream, told.Version, told.Position));
        }
        (rows.Count(r => r.Event.Stream.StartsWith("customer-", StringComparison.Ordinal)) - _acknowledged.Count)
            .ShouldSatisfyAllConditions(
                bulk => (bulk % BulkEvents).ShouldBe(0, "what is sent at once is recorded whole or not at all"),
                bulk => bulk.ShouldBeGreaterThan(0));
        await using var source = NpgsqlDataSource.Create(_admin);
        await using var select = source.CreateCommand("select note from ledger.checkpoints where tenant_id = $1");
        select.Parameters.Add(new() { Value = Tenant });
        await using (var notes = await select.ExecuteReaderAsync())
        {
            while (await notes.ReadAsync())
                _seen.Add(SignedCheckpoint.Parse(notes.GetFieldValue<byte[]>(0)), "the database");
        }
        var kept = new OutsideCopy(Path.GetDirectoryName(Kept)).Read(Tenant)!;
        _seen.Add(kept, Kept);
        _seen.ShouldLeadTo(kept.Checkpoint.Origin, [.. rows.Select(r => r.Event.LeafHash)]);
    }

    /// <summary>The database as it was before all this takes nothing, for its end was signed.</summary>
    private async Task IsCaughtWhenSetBackAsync()
    {
        await _server.KillAsync();
        await OlderDatabase.RestoreAsync(_connections);
        await _server.StartAsync();
        using var answer = await _http.PostAsync("/v1/customers", new StringContent(
            """{"reference":"late","name":"A"}""", Encoding.UTF8, "application/json"));
        ((int)answer.StatusCode).ShouldBe(503);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("log_stopped");
    }
}
