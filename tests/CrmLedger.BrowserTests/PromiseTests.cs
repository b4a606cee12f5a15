using CrmLedger.BrowserTests.Support;
using CrmLedger.PostgresTests;
using CrmLedger.Tests;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CrmLedger.BrowserTests;

[Collection(SiteTests.Name)]
public sealed class PromiseTests(Site site)
{
    [Fact]
    public async Task A_promise_is_told_with_both_its_dates_and_what_became_of_it()
    {
        using var desk = await Desk.OpenAsync(site.Ledger, "promise-story");
        await desk.PromiseAsync("call", "The bill is explained", Desk.At(1, 12));
        await desk.RecordAsync($"{desk.Customer}/promises/call/propose-new-date",
            new { newDueAt = Desk.At(5, 12), reason = "The part is late" });
        await desk.RecordAsync($"{desk.Customer}/promises/call/accept-new-date", new { });
        await using var window = await site.SignedInAsync(PageOf(desk), tenant: desk.Tenant);
        var page = window.Page;
        await window.ShouldShowAsync("Open, moved by agreement");
        await window.ShouldShowAsync("Promised by Dora Lang, desk");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Anna Lind" })).ToBeVisibleAsync();
        await Expect(page.Locator(".promise-events .event-name")).ToHaveTextAsync(
            ["Promise made", "Promise renegotiation proposed", "Promise renegotiation accepted"]);
        await page.GetByRole(AriaRole.Button, new() { Name = "Kept" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Declare it kept" }).ClickAsync();
        await window.ShouldShowAsync("Kept by the first date");
        string made = (await desk.PromiseAsync("call")).GetProperty("events")[0].GetProperty("id").GetString()!;
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Promise made" }))
            .ToHaveAttributeAsync("href", $"/events/{made}");
    }

    [Fact]
    public async Task A_promise_and_a_customer_open_from_links_with_colons_in_them()
    {
        using var desk = await Desk.OpenAsync(site.Ledger, "promise-colons");
        await desk.PromiseAsync("inv:2026:7", "The bill is explained", Desk.At(1, 12));
        await using var window = await site.SignedInAsync("/today", tenant: desk.Tenant);
        var heading = window.Page.GetByRole(AriaRole.Heading, new() { Level = 1 });
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "The bill is explained" }).ClickAsync();
        await Expect(heading).ToHaveTextAsync("The bill is explained");
        await window.ShouldShowAsync("Open, not yet due");
        await window.Page.GotoAsync($"{desk.Customer["/v1".Length..]}/promises/inv:2026:7");
        await Expect(heading).ToHaveTextAsync("The bill is explained");
        await window.Page.GotoAsync("/customers/ref%3Aanna");
        await Expect(heading).ToHaveTextAsync("Anna Lind");
    }

    [Fact]
    public async Task What_was_annulled_stays_struck_through_with_when_and_why()
    {
        using var desk = await Desk.OpenAsync(site.Ledger, "promise-annulled");
        await desk.PromiseAsync("call", "The bill is explained", Desk.At(1, 12));
        var kept = await desk.RecordAsync($"{desk.Customer}/promises/call/declare-kept", new { });
        await desk.RecordAsync($"{desk.Customer}/annulments", new
        {
            eventId = kept.Json.GetProperty("events")[0].GetProperty("id").GetString(),
            reason = "It was another customer",
        });
        await using var window = await site.SignedInAsync(PageOf(desk), tenant: desk.Tenant);
        var annulled = window.Page.Locator(".is-annulled");
        await Expect(annulled).ToHaveCountAsync(1);
        await Expect(annulled).ToContainTextAsync("Promise declared kept");
        await Expect(annulled).ToContainTextAsync("It was another customer");
        await Expect(annulled.Locator(".event-name")).ToHaveCSSAsync(
            "text-decoration-line", "line-through");
        await window.ShouldShowAsync("Open, not yet due");
    }

    [Fact]
    public async Task What_was_recorded_meanwhile_is_shown_and_nothing_typed_is_lost()
    {
        using var desk = await Desk.OpenAsync(site.Ledger, "promise-meanwhile");
        await desk.PromiseAsync("call", "The bill is explained", Desk.At(1, 12));
        await using var window = await site.SignedInAsync("/today", tenant: desk.Tenant);
        window.Expect("412");
        await OpenNewDateAsync(window);
        await desk.FollowUpAsync("ask", "reassure", Desk.At(3, 12));
        await SendNewDateAsync(window);
        await window.ShouldShowAsync("Something was recorded meanwhile.");
        await Expect(window.Page.Locator(".news li")).ToContainTextAsync(["Follow-up scheduled"]);
        await Expect(window.Page.GetByLabel("Why")).ToHaveValueAsync("The part is late");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Send it again" }).ClickAsync();
        await window.ShouldShowAsync("New date proposed: Anna Lind");
        (await desk.EventsOfAsync("call")).ShouldBe(["promise_made", "promise_renegotiation_proposed"]);
    }

