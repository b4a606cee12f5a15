using CrmLedger.BrowserTests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CrmLedger.BrowserTests;

/// <summary>What holds for every page: that its code may not come.</summary>
[Collection(SiteTests.Name)]
public sealed class ShellTests(Site site)
{
    [Fact]
    public async Task A_page_whose_code_does_not_come_says_so_and_opens_once_it_does()
    {
        await using var window = await site.SignedInAsync("/today");
        window.Expect("ERR_FAILED");
        window.Expect("Failed to fetch dynamically imported module");
        await window.SettleAsync();
        await window.Page.RouteAsync("**/assets/Customers-*.js", route => route.AbortAsync());
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "Customers" }).ClickAsync();
        await window.ShouldShowAsync("This page could not be opened");
        await window.ShouldBeAccessibleAsync();
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "Today" }).ClickAsync();
        await Expect(window.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Today");
        await window.Page.GoBackAsync();
        await window.ShouldShowAsync("This page could not be opened");
        await window.Page.UnrouteAsync("**/assets/Customers-*.js");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Load the page again" }).ClickAsync();
        await Expect(window.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Customers");
    }

    [Fact]
    public async Task A_picture_whose_code_does_not_come_stands_as_its_table()
    {
        await using var window = await site.SignedInAsync("/icon.svg");
        window.Expect("ERR_FAILED");
        await window.Page.RouteAsync("**/assets/echarts-*.js", route => route.AbortAsync());
        await window.Page.GotoAsync("/promises");
        await window.ShouldShowAsync("The picture could not be loaded; the table says the same.");
        await Expect(window.Page.Locator("figure table").First).ToBeVisibleAsync();
        await window.SettleAsync();
    }

    [Fact]
    public async Task The_window_is_called_like_the_page_in_it_and_tells_nothing_after_signing_out()
    {
        await using var window = await site.SignedInAsync("/today");
        await Expect(window.Page).ToHaveTitleAsync("Today · CrmLedger");
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "Customers" }).ClickAsync();
        await Expect(window.Page).ToHaveTitleAsync("Customers · CrmLedger");
        await window.SettleAsync();
        await window.Page.Locator(".opens").First.ClickAsync();
        var heading = window.Page.GetByRole(AriaRole.Heading, new() { Level = 1 });
        await Expect(heading).Not.ToHaveTextAsync("Customers");
        await Expect(window.Page).ToHaveTitleAsync($"{await heading.InnerTextAsync()} · CrmLedger");
        await window.SettleAsync();
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).First.ClickAsync();
        await Expect(window.Page).ToHaveTitleAsync("CrmLedger");
    }

    [Fact]
    public async Task What_there_is_not_is_said_not_to_be_and_leads_on()
    {
        using var desk = await Desk.OpenAsync(site.Ledger, "nothing-there");
        await using var window = await site.SignedInAsync("/events/nope", tenant: desk.Tenant);
        window.Expect("404");
        await window.ShouldShowAsync("There is no such event");
        await window.Page.GotoAsync("/replay/%25");
        await window.ShouldShowAsync("There is no customer '%'.");
        await window.Page.GotoAsync("/customers/ref:anna/promises/nope");
        await window.ShouldShowAsync("There is no such promise");
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "To Anna Lind" }).ClickAsync();
        await Expect(window.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Anna Lind");
        await window.Page.GotoAsync("/customers?stage=zzz&risk=zzz");
        await window.ShouldShowAsync("1 in all");
    }
}
