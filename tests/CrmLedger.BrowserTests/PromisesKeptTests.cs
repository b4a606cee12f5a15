using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using CrmLedger.BrowserTests.Support;
using CrmLedger.EventStore.Tenants;
using CrmLedger.PostgresTests.Http;
using CrmLedger.PostgresTests.Imports;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CrmLedger.BrowserTests;

[Collection(SiteTests.Name)]
public sealed partial class PromisesKeptTests(Site site)
{
    private const string Days = "from=2026-01-01&to=2100-01-01";
    private const string Page = "/promises?period=custom&" + Days + "&by=";

    [Theory]
    [InlineData("team")]
    [InlineData("maker")]
    [InlineData("kind")]
    public async Task Each_number_is_that_of_the_api_and_of_the_command_line(string by)
    {
        using var http = await site.Ledger.ClientAsync(Site.Tenant);
        await using var window = await site.SignedInAsync(Page + by);
        await window.SettleAsync();

        var api = (await http.GetAsync($"/v1/kept-rate?by={by}&{Days}")).Json;
        await ShouldShowAsync(window, "strict", api.GetProperty("total").GetProperty("strict"));
        await ShouldShowAsync(window, "agreed", api.GetProperty("total").GetProperty("agreed"));
        var groups = api.Items("groups").ToDictionary(g => g.Text("label")!, Cells);
        groups.Count.ShouldBeGreaterThan(2);
        (await RowsAsync(window)).ShouldBe(groups, ignoreOrder: true);

        string[] options = ["--by", by, "--from", "2026-01-01", "--to", "2100-01-01"];
        var said = await CommandLineOf.RunAsync(site.Ledger, http, ["kept-rate", .. options]);
        said.ExitCode.ShouldBe(0, said.Error);
        foreach (var (label, cells) in groups)
        {
            string line = said.Out.Split('\n').Single(
                l => l.TrimStart().StartsWith(label + "  ", StringComparison.Ordinal));
            string[] told = [.. Gap().Split(line.Trim())];
            told[1].ShouldBe(cells.Promises, label);
            told[2].ShouldBe(cells.Kept, label);
            told.ShouldContain(cells.Strict.Replace("%", " %", StringComparison.Ordinal), label);
            told.ShouldContain(cells.Agreed.Replace("%", " %", StringComparison.Ordinal), label);
        }
    }

