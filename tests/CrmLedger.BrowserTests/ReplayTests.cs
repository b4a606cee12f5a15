using CrmLedger.BrowserTests.Support;
using CrmLedger.EventStore.Tenants;
using CrmLedger.Server.EvidenceBundles;
using CrmLedger.Transparency;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CrmLedger.BrowserTests;

[Collection(SiteTests.Name)]
public sealed class ReplayTests(Site site)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_keyboard_goes_through_a_customers_events_and_the_address_keeps_the_place(bool onPhone)
    {
        string tenant = $"replays-{onPhone}".ToLowerInvariant();
        var past = await KeptPromise.RecordAsync(site, tenant);
        await using var window = await site.SignedInAsync(
            $"/replay/{past.Customer}", device: onPhone ? Device.Phone : null, dark: onPhone, tenant: tenant);
        var slider = window.Page.GetByRole(AriaRole.Slider, new() { Name = "Event" });
        await window.ShouldShowAsync(KeptPromise.Name);
        await slider.FocusAsync();
        await slider.PressAsync("Home");
        await window.ShouldShowAsync("1 of 11");
        await slider.PressAsync("ArrowRight");
        await Expect(window.Page.Locator("[aria-valuetext*='promise made']")).ToBeVisibleAsync();
        await Expect(Card(window, "What it is about")).ToContainTextAsync("promise/P-1 begins with this event");
        await Expect(Card(window, "What each view did")).ToContainTextAsync("open-commitments");
        await Expect(Card(window, "The event")).ToContainTextAsync(KeptPromise.Conditions);
        await slider.PressAsync("ArrowRight");
        await slider.PressAsync("ArrowRight");
        await Expect(Card(window, "What it is about")).ToContainTextAsync("status");
        await window.Page.WaitForURLAsync(url => url.Contains("at=4", StringComparison.Ordinal));
        await window.Page.ReloadAsync();
        await Expect(Card(window, "The event")).ToContainTextAsync("promise declared kept");
        await slider.PressAsync("End");
        await window.ShouldShowAsync("11 of 11");
        await slider.PressAsync("PageDown");
        await window.ShouldShowAsync("10 of 11");
        await slider.PressAsync("PageUp");
        await window.ShouldShowAsync("11 of 11");
        await slider.PressAsync("ArrowLeft");
        await window.ShouldShowAsync("10 of 11");
        await window.SettleAsync();
        await window.ShouldBeAccessibleAsync();
        await window.ShouldFitAsync();
    }

    [Fact]
    public async Task An_annulled_entry_is_struck_through_with_by_whom_and_why()
    {
        var past = await KeptPromise.RecordAsync(site, "replays-annulled");
        await using var window = await site.SignedInAsync($"/replay/{past.Customer}?at=3", tenant: "replays-annulled");
        var card = Card(window, "The event");
        await Expect(card.Locator("s")).ToHaveTextAsync("purchase recorded");
        await Expect(card).ToContainTextAsync("Annulled by key:");
        await Expect(card).ToContainTextAsync(KeptPromise.Reason);
        await Expect(Card(window, "All events").Locator("s")).ToHaveCountAsync(1);
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "entry annulled" }).ClickAsync();
        await Expect(card).ToContainTextAsync("Annuls event 3, purchase recorded");
        await card.GetByRole(AriaRole.Button, new() { Name = "Go to it" }).ClickAsync();
        await Expect(card.Locator("s")).ToHaveTextAsync("purchase recorded");
        await card.GetByRole(AriaRole.Link, new() { Name = "Proof" }).ClickAsync();
        await window.ShouldShowAsync("Everything that was checked here holds.");
    }

    [Fact]
    public async Task Both_clocks_order_the_events_and_two_moments_are_compared_by_the_events_between()
    {
        var past = await KeptPromise.RecordAsync(site, "replays-clocks");
        await using var window = await site.SignedInAsync($"/replay/{past.Customer}?at=3", tenant: "replays-clocks");
        await window.ShouldShowAsync("3 of 11");
        // It happened nine days before it was recorded, and so before the customer was registered.
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "As it happened" }).ClickAsync();
        await window.ShouldShowAsync("1 of 11");
        await window.Page.WaitForURLAsync(url => url.Contains("clock=happened", StringComparison.Ordinal));
        await window.Page.GotoAsync($"/replay/{past.Customer}?at=4&with=1");
        var between = Card(window, "Between the two moments");
        await Expect(between).ToContainTextAsync("3 events lie between");
        await Expect(between.GetByRole(AriaRole.Row).Filter(new() { HasText = "kept-rate" })
            .Filter(new() { HasText = "status" })).ToContainTextAsync("promise madepromise declared kept");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "End the comparison" }).ClickAsync();
        await Expect(between).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task The_evidence_bundle_that_is_saved_holds_with_no_server()
    {
        const string tenant = "replays-evidence";
        var past = await KeptPromise.RecordAsync(site, tenant);
        await using var window = await site.SignedInAsync($"/replay/{past.Customer}", tenant: tenant);
        var saved = await window.Page.RunAndWaitForDownloadAsync(() =>
            window.Page.GetByRole(AriaRole.Button, new() { Name = "Evidence bundle of the customer" }).ClickAsync());
        using var http = new HttpClient { BaseAddress = site.Ledger.Url };
        string published = await http.GetStringAsync(new Uri($"/log/{tenant}/key", UriKind.Relative));
        var key = VerifierKey.Parse(published.Trim());
        await using var bundle = File.OpenRead(await saved.PathAsync());
        var report = await EvidenceVerification.CheckAsync(
            bundle, _ => new(key), [], progress: null, CancellationToken.None);
        report.Refusal.ShouldBeNull();
        report.Streams[$"customer-{past.Customer}"].ShouldBe(11);
        report.Annulled.ShouldHaveSingleItem();
        await window.ShouldShowAsync("The evidence bundle was saved");
    }

    [Fact]
    public async Task Somebody_finds_a_customer_by_the_whole_reference()
    {
        await KeptPromise.RecordAsync(site, "replays-found");
        await using var window = await site.SignedInAsync("/replay", tenant: "replays-found");
        await window.Page.GetByLabel("Customer").FillAsync("ref:anna");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Replay", Exact = true }).ClickAsync();
        await window.ShouldShowAsync(KeptPromise.Name);
    }

    [Fact]
    public async Task What_moved_in_the_whole_ledger_is_told_with_the_events_that_did_it()
    {
        var past = await KeptPromise.RecordAsync(site, "replays-moved");
        await using var window = await site.SignedInAsync("/replay", tenant: "replays-moved");
        await window.Page.GetByLabel("From").FillAsync("2020-01-01T00:00");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Show", Exact = true }).ClickAsync();
        var card = Card(window, "What moved in the whole ledger");
        await Expect(card.GetByRole(AriaRole.Link, new() { Name = "promise declared kept" })).ToBeVisibleAsync();
        await Expect(card).ToContainTextAsync(KeptPromise.Name);
        await window.Page.ReloadAsync();
        await card.GetByRole(AriaRole.Link, new() { Name = KeptPromise.Name }).ClickAsync();
        await window.Page.WaitForURLAsync(url => url.EndsWith(past.Customer, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_consistency_check_shows_for_each_view_whether_it_is_what_the_log_gives()
    {
        const string tenant = "replays-checked";
        await KeptPromise.RecordAsync(site, tenant);
        await using var window = await site.SignedInAsync("/replay", tenant: tenant);
        var card = Card(window, "Consistency check");
        await card.GetByRole(AriaRole.Button, new() { Name = "Check every view" }).ClickAsync();
        await Expect(card.GetByText("The same: ")).ToHaveCountAsync(5);
        await window.Page.RouteAsync("**/check-consistency", route => route.FulfillAsync(new()
        {
            ContentType = "application/json",
            Body = """
                {"view":"kept-rate","generation":1,"position":12,"rows":3,"differences":1,"seconds":0.1,"items":[{
                "kind":"altered","stream":"customer-1","key":"P-1","validFrom":2,"columns":["row"],
                "stored":"{\"status\":\"kept\"}","folded":"{\"status\":\"made\"}"}]}
                """,
        }));
        await card.GetByRole(AriaRole.Button, new() { Name = "Check kept-rate" }).ClickAsync();
        await Expect(card).ToContainTextAsync("1 of 3 rows differ");
        await Expect(card).ToContainTextAsync("""{"status":"made"}""");
    }

    [Fact]
    public async Task Who_is_no_auditor_is_offered_no_consistency_check_and_a_customer_who_is_none_is_named()
    {
        await using var window = await site.SignedInAsync("/replay", [Scopes.Lead]);
        await Expect(Card(window, "What moved in the whole ledger")).ToBeVisibleAsync();
        await Expect(Card(window, "Consistency check")).ToHaveCountAsync(0);
        await using var other = await site.SignedInAsync("/replay/ref%3Anobody");
        other.Expect("404");
        await other.ShouldShowAsync("This could not be shown");
    }

    private static ILocator Card(Window window, string title) =>
        window.Page.GetByRole(AriaRole.Region, new() { Name = title, Exact = true })
            .And(window.Page.Locator("section"));
}
