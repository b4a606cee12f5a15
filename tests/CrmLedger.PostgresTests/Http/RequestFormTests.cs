using System.Net.Http.Headers;
using System.Text;

namespace CrmLedger.PostgresTests.Http;

/// <summary>What a request's form says of its address and body, and what is made of it.</summary>
public sealed class RequestFormTests(RunningLedger ledger) : LedgerTest(ledger), IClassFixture<RunningLedger>
{
    private const string Anna = "/v1/customers/ref:anna";
    private const string Consents = Anna + "/consents";

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await RegisterAsync("anna");
    }

    [Fact]
    public async Task A_customer_is_found_by_id_and_by_reference_whatever_its_characters()
    {
        string id = (await ReadAsync($"{Anna}/history")).Text("customerId")!;
        (await ReadAsync($"/v1/customers/{id}/history")).Items("events").ShouldHaveSingleItem();
        foreach (string reference in new[] { "a/b", "ref:x", "ü@example.org", "50%", "a+b c", "..", "%2F", "a?b#c" })
        {
            await RegisterAsync(reference);
            var page = await ReadAsync($"/v1/customers/ref:{Uri.EscapeDataString(reference)}/history");
            page.Text("customer.reference").ShouldBe(reference);
        }
    }

    [Theory]
    [InlineData("/v1/customers/ref:bob/../ref:anna/consents", 422)]
    [InlineData("/v1/customers/ref:bob/%2e%2E/ref:anna/consents", 422)]
    [InlineData("/v1/customers/./ref:anna/consents", 422)]
    [InlineData("/v1/x/../customers/ref:anna/consents", 422)]
    [InlineData("/V1/Customers/ref:anna/consents", 200)]
    [InlineData("http://v1/v1/customers/ref:anna/consents", 200)]
    public async Task An_address_never_names_another_customer_than_routing_found(string target, int status)
    {
        await RegisterAsync("bob");
        const string body = """{"purpose":"news","given":true}""";
        // Clients take dots out of an address before they send it; this one does not.
        var answer = await SendRawAsync($"POST {target} HTTP/1.1\r\nHost: v1\r\nAuthorization: Bearer {Http.Key}\r\n"
            + $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}");
        answer.Status.ShouldBe(status, answer.Text);
        (await ReadAsync("/v1/customers/ref:bob/history")).Items("events").Count.ShouldBe(1);
        (await ReadAsync($"{Anna}/history")).Items("events").Count.ShouldBe(status == 200 ? 2 : 1);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("application/json")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task A_command_is_read_as_JSON_whatever_its_content_type_says(string? contentType)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes("""{"purpose":"news","given":true}"""));
        content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        (await SendAsync(content)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_body_of_more_than_256_KiB_is_refused_with_and_without_its_length()
    {
        long before = await LogSizeAsync();
        byte[] body = Encoding.UTF8.GetBytes($$"""{"purpose":"{{new string('x', 256 * 1024)}}"}""");
        foreach (bool chunked in new[] { false, true })
        {
            using var content = new StreamContent(new MemoryStream(body));
            var answer = await SendAsync(content, chunked);
            (answer.Status, answer.Problem).ShouldBe((413, "too_large"), $"chunked: {chunked}");
        }
        (await LogSizeAsync()).ShouldBe(before, "nothing was recorded");
    }

    [Theory]
    [InlineData("ffffffffffffffff")]
    [InlineData("7fffffff1")]
    [InlineData("-1")]
    [InlineData("x")]
    public async Task A_chunk_of_a_size_that_cannot_be_is_refused(string size)
    {
        long before = await LogSizeAsync();
        var answer = await SendRawAsync(
            $"POST {Consents} HTTP/1.1\r\nHost: ledger\r\nAuthorization: Bearer {Http.Key}\r\n"
            + $"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n{size}\r\n{{}}\r\n0\r\n\r\n");
        (answer.Status, answer.Problem).ShouldBe((400, "malformed_request"), answer.Text);
        (await LogSizeAsync()).ShouldBe(before, "nothing was recorded");
    }

    private async Task<Answer> SendAsync(HttpContent content, bool chunked = false)
    {
        using var http = Ledger.Connect();
        using var request = new HttpRequestMessage(HttpMethod.Post, Consents) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Http.Key);
        request.Headers.TransferEncodingChunked = chunked;
        using var response = await http.SendAsync(request);
        return await Answer.OfAsync(response);
    }

    private async Task<Answer> SendRawAsync(string request) => (await RawConnection.SendAsync(
        Ledger.Url, new(0, Encoding.ASCII.GetBytes(request), "", IsUnfinished: false))).ShouldHaveSingleItem();
}
