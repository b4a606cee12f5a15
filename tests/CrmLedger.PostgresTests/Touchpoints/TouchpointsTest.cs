using System.Globalization;
using System.Text.Json;
using CrmLedger.PostgresTests.Http;

namespace CrmLedger.PostgresTests.Touchpoints;

/// <summary>Customers of 2024 and what passed with them, all imported.</summary>
public abstract class TouchpointsTest(RunningLedger ledger) : LedgerTest(ledger)
{
    private string _import = "";

    /// <summary>The ids of members and customers by their references.</summary>
    protected Dictionary<string, string> Ids { get; } = [];

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        foreach (var (member, team) in new[] { ("erik", "support"), ("maria", "sales") })
            Ids[member] = (await JoinAsync(member, team)).Text("ids.memberId")!;
        _import = await DeclareImportAsync();
    }

    /// <summary>Appends what must be taken.</summary>
    protected async Task<Answer> ImportAsync(params IReadOnlyList<string> lines)
    {
        var answer = await AppendAsync(lines);
        answer.Number("appended").ShouldBe(lines.Count, answer.Text);
        return answer;
    }

    protected string Registered(string customer, string day, string segment) =>
        Line($"{customer}-registered", "customer_registered", customer, day,
            new { name = $"Name of {customer}", segment });

    protected string Touched(
        string id, string customer, string day, string channel, string direction, string member, string? tone = null,
        string[]? practices = null, int? durationSeconds = null) =>
        Line(id, "touchpoint_recorded", customer, day, new
        {
            touchpointId = id,
            channel,
            direction,
            memberId = $"ref:{member}",
            tone,
            practices,
            durationSeconds,
        });

    protected string Scored(
        string id, string customer, string day, string? touchpointId, int score, string kind = "csat") =>
        Line(id, "feedback_received", customer, day, new { feedbackId = id, kind, score, touchpointId });

    /// <summary>Takes an imported event out.</summary>
    protected async Task AnnulAsync(string customer, Answer imported, int index) => await DoAsync(
        $"/v1/customers/ref:{customer}/annulments",
        new { eventId = imported.Items("items")[index].Text("event.id"), reason = "a slip" });

    protected string Line(string id, string type, string customer, string day, object data) =>
        CloudEvent(id, type, $"customer/{customer}", data, At(day), _import);

    /// <summary>A day, or a day and time, in UTC.</summary>
    protected static DateTimeOffset At(string day) => DateTimeOffset.Parse(
        day, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    protected async Task<JsonElement> AskAsync(string question) =>
        (await ReadAsync($"{question}{(question.Contains('?') ? '&' : '?')}atLeast={LastPosition}")).Json;
}
