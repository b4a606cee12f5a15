using CrmLedger.BrowserTests.Support;
using CrmLedger.EventStore.Tenants;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CrmLedger.BrowserTests;

[Collection(SiteTests.Name)]
public sealed class TodayTests(Site site)
{
    [Fact]
    public async Task What_is_owed_stands_under_its_day_and_filters_survive_a_reload()
    {
        using var desk = await Desk.OpenAsync(site.Ledger, "today-days");
        await desk.PromiseAsync("late", "Called two days ago", Desk.At(-2, 12));
        await desk.PromiseAsync("today", "Called before midnight", Desk.At(0, 23, 59));
        await desk.PromiseAsync("tomorrow", "Called tomorrow", Desk.At(1, 12));
        await desk.FollowUpAsync("news", "deliver_news", Desk.At(1, 13), "emil");
        await desk.PromiseAsync("later", "Called in three weeks", Desk.At(21, 12));
        await using var window = await site.SignedInAsync("/today", tenant: desk.Tenant);
        var page = window.Page;
        await Expect(page.Locator(".jump")).ToHaveTextAsync(
            ["1Overdue", "1Today", "2Tomorrow", "0This week", "1Later"]);
        await Expect(page.Locator("h2")).ToHaveTextAsync(["Overdue 1", "Today 1", "Tomorrow 2", "Later 1"]);
        await Expect(page.Locator("article").First).ToContainTextAsync("2 days ago");

        await page.GetByRole(AriaRole.Button, new() { Name = "Follow-ups" }).ClickAsync();
        await Expect(page.Locator("article")).ToHaveCountAsync(1);
        await Expect(page.Locator("article")).ToContainTextAsync("Tell the news");
        await page.GetByRole(AriaRole.Button, new() { Name = "Other …" }).ClickAsync();
        await page.GetByLabel("Member", new() { Exact = true }).And(page.GetByRole(AriaRole.Combobox))
            .PressSequentiallyAsync("dora");
        await Expect(page.Locator("[role=option]")).ToHaveCountAsync(1);
        await page.Keyboard.PressAsync("Enter");
        await window.ShouldShowAsync("Nothing of this sort is due.");
        await page.ReloadAsync();
        await window.ShouldShowAsync("Nothing of this sort is due.");
        page.Url.ShouldContain("whose=other");
        page.Url.ShouldContain("kind=follow_up");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show everybody" }).ClickAsync();
        await Expect(page.Locator("article")).ToHaveCountAsync(5);
        page.Url.ShouldEndWith("/today");
    }

    [Fact]
    public async Task Somebody_says_once_who_he_is_and_sees_what_is_his()
    {
        using var desk = await Desk.OpenAsync(site.Ledger, "today-mine");
        await desk.PromiseAsync("hers", "Dora calls", Desk.At(1, 12));
        await desk.PromiseAsync("his", "Emil calls", Desk.At(1, 12), "emil");
        await using var window = await site.SignedInAsync("/today", tenant: desk.Tenant);
        var page = window.Page;
        await page.GetByRole(AriaRole.Button, new() { Name = "Mine" }).ClickAsync();
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Who are you?" }).PressSequentiallyAsync("emil");
        await Expect(page.Locator("[role=option]")).ToHaveCountAsync(1);
        await page.Keyboard.PressAsync("Enter");
        await window.ShouldShowAsync("You are Emil Roth.");
        await Expect(page.Locator("article")).ToHaveCountAsync(1);
        await Expect(page.Locator("article")).ToContainTextAsync("Emil calls");
        await page.GotoAsync("/today");
        await Expect(page.Locator("article")).ToHaveCountAsync(1);
        await Expect(page.Locator("article")).ToContainTextAsync("Emil calls");
    }

    [Fact]
    public async Task A_promise_is_kept_in_place_by_keyboard_alone()
    {
        using var desk = await Desk.OpenAsync(site.Ledger, "today-keys");
        await desk.PromiseAsync("first", "The first call", Desk.At(1, 12));
        await desk.PromiseAsync("second", "The second call", Desk.At(2, 12));
        await using var window = await site.SignedInAsync("/today", tenant: desk.Tenant);
        var page = window.Page;
        await Expect(page.Locator("article")).ToHaveCountAsync(2);
        for (int i = 0; i < 60 && await FocusedActionAsync(page) != "kept"; i++)
            await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Enter");
        await window.ShouldShowAsync("Kept: Anna Lind");
        await Expect(page.Locator("article")).ToHaveCountAsync(1);
        await Expect(page.Locator("article")).ToContainTextAsync("The second call");
        await Expect(page.Locator("article")).ToBeFocusedAsync();
        (await desk.PromiseAsync("first")).GetProperty("status").GetString().ShouldBe("kept");
    }

