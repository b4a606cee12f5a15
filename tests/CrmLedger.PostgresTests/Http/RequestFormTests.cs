using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace CrmLedger.PostgresTests.Http;

/// <summary>What a request's form says of its body, and what is made of it.</summary>
public sealed class RequestFormTests(RunningLedger ledger) : LedgerTest(ledger), IClassFixture<RunningLedger>
{
    private const string Consents = "/v1/customers/ref:anna/consents";

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await RegisterAsync("anna");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("application/json")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task A_command_is_read_as_JSON_whatever_its_content_type_says(string? contentType)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes("""{"purpose":"news","given":true}"""));
        content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        using var http = new HttpClient { BaseAddress = Ledger.Url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Http.Key);
        using var response = await http.PostAsync(Consents, content);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("ffffffffffffffff")]
    [InlineData("7fffffff1")]
    [InlineData("-1")]
    [InlineData("x")]
    public async Task A_chunk_of_a_size_that_cannot_be_is_refused(string size)
    {
        long before = await LogSizeAsync();
        string sent = $"POST {Consents} HTTP/1.1\r\nHost: ledger\r\nAuthorization: Bearer {Http.Key}\r\n"
            + $"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n{size}\r\n{{}}\r\n0\r\n\r\n";
        var answer = (await RawConnection.SendAsync(
            Ledger.Url, new(0, Encoding.ASCII.GetBytes(sent), size, IsUnfinished: false))).ShouldHaveSingleItem();
        (answer.Status, answer.Problem).ShouldBe((400, "malformed_request"), answer.Text);
        (await LogSizeAsync()).ShouldBe(before, "nothing was recorded");
    }
}
