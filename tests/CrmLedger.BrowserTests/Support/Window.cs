using System.Collections.Concurrent;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace CrmLedger.BrowserTests.Support;

/// <summary>
/// One reader's window. When it is closed it has had no error in its console that nobody expected, and nothing that the
/// security policy forbids.
/// </summary>
internal sealed class Window : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly List<string> _expected = [];

    public Window(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        page.SetDefaultTimeout(20_000);
        Assertions.SetDefaultExpectTimeout(20_000);
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
                _errors.Enqueue(message.Text);
        };
        page.PageError += (_, error) => _errors.Enqueue(error);
    }

    public IPage Page { get; }

    /// <summary>An error in the console that belongs to what is tested, such as an answer of 401.</summary>
    public void Expect(string part) => _expected.Add(part);

    public Task ShouldShowAsync(string text) =>
        Assertions.Expect(Page.GetByText(text).First).ToBeVisibleAsync();

    /// <summary>Waits until nothing on the page is still on its way.</summary>
    public async Task SettleAsync()
    {
        await Page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        await Assertions.Expect(Page.Locator(".skeleton, [aria-busy=true]")).ToHaveCountAsync(0);
    }

    /// <summary>WCAG 2.2 A and AA, and axe's best practices (axe-core).</summary>
    public async Task ShouldBeAccessibleAsync()
    {
        var found = await Page.RunAxe();
        found.Violations.Select(v => $"{v.Id}: {v.Help}: " + string.Join(" | ", v.Nodes.Select(n => n.Html)))
            .ShouldBeEmpty();
    }

    /// <summary>Nothing reaches over the page's right edge.</summary>
    public async Task ShouldFitAsync(string what = "the window")
    {
        int over = await Page.EvaluateAsync<int>(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth");
        over.ShouldBe(0, $"the page is wider than {what}");
    }

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        _errors.Where(e => !_expected.Any(e.Contains)).ShouldBeEmpty();
    }
}