    [Fact]
    public async Task The_change_what_is_open_the_causes_and_the_rankings_are_those_of_the_api()
    {
        using var http = await site.Ledger.ClientAsync(Site.Tenant);
        await using var window = await site.SignedInAsync("/promises?period=90d");
        await window.SettleAsync();
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        string days = FormattableString.Invariant(
            $"from={today.AddDays(-89):yyyy-MM-dd}&to={today.AddDays(1):yyyy-MM-dd}");

        var change = (await http.GetAsync($"/v1/kept-rate/change?by=team&{days}")).Json.GetProperty("total");
        string points = Math.Abs(change.GetProperty("difference").GetDouble() * 100)
            .ToString("0.0", CultureInfo.InvariantCulture);
        (await FigureAsync(window, "change")).ShouldContain(points);
        var due = (await http.GetAsync("/v1/commitments/due")).Json.GetProperty("total");
        string open = await FigureAsync(window, "open");
        open.ShouldContain($"{due.Number("open")}");
        open.ShouldContain($"{due.Number("overdue")} overdue");
        open.ShouldContain($"{due.Number("dueSoon")} due soon");

        var causes = (await http.GetAsync($"/v1/kept-rate?by=team&{days}")).Json
            .GetProperty("total").GetProperty("missCauses");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "As a table: Why promises break" }).ClickAsync();
        var table = window.Page.GetByRole(AriaRole.Table, new() { Name = "Why promises break" });
        foreach (var cause in causes.EnumerateObject())
        {
            await Expect(table.GetByRole(AriaRole.Row, new() { Name = cause.Name.Replace('_', ' ') }))
                .ToContainTextAsync($"{cause.Value}");
        }
        foreach (var (order, title) in new[] { ("lowest", "Who needs help"), ("highest", "Who deserves recognition") })
        {
            var answer = await http.GetAsync($"/v1/kept-rate/ranking?by=maker&order={order}&minN=5&limit=4&{days}");
            var ranked = answer.Items("items");
            var shown = window.Page.GetByRole(AriaRole.Region, new() { Name = title }).GetByRole(AriaRole.Listitem);
            await Expect(shown).ToHaveCountAsync(ranked.Count);
            for (int i = 0; i < ranked.Count; i++)
            {
                await Expect(shown.Nth(i)).ToContainTextAsync(ranked[i].Text("label")!);
                await Expect(shown.Nth(i)).ToContainTextAsync(
                    Percent(ranked[i].GetProperty("strict").GetProperty("rate")));
            }
        }
    }

    [Fact]
    public async Task A_number_opens_its_promises_and_their_list_is_complete()
    {
        using var http = await site.Ledger.ClientAsync(Site.Tenant);
        await using var window = await site.SignedInAsync(Page + "team");
        await window.SettleAsync();
        var solar = (await http.GetAsync($"/v1/kept-rate?by=team&{Days}"))
            .Items("groups").Single(g => g.Text("key") == "solar");
        long late = solar.GetProperty("counts").Number("keptLate")!.Value;
        var link = window.Page.GetByRole(AriaRole.Link, new() { Name = "solar" });
        var row = window.Page.GetByRole(AriaRole.Row).Filter(new() { Has = link });
        await row.Locator("a[href*=kept_late]", new() { HasText = $"{late}" }).Last.ClickAsync();
        await Expect(window.Page).ToHaveURLAsync(LateOfSolar());
        await window.ShouldShowAsync($"{late} promises");
        await Expect(window.Page.Locator("[role=cell] .badge").First).ToHaveTextAsync("Late");

        await window.Page.GetByRole(AriaRole.Button, new() { Name = "All", Exact = true }).ClickAsync();
        await window.SettleAsync();
        long all = (await http.GetAsync($"/v1/kept-rate/promises?by=team&key=solar&{Days}&limit=1"))
            .Number("total")!.Value;
        await window.ShouldShowAsync($"{all} promises");
        var file = await window.Page.RunAndWaitForDownloadAsync(
            () => window.Page.GetByRole(AriaRole.Button, new() { Name = "All as CSV" }).ClickAsync());
        string[] lines = await File.ReadAllLinesAsync((await file.PathAsync())!);
        lines.Length.ShouldBe((int)all + 1);

        await window.Page.Locator(".page-head").GetByRole(AriaRole.Link, new() { Name = "Promises kept" }).ClickAsync();
        await Expect(window.Page).ToHaveURLAsync(new Uri(site.Ledger.Url, Page + "team").ToString());
    }

    [Fact]
    public async Task Every_number_opens_as_many_promises_as_it_says()
    {
        using var http = await site.Ledger.ClientAsync(Site.Tenant);
        await using var window = await site.SignedInAsync("/promises?period=12m");
        await window.SettleAsync();
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "As a table: Why promises break" }).ClickAsync();
        string[][] links = await window.Page.Locator("main a[href^='/promises/behind?']")
            .EvaluateAllAsync<string[][]>("all => all.map(a => [a.textContent, a.getAttribute('href')])");
        int numbers = 0;
        foreach (string[] link in links)
        {
            if (!int.TryParse(link[0], NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out int said))
                continue;
            string query = link[1][link[1].IndexOf('?', StringComparison.Ordinal)..];
            (await http.GetAsync($"/v1/kept-rate/promises{query}&limit=1")).Number("total").ShouldBe(said, link[1]);
            numbers++;
        }
        numbers.ShouldBeGreaterThan(30);
        foreach (string part in new[] { "cause=", "only=imported", "only=recorded_late", "moved_by_agreement" })
            links.ShouldContain(l => l[1].Contains(part), part);
        await window.Page.Locator("[data-figure=agreed] .under a").First.ClickAsync();
        await Expect(window.Page.GetByRole(AriaRole.Button, new() { Name = "Kept as agreed" }))
            .ToHaveAttributeAsync("aria-pressed", "true");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Back_from_a_promise_finds_the_list_where_it_was_left(bool phone)
    {
        var device = phone ? Device.Phone : Device.Laptop;
        await using var window = await site.SignedInAsync("/promises/behind", device: device);
        await window.SettleAsync();
        var list = window.Page.Locator(".virtual");
        await list.EvaluateAsync("list => list.scrollTo(0, 6000)");
        await Expect(window.Page.Locator("[aria-rowindex='136']")).ToBeVisibleAsync();
        await window.Page.WaitForTimeoutAsync(400); // its place is kept once it rests
        var left = window.Page.Locator("[aria-rowindex='136'] a");
        string name = await left.InnerTextAsync();
        await left.ClickAsync();
        await window.ShouldShowAsync("Every event of it");
        await window.Page.GoBackAsync();
        await Expect(left).ToBeInViewportAsync();
        await Expect(left).ToHaveTextAsync(name);
        (await list.EvaluateAsync<int>("list => list.scrollTop")).ShouldBe(6000);

        await window.Page.GotoAsync("/promises/behind?class=kept_late");
        await window.SettleAsync();
        (await list.EvaluateAsync<int>("list => list.scrollTop")).ShouldBe(0);
    }

    [Fact]
    public async Task Back_from_the_promises_behind_a_number_finds_the_page_where_it_was_left()
    {
        await using var window = await site.SignedInAsync("/promises?period=12m");
        await window.SettleAsync();
        var number = window.Page.Locator("table.table a").Last;
        await number.ScrollIntoViewIfNeededAsync();
        int left = await window.Page.EvaluateAsync<int>("scrollY");
        left.ShouldBeGreaterThan(100);
        await number.ClickAsync();
        await window.ShouldShowAsync("The promises behind the number");
        await window.SettleAsync();
        await window.Page.GoBackAsync();
        await window.SettleAsync();
        await Expect(number).ToBeInViewportAsync();
        (await window.Page.EvaluateAsync<int>("scrollY")).ShouldBe(left);
    }

    [Theory]
    [InlineData("overdue")]
    [InlineData("soon")]
    public async Task What_is_overdue_and_due_soon_opens_its_list(string due)
    {
        await using var window = await site.SignedInAsync("/promises");
        await window.SettleAsync();
        var number = window.Page.Locator($"[data-figure=open] a[href*='due={due}']");
        int said = int.Parse((await number.InnerTextAsync()).Split(' ')[0], CultureInfo.InvariantCulture);
        await number.ClickAsync();
        await window.SettleAsync();
        string[] groups = [.. await window.Page.Locator(".jump .number").AllInnerTextsAsync()];
        groups.Sum(g => int.Parse(g, CultureInfo.InvariantCulture)).ShouldBe(said);
        (groups[0] == $"{said}").ShouldBe(due == "overdue");
    }

    [Fact]
    public async Task What_was_asked_stays_in_the_address_and_is_there_again_after_reloading()
    {
        await using var window = await site.SignedInAsync("/promises");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "12 months" }).ClickAsync();
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Owner" }).ClickAsync();
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Month", Exact = true }).ClickAsync();
        window.Page.Url.ShouldEndWith("/promises?period=12m&by=maker&over=month");
        await window.Page.ReloadAsync();
        foreach (string chosen in new[] { "12 months", "Owner", "Month" })
        {
            await Expect(window.Page.GetByRole(AriaRole.Button, new() { Name = chosen, Exact = true }))
                .ToHaveAttributeAsync("aria-pressed", "true");
        }
        await window.Page.GotoAsync("/promises?period=custom&from=1999-01-01&to=1999-02-01");
        await window.ShouldShowAsync("No promise came due in this period");
    }

    [Fact]
    public async Task A_press_shows_before_the_numbers_that_follow_from_it_are_asked_for()
    {
        await using var window = await site.SignedInAsync("/promises?period=12m");
        await window.SettleAsync();
        var pressed = await window.Page.GetByRole(AriaRole.Button, new() { Name = "Owner", Exact = true })
            .EvaluateAsync<string[]>(PressAndLook);
        pressed.ShouldBe(["true", "true", "0"], "pressed, the page busy, and nothing asked yet");
        await window.SettleAsync();
        await Expect(window.Page.GetByRole(AriaRole.Table).First).ToContainTextAsync("Owner");
    }

    /// <summary>What stands on the page when a press has been answered and before anything is drawn again.</summary>
    private const string PressAndLook =
        """
        async button => {
            const ask = window.fetch;
            let asked = 0;
            window.fetch = (...of) => { asked++; return ask(...of); };
            button.click();
            for (let turn = 0; turn < 10; turn++)
                await Promise.resolve();
            const busy = document.querySelector('main [aria-busy]').getAttribute('aria-busy');
            return [button.getAttribute('aria-pressed'), busy, `${asked}`];
        }
        """;

    [Fact]
    public async Task A_long_table_begins_with_its_first_rows_and_its_file_has_all()
    {
        using var desk = await Desk.OpenAsync(site.Ledger, "many-kinds");
        for (int i = 0; i < 30; i++)
        {
            await desk.RecordAsync($"{desk.Customer}/promises", new
            {
                promiseId = $"P-{i}", kind = $"kind_{i}", conditions = "Called.", memberId = "ref:dora",
                occurredAt = Desk.At(-3, 9), dueAt = Desk.At(-1, 9),
            });
        }
        await using var window = await site.SignedInAsync(Page + "kind", tenant: "many-kinds");
        await window.SettleAsync();
        var card = window.Page.GetByRole(AriaRole.Region, new() { Name = "By kind of promise" });
        var rows = card.Locator("tbody tr");
        await Expect(rows).ToHaveCountAsync(25);
        var file = await window.Page.RunAndWaitForDownloadAsync(
            () => card.GetByRole(AriaRole.Button, new() { Name = "CSV" }).ClickAsync());
        (await File.ReadAllLinesAsync((await file.PathAsync())!)).Length.ShouldBe(31);
        await card.GetByRole(AriaRole.Button, new() { Name = "Show all 30" }).ClickAsync();
        await Expect(rows).ToHaveCountAsync(30);
        await card.GetByRole(AriaRole.Button, new() { Name = "Show the first 25" }).ClickAsync();
        await Expect(rows).ToHaveCountAsync(25);
    }

    [Fact]
    public async Task A_picture_follows_the_width_of_the_window()
    {
        await using var window = await site.SignedInAsync("/promises?period=12m");
        await window.SettleAsync();
        foreach (int width in new[] { 500, 1300 })
        {
            await window.Page.SetViewportSizeAsync(width, 900);
            int place = await window.Page.Locator("figure .canvas").First.EvaluateAsync<int>("e => e.clientWidth");
            await Expect(window.Page.Locator("figure canvas").First).ToHaveCSSAsync("width", $"{place}px");
        }
    }

    [Fact]
    public async Task No_columns_title_is_cut_on_a_phone()
    {
        await using var window = await site.SignedInAsync("/promises/behind", device: Device.Phone);
        await window.SettleAsync();
        string[] cut = await window.Page.GetByRole(AriaRole.Columnheader).EvaluateAllAsync<string[]>(
            "all => all.filter(e => e.scrollWidth > e.clientWidth).map(e => e.textContent)");
        cut.ShouldBeEmpty();
    }

    [Fact]
    public async Task Somebody_who_may_only_read_is_not_offered_the_page_and_is_told_so_at_its_address()
    {
        await using var window = await site.SignedInAsync("/", [Scopes.Read]);
        await Expect(window.Page.GetByRole(AriaRole.Link, new() { Name = "Today" })).ToBeVisibleAsync();
        await Expect(window.Page.GetByRole(AriaRole.Link, new() { Name = "Promises kept" })).ToHaveCountAsync(0);
        window.Expect("403");
        await window.Page.GotoAsync("/promises");
        await window.ShouldShowAsync("Your key does not show this");
    }

    private sealed record Shown(string Strict, string Agreed, string Promises, string Kept, string Late, string Broken);

    private static Shown Cells(JsonElement group)
    {
        var counts = group.GetProperty("counts");
        return new(Percent(group.GetProperty("strict").GetProperty("rate")),
            Percent(group.GetProperty("agreed").GetProperty("rate")), $"{group.Number("n")}",
            $"{counts.Number("keptFirstDate")}", $"{counts.Number("keptLate")}", $"{counts.Number("broken")}");
    }

    private static async Task<Dictionary<string, Shown>> RowsAsync(Window window)
    {
        var rows = new Dictionary<string, Shown>();
        foreach (var row in await window.Page.Locator("table.table tbody tr").AllAsync())
        {
            var cells = await row.Locator("td").AllInnerTextsAsync();
            string At(int index) => cells[index].Trim();
            rows.Add(At(0), new(At(1), At(3), At(5), At(6), At(8), At(9)));
        }
        return rows;
    }

    private static async Task ShouldShowAsync(Window window, string figure, JsonElement share)
    {
        string text = await FigureAsync(window, figure);
        text.ShouldContain(Percent(share.GetProperty("rate")));
        text.ShouldContain($"{share.Number("numerator")} of {share.Number("denominator")}");
        text.ShouldContain($"{Percent(share.GetProperty("low"))} to {Percent(share.GetProperty("high"))}");
    }

    private static Task<string> FigureAsync(Window window, string name) =>
        window.Page.Locator($"[data-figure={name}]").InnerTextAsync();

    /// <summary>A share as the page writes it: a tenth of a percent, half away from zero, as ECMA-402 has it.</summary>
    private static string Percent(JsonElement share) => Math.Round((decimal)share.GetDouble() * 100, 1,
        MidpointRounding.AwayFromZero).ToString("0.0'%'", CultureInfo.InvariantCulture);

    [GeneratedRegex(" {2,}")]
    private static partial Regex Gap();

    [GeneratedRegex("/promises/behind\\?.*class=kept_late.*key=solar")]
    private static partial Regex LateOfSolar();
}
