using System.Globalization;
using System.Text.Json;
using CrmLedger.PostgresTests.Http;

namespace CrmLedger.PostgresTests.Commitments;

/// <summary>
/// A relationship in which every class of the kept rate occurs, imported with its own times, and counted again here
/// from a table of what is expected.
/// </summary>
public abstract class KeptRateTest(RunningLedger ledger) : LedgerTest(ledger)
{
    protected static IReadOnlyList<Expected> Promises { get; } =
    [
        new("P01", "anna", "erik", "call", "2024-01-10T12:00:00Z", "kept_first_date", "kept@2024-01-10T12:00:00Z"),
        new("P02", "anna", "erik", "repair", "2024-01-31T23:59:59Z", "kept_agreed_date",
            "propose=2024-02-10T00:00:00Z@2024-01-20T00:00:00Z", "accept@2024-01-21T00:00:00Z",
            "kept@2024-02-10T00:00:00Z"),
        new("P03", "anna", "maria", "call", "2024-02-01T00:00:00Z", "kept_late", "kept@2024-02-03T00:00:00Z"),
        new("P04", "anna", "maria", "repair", "2024-02-10T00:00:00Z", "broken", "withdraw@2024-02-09T00:00:00Z"),
        new("P05", "bert", "erik", "call", "2024-02-20T00:00:00Z", "released", "release@2024-02-20T00:00:00Z"),
        new("P06", "bert", "erik", "repair", "2024-02-29T00:00:00Z", "moved_by_agreement",
            "propose=2099-01-01T00:00:00Z@2024-02-01T00:00:00Z", "accept@2024-02-02T00:00:00Z"),
        new("P07", "bert", "maria", "call", "2024-03-01T00:00:00Z", "overdue", "reassign=erik@2024-02-25T00:00:00Z"),
        new("P08", "bert", "maria", "repair", "2099-05-01T00:00:00Z", "not_yet_due"),
        new("P09", "bert", "maria", "call", "2024-03-05T00:00:00Z", "broken", "kept@2024-03-04T00:00:00Z",
            "dispute@2024-03-06T00:00:00Z"),
        new("P10", "anna", "erik", "call", "2024-03-10T00:00:00Z", "kept_late", "kept@2024-03-09T00:00:00Z",
            "dispute@2024-03-11T00:00:00Z", "kept@2024-03-14T00:00:00Z"),
        new("P11", "anna", "erik", "repair", "2024-03-15T00:00:00Z", "broken", "release@2024-03-15T00:00:01Z"),
    ];

    protected static IReadOnlyDictionary<string, string> CountNames { get; } = new Dictionary<string, string>
    {
        ["kept_first_date"] = "keptFirstDate",
        ["kept_agreed_date"] = "keptAgreedDate",
        ["kept_late"] = "keptLate",
        ["broken"] = "broken",
        ["released"] = "released",
        ["moved_by_agreement"] = "movedByAgreement",
        ["overdue"] = "overdue",
        ["not_yet_due"] = "notYetDue",
    };

    protected Dictionary<string, string> Ids { get; } = [];

    protected sealed record Expected(
        string Id, string Customer, string Maker, string Kind, string Due, string Class, params string[] Life)
    {
        public DateTimeOffset FirstDue => DateTimeOffset.Parse(Due, CultureInfo.InvariantCulture);

        public string Holder =>
            Life.FirstOrDefault(l => l.StartsWith("reassign=", StringComparison.Ordinal))?[9..].Split('@')[0] ?? Maker;

        public string Team => Maker == "erik" ? "support" : "sales";
    }

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        foreach (var (member, team) in new[] { ("erik", "support"), ("maria", "sales") })
            Ids[member] = (await JoinAsync(member, team)).Text("ids.memberId")!;
        foreach (string customer in new[] { "anna", "bert" })
            Ids[customer] = (await RegisterAsync(customer)).Text("ids.customerId")!;
        string import = await DeclareImportAsync();
        var answer = await AppendAsync(Promises.SelectMany(e => Events(e, import)));
        (answer.Number("rejected"), answer.Number("duplicates")).ShouldBe((0, 0), answer.Text);
    }

    private static IEnumerable<string> Events(Expected e, string import)
    {
        string subject = $"customer/{e.Customer}";
        var made = e.FirstDue.AddMonths(-2) is { Year: < 2025 } soon ? soon : new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
        yield return CloudEvent($"{e.Id}/made", "promise_made", subject, new
        {
            promiseId = e.Id,
            kind = e.Kind,
            conditions = $"{e.Kind} done",
            dueAt = e.FirstDue,
            memberId = $"ref:{e.Maker}",
            channel = e.Kind == "call" ? "phone" : null,
        }, made, import);
        foreach (string step in e.Life)
        {
            string[] parts = step.Split('@');
            string[] verb = parts[0].Split('=');
            var time = DateTimeOffset.Parse(parts[1], CultureInfo.InvariantCulture);
            (string type, object data) = verb[0] switch
            {
                "kept" => ("promise_declared_kept", (object)new { promiseId = e.Id }),
                "accept" => ("promise_renegotiation_accepted", new { promiseId = e.Id }),
                "dispute" => ("promise_disputed", new { promiseId = e.Id }),
                "release" => ("promise_released", new { promiseId = e.Id }),
                "withdraw" => ("promise_withdrawn", new { promiseId = e.Id, reason = "No longer possible" }),
                "propose" => ("promise_renegotiation_proposed",
                    new { promiseId = e.Id, newDueAt = verb[1], reason = "Late part" }),
                _ => ("promise_reassigned", new { promiseId = e.Id, toMemberId = $"ref:{verb[1]}", reason = "Leave" }),
            };
            yield return CloudEvent($"{e.Id}/{step}", type, subject, data, time, import);
        }
    }

    protected static Dictionary<string, long> Count(IEnumerable<Expected> promises)
    {
        var classes = promises.ToLookup(e => e.Class);
        return CountNames.ToDictionary(n => n.Value, n => (long)classes[n.Key].Count());
    }

    protected static Dictionary<string, long> CountsOf(JsonElement numbers) =>
        numbers.At("counts")!.Value.EnumerateObject().ToDictionary(c => c.Name, c => c.Value.GetInt64());

    /// <summary>
    /// The promises by what had happened until a time, folded from the log by plain code. All was imported, and so
    /// counts from when it happened.
    /// </summary>
    private protected async Task<IReadOnlyDictionary<string, PlainPromise>> PlainUntilAsync(DateTimeOffset until)
    {
        var promises = new Dictionary<string, PlainPromise>();
        foreach (var e in (await LogAsync()).Where(e => e.Time("occurredAt") <= until))
        {
            if (e.Text("data.promiseId") is not { } id)
                continue;
            if (!promises.TryGetValue(id, out var promise))
                promises[id] = promise = new();
            var at = e.Time("occurredAt")!.Value;
            promise.Take(e.Text("type")!, e.At("data")!.Value, at, at);
        }
        return promises;
    }

    protected async Task<JsonElement> RateAsync(string query) =>
        (await ReadAsync($"/v1/kept-rate?{query}&atLeast={LastPosition}")).Json;
}
