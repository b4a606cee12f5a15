using System.Text.Json;
using CrmLedger.Server.Tenants;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CrmLedger.PostgresTests.Http;

/// <summary>Many events at once: POST /v1/events.</summary>
public sealed class BulkTests(AlbaLedger ledger) : AlbaTest(ledger)
{
    private const string Erik = "member/erik", Anna = "customer/anna", Bert = "customer/bert";

    [Theory]
    [InlineData("application/jsonl", "{0}\n\n{1}\n")]
    [InlineData("application/jsonl", "\uFEFF{0}\n{1}\n")]
    [InlineData("application/x-ndjson; charset=utf-8", "{0}\r\n{1}\r\n")]
    [InlineData("application/cloudevents-batch+json", "[{0},{1}]")]
    [InlineData("application/json", "[{0},{1}]")]
    public async Task A_batch_is_taken_in_every_form(string contentType, string form)
    {
        string body = form.Replace("{0}", Joined("1"), StringComparison.Ordinal)
            .Replace("{1}", Registered("2"), StringComparison.Ordinal);
        var answer = await Http.PostAsync("/v1/events", body, ("Content-Type", contentType));
        (answer.Status, answer.Number("appended"), answer.Number("lastPosition")).ShouldBe((200, 2, 1), answer.Text);
        answer.Items("items").Select(i => (i.Number("index"), i.Text("id"), i.Text("status")))
            .ShouldBe([(0, "1", "appended"), (1, "2", "appended")]);
    }

    [Fact]
    public async Task One_event_is_taken_alone()
    {
        var answer = await Http.PostAsync(
            "/v1/events", Joined("1"), ("Content-Type", "application/cloudevents+json"));
        (answer.Status, answer.Number("appended")).ShouldBe((200, 1), answer.Text);
        (await LogAsync()).Single().Text("data.name").ShouldBe("Erik Berg");
    }

    [Theory]
    [InlineData("application/cloudevents+json", "")]
    [InlineData("application/json", "?atomic=true")]
    public async Task One_event_that_is_rejected_is_answered_with_its_problem(string contentType, string query)
    {
        var refused = await RefusedAsync(
            $"/v1/events{query}", Touched("9"), 404, "member_unknown", ("Content-Type", contentType));
        refused.Pointers().ShouldBe(["/data/memberId"]);
        refused.Headers["Content-Type"].ShouldStartWith("application/problem+json");
        await RefusedAsync($"/v1/events{query}", """{"type":"no_such_event"}""", 422, "invalid_request",
            ("Content-Type", contentType));
    }

    [Fact]
    public async Task The_same_events_again_are_duplicates_where_they_stand()
    {
        var first = await AppendAsync(Joined("1"), Registered("2"), Touched("3"));
        var again = await AppendAsync(Registered("2"), Touched("4", "T-2"), Touched("3"), Touched("4", "T-2"));

        (again.Number("appended"), again.Number("duplicates"), again.Number("rejected"))
            .ShouldBe((1, 3, 0), again.Text);
        again.Items("items")[0].Text("event").ShouldBe(first.Items("items")[1].Text("event"));
        again.Items("items")[2].Text("event").ShouldBe(first.Items("items")[2].Text("event"));
        (await LogSizeAsync()).ShouldBe(4);
    }

    [Fact]
    public async Task The_same_id_with_other_content_is_refused_in_its_item_only()
    {
        await AppendAsync(Joined("1"), Registered("2"));
        var answer = await AppendAsync(
            CloudEvent("2", "customer_registered", Anna, new { name = "Somebody else" }),
            CloudEvent("2", "customer_registered", Bert, new { name = "Anna Lind" }), Touched("3"));

        answer.Items("items").Select(i => (i.Text("status"), i.Number("problem.status"), i.Text("problem.type")))
            .ShouldBe([
                ("rejected", 409, "urn:crmledger:problem:event_id_reused"),
                ("rejected", 409, "urn:crmledger:problem:event_id_reused"), ("appended", null, null),
            ]);
        answer.Items("items")[0].At("problem")!.Value.Pointers().ShouldBe(["/id"]);
        (await LogSizeAsync()).ShouldBe(3);
    }

