using System.Text;
using System.Text.Json;
using CrmLedger.BrowserTests.Support;
using CrmLedger.EventStore.Checkpoints;
using CrmLedger.EventStore.Tenants;
using CrmLedger.Server.Tenants;
using CrmLedger.Transparency;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CrmLedger.BrowserTests;

[Collection(SiteTests.Name)]
public sealed class ProofTests(Site site)
{
    private const string Holds = "Everything that was checked here holds.";
    private const string Refused = "Refused: this proof does not hold.";
    private const string Receipts = "**/receipt?*";
    private const string Evidence = "**/v1/evidence?*";

    private static readonly CancellationToken s_cancel = CancellationToken.None;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_proof_of_an_event_is_computed_in_the_browser_and_every_step_holds(bool onPhone)
    {
        string tenant = $"proofs-{onPhone}".ToLowerInvariant();
        var past = await KeptPromise.RecordAsync(site, tenant);
        await using var window = await site.SignedInAsync(
            $"/events/{past.Promise}", device: onPhone ? Device.Phone : null, dark: onPhone, tenant: tenant);
        await ShouldHoldAsync(window, steps: 8);
        await window.ShouldShowAsync("This computer has seen no checkpoint of this log before");
        await window.ShouldShowAsync("Sealed in the entry and opened by the server for you");
        await window.ShouldShowAsync(KeptPromise.Conditions);
        await window.SettleAsync();
        await window.ShouldBeAccessibleAsync();
        await window.ShouldFitAsync();

        // The log grows, and what was seen before is its beginning.
        using var http = await site.Ledger.ClientAsync(tenant);
        await KeptPromise.SendAsync(http, $"customers/{past.Customer}/purchases",
            new { purchaseId = "later", amountMinor = 1, currency = "EUR" });
        await window.Page.ReloadAsync();
        await window.ShouldShowAsync("The log begins with all ");
        await ShouldHoldAsync(window, steps: 8);
    }

