using System.Buffers.Binary;
using System.Net;
using System.Text.Json.Nodes;
using CrmLedger.PostgresTests.Http;
using CrmLedger.PostgresTests.Verification;
using CrmLedger.Transparency;

namespace CrmLedger.PostgresTests.Checkpoints;

/// <summary>The entries that a log publishes: what its leaves are the hashes of.</summary>
public sealed class EntryBundleTests(AlbaLedger ledger) : AlbaTest(ledger)
{
    private const int Size = 300;

    private PublishedLog _log = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _log = new(Ledger.Connect(), Tenant);
        await AppendAsync(Enumerable.Range(0, Size).Select(
            i => CloudEvent($"{i}", "customer_registered", $"customer/c-{i}", new { name = $"Customer {i}" })));
    }

    public override async Task DisposeAsync()
    {
        _log.Dispose();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task Every_entry_of_a_full_and_of_a_partial_bundle_hashes_to_its_leaf()
    {
        foreach (var (index, width) in new[] { (0, 256), (0, 1), (0, 255), (1, 44), (1, 1) })
            await LeavesShouldBeTileAsync(index, width, e => MerkleTree.HashLeaf(e));
        using var bundle = await _log.GetAsync("tile/entries/001.p/44");
        bundle.Headers.CacheControl!.ToString().ShouldContain("immutable");
        bundle.Content.Headers.ContentType!.MediaType.ShouldBe("application/octet-stream");
        // What anybody may read tells nothing of what was recorded.
        (await bundle.Content.ReadAsByteArrayAsync()).Length.ShouldBe(44 * 34);
    }

    [SecondVerifierFact]
    public async Task The_second_verifier_hashes_every_entry_to_its_leaf()
    {
        var entries = (await EntriesAsync(0, 256)).Concat(await EntriesAsync(1, 44)).ToList();
        var verdicts = await SecondVerifier.AskAsync(entries.Select(e => new JsonObject
        {
            ["op"] = "leaf",
            ["entry"] = Convert.ToBase64String(e),
        }));
        byte[] leaves = [.. await _log.TileAsync(0, 0, 256), .. await _log.TileAsync(0, 1, 44)];
        verdicts.Select(v => v["hash"]!.GetValue<string>())
            .ShouldBe(leaves.Chunk(MerkleTree.HashLength).Select(Convert.ToBase64String));
    }

    [Theory]
    [InlineData("tile/entries/001")]
    [InlineData("tile/entries/001.p/45")]
    [InlineData("tile/entries/002.p/1")]
    [InlineData("tile/entries/000.p/0")]
    [InlineData("tile/entries/000.p/256")]
    [InlineData("tile/entries/0")]
    [InlineData("tile/entries/x999/x999/x999/x999/x999/999")]
    [InlineData("tile/entries/x036/x028/x797/x018/x963/968")]
    public async Task A_bundle_beyond_the_signed_checkpoint_is_not_found(string path)
    {
        using var answer = await _log.GetAsync(path);
        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound, await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task An_event_that_was_altered_behind_the_servers_back_no_longer_hashes_to_its_leaf()
    {
        const string alter = "update ledger.mt_events set data = jsonb_set(data, '{segment}', '\"{0}\"') "
            + "where tenant_id = '{1}' and seq_id = 8";
        string data = await DataAsync();
        await OlderDatabase.ChangeAsync(
            Ledger.Connections, alter.Replace("{0}", "other").Replace("{1}", Tenant));
        var leaves = (await EntriesAsync(0, 256)).Select(e => MerkleTree.HashLeaf(e)).ToList();
        byte[][] tile = [.. (await _log.TileAsync(0, 0, 256)).Chunk(MerkleTree.HashLength)];
        leaves.Index().Where(l => !l.Item.AsSpan().SequenceEqual(tile[l.Index])).Select(l => l.Index).ShouldBe([7]);
        await OlderDatabase.ChangeAsync(Ledger.Connections, "update ledger.mt_events set data = "
            + $"'{data.Replace("'", "''", StringComparison.Ordinal)}' where tenant_id = '{Tenant}' and seq_id = 8");
    }

    private async Task LeavesShouldBeTileAsync(int index, int width, Func<byte[], byte[]> leaf) =>
        (await EntriesAsync(index, width)).SelectMany(leaf).ShouldBe(await _log.TileAsync(0, index, width));

    private async Task<IReadOnlyList<byte[]>> EntriesAsync(int index, int width)
    {
        using var answer = await _log.GetAsync($"tile/entries/{index:000}{(width < 256 ? $".p/{width}" : "")}");
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        byte[] bundle = await answer.Content.ReadAsByteArrayAsync();
        var entries = new List<byte[]>();
        for (int at = 0; at < bundle.Length;)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(bundle.AsSpan(at));
            entries.Add(bundle[(at + 2)..(at + 2 + length)]);
            at += 2 + length;
        }
        entries.Count.ShouldBe(width);
        return entries;
    }

    private async Task<string> DataAsync()
    {
        await using var admin = Npgsql.NpgsqlDataSource.Create(await PostgresCluster.AdminOfAsync(Ledger.Connections));
        await using var command = admin.CreateCommand(
            "select data::text from ledger.mt_events where tenant_id = $1 and seq_id = 8");
        command.Parameters.Add(new() { Value = Tenant });
        return (string)(await command.ExecuteScalarAsync())!;
    }
}