    [Theory]
    [InlineData("""{"id":"9"}""", "invalid_request", 422, "/source", "/type", "/subject", "/specversion")]
    [InlineData("""{"specversion":"0.3","id":"9","source":"s","type":"promise_confirmed","subject":"customer/anna"}""",
        "invalid_request", 422, "/specversion")]
    [InlineData("""{"type":"promise_lapsed","data":{"promiseId":"P"}}""", "invalid_request", 422, "/type")]
    [InlineData("""{"type":"no_such_event"}""", "invalid_request", 422, "/type")]
    [InlineData("""{"type":"import_declared"}""", "invalid_request", 422, "/subject")]
    [InlineData("""{"subject":"anna"}""", "invalid_request", 422, "/subject")]
    [InlineData("""{"subject":"member/erik"}""", "invalid_request", 422, "/subject")]
    [InlineData("""{"subject":"customer/"}""", "invalid_request", 422, "/subject")]
    [InlineData("""{"subject":"customer/ref:"}""", "invalid_request", 422, "/subject")]
    [InlineData("""{"type":"customer_registered","subject":"customer/ref:","data":{"name":"A"}}""",
        "invalid_request", 422, "/subject")]
    [InlineData("""{"type":"customer_registered","subject":"customer/ ","data":{"name":"A"}}""",
        "invalid_request", 422, "/subject")]
    [InlineData(
        """
        {"type":"member_joined","subject":"member/0198c2f4-1c3a-7d61-9f43-1f2e3d4c5b6a","data":{"name":"A","team":"a"}}
        """,
        "invalid_request", 422, "/subject")]
    [InlineData("""{"subject":"customer/nobody"}""", "customer_unknown", 404)]
    [InlineData("""{"data":{"channel":"phone","direction":"inbound","memberId":"ref:"}}""", "invalid_request", 422,
        "/data/memberId")]
    [InlineData("""{"time":"2026-01-01T00:00:00"}""", "invalid_request", 422, "/time")]
    [InlineData("""{"time":"2999-01-01T00:00:00Z"}""", "invalid_request", 422, "/time")]
    [InlineData("""{"time":7}""", "invalid_request", 422, "/time")]
    [InlineData("""{"data":[]}""", "invalid_request", 422, "/data")]
    [InlineData("""{"data":{"channel":"pigeon","memberId":"ref:erik"}}""", "invalid_request", 422, "/data/channel",
        "/data/direction")]
    [InlineData("""{"data":{"channel":"phone","direction":"inbound","memberId":"ref:nobody"}}""", "member_unknown", 404,
        "/data/memberId")]
    [InlineData("""{"type":"promise_confirmed","data":{"promiseId":"P-9"}}""", "promise_unknown", 404,
        "/data/promiseId")]
    [InlineData("""{"type":"customer_registered","data":{"name":"A","reference":"other"}}""", "invalid_request", 422,
        "/data/reference")]
    [InlineData("""{"importid":"7"}""", "invalid_request", 422, "/importid")]
    [InlineData("""{"Bad-Name":"x","a/b~c":1}""", "invalid_request", 422, "/Bad-Name", "/a~1b~0c")]
    [InlineData("""{"type":"promise_confirmed","data":{"promiseId":"P","occurredAt":"2026-01-01T00:00:00Z"}}""",
        "invalid_request", 422, "/data/occurredAt")]
    public async Task A_rejected_item_says_which_field_and_holds_up_no_other(
        string change, string code, int status, params string[] pointers)
    {
        await AppendAsync(Joined("1"), Registered("2"));
        var sent = JsonElement.Parse(Touched("9"));
        var changed = JsonElement.Parse(change);
        string item = changed.TryGetProperty("id", out _)
            ? change
            : Json(sent.EnumerateObject().Concat(changed.EnumerateObject()).GroupBy(m => m.Name)
                .ToDictionary(g => g.Key, g => g.Last().Value));
        var answer = await AppendAsync(item, Touched("3"));

        (answer.Number("appended"), answer.Number("rejected")).ShouldBe((1, 1), answer.Text);
        var problem = answer.Items("items")[0].At("problem")!.Value;
        (problem.Text("type"), problem.Number("status")).ShouldBe(($"urn:crmledger:problem:{code}", status));
        if (pointers.Length > 0)
            problem.Pointers().ShouldBe(pointers, ignoreOrder: true, answer.Text);
        answer.Items("items")[0].Text("id").ShouldBe("9");
    }

