using System.Text.Json;
using CrmLedger.EventStore.Tenants;

namespace CrmLedger.PostgresTests.Http;

/// <summary>Every command that clients may send, at its own address and as a CloudEvent.</summary>
public sealed class CommandTests(AlbaLedger ledger) : AlbaTest(ledger)
{
    [Fact]
    public async Task A_customer_is_not_merged_into_itself()
    {
        await RegisterAsync("selma");
        var refused = await RefusedAsync("/v1/customers/ref:selma/merge",
            new { customerId = "ref:selma", reason = "registered twice" }, 422, "customer_merged_into_itself");
        refused.Pointers().ShouldBe(["/customerId"]);
    }

    [Fact]
    public async Task Every_command_is_accepted_at_its_address_and_stores_the_event_that_it_asks_for()
    {
        var first = new Dictionary<string, string>();
        foreach (var row in CommandTable.Walk.Concat(CommandTable.Annulments))
        {
            var answer = await DoAsync($"/v1/{row.Path}", JsonElement.Parse(WithIds(row.Body, first)));
            var stored = answer.Items("events").ShouldHaveSingleItem();
            stored.Text("type").ShouldBe(row.Event, row.Path);
            first.TryAdd(row.Event, stored.Text("id")!);
            answer.Headers["ETag"].ShouldBe($"\"{stored.Text("version")}\"");
            answer.Text("streamVersion").ShouldBe(stored.Text("version"));
            bool creates = row.Event is "member_joined" or "customer_registered" or "touchpoint_recorded"
                || row.Data.ContainsKey("promiseId") && row.Event == "promise_made";
            if (creates)
                answer.Status.ShouldBe(201, row.Path);
            if (row.Id is { } id)
                answer.Text($"ids.{id.Field}").ShouldBe(id.Value);
        }
        string import = await DeclareImportAsync();
        await DoAsync($"/v1/imports/{import}/complete", new { rows = 0, events = 0 });
        using var admin = await Ledger.ClientAsync(Tenant, Scopes.Admin);
        (await admin.PostAsync("/v1/policies/trust", """{"reason":"Faster","halfLifeDays":90}""")).Status.ShouldBe(200);

        (await LogAsync()).Select(e => e.Text("type")).Distinct()
            .ShouldBe(LedgerCommands.EventNames, ignoreOrder: true);
    }

    [Fact]
    public async Task The_same_commands_are_accepted_as_one_batch_of_CloudEvents_and_store_the_same()
    {
        var answer = await AppendAsync(CommandTable.Walk.Select(
            (row, i) => CloudEvent($"walk-{i}", row.Event, row.Subject, row.Data)));
        answer.Number("appended").ShouldBe(CommandTable.Walk.Count, answer.Text);
        var first = new Dictionary<string, string>();
        foreach (var item in answer.Items("items"))
            first.TryAdd(item.Text("event.type")!, item.Text("event.id")!);
        answer = await AppendAsync(CommandTable.Annulments.Select((row, i) => CloudEvent(
            $"annulment-{i}", row.Event, row.Subject, JsonElement.Parse(WithIds(row.Body, first)))));
        answer.Number("appended").ShouldBe(CommandTable.Annulments.Count, answer.Text);

        // A batch goes into the log stream by stream, each in its order.
        foreach (var stream in (await LogAsync()).GroupBy(e => e.Text("stream")!.Split('-')[0]))
        {
            string kind = stream.Key + "/";
            stream.Select(e => e.Text("type")).ShouldBe(
                CommandTable.Walk.Concat(CommandTable.Annulments)
                    .Where(r => r.Subject.StartsWith(kind, StringComparison.Ordinal)).Select(r => r.Event),
                ignoreOrder: true);
        }
        var history = await ReadAsync("/v1/customers/ref:anna/history");
        history.Items("events").Select(e => e.Text("type")).ShouldBe(
            CommandTable.Walk.Concat(CommandTable.Annulments).Where(r => r.Subject == "customer/anna")
                .Select(r => r.Event));
    }

    [Fact]
    public async Task Ids_that_are_left_out_are_made_and_told()
    {
        await JoinAsync("erik", "support");
        var anonymous = await DoAsync("/v1/customers", new { name = "Somebody" });
        string customer = anonymous.Text("ids.customerId")!;
        var made = await DoAsync($"/v1/customers/{customer}/promises", new
        {
            kind = "callback",
            conditions = "Called.",
            dueAt = Now.AddDays(1),
            memberId = "ref:erik",
        });
        string promise = made.Text("ids.promiseId")!;
        (await ReadAsync($"/v1/customers/{customer}/promises/{promise}"))
            .Text("promise.conditions").ShouldBe("Called.");
        made.Headers["Location"].ShouldBe($"/v1/events/{made.Items("events")[0].Text("id")}");
        (await ReadAsync(made.Headers["Location"])).Text("data.promiseId").ShouldBe(promise);
    }

    [Fact]
    public async Task The_context_of_a_command_is_stored_with_its_event()
    {
        var occurredAt = Now.AddHours(-3);
        var answer = await DoAsync("/v1/customers", new { name = "Anna", occurredAt }, ("ce-source", "our-crm"),
            ("ce-id", "42"), ("Correlation-Id", "case-7"), ("Causation-Id", "call-9"));
        var stored = await ReadAsync($"/v1/events/{answer.Items("events")[0].Text("id")}");
        (stored.Text("source"), stored.Text("correlationId"), stored.Text("causationId"), stored.Text("actor"))
            .ShouldBe(("our-crm", "case-7", "call-9", $"key:{Http.KeyId}"));
        stored.Json.Time("occurredAt").ShouldBe(occurredAt);
        stored.Json.Time("recordedAt")!.Value.ShouldBeGreaterThan(occurredAt);
    }

    private static string WithIds(string body, Dictionary<string, string> first)
    {
        int at = body.IndexOf('$');
        if (at < 0)
            return body;
        string name = body[(at + 1)..].Split('"')[0];
        return body.Replace("$" + name, first[name]);
    }
}
