using CrmLedger.BrowserTests.Support;
using CrmLedger.EventStore.Tenants;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CrmLedger.BrowserTests;

[Collection(SiteTests.Name)]
public sealed class SignInTests(Site site)
{
    [Fact]
    public async Task Somebody_signs_in_with_a_key_and_sees_the_first_page_of_his_role()
    {
        using var leader = await site.Ledger.ClientAsync(Site.Tenant, Scopes.Lead);
        await using var window = await site.OpenAsync();
        await window.ShouldBeAccessibleAsync();
        await EnterAsync(window, leader.Key);
        await Expect(window.Page).ToHaveURLAsync(new Uri(site.Ledger.Url, "/promises").ToString());
        await Expect(window.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Promises kept");
        await Expect(window.Page.GetByRole(AriaRole.Link, new() { Name = "Replay" })).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_key_that_is_wrong_or_no_key_at_all_is_refused_with_what_to_do()
    {
        await using var window = await site.OpenAsync("/customers");
        window.Expect("401");
        await EnterAsync(window, "crm_demo_0123456789abcdef_" + new string('A', 43));
        await window.ShouldShowAsync("The ledger does not know this key");
        await EnterAsync(window, "secret");
        await window.ShouldShowAsync("A key looks like crm_tenant_");
        (await window.Page.EvaluateAsync<int>("localStorage.length + sessionStorage.length")).ShouldBe(0);
    }

    [Fact]
    public async Task A_key_that_is_revoked_while_somebody_works_signs_him_out_and_brings_him_back_after()
    {
        using var key = await site.Ledger.ClientAsync(Site.Tenant);
        await using var window = await site.OpenAsync("/customers");
        window.Expect("401");
        await EnterAsync(window, key.Key);
        await window.SettleAsync();
        (await site.Ledger.Services.GetRequiredService<ApiKeys>().RevokeAsync(
            Site.Tenant, key.KeyId, CancellationToken.None)).ShouldBeTrue();
        await Task.Delay(TimeSpan.FromSeconds(1));
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "Today" }).ClickAsync();
        await window.ShouldShowAsync("Your key is not taken any more");
        using var other = await site.Ledger.ClientAsync(Site.Tenant);
        await EnterAsync(window, other.Key);
        await Expect(window.Page).ToHaveURLAsync(new Uri(site.Ledger.Url, "/today").ToString());
    }

    private static async Task EnterAsync(Window window, string key)
    {
        await window.Page.GetByLabel("API key").FillAsync(key);
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
    }
}