    [Fact]
    public async Task An_annulled_event_says_by_whom_and_why_and_its_proof_stands()
    {
        var past = await KeptPromise.RecordAsync(site, "proofs-annulled");
        await using var window = await site.SignedInAsync(
            $"/events/{past.Wrong}", device: Device.Phone, tenant: "proofs-annulled");
        await window.ShouldShowAsync(KeptPromise.Reason);
        await ShouldHoldAsync(window, steps: 8);
        await window.ShouldFitAsync();
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "See the annulment" }).ClickAsync();
        await Expect(window.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Entry annulled");
        await ShouldHoldAsync(window, steps: 8);
    }

    [Theory]
    [InlineData(Scopes.Read, true)]
    [InlineData(Scopes.Lead, false)]
    public async Task Who_may_not_have_the_entry_sees_it_proven_from_its_hash_upwards(string scope, bool seesEvent)
    {
        string tenant = $"proofs-{scope}";
        var past = await KeptPromise.RecordAsync(site, tenant);
        await using var window = await site.SignedInAsync($"/events/{past.Promise}", [scope], tenant: tenant);
        await ShouldHoldAsync(window, steps: 7);
        await window.ShouldShowAsync("The text itself was not hashed here");
        await Expect(window.Page.GetByText(KeptPromise.Conditions)).ToHaveCountAsync(seesEvent ? 1 : 0);
        await Expect(window.Page.GetByRole(AriaRole.Button, new() { Name = "Evidence bundle" })).ToHaveCountAsync(0);
        await window.Page.RouteAsync("**/tile/entries/**", async route =>
        {
            var answer = await route.FetchAsync();
            byte[] hashes = await answer.BodyAsync();
            hashes[^1] ^= 1;
            await route.FulfillAsync(new() { Response = answer, BodyBytes = hashes });
        });
        await window.Page.ReloadAsync();
        await ShouldRefuseAsync(window, seesEvent ? "leaf" : "root");
    }

    /// <summary>What is altered, where, and the step that must refuse it.</summary>
    private static readonly (string What, string Step)[] s_alterations =
    [
        ("path", "root"), ("path too short", "path"), ("path too long", "path"), ("index", "path"),
        ("index's form", "path"), ("size", "signature"), ("root", "root"), ("root", "signature"), ("origin", "key"),
        ("signature", "signature"), ("checkpoint's form", "checkpoint"), ("leaf", "leaf"), ("text", "entry"),
        ("time", "entry"), ("position", "path"), ("entry", "entry"), ("entry", "leaf"), ("entry gone", "entry"),
        ("key's byte", "key"), ("other key", "key"),
    ];

    [Fact]
    public async Task Whatever_is_altered_on_its_way_is_refused_at_its_step()
    {
        const string tenant = "proofs-altered";
        var past = await KeptPromise.RecordAsync(site, tenant);
        string other = new SignerKey($"crmledger/{tenant}/x", SignatureKind.Ed25519, new byte[32]).Verifier.ToString();
        await using var window = await site.SignedInAsync($"/events/{past.Promise}", tenant: tenant);
        await ShouldHoldAsync(window, steps: 8);
        foreach (var (what, step) in s_alterations)
        {
            string pattern = what switch
            {
                "leaf" or "text" or "time" or "position" => $"**/v1/events/{past.Promise}",
                "entry" or "entry gone" => Evidence,
                "key's byte" or "other key" => "**/key",
                _ => Receipts,
            };
            await using var altered = await AlterAsync(
                window.Page, pattern, text => Altered(text, what, other, past.Promise));
            await window.Page.ReloadAsync();
            await ShouldRefuseAsync(window, step, what);
        }
        await window.Page.ReloadAsync();
        await ShouldHoldAsync(window, steps: 8);
    }

    [Fact]
    public async Task A_log_that_tells_two_histories_or_goes_back_is_shouted_and_not_remembered()
    {
        const string tenant = "proofs-forked";
        var past = await KeptPromise.RecordAsync(site, tenant);
        await using var window = await site.SignedInAsync($"/events/{past.Promise}", tenant: tenant);
        await ShouldHoldAsync(window, steps: 8);
        var keys = (await site.Ledger.Services.GetRequiredService<TenantLedgers>().GetAsync(tenant)).Keys;
        var signers = await site.Ledger.Services.GetRequiredService<LogKeys>().ListAsync(keys, s_cancel);
        var signer = signers[^1].Signer;
        var known = JsonElement.Parse(await MemoryAsync(window, tenant));
        string key = known.GetProperty("key").GetString()!;
        string honest = known.GetProperty("checkpoint").GetProperty("text").GetString()!;
        long size = SignedCheckpoint.Parse(Encoding.UTF8.GetBytes(honest)).Checkpoint.Size;
        string Signed(long of) => Encoding.UTF8.GetString(SignedCheckpoint.Sign(
            new(signer.Verifier.Name, of, MerkleTree.HashLeaf("another"u8)), signer).ToUtf8());

        foreach (var (seen, shout) in new[]
        {
            (Signed(size), "Two histories: the log has signed two different roots"),
            (Signed(size - 3), "Two histories: the log does not begin"),
            (Signed(size + 5), "Rolled back"),
            (honest.Replace($"\n{size}\n", $"\n{size - 1}\n", StringComparison.Ordinal),
                "What this computer remembers"),
        })
        {
            string memory = JsonSerializer.Serialize(new
            {
                key, since = "2026-01-01T00:00:00Z", pinned = false,
                checkpoint = new { text = seen, key, at = "2026-01-02T00:00:00Z" },
            });
            foreach (string page in (string[])[$"/events/{past.Promise}", "/replay"])
            {
                await window.Page.EvaluateAsync("([name, value]) => localStorage.setItem(name, value)",
                    new[] { $"crmledger.log.{tenant}", memory });
                await window.Page.GotoAsync(page);
                await Expect(window.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync(shout);
                await ShouldRefuseAsync(window, "growth", shout);
                (await MemoryAsync(window, tenant)).ShouldBe(memory);
            }
        }
        await window.ShouldBeAccessibleAsync();
    }

    [Fact]
    public async Task A_reader_pins_a_key_from_elsewhere_and_what_another_key_signs_is_refused()
    {
        const string tenant = "proofs-pinned";
        var past = await KeptPromise.RecordAsync(site, tenant);
        string other = new SignerKey($"crmledger/{tenant}/x", SignatureKind.Ed25519, new byte[32]).Verifier.ToString();
        await using var window = await site.SignedInAsync($"/events/{past.Promise}", tenant: tenant);
        await ShouldHoldAsync(window, steps: 8);
        string right = (await window.Page.Locator(".whole-key").TextContentAsync())!;
        await PinAsync(window, "nothing");
        await window.ShouldShowAsync("A key is not written as name+id+base64.");
        await PinAsync(window, other);
        await ShouldRefuseAsync(window, "key");
        await ShouldRefuseAsync(window, "signature");
        await PinAsync(window, right);
        await window.ShouldShowAsync("is the key that you have pinned");
        await ShouldHoldAsync(window, steps: 8);
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Forget key and checkpoint" }).ClickAsync();
        await window.ShouldShowAsync("is seen here for the first time");
    }

    [Fact]
    public async Task The_receipt_that_is_saved_is_the_one_that_was_checked()
    {
        const string tenant = "proofs-saved";
        var past = await KeptPromise.RecordAsync(site, tenant);
        await using var window = await site.SignedInAsync($"/events/{past.Promise}", tenant: tenant);
        await ShouldHoldAsync(window, steps: 8);
        string key = (await window.Page.Locator(".whole-key").TextContentAsync())!;
        var saved = await window.Page.RunAndWaitForDownloadAsync(() =>
            window.Page.GetByRole(AriaRole.Button, new() { Name = "Receipt" }).ClickAsync());
        saved.SuggestedFilename.ShouldBe($"{past.Promise}.tlog-proof");
        using var http = await site.Ledger.ClientAsync(tenant);
        string leaf = (await http.GetAsync($"/v1/events/{past.Promise}")).Json.GetProperty("leafHash").GetString()!;
        var receipt = Receipt.Parse(await File.ReadAllBytesAsync(await saved.PathAsync()));
        receipt.Check(Convert.FromBase64String(leaf), new LogPolicy(VerifierKey.Parse(key))).ShouldBeNull();
    }

    [Fact]
    public async Task A_browser_without_Ed25519_is_told_so_and_shows_nothing_as_proven()
    {
        const string tenant = "proofs-old";
        var past = await KeptPromise.RecordAsync(site, tenant);
        await using var window = await site.SignedInAsync("/replay", tenant: tenant);
        await window.Page.AddInitScriptAsync(
            "crypto.subtle.importKey = () => Promise.reject(new DOMException('Ed25519', 'NotSupportedError'))");
        await window.Page.GotoAsync($"/events/{past.Promise}");
        await window.ShouldShowAsync("This browser does not know Ed25519");
        await window.ShouldShowAsync("Not everything could be checked.");
        await Expect(window.Page.GetByText(Holds)).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task An_event_that_is_none_is_said_not_to_be()
    {
        await using var window = await site.SignedInAsync($"/events/{Guid.CreateVersion7()}");
        window.Expect("404");
        await window.ShouldShowAsync("There is no such event");
    }

    private static string Altered(string text, string what, string otherKey, string eventId)
    {
        string[] lines = text.Split('\n');
        string Line(int at, Func<string, string> alter)
        {
            lines[at] = alter(lines[at]);
            return string.Join('\n', lines);
        }

        int blank = Array.IndexOf(lines, "");
        return what switch
        {
            "path" => Line(3, OtherBase64),
            "path too short" => string.Join('\n', lines.Where((_, at) => at != 3)),
            "path too long" => Line(3, hash => $"{hash}\n{hash}"),
            "index" => Line(1, index => index == "index 2" ? "index 3" : "index 2"),
            "index's form" => Line(1, index => index.Replace("index ", "index 0", StringComparison.Ordinal)),
            "size" => Line(blank + 2, size => size + "0"),
            "root" => Line(blank + 3, OtherBase64),
            "origin" => Line(blank + 1, origin => origin + "0"),
            "checkpoint's form" => Line(blank + 2, size => "0" + size),
            "signature" => Line(blank + 5, line => line[..^5] + (line[^5] == 'A' ? 'B' : 'A') + line[^4..]),
            "leaf" => After(text, "\"leafHash\":\"", OtherBase64),
            "text" => text.Replace("\"kind\":\"callback\"", "\"kind\":\"callbacks\"", StringComparison.Ordinal),
            "time" => After(text, "\"occurredAt\":\"", time => "1" + time[1..]),
            "position" => After(text, "\"position\":", position => "1" + position),
            "entry" => text.Replace("\"kind\":\"callback\"", "\"kind\":\"callbacl\"", StringComparison.Ordinal),
            "entry gone" => string.Join('\n', lines.Where(l => !l.Contains(eventId, StringComparison.Ordinal))),
            "key's byte" => text.Replace("+A", "+B", StringComparison.Ordinal),
            "other key" => otherKey + "\n",
            _ => throw new ArgumentOutOfRangeException(nameof(what), what, "There is no such alteration."),
        };
    }

    private static string After(string text, string mark, Func<string, string> alter)
    {
        int end = text.IndexOf(mark, StringComparison.Ordinal) + mark.Length;
        return text[..end] + alter(text[end..]);
    }

    private static string OtherBase64(string text) => (text[0] == 'A' ? 'B' : 'A') + text[1..];

    private static Task<IAsyncDisposable> AlterAsync(IPage page, string pattern, Func<string, string> alter) =>
        page.RouteAsync(pattern, async route =>
        {
            var answer = await route.FetchAsync();
            string text = await answer.TextAsync();
            string altered = alter(text);
            altered.ShouldNotBe(text);
            await route.FulfillAsync(new() { Response = answer, Body = altered });
        });

    private static async Task ShouldHoldAsync(Window window, int steps)
    {
        await window.ShouldShowAsync(Holds);
        await Expect(window.Page.Locator("[data-state=holds]")).ToHaveCountAsync(steps);
    }

    private static async Task ShouldRefuseAsync(Window window, string step, string what = "")
    {
        await Expect(window.Page.Locator($"[data-step={step}]"))
            .ToHaveAttributeAsync("data-state", "refused", new() { Timeout = 30_000 });
        await Expect(window.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync(Refused);
        (await window.Page.GetByText(Holds).CountAsync()).ShouldBe(0, what);
    }

    private static async Task PinAsync(Window window, string key)
    {
        await window.Page.GetByLabel("Key from elsewhere").FillAsync(key);
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Compare and pin" }).ClickAsync();
    }

    private static Task<string> MemoryAsync(Window window, string tenant) =>
        window.Page.EvaluateAsync<string>("name => localStorage.getItem(name)", $"crmledger.log.{tenant}");
}
