using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CrmLedger.PostgresTests.Checkpoints;
using CrmLedger.PostgresTests.Http;
using CrmLedger.PostgresTests.Imports;
using CrmLedger.Server.EvidenceBundles;
using CrmLedger.Transparency;

namespace CrmLedger.PostgresTests.EvidenceBundles;

/// <summary>Bundles of a real log, checked with nothing but themselves and a key.</summary>
public sealed class EvidenceTests(RunningLedger ledger) : IClassFixture<RunningLedger>
{
    private const string Tenant = "evidence";
    private static readonly CancellationToken s_cancel = CancellationToken.None;

    [Fact]
    public async Task A_bundle_of_a_customer_a_promise_a_period_or_the_whole_log_is_verified_offline()
    {
        using var http = await ledger.ClientAsync(Tenant);
        await RecordAsync(http, "one");
        await RecordAsync(http, "other");
        using var log = new PublishedLog(ledger.Url, Tenant);

        var customer = await CheckAsync(await BundleAsync(http, "?customer=ref:one"), log);
        (customer.Refusal, customer.Events).ShouldBe((null, 4));
        customer.About.ShouldStartWith("streams customer-");
        customer.Streams.ShouldHaveSingleItem().Value.ShouldBe(4);

        var promise = await CheckAsync(await BundleAsync(http, "?customer=ref:one&promise=p-one"), log);
        (promise.Refusal, promise.Events).ShouldBe((null, 2));

        var whole = await CheckAsync(await BundleAsync(http, ""), log);
        (whole.Refusal, whole.Events).ShouldBe((null, whole.TreeSize));

        string from = Uri.EscapeDataString($"{whole.FirstRecordedAt!.Value.AddMicroseconds(1):O}");
        string to = Uri.EscapeDataString($"{whole.LastRecordedAt!.Value:O}");
        var period = await CheckAsync(await BundleAsync(http, $"?from={from}&to={to}"), log);
        period.Refusal.ShouldBeNull();
        period.Events.ShouldBeLessThanOrEqualTo(whole.Events - 2);
        period.FirstRecordedAt!.Value.ShouldBeGreaterThan(whole.FirstRecordedAt!.Value);
        period.LastRecordedAt!.Value.ShouldBeLessThan(whole.LastRecordedAt!.Value);
    }

    [Fact]
    public async Task A_bundle_with_any_bit_changed_is_refused()
    {
        using var http = await ledger.ClientAsync("bits");
        await RecordAsync(http, "one");
        await RecordAsync(http, "other");
        using var log = new PublishedLog(ledger.Url, "bits");
        byte[] bundle = await BundleAsync(http, "?customer=ref:one&promise=p-one");
        (await CheckAsync(bundle, log)).Refusal.ShouldBeNull();
        var policy = await log.PolicyAsync();
        for (int bit = 0; bit < bundle.Length * 8; bit++)
        {
            byte[] flipped = [.. bundle];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            (await RefusalAsync(flipped, policy)).ShouldNotBeNull(
                $"bit {bit % 8} of byte {bit / 8}: {Encoding.UTF8.GetString(flipped)}");
        }
    }

    [Verification.SecondVerifierFact]
    public async Task A_second_verifier_accepts_the_same_bundles_and_refuses_the_same_altered_ones()
    {
        using var http = await ledger.ClientAsync("second");
        await RecordAsync(http, "one");
        await RecordAsync(http, "other");
        using var log = new PublishedLog(ledger.Url, "second");
        string key = (await log.KeysAsync())[^1].ToString();
        var bundles = new List<(byte[] Bundle, bool Holds)>();
        foreach (string query in new[]
        {
            "?customer=ref:one&promise=p-one", "?customer=ref:one", "?from=2026-01-01", "",
        })
        {
            byte[] bundle = await BundleAsync(http, query);
            bundles.Add((bundle, true));
            // Every bit in a whole campaign, and one of each byte or two in a small one.
            for (int bit = 0; bit < bundle.Length * 8; bit += Campaign.Size(small: 13, full: 1))
            {
                byte[] flipped = [.. bundle];
                flipped[bit / 8] ^= (byte)(1 << (bit % 8));
                bundles.Add((flipped, false));
            }
        }
        var verdicts = await Verification.SecondVerifier.AskAsync(bundles.Select(b => new JsonObject
        {
            ["op"] = "evidence",
            ["bundle"] = Convert.ToBase64String(b.Bundle),
            ["policy"] = new JsonObject { ["origin"] = key.Split('+')[0], ["logKeys"] = new JsonArray(key) },
        }));
        for (int i = 0; i < bundles.Count; i++)
            verdicts[i]["ok"]!.GetValue<bool>().ShouldBe(bundles[i].Holds, $"{i}: {verdicts[i]}");
    }