    [Fact]
    public async Task A_reference_in_a_subject_is_held_to_its_own_length_and_may_look_like_an_id()
    {
        const string uuid = "0198c2f4-1c3a-7d61-9f43-1f2e3d4c5b6a";
        var answer = await AppendAsync(
            Registered("1", "customer/" + new string('x', 201)), Registered("2", "customer/" + new string('x', 200)),
            Registered("3", "customer/" + uuid), Registered("4", "customer/ref:" + uuid));
        answer.Items("items").Select(i => i.Text("status"))
            .ShouldBe(["rejected", "appended", "rejected", "appended"], answer.Text);
        answer.Items("items").Where(i => i.Text("status") == "rejected")
            .ShouldAllBe(i => i.At("problem")!.Value.Pointers().Single() == "/subject");
        (await ReadAsync($"/v1/customers/ref:{uuid}/history")).Text("customer.reference").ShouldBe(uuid);
    }

    [Fact]
    public async Task A_line_that_is_not_JSON_is_rejected_alone()
    {
        var answer = await AppendAsync(Joined("1"), "oops", Registered("2"), """{"id":"x","id":"y"}""", "[]");
        answer.Items("items").Select(i => i.Text("status"))
            .ShouldBe(["appended", "rejected", "appended", "rejected", "rejected"]);
        answer.Items("items").Where(i => i.Text("status") == "rejected")
            .ShouldAllBe(i => i.Text("problem.type") == "urn:crmledger:problem:not_json");
    }

    [Fact]
    public async Task An_atomic_batch_is_recorded_whole_or_not_at_all()
    {
        string[] good = [Joined("1"), Registered("2"), Registered("3", Bert), Touched("4")];
        var refused = await AtomicAsync([.. good, Touched("5", subject: "customer/nobody")]);
        (refused.Status, refused.Problem, refused.Number("status"))
            .ShouldBe((422, "atomic_batch_rejected", 422), refused.Text);
        refused.Headers["Content-Type"].ShouldStartWith("application/problem+json");
        refused.Text("detail")!.ShouldStartWith("1 of 5 events");
        refused.Items("items").Count.ShouldBe(5);
        refused.Items("items").Select(i => i.Text("problem.type")!.Split(':')[^1]).Distinct()
            .ShouldBe(["atomic_batch_rejected", "customer_unknown"]);
        (await LogSizeAsync()).ShouldBe(0);

        var taken = await AtomicAsync(good);
        (taken.Status, taken.Number("appended")).ShouldBe((200, 4), taken.Text);
        var again = await AtomicAsync(good);
        (again.Status, again.Number("appended"), again.Number("duplicates")).ShouldBe((200, 0, 4), again.Text);
        (await LogSizeAsync()).ShouldBe(4);
    }

