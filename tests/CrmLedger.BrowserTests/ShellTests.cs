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
}
