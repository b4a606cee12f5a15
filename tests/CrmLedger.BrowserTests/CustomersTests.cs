using System.Text.Json;
using System.Text.RegularExpressions;
using CrmLedger.BrowserTests.Support;
using CrmLedger.EventStore.Tenants;
using CrmLedger.PostgresTests;
using CrmLedger.PostgresTests.Http;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CrmLedger.BrowserTests;

[Collection(SiteTests.Name)]
public sealed partial class CustomersTests(Site site)
{
    private const string Image = "<img src=x onerror=\"window.ran=1\">";
    private const string Script = "\"><script>window.ran=1</script>";

    [Fact]
    public async Task Somebody_finds_a_customer_by_words_of_the_name_and_opens_the_relationship()
    {
        using var http = await site.Ledger.ClientAsync(Site.Tenant);
        var sought = (await http.GetAsync("/v1/loyalty/customers?order=since&limit=1")).Items("items")[0];
        string name = sought.Text("customer.name")!;
        await using var window = await site.SignedInAsync("/customers");
        await window.SettleAsync();
        await window.Page.Keyboard.PressAsync("/");
        await window.Page.Keyboard.TypeAsync(string.Join(' ', name.ToLowerInvariant().Split(' ').Reverse()));
        await Expect(window.Page).ToHaveURLAsync(Found());
        var rows = window.Page.Locator(".virtual .body [role=row]");
        await Expect(rows).ToHaveCountAsync(1);
        await Expect(rows).ToContainTextAsync(sought.Text("customer.reference")!);
        await window.Page.Keyboard.PressAsync("Enter");
        await Expect(window.Page).ToHaveURLAsync(Opened());
        await Expect(window.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(name);
        await window.Page.GoBackAsync();
        await Expect(window.Page.GetByRole(AriaRole.Searchbox)).ToHaveValueAsync(Words(), new() { Timeout = 5_000 });
    }

    [Fact]
    public async Task Filters_stay_in_the_address_and_the_table_exports_every_row_of_the_answer()
    {
        using var http = await site.Ledger.ClientAsync(Site.Tenant);
        long atRisk = (await http.GetAsync("/v1/loyalty/customers?risk=any&limit=1")).Number("total")!.Value;
        await using var window = await site.SignedInAsync("/customers");
        await window.Page.GetByLabel("Risk").SelectOptionAsync("any");
        await window.ShouldShowAsync($"{atRisk} in all");
        await window.Page.ReloadAsync();
        await window.ShouldShowAsync($"{atRisk} in all");
        await Expect(window.Page.Locator(".virtual .body .risks .badge").First).ToBeVisibleAsync();
        var file = await window.Page.RunAndWaitForDownloadAsync(
            () => window.Page.GetByRole(AriaRole.Button, new() { Name = "CSV" }).ClickAsync());
        (await File.ReadAllLinesAsync((await file.PathAsync())!)).Length.ShouldBe((int)atRisk + 1);
        await window.Page.GetByLabel("Find by name or reference").FillAsync("nobody is called like this");
        await window.ShouldShowAsync("No customer is like that");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Take filters away" }).ClickAsync();
        await Expect(window.Page).ToHaveURLAsync(new Uri(site.Ledger.Url, "/customers").ToString());
        await window.SettleAsync();
    }

    [Fact]
    public async Task The_timeline_tells_every_entry_and_the_table_behind_its_picture_every_promise()
    {
        using var http = await site.Ledger.ClientAsync(Site.Tenant);
        string customer = await AtRiskAsync(http);
        var events = (await http.GetAsync($"/v1/customers/{customer}/history?limit=1000")).Items("events");
        await using var window = await site.SignedInAsync($"/customers/{customer}");
        await window.SettleAsync();
        await window.ShouldShowAsync($"{events.Count} entries, newest first");
        int promises = events.Count(e => e.Text("type")!.StartsWith("promise_", StringComparison.Ordinal));
        await window.Page.GetByRole(AriaRole.Button, new() { Name = $"Promises {promises}" }).ClickAsync();
        window.Page.Url.ShouldEndWith("?show=promises");
        await Expect(window.Page.Locator(".virtual-row").First).ToHaveAttributeAsync("aria-setsize", $"{promises}");
        await Expect(window.Page.Locator(".entry .said").First).ToContainTextAsync("promise");
        const string picture = "The relationship over time";
        await window.Page.GetByRole(AriaRole.Button, new() { Name = $"As a table: {picture}" }).ClickAsync();
        var table = window.Page.GetByRole(AriaRole.Table, new() { Name = picture });
        await Expect(table.GetByRole(AriaRole.Cell, new() { Name = "Promises", Exact = true }))
            .ToHaveCountAsync(events.Count(e => e.Text("type") == "promise_made"));
    }

    [Fact]
    public async Task A_click_on_a_mark_of_the_picture_brings_its_entry_into_sight_and_gives_it_the_focus()
    {
        using var http = await site.Ledger.ClientAsync(Site.Tenant);
        string customer = await AtRiskAsync(http);
        foreach (var device in new[] { Device.Laptop, Device.Phone })
        {
            await using var window = await site.SignedInAsync(
                $"/customers/{customer}?show=promises", device: device);
            await window.SettleAsync();
            var entry = window.Page.Locator(".entry.pointed-at");
            await ClickAMarkAsync(window.Page, entry);
            await Expect(entry).ToBeInViewportAsync(new() { Ratio = 1 });
            await Expect(window.Page.Locator("li.virtual-row:focus .entry.pointed-at")).ToHaveCountAsync(1);
        }
    }

    /// <summary>Marks are drawn: looks along the lanes, the latest first, until a click meets one.</summary>
    private static async Task ClickAMarkAsync(IPage page, ILocator entry)
    {
        var picture = page.Locator(".chart").First;
        await Expect(picture.Locator("canvas")).ToBeVisibleAsync();
        await picture.EvaluateAsync("chart => chart.scrollIntoView({ block: 'start' })");
        var place = (await picture.BoundingBoxAsync())!;
        for (float y = place.Y + 10; y < place.Y + place.Height - 60; y += 9)
        {
            for (float x = place.X + place.Width - 25; x > place.X + 90; x -= 7)
            {
                await page.Mouse.ClickAsync(x, y);
                await page.WaitForTimeoutAsync(100); // the list is scrolled and marked in the frames that follow
                if (await entry.CountAsync() > 0)
                    return;
            }
        }
    }

    [Fact]
    public async Task Markup_that_somebody_stored_is_shown_as_text_and_never_runs()
    {
        var (http, customer) = await Newcomer.RegisterAsync(site, "planted", Image, Script);
        using var planter = http;
        var due = new DateTimeOffset(2099, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var planted = new Dictionary<string, object>
        {
            ["touchpoints"] = new { channel = "phone", direction = "inbound", memberId = "ref:ruth", summary = Image },
            ["promises"] = new { kind = Script, conditions = Image, dueAt = due, memberId = "ref:ruth" },
            ["preferences"] = new { key = Image, value = Script, source = "stated" },
            ["feedback"] = new { kind = "csat", score = 1, comment = Script, topics = new[] { Image } },
            ["concerns"] = new { severity = "high", summary = Script, memberId = "ref:ruth" },
            ["solutions"] = new { summary = Image },
        };
        foreach (var (path, command) in planted)
            await Newcomer.DoAsync(http, $"/v1/customers/{customer}/{path}", JsonSerializer.Serialize(command));
        await using var window = await site.SignedInAsync("/customers", tenant: "planted");
        await window.ShouldShowAsync(Image);
        await window.ShouldShowAsync(Script);
        await window.Page.GetByRole(AriaRole.Link, new() { Name = Image }).ClickAsync();
        await window.SettleAsync();
        await Expect(window.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(Image);
        foreach (string place in new[] { ".entry", ".owed", ".needs" })
        {
            await Expect(window.Page.Locator(place).Filter(new() { HasText = Image }).First).ToBeVisibleAsync();
            await Expect(window.Page.Locator(place).Filter(new() { HasText = Script }).First).ToBeVisibleAsync();
        }
        await window.Page.Locator(".chart .canvas").First.HoverAsync();
        (await window.Page.EvaluateAsync<bool>("'ran' in window")).ShouldBeFalse();
        await Expect(window.Page.Locator("main img, main script")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task An_annulled_entry_stays_struck_through_with_by_whom_when_and_why()
    {
        var (http, customer) = await Newcomer.RegisterAsync(site, "annulled");
        using var recorder = http;
        var wrong = await Newcomer.DoAsync(http, $"/v1/customers/{customer}/touchpoints",
            """{"channel":"phone","direction":"inbound","memberId":"ref:ruth","summary":"Somebody else's words."}""");
        await Newcomer.DoAsync(http, $"/v1/customers/{customer}/annulments",
            $$"""{"eventId":"{{wrong.Items("events")[0].Text("id")}}","reason":"The wrong customer."}""");
        await using var window = await site.SignedInAsync($"/customers/{customer}", tenant: "annulled");
        var entry = window.Page.Locator(".entry").Filter(new() { HasText = "Somebody else's words." });
        await Expect(entry.Locator("s").First).ToBeVisibleAsync();
        await Expect(entry).ToContainTextAsync($"Annulled by key:{http.KeyId} on ");
        await Expect(entry).ToContainTextAsync("The wrong customer.");
    }

    [Fact]
    public async Task Who_was_erased_or_merged_is_said_to_be_and_nothing_is_recorded_there_any_more()
    {
        var (http, customer) = await Newcomer.RegisterAsync(site, "gone");
        using var recorder = http;
        await Newcomer.DoAsync(http, "/v1/customers", """{"name":"Anna, again","reference":"second"}""");
        await Newcomer.DoAsync(http, "/v1/customers/ref:second/merge",
            $$"""{"customerId":"{{customer}}","reason":"The same."}""");
        await using (var window = await site.SignedInAsync("/customers/ref:second", tenant: "gone"))
        {
            await window.ShouldShowAsync("This customer was merged into another one.");
            await Expect(window.Page.GetByRole(AriaRole.Button, new() { Name = "Touchpoint" })).ToHaveCountAsync(0);
            await window.Page.GetByRole(AriaRole.Link, new() { Name = "Open the other one" }).ClickAsync();
            await Expect(window.Page).ToHaveURLAsync(new Uri(site.Ledger.Url, $"/customers/{customer}").ToString());
        }
        using var admin = await site.Ledger.ClientAsync("gone", Scopes.Admin);
        await Newcomer.DoAsync(admin, $"/v1/customers/{customer}/erase", """{"reason":"Asked by the customer"}""");
        await Task.Delay(TimeSpan.FromSeconds(2.5));
        await using var after = await site.SignedInAsync($"/customers/{customer}", tenant: "gone");
        await after.ShouldShowAsync("This customer was erased on ");
        await Expect(after.Page.GetByRole(AriaRole.Button, new() { Name = "Touchpoint" })).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_leader_sees_the_outlines_and_is_offered_nothing_that_he_may_not_read()
    {
        using var http = await site.Ledger.ClientAsync(Site.Tenant);
        string customer = await AtRiskAsync(http);
        await using var window = await site.SignedInAsync($"/customers/{customer}", [Scopes.Lead]);
        await window.SettleAsync();
        await window.ShouldShowAsync("Your key shows the outlines.");
        await Expect(window.Page.Locator(".evidence li").First).ToBeVisibleAsync();
        await Expect(window.Page.Locator("main a[href^='/events/'], .entry, .actions button")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_customer_is_registered_and_opened_and_one_that_there_is_not_is_said_not_to_be()
    {
        var (http, _) = await Newcomer.RegisterAsync(site, "registered");
        using var unused = http;
        await using var window = await site.SignedInAsync("/customers", tenant: "registered");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Register customer" }).ClickAsync();
        await window.Page.GetByLabel("Name", new() { Exact = true }).FillAsync("Berta Bloom");
        await window.Page.GetByLabel("Your own reference").FillAsync("B-1");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Record", Exact = true }).ClickAsync();
        await Expect(window.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Berta Bloom");
        await window.Page.GotoAsync("/customers/ref:B-1");
        await Expect(window.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Berta Bloom");
        window.Expect("404");
        await window.Page.GotoAsync("/customers/ref:nobody");
        await window.ShouldShowAsync("There is no such customer");
    }

    private static async Task<string> AtRiskAsync(LedgerHttp http) =>
        (await http.GetAsync("/v1/loyalty/customers?risk=any&limit=1")).Items("items")[0].Text("customerId")!;

    [GeneratedRegex("/customers\\?find=")]
    private static partial Regex Found();

    [GeneratedRegex("/customers/[0-9a-f-]{36}$")]
    private static partial Regex Opened();

    [GeneratedRegex("\\w+")]
    private static partial Regex Words();
}
