using CrmLedger.PostgresTests.Checkpoints;
using CrmLedger.PostgresTests.Http;
using CrmLedger.Tests.Transparency;
using CrmLedger.Transparency;
using Xunit.Abstractions;

namespace CrmLedger.PostgresTests.Verification;

/// <summary>Receipts, checkpoints and consistency proofs of a real log with anything in them changed.</summary>
public sealed class MutationCampaignTests(RunningLedger ledger, ITestOutputHelper output)
    : LedgerTest(ledger), IClassFixture<RunningLedger>
{
    private const int Batch = 5_000;

    private static readonly SignerKey s_witness =
        new("witness.example/w1", SignatureKind.Cosignature, [.. Enumerable.Repeat((byte)7, 32)]);

    private readonly TwoVerifiers _both = new();
    private (byte[] Receipt, byte[] Leaf) _ofOtherLog;
    private PublishedLog _log = null!;
    private LogPolicy _policy = null!;
    private LogPolicy _witnessed = null!;
    private string _policyJson = "";
    private int _refused;

    [SecondVerifierFact]
    public async Task Nothing_can_be_changed_in_a_proof_of_a_real_log_that_either_verifier_lets_pass()
    {
        var campaign = new Campaign("MutationCampaign", output);
        int proofs = Campaign.Size(small: 3, full: 200);
        int growths = Campaign.Size(small: 3, full: 40);
        using (_log = new PublishedLog(Ledger.Url, Tenant))
        {
            var sizes = await GrowAsync(growths, Campaign.Size(small: 8, full: 120), campaign.Random);
            await TrustAsync();
            await OtherLogAsync();
            var events = await LogAsync();
            await using var second = new SecondVerifier();
            var counts = new Dictionary<string, int>();
            for (int i = 0; i < proofs; i++)
            {
                int at = campaign.Random.Next(1, sizes.Count);
                string kind = (i % 5) switch { 1 => "checkpoints", 2 or 4 => "consistency proofs", _ => "receipts" };
                counts[kind] = counts.GetValueOrDefault(kind) + 1;
                await (kind switch
                {
                    "checkpoints" => CheckCheckpointAsync(sizes[at], second),
                    "receipts" => CheckReceiptAsync(sizes[at],
                        events[campaign.Random.Next((int)sizes[at].Checkpoint.Size)].Text("id")!, second),
                    _ => CheckGrowthAsync(sizes[campaign.Random.Next(at)], sizes[at], second),
                });
            }
            campaign.Say("log", $"{sizes[^1].Checkpoint.Size:N0} events, signed at {sizes.Count} sizes");
            campaign.Say("proofs", string.Join(", ", counts.Select(c => $"{c.Value} {c.Key}"))
                + ", each accepted by both verifiers as it is");
        }
        campaign.Say("altered", $"{_refused:N0}: every bit flipped, hashes left out, doubled and exchanged, other "
            + "leaves, another log's; every one refused by both");
        campaign.SayBound("altered proofs", _refused);
        await campaign.WriteAsync("""
            Receipts, cosigned checkpoints and consistency proofs of a real log, with every single bit of them flipped,
            with hashes left out, doubled and exchanged, and with another log's in their place. Does the C# verifier, or
            the TypeScript one, let any of them pass?
            """);
    }

    private async Task<List<SignedCheckpoint>> GrowAsync(int growths, int most, Random random)
    {
        var sizes = new List<SignedCheckpoint>();
        int n = 0;
        while (sizes.Count < growths)
        {
            int more = random.Next(1, most + 1);
            await AppendAsync(Enumerable.Range(n, more).Select(
                i => CloudEvent($"{i}", "customer_registered", $"customer/c-{i}", new { name = $"Customer {i}" })));
            n += more;
            sizes.Add(await _log.CheckpointAsync());
        }
        return sizes;
    }

    private async Task TrustAsync()
    {
        using var keys = await _log.GetAsync("key");
        var key = VerifierKey.Parse((await keys.Content.ReadAsStringAsync()).TrimEnd('\n'));
        _policy = new LogPolicy(key.Name, [key], [s_witness.Verifier], requiredWitnesses: 0);
        _witnessed = new LogPolicy(key.Name, [key], [s_witness.Verifier], requiredWitnesses: 1);
        _policyJson = $$"""{"origin":"{{key.Name}}","logKeys":["{{key}}"],"witnessKeys":["{{s_witness.Verifier}}"]}""";
    }

    private async Task OtherLogAsync()
    {
        using var other = await Ledger.ClientAsync(Tenant + "-other");
        (await other.PostAsync("/v1/customers", """{"name":"Anna"}""")).Status.ShouldBe(201);
        var e = (await other.GetAsync("/v1/events")).Json.GetProperty("events")[0];
        var receipt = await other.GetAsync($"/v1/events/{e.Text("id")}/receipt?format=tlog-proof");
        _ofOtherLog = (Utf8(receipt.Text), Convert.FromBase64String(e.Text("leafHash")!));
    }

    private async Task CheckReceiptAsync(SignedCheckpoint signed, string eventId, SecondVerifier second)
    {
        var shown = await ReadAsync($"/v1/events/{eventId}/receipt?size={signed.Checkpoint.Size}");
        byte[] leaf = Convert.FromBase64String(shown.Text("leafHash")!);
        byte[] receipt = Utf8((await ReadAsync(
            $"/v1/events/{eventId}/receipt?format=tlog-proof&size={signed.Checkpoint.Size}")).Text);
        PutReceipt(receipt, leaf, expected: true);
        var read = Receipt.Parse(receipt);
        IEnumerable<(byte[] Receipt, byte[] Leaf)> altered =
        [
            .. Mutations.FlippedBits(receipt).Select(r => (r, leaf)),
            .. Mutations.FlippedBits(leaf).Select(l => (receipt, l)),
            .. Altered([.. read.Path]).Select(p => (new Receipt(read.LeafIndex, p, read.Checkpoint).ToUtf8(), leaf)),
            (receipt, MerkleTree.HashLeaf(leaf)),
            _ofOtherLog,
            (_ofOtherLog.Receipt, leaf),
            (new Receipt(read.LeafIndex, read.Path, Receipt.Parse(_ofOtherLog.Receipt).Checkpoint).ToUtf8(), leaf),
        ];
        await CheckAsync(altered, a => PutReceipt(a.Receipt, a.Leaf, expected: false), second);
    }

    private async Task CheckCheckpointAsync(SignedCheckpoint signed, SecondVerifier second)
    {
        byte[] note = signed.With(s_witness.Cosign(signed.Checkpoint, 1_790_000_000)).ToUtf8();
        PutCheckpoint(note, expected: true);
        IEnumerable<byte[]> altered =
        [
            .. Mutations.FlippedBits(note),
            // Without the cosignature it is one witness short.
            signed.ToUtf8(),
            Receipt.Parse(_ofOtherLog.Receipt).Checkpoint.ToUtf8(),
        ];
        await CheckAsync(altered, a => PutCheckpoint(a, expected: false), second);
    }

    private async Task CheckGrowthAsync(SignedCheckpoint older, SignedCheckpoint newer, SecondVerifier second)
    {
        byte[] was = older.ToUtf8(), now = newer.ToUtf8();
        byte[][] proof = [.. await ProofAsync(older.Checkpoint.Size, newer.Checkpoint.Size)];
        PutGrowth(was, now, proof, expected: true);
        IEnumerable<(byte[] Older, byte[] Newer, byte[][] Proof)> altered =
        [
            .. Mutations.FlippedBits(was).Select(n => (n, now, proof)),
            .. Mutations.FlippedBits(now).Select(n => (was, n, proof)),
            .. proof.SelectMany((hash, i) => Mutations.FlippedBits(hash)
                .Select(flipped => (was, now, (byte[][])[.. proof[..i], flipped, .. proof[(i + 1)..]]))),
            .. Altered(proof).Select(p => (was, now, p)),
            (now, was, proof),
            (was, Receipt.Parse(_ofOtherLog.Receipt).Checkpoint.ToUtf8(), proof),
        ];
        await CheckAsync(altered, a => PutGrowth(a.Older, a.Newer, a.Proof, expected: false), second);
    }

    private async Task CheckAsync<T>(IEnumerable<T> altered, Action<T> put, SecondVerifier second)
    {
        foreach (var batch in altered.Chunk(Batch))
        {
            foreach (var one in batch)
                put(one);
            _refused += batch.Length;
            await _both.ShouldAgreeAsync(second);
        }
    }

    /// <summary>Every hash left out, doubled, and exchanged with the one before it.</summary>
    private static IEnumerable<byte[][]> Altered(byte[][] hashes) =>
    [
        .. hashes.Select((_, i) => (byte[][])[.. hashes[..i], .. hashes[(i + 1)..]]),
        .. hashes.Select((hash, i) => (byte[][])[.. hashes[..i], hash, .. hashes[i..]]),
        .. hashes.Skip(1).Select((hash, i) => (byte[][])[.. hashes[..i], hash, hashes[i], .. hashes[(i + 2)..]]),
    ];

    private void PutReceipt(byte[] receipt, byte[] leaf, bool expected) => _both.Put(
        $$"""{"op":"receipt","receiptBase64":"{{Base64(receipt)}}","leafHash":"{{Base64(leaf)}}","policy":"""
            + _policyJson + "}",
        Holds(() => Receipt.Parse(receipt).Check(leaf, _policy)), expected);

    private void PutCheckpoint(byte[] note, bool expected) => _both.Put(
        $$"""{"op":"checkpoint","checkpointBase64":"{{Base64(note)}}","policy":"""
            + _policyJson[..^1] + ",\"requiredWitnesses\":1}}",
        Holds(() => SignedCheckpoint.Parse(note).Check(_witnessed)), expected);

    private void PutGrowth(byte[] older, byte[] newer, byte[][] proof, bool expected) => _both.Put(
        $$"""{"op":"growth","olderBase64":"{{Base64(older)}}","newerBase64":"{{Base64(newer)}}","proof":["""
            + string.Join(',', proof.Select(h => $"\"{Base64(h)}\"")) + "],\"policy\":" + _policyJson + "}",
        Holds(() => SignedCheckpoint.Parse(newer).CheckExtends(SignedCheckpoint.Parse(older), proof, _policy)),
        expected);

    /// <summary>The proof that the log of one size begins with that of another, out of what is published.</summary>
    private async Task<IReadOnlyList<byte[]>> ProofAsync(long older, long newer)
    {
        IReadOnlyList<byte[]> Compute(Func<int, long, byte[]> read) => TileTree.ConsistencyProof(older, newer, read);
        var tiles = new Dictionary<(int, long), byte[]>();
        foreach (var (level, index) in TileTree.Needed(Compute))
            tiles[(level, index)] = await _log.TileAsync(level, index, TileTree.Width(newer, level, index));
        return Compute((level, index) => tiles[(level, index)]);
    }

    private static bool Holds(Func<ProofRefusal?> check)
    {
        try
        {
            return check() is null;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static string Base64(byte[] bytes) => Convert.ToBase64String(bytes);

    private static byte[] Utf8(string text) => System.Text.Encoding.UTF8.GetBytes(text);
}
