using CrmLedger.BrowserTests.Support;
using CrmLedger.PostgresTests.Http;
using CrmLedger.Tests;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CrmLedger.BrowserTests;

/// <summary>
/// Every page as it is looked at: in light and dark, on a laptop and a phone. Each is held against axe's rules (WCAG
/// 2.2 A and AA among them) and against its window's width, and left as a picture in <c>.artifacts/pictures</c>.
/// </summary>
[Collection(SiteTests.Name)]
public sealed class LookTests(Site site)
{
    /// <summary>Between a small phone and a projector, and where two columns become one.</summary>
    private static readonly int[] s_widths = [320, 683, 768, 1024, 1280, 1920];

    private static readonly string s_pictures = Checkout.PathTo(".artifacts", "pictures");

    public static TheoryData<string> Names =>
        ["promises-kept", "promises-behind", "promise", "today", "customers", "customer", "replay", "proof", "sign-in"];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_page_is_whole_readable_and_open_to_everybody(string name)
    {
        string path = await PathOfAsync(name);
        foreach (var device in new[] { Device.Laptop, Device.Phone })
        {
            await using var window = name == "sign-in"
                ? await site.OpenAsync("/", device)
                : await site.SignedInAsync(path, device: device);
            await window.SettleAsync();
            await Expect(window.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveCountAsync(1);
            foreach (bool dark in new[] { false, true })
            {
                var scheme = dark ? ColorScheme.Dark : ColorScheme.Light;
                await window.Page.EmulateMediaAsync(new() { ColorScheme = scheme });
                await window.SettleAsync();
                await window.ShouldFitAsync();
                // What is there depends on the device and its colours on the theme: two of the four show both of both.
                if (dark == device.IsPhone)
                    await window.ShouldBeAccessibleAsync();
                await PictureAsync(window, device, $"{name}-{device.Name}-{(dark ? "dark" : "light")}.png");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_page_fits_every_width(string name)
    {
        await using var window = name == "sign-in"
            ? await site.OpenAsync()
            : await site.SignedInAsync(await PathOfAsync(name));
        foreach (int width in s_widths)
        {
            await window.Page.SetViewportSizeAsync(width, 900);
            await window.SettleAsync();
            await window.ShouldFitAsync($"{width} px");
        }
    }

    /// <summary>All of the page, in a window as high as it: long lists hold only what is in sight.</summary>
    private static async Task PictureAsync(Window window, Device device, string name)
    {
        int height = await window.Page.EvaluateAsync<int>("document.documentElement.scrollHeight");
        await window.Page.SetViewportSizeAsync(device.Width, Math.Clamp(height, device.Height, 3_000));
        await window.SettleAsync();
        // Lists learn of the height with the next frame, and draw their rows in the one after it.
        await window.Page.EvaluateAsync(
            "() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
        await window.Page.ScreenshotAsync(new() { Path = Path.Combine(s_pictures, name) });
        await window.Page.SetViewportSizeAsync(device.Width, device.Height);
    }

    private async Task<string> PathOfAsync(string name)
    {
        using var http = await site.Ledger.ClientAsync(Site.Tenant);
        var promises = await http.GetAsync("/v1/kept-rate/promises?class=kept_agreed_date&limit=1");
        var promise = promises.Items("items")[0];
        string customer = promise.Text("customerId")!;
        return name switch
        {
            "promises-kept" or "sign-in" => "/promises?period=12m&over=month",
            "promises-behind" => "/promises/behind?from=2000-01-01&to=2100-01-01",
            "promise" => $"/customers/{customer}/promises/{promise.Text("promiseId")}",
            "today" => "/today?whose=all",
            "customers" => "/customers",
            "customer" => $"/customers/{customer}",
            "replay" => $"/replay/{customer}",
            "proof" => "/events/"
                + (await http.GetAsync($"/v1/customers/{customer}/history")).Items("events")[^1].Text("id"),
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
        };
    }
}
