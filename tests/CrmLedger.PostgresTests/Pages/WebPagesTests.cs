using System.Net;
using Alba;
using CrmLedger.Server.Pages;

namespace CrmLedger.PostgresTests.Pages;

/// <summary>A ledger that serves a document and a script.</summary>
public sealed class LedgerWithPages : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("crmledger-pages-").FullName;

    public AlbaLedger Ledger { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "assets"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "index.html"), "<!doctype html><title>Pages</title>");
        await File.WriteAllTextAsync(Path.Combine(_folder, "assets", "index-1a2b.js"), new string('/', 10_000));
        Ledger = new() { PagesFolder = _folder };
        await Ledger.InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        await Ledger.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>How the pages are served; what stands in them is tested in a browser.</summary>
public sealed class WebPagesTests(LedgerWithPages pages) : IClassFixture<LedgerWithPages>
{
    [Theory]
    [InlineData("/")]
    [InlineData("/promises?by=team")]
    [InlineData("/customers/ref%3Aanna/promises/P-1")]
    public Task Every_address_that_is_no_operations_is_answered_with_the_document(string path) =>
        pages.Ledger.AskAsync(s =>
        {
            s.Get.Url(path);
            s.ContentShouldContain("Pages");
            s.Header("Content-Type").SingleValueShouldMatch("^text/html");
            s.Header("Cache-Control").SingleValueShouldMatch("no-cache");
        });

    [Theory]
    [InlineData("/v1/nothing", 401)]
    [InlineData("/log/nobody/checkpoint", 404)]
    [InlineData("/openapi/v2.json", 404)]
    [InlineData("/health/nothing", 404)]
    [InlineData("/assets/index-0000.js", 404)]
    [InlineData("/assets/../../../etc/passwd", 200)]
    [InlineData("/assets/%2e%2e/%2e%2e/%2e%2e/etc/passwd", 200)]
    [InlineData("/assets/..%2f..%2f..%2fetc/passwd", 404)]
    public async Task Nothing_else_is(string path, int status)
    {
        using var http = pages.Ledger.Connect();
        using var answer = await http.GetAsync(new Uri("http://localhost" + path));
        ((int)answer.StatusCode).ShouldBe(status);
        string text = await answer.Content.ReadAsStringAsync();
        text.ShouldNotContain("root:");
        if (status != 200)
            text.ShouldNotContain("<title>Pages");
    }

    [Fact]
    public async Task A_page_takes_no_other_method()
    {
        var answer = await pages.Ledger.AskAsync(s =>
        {
            s.Post.Url("/customers");
            s.StatusCodeShouldBe(404);
        });
        answer.Problem.ShouldBe("not_found");
    }

    [Fact]
    public async Task The_document_allows_no_script_style_or_frame_but_the_servers_own()
    {
        await pages.Ledger.AskAsync(s =>
        {
            s.Get.Url("/promises");
            s.Header("Content-Security-Policy").SingleValueShouldEqual(WebPages.SecurityPolicy);
            s.Header("X-Content-Type-Options").SingleValueShouldEqual("nosniff");
            s.Header("Referrer-Policy").SingleValueShouldEqual("no-referrer");
        });
        WebPages.SecurityPolicy.ShouldStartWith("default-src 'none'; script-src 'self'; style-src 'self';");
        WebPages.SecurityPolicy.ShouldNotContain("unsafe");
    }

    [Fact]
    public async Task A_file_with_a_hash_in_its_name_is_kept_for_ever_and_comes_compressed()
    {
        var answer = await pages.Ledger.AskAsync(s =>
        {
            s.Get.Url("/assets/index-1a2b.js");
            s.WithRequestHeader("Accept-Encoding", "br");
            s.Header("Cache-Control").SingleValueShouldEqual("public, max-age=31536000, immutable");
            s.Header("Content-Encoding").SingleValueShouldEqual("br");
        });
        answer.Text.Length.ShouldBeLessThan(1_000);
    }

    [Fact]
    public async Task A_server_without_pages_says_what_to_run_and_still_answers_the_api()
    {
        await using var bare = await pages.Ledger.BesideAsync();
        using var http = bare.Connect();
        using var answer = await http.GetAsync("/");
        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("ops/run");
        ((int)(await http.GetAsync("/customers")).StatusCode).ShouldBe(404);
        using var client = await bare.ClientAsync("without-pages");
        (await client.GetAsync("/v1/status")).Status.ShouldBe(200);
    }
}
