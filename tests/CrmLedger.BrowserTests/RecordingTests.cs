using CrmLedger.BrowserTests.Support;
using CrmLedger.PostgresTests.Http;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CrmLedger.BrowserTests;

/// <summary>What is recorded on a customer's page, by keyboard, and what may go wrong with it.</summary>
[Collection(SiteTests.Name)]
public sealed class RecordingTests(Site site)
{
    [Fact]
    public async Task A_touchpoint_and_a_promise_are_recorded_by_keyboard_alone_each_in_less_than_15_seconds()
    {
        var (http, customer) = await Newcomer.RegisterAsync(site, "recorded");
        using var recorder = http;
        await using var window = await site.SignedInAsync($"/customers/{customer}", tenant: "recorded");
        await window.SettleAsync();
        var keyboard = window.Page.Keyboard;
        long start = TimeProvider.System.GetTimestamp();
        await keyboard.PressAsync("t");
        await Expect(window.Page.GetByRole(AriaRole.Combobox, new() { Name = "Who of us" })).ToBeFocusedAsync();
        await keyboard.TypeAsync("rut");
        await Expect(window.Page.GetByRole(AriaRole.Option, new() { Name = "Ruth Ambler" })).ToBeVisibleAsync();
        await keyboard.PressAsync("Enter");
        await keyboard.PressAsync("Tab");
        await keyboard.PressAsync("Tab");
        await keyboard.TypeAsync("Asked for the papers, and the p of it opens nothing.");
        await keyboard.PressAsync("Control+Enter");
        await window.ShouldShowAsync("Touchpoint recorded");
        TimeProvider.System.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(15));
        await Expect(window.Page.GetByText("Asked for the papers")).ToBeVisibleAsync();