    [Fact]
    public async Task A_new_date_is_proposed_and_its_agreement_recorded_in_one_go()
    {
        using var desk = await Desk.OpenAsync(site.Ledger, "today-moved");
        await desk.PromiseAsync("call", "The bill is explained", Desk.At(1, 12));
        await using var window = await site.SignedInAsync("/today", tenant: desk.Tenant);
        var page = window.Page;
        await page.GetByRole(AriaRole.Button, new() { Name = "New date" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Propose the date" }).ClickAsync();
        await window.ShouldShowAsync("Choose a date.");
        await window.ShouldShowAsync("Say why.");
        await page.GetByRole(AriaRole.Button, new() { Name = "In a week" }).ClickAsync();
        await page.GetByLabel("Why").FillAsync("The part is late");
        await page.GetByLabel("The customer agreed").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Propose the date and record" }).ClickAsync();
        await window.ShouldShowAsync("moved once");
        await Expect(page.Locator("article")).ToContainTextAsync("in 7 days");
        var promise = await desk.PromiseAsync("call");
        promise.GetProperty("promise").GetProperty("bindingDue").GetDateTimeOffset().ShouldBe(Desk.At(7, 17));
        promise.GetProperty("promise").GetProperty("firstDue").GetDateTimeOffset().ShouldBe(Desk.At(1, 12));
    }

    [Fact]
    public async Task A_follow_up_is_rescheduled_and_then_done()
    {
        using var desk = await Desk.OpenAsync(site.Ledger, "today-follow-up");
        await desk.FollowUpAsync("ask", "check_satisfaction", Desk.At(1, 12));
        await using var window = await site.SignedInAsync("/today", tenant: desk.Tenant);
        var page = window.Page;
        await page.GetByRole(AriaRole.Button, new() { Name = "Reschedule" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "In 3 days" }).ClickAsync();
        await page.GetByLabel("Why").FillAsync("Anna is away");
        await page.GetByLabel("The customer agreed").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Reschedule it" }).ClickAsync();
        await Expect(page.Locator("article")).ToContainTextAsync("in 3 days");
        await page.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Record it as done" }).ClickAsync();
        await window.ShouldShowAsync("Nothing is due.");
    }

    [Fact]
    public async Task A_promise_is_handed_over_and_a_miss_is_explained()
    {
        using var desk = await Desk.OpenAsync(site.Ledger, "today-more");
        await desk.PromiseAsync("late", "The late call", Desk.At(-1, 12));
        await using var window = await site.SignedInAsync("/today", tenant: desk.Tenant);
        var page = window.Page;
        await page.GetByRole(AriaRole.Button, new() { Name = "Explain" }).ClickAsync();
        await page.GetByLabel("Cause").SelectOptionAsync("dependency");
        await page.GetByRole(AriaRole.Button, new() { Name = "Record the cause" }).ClickAsync();
        await window.ShouldShowAsync("Cause recorded: Anna Lind");
        await page.GetByRole(AriaRole.Button, new() { Name = "More for" }).PressAsync("Enter");
        await page.GetByRole(AriaRole.Menuitem, new() { Name = "Hand it over" }).PressAsync("Enter");
        await page.GetByRole(AriaRole.Combobox, new() { Name = "To whom" }).PressSequentiallyAsync("roth");
        await Expect(page.Locator("[role=option]")).ToHaveCountAsync(1);
        await page.Keyboard.PressAsync("Enter");
        await page.GetByLabel("Why").FillAsync("Dora is on leave");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("article")).ToContainTextAsync("held by Emil Roth, field");
    }

    [Fact]
    public async Task Thousands_overdue_are_never_all_on_the_page_and_hide_no_later_day()
    {
        using var desk = await Desk.OpenAsync(site.Ledger, "today-long");
        await Task.WhenAll(Enumerable.Range(0, 160).Select(i =>
            desk.PromiseAsync($"late-{i}", $"Call {i}", Desk.At(-2, 12))));
        await desk.PromiseAsync("later", "The call far away", Desk.At(30, 12));
        await using var window = await site.SignedInAsync("/today", tenant: desk.Tenant);
        var page = window.Page;
        await Expect(page.Locator(".jump").First).ToHaveTextAsync("160Overdue");
        (await page.Locator("article").CountAsync()).ShouldBeInRange(1, 40);
        await page.Locator(".jump").Last.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "The call far away" })).ToBeInViewportAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Show more of 160" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Show more" })).ToHaveCountAsync(0);
        (await page.Locator("article").CountAsync()).ShouldBeInRange(1, 40);
    }

    [Fact]
    public async Task A_key_that_may_not_append_looks_and_is_offered_nothing_to_do()
    {
        using var desk = await Desk.OpenAsync(site.Ledger, "today-reader");
        await desk.PromiseAsync("call", "The bill is explained", Desk.At(1, 12));
        await using var window = await site.SignedInAsync("/today", [Scopes.Read], tenant: desk.Tenant);
        await Expect(window.Page.Locator("article")).ToHaveCountAsync(1);
        await Expect(window.Page.Locator("article button")).ToHaveCountAsync(0);
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "The bill is explained" }).ClickAsync();
        await window.ShouldShowAsync("Open, not yet due");
        await Expect(window.Page.Locator("[data-act]")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task The_dialogs_are_accessible_and_fit_a_phone()
    {
        foreach (var (device, dark) in new[] { (Device.Laptop, true), (Device.Phone, false) })
        {
            await using var window = await site.SignedInAsync("/today", device: device, dark: dark);
            await window.Page.GetByRole(AriaRole.Button, new() { Name = "Explain" }).First.ClickAsync();
            await Expect(window.Page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
            await window.ShouldBeAccessibleAsync();
            await window.ShouldFitAsync();
        }
    }

    [Fact]
    public async Task Markup_in_what_was_promised_stays_text()
    {
        const string Planted = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>";
        using var desk = await Desk.OpenAsync(site.Ledger, "today-markup");
        await desk.PromiseAsync("planted", Planted, Desk.At(1, 12));
        await using var window = await site.SignedInAsync("/today", tenant: desk.Tenant);
        await window.ShouldShowAsync(Planted);
        await window.Page.GetByRole(AriaRole.Link, new() { Name = Planted }).ClickAsync();
        await Expect(window.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(Planted);
        await Expect(window.Page.Locator("#page img, #page script")).ToHaveCountAsync(0);
        (await window.Page.TitleAsync()).ShouldNotBe("taken");
    }

    private static Task<string> FocusedActionAsync(IPage page) =>
        page.EvaluateAsync<string>("document.activeElement?.dataset?.act ?? ''");
}
