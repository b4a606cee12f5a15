using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using CrmLedger.EventStore.Projections;
using CrmLedger.EventStore.Views;
using Microsoft.Playwright;

namespace CrmLedger.Benchmarks;

/// <summary>How soon does somebody see the pages, and how soon do they answer a click, in a real browser?</summary>
internal static class PagesBenchmark
{
    /// <summary>When what was generated came due, and what the incident log tells of.</summary>
    private const string LastYear = "period=12m", YearOfIncidents = "period=custom&from=2016-01-01&to=2017-01-01";

    /// <summary>From the start of the navigation until the first text was painted (W3C Paint Timing), ms.</summary>
    private const string FirstContent = "performance.getEntriesByName('first-contentful-paint')[0].startTime";

    private const string ScriptBytes = "performance.getEntriesByType('resource')"
        + ".filter(r => r.name.endsWith('.js')).reduce((sum, r) => sum + r.encodedBodySize, 0)";

    /// <summary>From a press until the next picture (W3C Event Timing), ms; the slowest since it was asked.</summary>
    private const string WatchInteractions = """
        window.slowest = 0;
        new PerformanceObserver(list => list.getEntries().filter(e => e.interactionId).forEach(e =>
          window.slowest = Math.max(window.slowest, e.duration))).observe({ type: 'event', durationThreshold: 16 });
        """;

    /// <summary>A page, what shows that there is something on it, and what is done once it stands.</summary>
    private sealed record Looked(string Name, string Path, string Shows, Func<IPage, Task> UseAsync);

    private static Looked[] Pages(string days, string customer) =>
    [
        new("promises kept", $"/promises?{days}", "figure canvas", tab => PressAsync(
            tab, "Owner", "Kind", "Month", "Week", "Team")),
        new("customers", "/customers", "[role=row] a", tab => TypeAsync(tab, "Find", "an")),
        new("customer", $"/customers/{customer}", "figure canvas", async tab =>
        {
            await tab.Keyboard.PressAsync("t");
            await tab.Keyboard.PressAsync("Escape");
            await tab.GetByRole(AriaRole.Button, new() { Name = "As a table" }).First.ClickAsync();
            await tab.Mouse.MoveAsync(700, 450);
            await tab.Mouse.WheelAsync(0, 600);
        }),
        new("today", "/today?whose=all", "article.owed", tab => PressAsync(tab, "Promises", "Follow-ups", "Both")),
        new("replay", $"/replay/{customer}", "input[type=range]", async tab =>
        {
            await tab.Locator("input[type=range]").FocusAsync();
            for (int step = 0; step < 5; step++)
                await tab.Keyboard.PressAsync("ArrowLeft");
        }),
    ];

    private static async Task PressAsync(IPage tab, params string[] buttons)
    {
        foreach (string name in buttons)
        {
            await tab.GetByRole(AriaRole.Button, new() { Name = name, Exact = true }).ClickAsync();
            await StandsAsync(tab);
        }
    }

    private static async Task TypeAsync(IPage tab, string field, string text)
    {
        await tab.GetByLabel(field).First.PressSequentiallyAsync(text, new() { Delay = 60 });
        await tab.WaitForTimeoutAsync(300); // it asks once nobody types any more
        await StandsAsync(tab);
    }

    private sealed class Seen
    {
        public List<double> FirstContent { get; } = [];

        public List<double> Slowest { get; } = [];

        public double ScriptBytes { get; set; }
    }