        start = TimeProvider.System.GetTimestamp();
        await keyboard.PressAsync("p");
        await Expect(window.Page.GetByLabel("What kind")).ToBeFocusedAsync();
        await keyboard.TypeAsync("quote");
        await keyboard.PressAsync("Tab");
        await keyboard.TypeAsync("The papers are in the inbox.");
        await keyboard.PressAsync("Control+Enter");
        await window.ShouldShowAsync("Promise recorded");
        TimeProvider.System.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(15));
        await Expect(window.Page.Locator(".owed")).ToContainTextAsync("The papers are in the inbox.");

        var events = (await http.GetAsync($"/v1/customers/{customer}/history")).Items("events");
        events.Select(e => e.Text("type")).ShouldBe(["customer_registered", "touchpoint_recorded", "promise_made"]);
        events[1].Text("data.channel").ShouldBe("phone");
        events[1].Text("data.direction").ShouldBe("outbound");
        var zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
        TimeZoneInfo.ConvertTime(events[2].Time("data.dueAt")!.Value, zone).TimeOfDay.ShouldBe(TimeSpan.FromHours(17));
    }

    [Fact]
    public async Task Whoever_types_a_name_faster_than_the_ledger_answers_chooses_nobody_else()
    {
        var (http, customer) = await Newcomer.RegisterAsync(site, "hurried");
        using var recorder = http;
        await Newcomer.DoAsync(http, "/v1/members", """{"name":"Aaron First","team":"kitchens","reference":"aaron"}""");
        await Newcomer.DoAsync(http, "/v1/members", """{"name":"Ruth Zeller","team":"solar","reference":"other"}""");
        await using var window = await site.SignedInAsync($"/customers/{customer}", tenant: "hurried");
        await window.SettleAsync();
        await window.Page.RouteAsync("**/v1/members*", async route =>
        {
            await Task.Delay(400);
            await route.ContinueAsync();
        });
        var who = window.Page.GetByRole(AriaRole.Combobox, new() { Name = "Who of us" });
        await window.Page.Keyboard.PressAsync("t");
        await window.Page.Keyboard.PressAsync("ArrowDown");
        await Expect(window.Page.GetByRole(AriaRole.Option, new() { Name = "Aaron First" })).ToBeVisibleAsync();
        await window.Page.Keyboard.TypeAsync("ruth a");
        await window.Page.Keyboard.PressAsync("Enter");
        await Expect(who).ToHaveValueAsync("Ruth Ambler · kitchens");
        await who.FillAsync("ruth");
        await window.Page.Keyboard.PressAsync("Enter");
        await Expect(window.Page.Locator(".member-field [role=option]")).ToHaveCountAsync(2);
        await Expect(who).ToHaveValueAsync("ruth");
        await window.Page.Keyboard.PressAsync("Enter");
        await Expect(who).ToHaveValueAsync("Ruth Ambler · kitchens");
    }

    [Fact]
    public async Task What_others_record_meanwhile_stands_in_nobodys_way_and_is_shown_with_ones_own()
    {
        var (http, customer) = await Newcomer.RegisterAsync(site, "meanwhile");
        using var other = http;
        await using var window = await site.SignedInAsync($"/customers/{customer}", tenant: "meanwhile");
        await window.SettleAsync();
        await Newcomer.DoAsync(other, $"/v1/customers/{customer}/touchpoints",
            """{"channel":"chat","direction":"inbound","memberId":"ref:ruth","summary":"The other was quicker."}""");
        await RecordFeedbackAsync(window, "5", "Mine came after.");
        await window.ShouldShowAsync("Feedback recorded");
        await window.ShouldShowAsync("The other was quicker.");
        await window.ShouldShowAsync("The customer gave 5 of 5 (CSAT).");
    }

    [Fact]
    public async Task What_is_sent_again_after_its_answer_was_lost_is_recorded_once()
    {
        var (http, customer) = await Newcomer.RegisterAsync(site, "lost");
        using var reader = http;
        await using var window = await site.SignedInAsync($"/customers/{customer}", tenant: "lost");
        await window.SettleAsync();
        window.Expect("ERR_FAILED");
        int sent = 0;
        await window.Page.RouteAsync("**/feedback", async route =>
        {
            await route.FetchAsync();
            if (Interlocked.Increment(ref sent) == 1)
                await route.AbortAsync();
            else
                await route.ContinueAsync();
        });
        await RecordFeedbackAsync(window, "4", "Once is enough.");
        await window.ShouldShowAsync("The ledger did not answer.");
        await window.Page.Keyboard.PressAsync("Control+Enter");
        await window.ShouldShowAsync("Feedback recorded");
        (await http.GetAsync($"/v1/customers/{customer}/history")).Items("events")
            .Count(e => e.Text("type") == "feedback_received").ShouldBe(1);
    }

    [Fact]
    public async Task What_the_ledger_refuses_is_said_at_its_field_and_what_was_typed_stays()
    {
        var (http, customer) = await Newcomer.RegisterAsync(site, "refused");
        using var reader = http;
        await using var window = await site.SignedInAsync($"/customers/{customer}", tenant: "refused");
        window.Expect("422");
        await window.SettleAsync();
        await RecordFeedbackAsync(window, "9", "Far too much.");
        var score = window.Page.GetByLabel("Score");
        await Expect(score).ToHaveAttributeAsync("aria-invalid", "true");
        await Expect(score).ToHaveAccessibleDescriptionAsync("The score 9 is out of range: csat takes 1 to 5.");
        await Expect(window.Page.GetByLabel("Comment")).ToHaveValueAsync("Far too much.");
        await window.ShouldBeAccessibleAsync();
        await window.Page.Keyboard.PressAsync("Escape");
        await window.ShouldShowAsync("Throw away what you typed?");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();
        await Expect(window.Page.GetByLabel("Comment")).ToHaveValueAsync("Far too much.");
        await window.Page.Keyboard.PressAsync("Escape");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Throw it away" }).ClickAsync();
        await Expect(window.Page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task The_forms_are_accessible_and_fit_a_phone()
    {
        var (http, customer) = await Newcomer.RegisterAsync(site, "customers-forms");
        http.Dispose();
        foreach (var (device, dark) in new[] { (Device.Laptop, true), (Device.Phone, false) })
        {
            await using var window = await site.SignedInAsync(
                $"/customers/{customer}", device: device, dark: dark, tenant: "customers-forms");
            await window.SettleAsync();
            foreach (string key in new[] { "t", "p", "f", "b" })
            {
                await window.Page.Keyboard.PressAsync(key);
                await Expect(window.Page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
                await window.ShouldBeAccessibleAsync();
                await window.ShouldFitAsync();
                await window.Page.Keyboard.PressAsync("Escape");
                await Expect(window.Page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
            }
        }
    }

    private static async Task RecordFeedbackAsync(Window window, string score, string comment)
    {
        await window.Page.Keyboard.PressAsync("b");
        await window.Page.GetByLabel("Score").FillAsync(score);
        await window.Page.GetByLabel("Comment").FillAsync(comment);
        await window.Page.Keyboard.PressAsync("Control+Enter");
    }
}