    [Fact]
    public async Task A_bundle_with_a_line_left_out_doubled_exchanged_or_cut_off_is_refused()
    {
        using var http = await ledger.ClientAsync("lines");
        for (int i = 0; i < 4; i++)
            await RecordAsync(http, $"c{i}");
        using var log = new PublishedLog(ledger.Url, "lines");
        var policy = await log.PolicyAsync();
        foreach (string query in new[] { "?customer=ref:c1", "" })
        {
            string[] lines = Encoding.UTF8.GetString(await BundleAsync(http, query)).Split('\n')[..^1];
            (await RefusalAsync(lines, policy)).ShouldBeNull();
            for (int i = 0; i < lines.Length; i++)
            {
                (await RefusalAsync([.. lines[..i], .. lines[(i + 1)..]], policy))
                    .ShouldNotBeNull($"without {lines[i]}");
                if (!lines[i].StartsWith("key ", StringComparison.Ordinal))
                {
                    (await RefusalAsync([.. lines[..(i + 1)], .. lines[i..]], policy))
                        .ShouldNotBeNull($"twice {lines[i]}");
                }
                if (i > 0)
                {
                    (await RefusalAsync([.. lines[..(i - 1)], lines[i], lines[i - 1], .. lines[(i + 1)..]], policy))
                        .ShouldNotBeNull($"exchanged {lines[i]}");
                }
            }
            (await RefusalAsync(Encoding.UTF8.GetBytes(string.Join('\n', lines)), policy)).ShouldNotBeNull("cut off");
        }
    }

    [Fact]
    public async Task A_bundle_is_held_against_an_older_checkpoint_that_it_leads_through()
    {
        using var http = await ledger.ClientAsync("older");
        await RecordAsync(http, "one");
        using var log = new PublishedLog(ledger.Url, "older");
        var older = await log.CheckpointAsync();
        await RecordAsync(http, "other");
        const string promise = "?customer=ref:other&promise=p-other";
        byte[] through = await BundleAsync(http, $"{promise}&through={older.Checkpoint.Size}");
        (await CheckAsync(through, log, older)).Refusal.ShouldBeNull();
        byte[] past = await BundleAsync(http, promise);
        (await CheckAsync(past, log, older)).Refusal!.ShouldContain($"--through {older.Checkpoint.Size}");
        await RecordAsync(http, "third");
        (await CheckAsync(past, log, await log.CheckpointAsync())).Refusal!.ShouldContain("the bundle has");

        var forger = new SignerKey(older.Checkpoint.Origin, SignatureKind.Ed25519, new byte[32]);
        var forged = SignedCheckpoint.Sign(
            new(older.Checkpoint.Origin, older.Checkpoint.Size, MerkleTree.HashLeaf([1])), forger);
        (await CheckAsync(through, log, forged)).Refusal!.ShouldContain("not to be believed");
        var twoFaced = new LogPolicy(older.Checkpoint.Origin,
            [(await log.KeysAsync())[^1], forger.Verifier], [], 0);
        (await EvidenceVerification.CheckAsync(new MemoryStream(through), _ => twoFaced, [forged], null, s_cancel))
            .Refusal!.ShouldContain("two histories");
    }

    [Fact]
    public async Task A_bundle_says_what_of_it_was_annulled_by_whom_when_and_why()
    {
        using var http = await ledger.ClientAsync("annulled");
        await RecordAsync(http, "one");
        await RecordAsync(http, "other");
        using var log = new PublishedLog(ledger.Url, "annulled");
        byte[] before = await BundleAsync(http, "?customer=ref:one");
        (await CheckAsync(before, log)).Annulled.ShouldBeEmpty();
        var kept = (await http.GetAsync("/v1/customers/ref:one/history")).Items("events")[^1];
        var answer = await http.PostAsync("/v1/customers/ref:one/annulments",
            $$"""{"eventId":"{{kept.Text("id")}}","reason":"Never called"}""");
        answer.Status.ShouldBe(200, answer.Text);
        var annulment = answer.Items("events")[0];

        foreach (string query in new[] { "?customer=ref:one", "?customer=ref:one&promise=p-one", "" })
        {
            byte[] bundle = await BundleAsync(http, query);
            (await CheckAsync(bundle, log)).Annulled.ShouldHaveSingleItem().ShouldBe(new(
                Guid.Parse(kept.Text("id")!), "promise_declared_kept", kept.Text("stream")!,
                kept.Number("position")!.Value, new($"key:{http.KeyId}", annulment.Time("recordedAt")!.Value,
                    "Never called", Guid.Parse(annulment.Text("id")!), annulment.Number("position")!.Value)), query);
        }
        (await CheckAsync(await BundleAsync(http, "?customer=ref:other"), log)).Annulled.ShouldBeEmpty();
        await SaidAsync(http, await BundleAsync(http, ""), (await log.KeysAsync())[^1], kept);
    }

