using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Tenants;
using CrmLedger.PostgresTests;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Demonstration;
using CrmLedger.Server.Events;
using CrmLedger.Server.Tenants;
using CrmLedger.Tests;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace CrmLedger.BrowserTests.Support;

/// <summary>
/// The demonstration's year behind a real server with the pages that were built, and a real Chromium to open them with.
/// Tests of this collection share both and take turns; what one records, the others may see.
/// </summary>
public sealed class Site : IAsyncLifetime
{
    /// <summary>The tenant with the demonstration's year.</summary>
    public const string Tenant = "demo";

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>The server.</summary>
    internal RunningLedger Ledger { get; } = new()
    {
        PagesFolder = Checkout.PathTo("src", "CrmLedger.Web", "dist"),
        CheckpointFolder = Directory.CreateTempSubdirectory("crmledger-pages-").FullName,
    };

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        await Ledger.InitializeAsync();
        using var seeder = await Ledger.ClientAsync(Tenant);
        var services = Ledger.Services;
        await DemonstrationTenant.SeedAsync(
            await services.GetRequiredService<TenantLedgers>().GetAsync(Tenant),
            services.GetRequiredService<CommandHandling>(), services.GetRequiredService<BulkAppend>(),
            services.GetRequiredService<EventReader>(), new(Tenant, seeder.KeyId, "seeder", Scopes.All),
            DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime), CancellationToken.None);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Chromium.Path,
            // Root has no sandbox to give it; all that is opened here is ours. Nothing is asked of other machines.
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", "--force-color-profile=srgb",
            ],
        });
    }

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        await _browser!.DisposeAsync();
        _playwright!.Dispose();
        await Ledger.DisposeAsync();
    }

    /// <summary>A window of its own, in which nobody is signed in.</summary>
    internal async Task<Window> OpenAsync(string path = "/", Device? device = null, bool dark = false)
    {
        device ??= Device.Laptop;
        var context = await _browser!.NewContextAsync(new()
        {
            BaseURL = Ledger.Url.ToString(),
            ViewportSize = new() { Width = device.Width, Height = device.Height },
            DeviceScaleFactor = device.Scale,
            IsMobile = device.IsPhone,
            HasTouch = device.IsPhone,
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce,
            TimezoneId = "Europe/Berlin",
            Locale = "en-GB",
            AcceptDownloads = true,
        });
        var window = new Window(context, await context.NewPageAsync());
        await window.Page.GotoAsync(path);
        return window;
    }

    /// <summary>A window in which somebody with these scopes is signed in.</summary>
    internal async Task<Window> SignedInAsync(
        string path, string[]? scopes = null, Device? device = null, bool dark = false, string tenant = Tenant)
    {
        using var http = await Ledger.ClientAsync(tenant, scopes ?? []);
        var window = await OpenAsync("/icon.svg", device, dark);
        await window.Page.EvaluateAsync("key => sessionStorage.setItem('crmledger.key', key)", http.Key);
        await window.Page.GotoAsync(path);
        return window;
    }
}

/// <summary>The tests that share the site.</summary>
[CollectionDefinition(Name)]
public sealed class SiteTests : ICollectionFixture<Site>
{
    /// <summary>Its name.</summary>
    public const string Name = "pages";
}

/// <summary>What a page is looked at with.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Width">In CSS pixels.</param>
/// <param name="Height">In CSS pixels.</param>
/// <param name="Scale">How many real pixels are one of those.</param>
/// <param name="IsPhone">Whether it is touched and not clicked.</param>
internal sealed record Device(string Name, int Width, int Height, float Scale, bool IsPhone)
{
    public static readonly Device Laptop = new("laptop", 1440, 900, 1, false);
    public static readonly Device Phone = new("phone", 390, 844, 2, true);
}
