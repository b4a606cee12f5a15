using System.Globalization;
using System.Text.Json;
using CrmLedger.PostgresTests;

namespace CrmLedger.BrowserTests.Support;

/// <summary>A customer of a tenant of its own, who was promised something, with one entry that was annulled.</summary>
/// <param name="Customer">The customer's id.</param>
/// <param name="Promise">The event that the promise was made with; its conditions are sealed.</param>
/// <param name="Wrong">The purchase that was recorded by mistake and annulled.</param>
/// <param name="Annulment">What annulled it.</param>
internal sealed record KeptPromise(string Customer, string Promise, string Wrong, string Annulment)
{
    public const string Name = "Anna <img src=x onerror=alert(1)> Lind";
    public const string Reason = "Booked twice";
    public const string Conditions = "Anna has been called about her invoice.";

    /// <summary>Records it, in a tenant where nothing else is.</summary>
    public static async Task<KeptPromise> RecordAsync(Site site, string tenant)
    {
        using var http = await site.Ledger.ClientAsync(tenant);
        var now = TimeProvider.System.GetUtcNow();
        await SendAsync(http, "members", new { reference = "erik", name = "Erik Berg", team = "support" });
        string customer = (await SendAsync(http, "customers", new { reference = "anna", name = Name }))
            .GetProperty("ids").GetProperty("customerId").GetString()!;
        string path = $"customers/{customer}";
        var promise = await SendAsync(http, $"{path}/promises", new
        {
            promiseId = "P-1", kind = "callback", memberId = "ref:erik", conditions = Conditions,
            dueAt = now.AddDays(2).ToString("O", CultureInfo.InvariantCulture),
        });
        var wrong = await SendAsync(http, $"{path}/purchases", new
        {
            purchaseId = "B-1", amountMinor = 1200, currency = "EUR",
            occurredAt = now.AddDays(-9).ToString("O", CultureInfo.InvariantCulture),
        });
        await SendAsync(http, $"{path}/promises/P-1/declare-kept", new { });
        string mistake = IdOf(wrong);
        var annulment = await SendAsync(http, $"{path}/annulments", new { eventId = mistake, reason = Reason });
        for (int i = 0; i < 6; i++)
        {
            await SendAsync(
                http, $"{path}/purchases", new { purchaseId = $"C-{i}", amountMinor = 100, currency = "EUR" });
        }
        return new(customer, IdOf(promise), mistake, IdOf(annulment));
    }

    /// <summary>Posts a command and expects it to be taken.</summary>
    public static async Task<JsonElement> SendAsync(LedgerHttp http, string path, object command)
    {
        var answer = await http.PostAsync($"/v1/{path}", JsonSerializer.Serialize(command));
        answer.Status.ShouldBeInRange(200, 201, answer.Text);
        return answer.Json;
    }

    private static string IdOf(JsonElement answer) => answer.GetProperty("events")[0].GetProperty("id").GetString()!;
}