    [Theory]
    [InlineData(Anna)]
    [InlineData(Bert)]
    public async Task An_id_that_stands_twice_in_an_atomic_batch_is_refused_on_whichever_stream(string subject)
    {
        var refused = await AtomicAsync(
            Joined("1"), Registered("2"), Registered("3", Bert), Touched("4"), Touched("4", subject: subject));
        refused.Items("items").Select(i => i.Text("problem.type")!.Split(':')[^1]).ShouldBe([
            "atomic_batch_rejected", "atomic_batch_rejected", "atomic_batch_rejected", "atomic_batch_rejected",
            "event_id_reused",
        ]);
        refused.Items("items")[^1].At("problem")!.Value.Pointers().ShouldBe(["/id"]);
        refused.Status.ShouldBe(422);
        (await LogSizeAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Only_rejected_items_are_listed_when_asked_for()
    {
        var answer = await Http.PostAsync("/v1/events?items=rejected",
            string.Join('\n', [Joined("1"), "oops", Registered("2")]), ("Content-Type", "application/jsonl"));
        (answer.Number("appended"), answer.Number("rejected")).ShouldBe((2, 1));
        answer.Items("items").Single().Number("index").ShouldBe(1);
    }

    [Theory]
    [InlineData("application/jsonl")]
    [InlineData("application/cloudevents-batch+json")]
    public async Task Too_many_events_are_refused(string contentType)
    {
        var lines = Enumerable.Repeat("{}", 5_001);
        string body = contentType == "application/jsonl" ? string.Join('\n', lines) : $"[{string.Join(',', lines)}]";
        await RefusedAsync("/v1/events", body, 413, "too_large", ("Content-Type", contentType));
        (await LogSizeAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Events_of_an_import_are_taken_while_it_is_open()
    {
        string import = await DeclareImportAsync();
        var past = new DateTimeOffset(2020, 5, 1, 0, 0, 0, TimeSpan.Zero);
        await AppendAsync(Joined("1"), CloudEvent("2", "customer_registered", Anna, new { name = "A" }, past, import));
        var stored = (await LogAsync()).Single(e => e.Text("type") == "customer_registered");
        (stored.Text("importId"), stored.Time("occurredAt")).ShouldBe((import, past));

        string unknown = Guid.CreateVersion7().ToString();
        await ItemRefusedAsync(CloudEvent("3", "customer_registered", Bert, new { name = "B" }, past, unknown),
            "import_unknown", 404);
        await DoAsync($"/v1/imports/{import}/complete", new { rows = 1, events = 1 });
        await ItemRefusedAsync(CloudEvent("3", "customer_registered", Bert, new { name = "B" }, past, import),
            "import_completed", 409);
        await RefusedAsync($"/v1/imports/{import}/complete", new { rows = 1, events = 1 }, 409, "import_completed");
        (await LogSizeAsync()).ShouldBe(4);

        var declared = await Http.PostAsync("/v1/imports",
            Json(new { source = "test", fileName = "other.jsonl", sha256 = await Sha256OfAsync(import) }));
        (declared.Text("importId"), declared.Text("completed"), declared.Number("rows"))
            .ShouldBe((import, "True", 1), declared.Text);
    }

    [Fact]
    public async Task A_member_who_joins_in_a_batch_can_be_named_in_it_and_so_can_a_customer()
    {
        var answer = await AppendAsync(Joined("1"), Registered("2"), Touched("3"), Registered("4", Bert),
            CloudEvent("5", "customer_merged_into", Bert, new { customerId = "ref:anna", reason = "Twice" }));
        answer.Number("rejected").ShouldBe(0, answer.Text);
        (await LogAsync()).Single(e => e.Text("type") == "touchpoint_recorded").Text("data.team").ShouldBe("support");
    }

    [Fact]
    public async Task What_follows_an_annulment_in_a_batch_is_judged_without_the_annulled_entry()
    {
        var first = await AppendAsync(Joined("1"), Registered("2"), Touched("3"));
        string touchpoint = first.Items("items")[2].Text("event.id")!;
        var answer = await AppendAsync(
            CloudEvent("4", "entry_annulled", Anna, new { eventId = touchpoint, reason = "Wrong customer" }),
            CloudEvent("5", "follow_up_scheduled", Anna, new
            {
                followUpId = "F-1",
                dueAt = Now.AddDays(1),
                purpose = "reassure",
                memberId = "ref:erik",
                touchpointId = "T-1",
            }), Touched("6"));
        answer.Items("items").Select(i => i.Text("status")).ShouldBe(["appended", "rejected", "appended"], answer.Text);
        answer.Items("items")[1].Text("problem.type").ShouldBe("urn:crmledger:problem:touchpoint_unknown");
    }

    [Fact]
    public async Task What_follows_an_annulment_in_an_atomic_batch_is_refused_with_the_reason()
    {
        var first = await AppendAsync(Joined("1"), Registered("2"), Touched("3"));
        string touchpoint = first.Items("items")[2].Text("event.id")!;
        var refused = await AtomicAsync(
            CloudEvent("4", "entry_annulled", Anna, new { eventId = touchpoint, reason = "Wrong customer" }),
            Registered("5", Bert), Touched("6"));
        refused.Items("items").Select(i => i.Text("problem.type")!.Split(':')[^1])
            .ShouldBe(["atomic_batch_rejected", "atomic_batch_rejected", "invalid_request"]);
        refused.Items("items")[2].Text("problem.detail")!.ShouldContain("annuls an entry");
        (await LogSizeAsync()).ShouldBe(3);
        (await AtomicAsync(
            CloudEvent("4", "entry_annulled", Anna, new { eventId = touchpoint, reason = "Wrong customer" }),
            Registered("5", Bert))).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_stream_that_cannot_be_written_holds_up_no_other_and_says_that_it_may_be_sent_again()
    {
        string[] batch = [Joined("1"), Registered("2"), Touched("3"), Registered("4", Bert)];
        var tenant = await Ledger.Services.GetRequiredService<TenantLedgers>().GetAsync(Tenant);
        await using var admin = NpgsqlDataSource.Create(await PostgresCluster.AdminOfAsync(Ledger.Connections));
        await ExecuteAsync(admin, $"alter table ledger.mt_events add constraint no_anna "
            + $"check (stream_id <> 'customer-{tenant.Keys.CustomerId("anna")}')");

        var answer = await AppendAsync(batch);
        answer.Items("items").Select(i => i.Text("status"))
            .ShouldBe(["appended", "rejected", "rejected", "appended"], answer.Text);
        var problem = answer.Items("items")[1].At("problem")!.Value;
        (problem.Text("type"), problem.Number("status"), problem.Number("retryAfterSeconds"))
            .ShouldBe(("urn:crmledger:problem:unavailable", 503, 2));

        await ExecuteAsync(admin, "alter table ledger.mt_events drop constraint no_anna");
        answer = await AppendAsync(batch);
        answer.Items("items").Select(i => i.Text("status"))
            .ShouldBe(["duplicate", "appended", "appended", "duplicate"], answer.Text);
    }

    private static async Task ExecuteAsync(NpgsqlDataSource admin, string sql)
    {
        await using var command = admin.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private Task<Answer> AtomicAsync(params IEnumerable<string> lines) => Http.PostAsync(
        "/v1/events?atomic=true", string.Join('\n', lines), ("Content-Type", "application/jsonl"));

    private async Task ItemRefusedAsync(string line, string code, int status)
    {
        var answer = await AppendAsync(line);
        var problem = answer.Items("items").Single().At("problem")!.Value;
        (problem.Text("type"), problem.Number("status")).ShouldBe(($"urn:crmledger:problem:{code}", status));
        problem.Pointers().ShouldBe(["/importid"]);
    }

    private async Task<string> Sha256OfAsync(string import)
    {
        var declared = (await LogAsync()).Single(e => e.Text("type") == "import_declared");
        declared.Text("data.importId").ShouldBe(import);
        return declared.Text("data.sha256")!;
    }

    private static string Joined(string id) =>
        CloudEvent(id, "member_joined", Erik, new { name = "Erik Berg", team = "support" });

    private static string Registered(string id, string subject = Anna) =>
        CloudEvent(id, "customer_registered", subject, new { name = "Anna Lind" });

    private static string Touched(string id, string touchpoint = "T-1", string subject = Anna) =>
        CloudEvent(id, "touchpoint_recorded", subject,
            new { touchpointId = touchpoint, channel = "phone", direction = "inbound", memberId = "ref:erik" });
}
