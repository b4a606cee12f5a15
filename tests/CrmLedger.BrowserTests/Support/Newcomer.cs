using System.Text.Json;
using CrmLedger.PostgresTests;
using CrmLedger.PostgresTests.Http;

namespace CrmLedger.BrowserTests.Support;

/// <summary>Who begins with nothing.</summary>
internal static class Newcomer
{
    /// <summary>A tenant with a member and a customer of its own, and who may record there.</summary>
    public static async Task<(LedgerHttp Http, string CustomerId)> RegisterAsync(
        Site site, string tenant, string name = "Anna Lind", string reference = "first")
    {
        var http = await site.Ledger.ClientAsync(tenant);
        await DoAsync(http, "/v1/members", """{"name":"Ruth Ambler","team":"kitchens","reference":"ruth"}""");
        var answer = await DoAsync(http, "/v1/customers",
            JsonSerializer.Serialize(new { name, reference, segment = "household" }));
        return (http, answer.Text("ids.customerId")!);
    }

    /// <summary>Sends a command that must be accepted.</summary>
    public static async Task<Answer> DoAsync(LedgerHttp http, string path, string json)
    {
        var answer = await http.PostAsync(path, json);
        answer.Status.ShouldBeInRange(200, 201, answer.Text);
        return answer;
    }
}
