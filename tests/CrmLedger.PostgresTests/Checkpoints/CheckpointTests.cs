using System.Diagnostics;
using System.Net;
using CrmLedger.PostgresTests.Http;
using CrmLedger.PostgresTests.Imports;
using CrmLedger.Transparency;
using ExitCode = CrmLedger.Cli.ExitCode;

namespace CrmLedger.PostgresTests.Checkpoints;

/// <summary>What a log signs, and what it publishes so that others can check it.</summary>
public sealed class CheckpointTests(RunningLedger ledger) : LedgerTest(ledger), IClassFixture<RunningLedger>
{
    private PublishedLog _log = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _log = new(Ledger.Url, Tenant);
    }

    public override async Task DisposeAsync()
    {
        _log.Dispose();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task Whatever_is_recorded_is_signed_within_two_seconds_and_every_checkpoint_continues_the_last()
    {
        var policy = await _log.PolicyAsync();
        var last = await _log.CheckpointAsync();
        last.Check(policy).ShouldBeNull();
        var sizes = new HashSet<long>();
        for (int i = 0; i < 20; i++)
        {
            await RegisterAsync($"c{i}");
            long started = Stopwatch.GetTimestamp();
            // What the background work has signed, not what asking signs.
            await EventuallyAsync(SignedSizeAsync, size => size > LastPosition);
            Stopwatch.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(2));
            var now = await _log.CheckpointAsync();
            now.CheckExtends(last, await ProofAsync(last.Checkpoint.Size, now.Checkpoint.Size), policy).ShouldBeNull();
            sizes.Add(now.Checkpoint.Size);
            last = now;
        }
        last.Checkpoint.Size.ShouldBe(20);
        sizes.Count.ShouldBeGreaterThan(10);
    }

    [Fact]
    public async Task The_tiles_lead_from_the_events_to_the_signed_root()
    {
        await AppendAsync(Enumerable.Range(0, 600).Select(
            i => CloudEvent($"{i}", "customer_registered", $"customer/c-{i}", new { name = $"Customer {i}" })));
        var leaves = (await LogAsync()).Select(e => Convert.FromBase64String(e.Text("leafHash")!)).ToList();
        var checkpoint = (await _log.CheckpointAsync()).Checkpoint;
        checkpoint.Size.ShouldBe(600);
        checkpoint.Root.ShouldBe(MerkleTree.Root(leaves));
        byte[] published =
        [
            .. await _log.TileAsync(0, 0, 256), .. await _log.TileAsync(0, 1, 256), .. await _log.TileAsync(0, 2, 88),
        ];
        published.ShouldBe(leaves.SelectMany(l => l));
        TileTree.Root(2, (_, _) => _log.TileAsync(1, 0, 2).Result).ShouldBe(
            MerkleTree.HashNode(MerkleTree.Root(leaves[..256]), MerkleTree.Root(leaves[256..512])));

        using var tile = await _log.GetAsync("tile/0/000");
        tile.Headers.CacheControl!.ToString().ShouldContain("immutable");
        using var changing = await _log.GetAsync("checkpoint");
        changing.Headers.CacheControl!.NoCache.ShouldBeTrue();
    }

    [Theory]
    [InlineData("tile/0/002")]
    [InlineData("tile/0/002.p/89")]
    [InlineData("tile/0/000.p/0")]
    [InlineData("tile/0/000.p/256")]
    [InlineData("tile/0/000.p/01")]
    [InlineData("tile/0/0")]
    [InlineData("tile/0/x000/000")]
    [InlineData("tile/0/000/000")]
    [InlineData("tile/0/x999/x999/x999/x999/x999/x999/x999/000")]
    [InlineData("tile/0/-01")]
    [InlineData("tile/64/000")]
    [InlineData("tile/0/000.p/../checkpoint")]
    public async Task A_tile_that_is_not_there_is_not_found(string path)
    {
        await AppendAsync(Enumerable.Range(0, 600).Select(
            i => CloudEvent($"{i}", "customer_registered", $"customer/c-{i}", new { name = $"Customer {i}" })));
        using var answer = await _log.GetAsync(path);
        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound, await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task No_log_is_shown_of_a_tenant_that_is_not_there()
    {
        foreach (string tenant in new[] { "nobody", "No-Name", "%2e%2e" })
        {
            using var other = new PublishedLog(Ledger.Url, tenant);
            foreach (string path in new[] { "checkpoint", "key", "tile/0/000" })
            {
                using var answer = await other.GetAsync(path);
                answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
            }
        }
    }

    [Fact]
    public async Task A_receipt_is_checked_with_no_server_and_refused_for_anything_else()
    {
        await RegisterAsync("anna");
        var e = (await RegisterAsync("bert")).Items("events").Single();
        byte[] leaf = Convert.FromBase64String(e.Text("leafHash")!);
        var policy = await _log.PolicyAsync();
        string text = (await ReadAsync($"{e.Text("receipt")}?format=tlog-proof")).Text;
        var receipt = Receipt.Parse(System.Text.Encoding.UTF8.GetBytes(text));
        receipt.Check(leaf, policy).ShouldBeNull();
        leaf[0] ^= 1;
        receipt.Check(leaf, policy)!.Fault.ShouldBe(ProofFault.WrongPath);

        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, text);
            using var keys = await _log.GetAsync("key");
            string key = (await keys.Content.ReadAsStringAsync()).TrimEnd();
            async Task<int> VerifyAsync(string hash, string trusted) => (await CommandLineOf.RunAsync(
                Ledger, Http, "verify", "receipt", file, "--leaf", hash, "--key", trusted)).ExitCode;
            (await VerifyAsync(e.Text("leafHash")!, key)).ShouldBe(ExitCode.Done);
            (await VerifyAsync(Convert.ToBase64String(leaf), key)).ShouldBe(ExitCode.Failed);
            var other = new SignerKey(policy.Origin, SignatureKind.Ed25519, new byte[32]);
            (await VerifyAsync(e.Text("leafHash")!, other.Verifier.ToString())).ShouldBe(ExitCode.Failed);
            (await VerifyAsync("no hash", key)).ShouldBe(ExitCode.Usage);
            (await VerifyAsync(e.Text("leafHash")!, "no key")).ShouldBe(ExitCode.Usage);
            foreach (string unreadable in new[] { Path.GetTempPath(), file + ".none" })
            {
                var refused = await CommandLineOf.RunAsync(Ledger, Http,
                    "verify", "receipt", unreadable, "--leaf", e.Text("leafHash")!, "--key", key);
                refused.ExitCode.ShouldBe(ExitCode.Usage);
                refused.Error.ShouldStartWith("The receipt cannot be read");
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Among_the_keys_of_several_logs_each_is_trusted_for_its_own_log_alone()
    {
        string leaf = (await RegisterAsync("anna")).Items("events").Single().Text("leafHash")!;
        byte[] hash = Convert.FromBase64String(leaf);
        SignerKey Key(string name, SignatureKind kind) => new(name, kind, [.. Enumerable.Repeat((byte)name[0], 32)]);
        var (before, now) = (Key("before", SignatureKind.Ed25519), Key("now", SignatureKind.Ed25519));
        var witness = Key("witness", SignatureKind.Cosignature);
        string file = Path.GetTempFileName();
        try
        {
            async Task<Ran> VerifyAsync(SignerKey signer, params SignerKey[] trusted)
            {
                var signed = SignedCheckpoint.Sign(new Checkpoint("now", 1, hash), signer);
                await File.WriteAllBytesAsync(file, new Receipt(0, [], signed).ToUtf8());
                return await CommandLineOf.RunAsync(Ledger, Http, ["verify", "receipt", file, "--leaf", leaf,
                    .. trusted.SelectMany(k => new[] { "--key", k.Verifier.ToString() })]);
            }
            (await VerifyAsync(now, before, now)).ExitCode.ShouldBe(ExitCode.Done);
            (await VerifyAsync(before, before, now)).ExitCode.ShouldBe(ExitCode.Failed);
            (await VerifyAsync(now, before)).ExitCode.ShouldBe(ExitCode.Failed);
            var refused = await VerifyAsync(now, now, witness);
            (refused.ExitCode, refused.Error.Trim()).ShouldBe((ExitCode.Usage,
                $"--key takes keys that a log signs with; '{witness.Verifier}' cosigns."));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Reading_a_checkpoint_needs_no_key_and_a_receipt_does()
    {
        var e = (await RegisterAsync("anna")).Items("events").Single();
        using var nobody = Ledger.Connect();
        (await nobody.GetAsync($"/log/{Tenant}/checkpoint")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await nobody.GetAsync(e.Text("receipt"))).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Two_servers_sign_the_same_bytes()
    {
        var other = await Ledger.BesideAsync();
        try
        {
            using var beside = new PublishedLog(other.Url, Tenant);
            for (int i = 0; i < 10; i++)
            {
                await RegisterAsync($"c{i}");
                var both = await Task.WhenAll(_log.CheckpointAsync(), beside.CheckpointAsync());
                PublishedLog.Text(both[0]).ShouldBe(PublishedLog.Text(both[1]));
            }
        }
        finally
        {
            await other.DisposeAsync();
        }
    }

    /// <summary>The proof that the log of one size begins with that of another, out of what is published.</summary>
    private async Task<IReadOnlyList<byte[]>> ProofAsync(long older, long newer)
    {
        byte[] edge = newer == 0 ? [] : await _log.TileAsync(0, 0, (int)newer);
        return TileTree.ConsistencyProof(older, newer, (_, _) => edge);
    }

    private async Task<long> SignedSizeAsync()
    {
        await using var admin = Npgsql.NpgsqlDataSource.Create(await PostgresCluster.AdminOfAsync(Ledger.Connections));
        await using var command = admin.CreateCommand(
            "select coalesce(max(size), 0) from ledger.checkpoints where tenant_id = $1");
        command.Parameters.Add(new() { Value = Tenant });
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