    [Fact]
    public async Task What_no_longer_fits_is_refused_in_the_ledgers_own_words()
    {
        using var desk = await Desk.OpenAsync(site.Ledger, "promise-refused");
        await desk.PromiseAsync("call", "The bill is explained", Desk.At(1, 12));
        await using var window = await site.SignedInAsync("/today", tenant: desk.Tenant);
        window.Expect("412");
        window.Expect("409");
        await OpenNewDateAsync(window);
        await desk.RecordAsync($"{desk.Customer}/promises/call/declare-kept", new { });
        await SendNewDateAsync(window);
        await window.ShouldShowAsync("Promise declared kept");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Send it again" }).ClickAsync();
        await window.ShouldShowAsync("Promise 'call' is kept; this can no longer happen to it.");
        await Expect(window.Page.GetByLabel("Why")).ToHaveValueAsync("The part is late");
    }

    [Fact]
    public async Task An_answer_that_is_lost_doubles_nothing()
    {
        using var desk = await Desk.OpenAsync(site.Ledger, "promise-lost-answer");
        await desk.PromiseAsync("call", "The bill is explained", Desk.At(1, 12));
        await using var window = await site.SignedInAsync("/today", tenant: desk.Tenant);
        window.Expect("Failed to load resource");
        int lost = 0;
        await window.Page.RouteAsync("**/propose-new-date", async route =>
        {
            var answer = await route.FetchAsync();
            if (lost++ < 2)
                await route.AbortAsync();
            else
                await route.FulfillAsync(new() { Response = answer });
        });
        await OpenNewDateAsync(window);
        await SendNewDateAsync(window);
        await window.ShouldShowAsync("it cannot be recorded twice");
        await window.ShouldShowAsync("New date proposed: Anna Lind");
        lost.ShouldBeGreaterThan(2);
        (await desk.EventsOfAsync("call")).ShouldBe(["promise_made", "promise_renegotiation_proposed"]);
    }

    [Fact]
    public async Task The_page_waits_for_a_server_that_is_gone_and_sends_what_was_typed_once()
    {
        var ledger = new RunningLedger { PagesFolder = Checkout.PathTo("src", "CrmLedger.Web", "dist") };
        await ledger.InitializeAsync();
        using var desk = await Desk.OpenAsync(ledger, "promise-away");
        await desk.PromiseAsync("call", "The bill is explained", Desk.At(1, 12));
        await using (var window = await site.OpenAsync(new Uri(ledger.Url, "/icon.svg").ToString()))
        {
            window.Expect("Failed to load resource");
            await window.Page.EvaluateAsync("key => sessionStorage.setItem('crmledger.key', key)", desk.Http.Key);
            await window.Page.GotoAsync(new Uri(ledger.Url, "/today").ToString());
            await OpenNewDateAsync(window);
            var start = await ledger.StopAsync();
            await SendNewDateAsync(window);
            await window.ShouldShowAsync("What you typed is kept and is sent again by itself");
            await window.ShouldShowAsync("The ledger does not answer. What you see may be old");
            await start();
            await window.ShouldShowAsync("New date proposed: Anna Lind");
            await window.ShouldShowAsync("waiting for the customer");
            await Expect(window.Page.Locator(".offline")).ToHaveCountAsync(0);
        }
        (await desk.EventsOfAsync("call")).ShouldBe(["promise_made", "promise_renegotiation_proposed"]);
        await ledger.DisposeAsync();
    }

    private static string PageOf(Desk desk) => desk.Customer["/v1".Length..] + "/promises/call";

    /// <summary>Opens the dialog, fills it in and waits until it has read what it is about.</summary>
    private static async Task OpenNewDateAsync(Window window)
    {
        var read = window.Page.WaitForResponseAsync(r => r.Url.EndsWith("/promises/call", StringComparison.Ordinal));
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "New date" }).ClickAsync();
        await read;
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "In a week" }).ClickAsync();
        await window.Page.GetByLabel("Why").FillAsync("The part is late");
    }

    private static Task SendNewDateAsync(Window window) =>
        window.Page.GetByRole(AriaRole.Button, new() { Name = "Propose the date" }).ClickAsync();
}
