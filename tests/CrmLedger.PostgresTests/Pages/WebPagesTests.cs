using System.Net;
using System.Net.Http.Headers;
using CrmLedger.Server.Pages;

namespace CrmLedger.PostgresTests.Pages;

/// <summary>How the pages are served; what stands in them is tested in a browser.</summary>
public sealed class WebPagesTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("crmledger-pages-").FullName;
    private RunningLedger _ledger = null!;
    private HttpClient _http = null!;

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "assets"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "index.html"), "<!doctype html><title>Pages</title>");
        await File.WriteAllTextAsync(Path.Combine(_folder, "assets", "index-1a2b.js"), new string('/', 10_000));
        _ledger = new() { PagesFolder = _folder };
        await _ledger.InitializeAsync();
        _http = new() { BaseAddress = _ledger.Url };
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _ledger.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/promises?by=team")]
    [InlineData("/customers/ref%3Aanna/promises/P-1")]
    public async Task Every_address_that_is_no_operations_is_answered_with_the_document(string path)
    {
        using var answer = await _http.GetAsync(path);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/html");
        (await answer.Content.ReadAsStringAsync()).ShouldContain("Pages");
        answer.Headers.CacheControl!.NoCache.ShouldBeTrue();
    }

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
        using var answer = await _http.GetAsync(new Uri(_ledger.Url.ToString().TrimEnd('/') + path));
        ((int)answer.StatusCode).ShouldBe(status);
        string text = await answer.Content.ReadAsStringAsync();
        text.ShouldNotContain("root:");
        if (status != 200)
            text.ShouldNotContain("<title>Pages");
    }

    [Fact]
    public async Task A_page_takes_no_other_method()
    {
        using var answer = await _http.PostAsync("/customers", null);
        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await Answer.OfAsync(answer)).Problem.ShouldBe("not_found");
    }

    [Fact]
    public async Task The_document_allows_no_script_style_or_frame_but_the_servers_own()
    {
        using var answer = await _http.GetAsync("/promises");
        string policy = answer.Headers.GetValues("Content-Security-Policy").ShouldHaveSingleItem();
        policy.ShouldBe(WebPages.SecurityPolicy);
        policy.ShouldStartWith("default-src 'none'; script-src 'self'; style-src 'self';");
        policy.ShouldNotContain("unsafe");
        answer.Headers.GetValues("X-Content-Type-Options").ShouldHaveSingleItem().ShouldBe("nosniff");
        answer.Headers.GetValues("Referrer-Policy").ShouldHaveSingleItem().ShouldBe("no-referrer");
    }

    [Fact]
    public async Task A_file_with_a_hash_in_its_name_is_kept_for_ever_and_comes_compressed()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/assets/index-1a2b.js");
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("br"));
        using var answer = await _http.SendAsync(request);
        answer.Headers.CacheControl!.ToString().ShouldBe("public, max-age=31536000, immutable");
        answer.Content.Headers.ContentEncoding.ShouldHaveSingleItem().ShouldBe("br");
        (await answer.Content.ReadAsByteArrayAsync()).Length.ShouldBeLessThan(1_000);
    }

    [Fact]
    public async Task A_server_without_pages_says_what_to_run_and_still_answers_the_api()
    {
        await using var bare = await _ledger.BesideAsync();
        using var http = new HttpClient { BaseAddress = bare.Url };
        using var answer = await http.GetAsync("/");
        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("ops/run");
        ((int)(await http.GetAsync("/customers")).StatusCode).ShouldBe(404);
        using var client = await bare.ClientAsync("without-pages");
        (await client.GetAsync("/v1/status")).Status.ShouldBe(200);
    }
}
