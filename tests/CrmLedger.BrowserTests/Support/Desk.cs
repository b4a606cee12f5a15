using System.Text.Json;
using CrmLedger.PostgresTests;

namespace CrmLedger.BrowserTests.Support;

/// <summary>A small tenant with two members and one customer, to whom things are promised.</summary>
internal sealed class Desk : IDisposable
{
    private static readonly TimeZoneInfo s_reader = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    private Desk(string tenant, LedgerHttp http) => (Tenant, Http) = (tenant, http);

    /// <summary>The tenant.</summary>
    public string Tenant { get; }

    /// <summary>Another client of it.</summary>
    public LedgerHttp Http { get; }

    /// <summary>Where the customer is.</summary>
    public string Customer { get; private set; } = "";

    public static async Task<Desk> OpenAsync(RunningLedger ledger, string tenant)
    {
        var desk = new Desk(tenant, await ledger.ClientAsync(tenant));
        await desk.RecordAsync("/v1/members", new { reference = "dora", name = "Dora Lang", team = "desk" });
        await desk.RecordAsync("/v1/members", new { reference = "emil", name = "Emil Roth", team = "field" });
        var customer = await desk.RecordAsync("/v1/customers", new { reference = "anna", name = "Anna Lind" });
        desk.Customer = "/v1/customers/" + customer.Json.GetProperty("ids").GetProperty("customerId").GetString();
        return desk;
    }

    /// <summary>A moment in the readers' zone, some days from today.</summary>
    public static DateTimeOffset At(int days, int hour, int minute = 0)
    {
        var day = TimeZoneInfo.ConvertTime(TimeProvider.System.GetUtcNow(), s_reader).Date.AddDays(days);
        var local = day.AddHours(hour).AddMinutes(minute);
        return new DateTimeOffset(local, s_reader.GetUtcOffset(local)).ToUniversalTime();
    }

    public Task<Answer> PromiseAsync(
        string promiseId, string conditions, DateTimeOffset due, string member = "dora") =>
        RecordAsync($"{Customer}/promises",
            new { promiseId, kind = "call_back", conditions, dueAt = due, memberId = $"ref:{member}" });

    public Task<Answer> FollowUpAsync(
        string followUpId, string purpose, DateTimeOffset due, string member = "dora") =>
        RecordAsync($"{Customer}/follow-ups",
            new { followUpId, purpose, dueAt = due, memberId = $"ref:{member}" });

    public async Task<Answer> RecordAsync(string path, object command)
    {
        var answer = await Http.PostAsync(path, JsonSerializer.Serialize(command));
        answer.Status.ShouldBeInRange(200, 201, answer.Text);
        return answer;
    }

    /// <summary>The events of the promise, by name, as they stand in the ledger.</summary>
    public async Task<string[]> EventsOfAsync(string promiseId) =>
        [.. (await PromiseAsync(promiseId)).GetProperty("events").EnumerateArray()
            .Select(e => e.GetProperty("type").GetString()!)];

    /// <summary>The promise as the ledger tells it.</summary>
    public async Task<JsonElement> PromiseAsync(string promiseId) =>
        (await Http.GetAsync($"{Customer}/promises/{promiseId}")).Json;

    /// <inheritdoc />
    public void Dispose() => Http.Dispose();
}