    /// <summary>Measures.</summary>
    public static async Task<Section> RunAsync(Stage stage, Size size, CancellationToken cancel)
    {
        int views = size == Size.Full ? 5 : 2;
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Environment.GetEnvironmentVariable("CRMLEDGER_CHROMIUM") ?? "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
        });
        long events = size == Size.Full ? 1_000_000 : 20_000;
        var seen = new Dictionary<string, Seen>();
        var outcomes = new List<Outcome>();
        async Task LookAsync(string data, string days, Served served)
        {
            // A stage has one ledger at a time.
            await using (served)
            {
                outcomes.AddRange(await Rounds.RunAsync(
                    [
                        .. Pages(days, await CustomerAsync(served.Server)).Select(p => Opening(
                            stage, browser, served.Server, p, $"{p.Name}, {data}", views, seen)),
                    ],
                    3, cancel));
            }
        }
        await LookAsync("generated", LastYear, await GeneratedAsync(stage, events, cancel));
        var real = await IncidentsAsync(stage, cancel);
        if (real is not null)
            await LookAsync("incidents", YearOfIncidents, real);
        return new("pages: what somebody waits for in a browser",
            $"How long does a new window, with nothing kept from before, take to show each page whole, with "
            + $"{events:N0} generated events and with the real incident log?",
            [.. seen.SelectMany(s => Budgets(s.Key, s.Value))], outcomes,
            [
                "p50 and p99 are until the page stands whole, with every answer it asks for.",
                "An interaction is what Chromium's Event Timing calls one: from the press until the next picture.",
                .. real is null ? new[] { "The real incident log was not there." } : [],
            ],
            "pages");
    }

    /// <summary>One with whom something went on.</summary>
    private static async Task<string> CustomerAsync(BenchServer server)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/kept-rate/promises?limit=1");
        request.Headers.Authorization = new("Bearer", server.Key);
        using var answer = await server.Http.SendAsync(request);
        var page = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return page.GetProperty("items")[0].GetProperty("customerId").GetString()!;
    }

    private static Contender Opening(Stage stage, IBrowser browser, BenchServer server,
        Looked page, string name, int views, Dictionary<string, Seen> seen)
    {
        seen[name] = new();
        return new(name, true, (share, _) => OpenAsync(
            stage, browser, server, page, share < 1 ? 1 : views, share < 1 ? new() : seen[name]));
    }

    private static IEnumerable<Budget> Budgets(string name, Seen seen)
    {
        yield return Budget.AtMost($"ms to first content, {name} (p50)", 1_000, Median(seen.FirstContent));
        yield return Budget.AtMost($"ms of the slowest interaction, {name} (p50)", 100, Median(seen.Slowest));
        yield return Budget.AtMost($"kB of compressed script, {name}", 400, seen.ScriptBytes / 1_000);
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static async Task<Sample> OpenAsync(Stage stage, IBrowser browser, BenchServer server,
        Looked page, int views, Seen seen)
    {
        var latencies = new Latencies();
        return await stage.MeasureAsync(async () =>
        {
            var times = latencies.OfWriter();
            for (int view = 0; view < views; view++)
                times.Add(await ViewAsync(browser, server, page, seen));
            return views;
        }, latencies);
    }

    /// <returns>The ticks until the page stood whole.</returns>
    private static async Task<long> ViewAsync(
        IBrowser browser, BenchServer server, Looked page, Seen seen)
    {
        await using var context = await browser.NewContextAsync(new()
        {
            BaseURL = server.Http.BaseAddress!.ToString(),
            ViewportSize = new() { Width = 1440, Height = 900 },
        });
        await context.AddInitScriptAsync($"sessionStorage.setItem('crmledger.key', '{server.Key}')");
        var tab = await context.NewPageAsync();
        long before = Stopwatch.GetTimestamp();
        await tab.GotoAsync(page.Path);
        await StandsAsync(tab);
        await tab.Locator(page.Shows).First.WaitForAsync();
        long whole = Stopwatch.GetTimestamp() - before;
        seen.FirstContent.Add(await tab.EvaluateAsync<double>(FirstContent));
        seen.ScriptBytes = await tab.EvaluateAsync<double>(ScriptBytes);
        await tab.EvaluateAsync(WatchInteractions);
        await page.UseAsync(tab);
        await tab.WaitForTimeoutAsync(200); // entries come after the picture
        seen.Slowest.Add(await tab.EvaluateAsync<double>("window.slowest"));
        return whole;
    }

    /// <summary>Waits until the page has its heading and nothing on it is still on its way.</summary>
    private static async Task StandsAsync(IPage tab)
    {
        await tab.Locator("h1").WaitForAsync();
        await tab.WaitForSelectorAsync(
            ".skeleton, [aria-busy=true]", new() { State = WaitForSelectorState.Detached });
    }

    /// <summary>A ledger that is served, with its server.</summary>
    private sealed record Served(BenchLedger Ledger, BenchServer Server) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Server.DisposeAsync();
            await Ledger.DisposeAsync();
        }
    }

    private static async Task<Served> GeneratedAsync(Stage stage, long events, CancellationToken cancel)
    {
        var ledger = await stage.NewLedgerAsync(cancel);
        var lives = new SampleEvents(TimeProvider.System.GetUtcNow()).Lives((int)(events / 50), events, 1_000);
        await ImportBenchmark.LedgerAsync(ledger, lives, 3, cancel);
        foreach (var view in LedgerViews.All)
            await new Rebuild(ledger.Database, new(ledger.Database)).RunAsync(BenchLedger.Tenant, view, cancel);
        await QuestionsBenchmark.VacuumAsync(ledger, cancel);
        return new(ledger, await BenchServer.StartAsync(ledger, 4, cancel, watchesDeadlines: false));
    }

    /// <summary>The incident log of the UCI repository; null where it is not there.</summary>
    private static async Task<Served?> IncidentsAsync(Stage stage, CancellationToken cancel)
    {
        string folder = Environment.GetEnvironmentVariable("CRMLEDGER_DATA")
            ?? Path.Combine(BenchServer.Checkout, "..", "shared", "data");
        string file = Path.Combine(folder, "uci-incident-event-log-sample.csv");
        if (!File.Exists(file))
            return null;
        var ledger = await stage.NewLedgerAsync(cancel);
        var server = await BenchServer.StartAsync(ledger, 4, cancel, watchesDeadlines: false);
        using var import = Process.Start(new ProcessStartInfo("dotnet",
            [Path.Combine(AppContext.BaseDirectory, "CrmLedger.Cli.dll"), "import", "uci-incidents", file])
        {
            RedirectStandardOutput = true,
            Environment = { ["CRMLEDGER_URL"] = server.Http.BaseAddress!.ToString(), ["CRMLEDGER_KEY"] = server.Key },
        })!;
        string told = await import.StandardOutput.ReadToEndAsync(cancel);
        await import.WaitForExitAsync(cancel);
        return import.ExitCode == 0
            ? new(ledger, server)
            : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"Not imported: {told}"));
    }
}