    /// <summary>The command line says the same, in words and in JSON.</summary>
    private async Task SaidAsync(LedgerHttp http, byte[] bundle, VerifierKey key, JsonElement kept)
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("evidence").FullName, "bundle");
        await File.WriteAllBytesAsync(file, bundle);
        var said = await CommandLineOf.RunAsync(ledger, http, "verify", "bundle", file, "--key", $"{key}");
        said.ExitCode.ShouldBe(0, said.Error);
        said.Out.ShouldContain("1 of them was annulled");
        said.Out.ShouldMatch($@"\n\s+{kept.Number("position")}\s+promise declared kept\s+{kept.Text("stream")}\s+"
            + $@"\d{{4}}-\d\d-\d\d \d\d:\d\d\s+key:{http.KeyId}\s+\d+\s+Never called\s*\n");
        var json = await CommandLineOf.RunAsync(ledger, http, "verify", "bundle", file, "--key", $"{key}", "--json");
        var annulled = JsonDocument.Parse(json.Out).RootElement.Items("annulled").ShouldHaveSingleItem();
        (annulled.Text("eventId"), annulled.Text("annulled.reason")).ShouldBe((kept.Text("id"), "Never called"));
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    [Fact]
    public async Task What_is_asked_wrongly_is_answered_with_what_is_wrong()
    {
        using var http = await ledger.ClientAsync("wrong");
        await RecordAsync(http, "one");
        foreach (var (query, status, said) in new[]
        {
            ("?promise=p", 422, "promise"), ("?customer=ref:nobody", 404, "nobody"),
            ("?customer=ref:one&promise=p", 404, "p"), ("?customer=ref:one&from=2026-01-01", 422, "customer"),
            ("?from=2026-02-01&to=2026-01-01", 422, "from"), ("?through=1,x", 422, "through"),
            ("?through=-1", 422, "through"),
        })
        {
            var answer = await http.GetAsync("/v1/evidence" + query);
            answer.Status.ShouldBe(status, query);
            answer.Text.ShouldContain(said, Case.Sensitive, query);
        }
        using var reader = await ledger.ClientAsync("wrong", EventStore.Tenants.Scopes.Read);
        (await reader.GetAsync("/v1/evidence")).Status.ShouldBe(403);
    }

    private static async Task RecordAsync(LedgerHttp http, string reference)
    {
        async Task PostAsync(string path, string json)
        {
            var answer = await http.PostAsync(path, json);
            answer.Status.ShouldBeInRange(200, 201, answer.Text);
        }
        await PostAsync("/v1/customers", $$"""{"reference":"{{reference}}","name":"Name of {{reference}}"}""");
        string member = $"ref:m-{reference}";
        await PostAsync("/v1/members", $$"""{"reference":"m-{{reference}}","name":"Ann","team":"north"}""");
        await PostAsync($"/v1/customers/ref:{reference}/promises", $$"""
            {"promiseId":"p-{{reference}}","kind":"callback","conditions":"called back","memberId":"{{member}}",
            "team":"north","dueAt":"{{TimeProvider.System.GetUtcNow().AddDays(1):O}}"}
            """);
        await PostAsync($"/v1/customers/ref:{reference}/touchpoints", $$"""
            {"touchpointId":"t","channel":"phone","direction":"outbound","memberId":"{{member}}","team":"north"}
            """);
        await PostAsync($"/v1/customers/ref:{reference}/promises/p-{reference}/declare-kept", "{}");
    }

    private static async Task<byte[]> BundleAsync(LedgerHttp http, string query)
    {
        var answer = await http.GetAsync("/v1/evidence" + query);
        answer.Status.ShouldBe(200, answer.Text);
        return Encoding.UTF8.GetBytes(answer.Text);
    }

    private static async Task<EvidenceReport> CheckAsync(
        byte[] bundle, PublishedLog log, params SignedCheckpoint[] older)
    {
        var policy = await log.PolicyAsync();
        return await EvidenceVerification.CheckAsync(new MemoryStream(bundle), _ => policy, older, null, s_cancel);
    }

    private static Task<string?> RefusalAsync(string[] lines, LogPolicy policy) =>
        RefusalAsync(Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n"), policy);

    private static async Task<string?> RefusalAsync(byte[] bundle, LogPolicy policy)
    {
        try
        {
            return (await EvidenceVerification.CheckAsync(new MemoryStream(bundle), _ => policy, [], null, s_cancel))
                .Refusal;
        }
        catch (FormatException malformed)
        {
            return malformed.Message;
        }
    }
}
