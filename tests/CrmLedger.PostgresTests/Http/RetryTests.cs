namespace CrmLedger.PostgresTests.Http;

/// <summary>What makes a request safe to send again, and safe against what others did meanwhile.</summary>
public sealed class RetryTests(AlbaLedger ledger) : AlbaTest(ledger)
{
    private const string Consents = "/v1/customers/ref:anna/consents";
    private static readonly object s_yes = new { purpose = "news", given = true };
    private static readonly object s_no = new { purpose = "news", given = false };

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await RegisterAsync("anna");
    }

    [Fact]
    public async Task A_command_decided_on_the_current_version_is_taken_and_on_a_stale_one_refused()
    {
        var first = await DoAsync(Consents, s_yes, ("If-Match", "\"1\""));
        first.Headers["ETag"].ShouldBe("\"2\"");
        var stale = await RefusedAsync(Consents, s_no, 412, "stale_version", ("If-Match", "\"1\""));
        stale.Pointers().ShouldBe(["If-Match"]);
        await RefusedAsync(Consents, s_no, 412, "stale_version", ("If-Match", "\"3\""));
        await DoAsync(Consents, s_no, ("If-Match", first.Headers["ETag"]));
        await DoAsync(Consents, s_yes, ("If-Match", "*"));
        (await LogSizeAsync()).ShouldBe(4);
    }

    [Fact]
    public async Task Of_two_commands_on_the_same_version_at_once_one_is_taken()
    {
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => Http.PostAsync(Consents, Json(s_yes), ("If-Match", "\"1\""))));
        answers.Select(a => a.Status).Order().ShouldBe([200, 412, 412, 412, 412, 412, 412, 412]);
        (await LogSizeAsync()).ShouldBe(2);
    }

    [Fact]
    public async Task The_same_key_and_body_give_the_first_answer_again()
    {
        var first = await DoAsync(Consents, s_yes, ("Idempotency-Key", "\"k-1\""));
        await DoAsync(Consents, s_no);
        foreach (string key in new[] { "\"k-1\"", "k-1" })
        {
            var again = await DoAsync(Consents, s_yes, ("Idempotency-Key", key));
            again.Text("events").ShouldBe(first.Text("events"));
            (again.Text("position"), again.Headers["ETag"]).ShouldBe((first.Text("position"), first.Headers["ETag"]));
            again.Text("ids").ShouldBe(first.Text("ids"));
            again.Text("replayed").ShouldBe("True");
            again.Headers["Idempotent-Replayed"].ShouldBe("true");
        }
        first.Headers.ContainsKey("Idempotent-Replayed").ShouldBeFalse();
        (await LogSizeAsync()).ShouldBe(3);
    }

    [Fact]
    public async Task What_was_created_is_told_again_with_the_same_ids()
    {
        var first = await DoAsync("/v1/customers", new { name = "Somebody" }, ("Idempotency-Key", "k-1"));
        var again = await DoAsync("/v1/customers", new { name = "Somebody" }, ("Idempotency-Key", "k-1"));
        again.Text("ids").ShouldBe(first.Text("ids"));
        (again.Status, again.Text("events")).ShouldBe((201, first.Text("events")));

        await JoinAsync("erik", "support");
        object promise = new { kind = "call", conditions = "Called.", dueAt = Now.AddDays(1), memberId = "ref:erik" };
        first = await DoAsync("/v1/customers/ref:anna/promises", promise, ("Idempotency-Key", "k-2"));
        again = await DoAsync("/v1/customers/ref:anna/promises", promise, ("Idempotency-Key", "k-2"));
        again.Text("ids").ShouldBe(first.Text("ids"));
        (await LogSizeAsync()).ShouldBe(4);
    }

    [Theory]
    [InlineData(Consents, """{"purpose":"news","given":false}""")]
    [InlineData("/v1/customers/ref:anna/end-relationship", """{"purpose":"news","given":true}""")]
    public async Task The_same_key_with_another_request_is_refused(string path, string body)
    {
        await DoAsync(Consents, s_yes, ("Idempotency-Key", "k-1"));
        bool other = path != Consents;
        var refused = await RefusedAsync(path, other ? """{"reason":"price"}""" : body, 422, "idempotency_key_reused",
            ("Idempotency-Key", "k-1"));
        refused.Pointers().ShouldBe(["Idempotency-Key"]);
        (await LogSizeAsync()).ShouldBe(2);
    }

    [Fact]
    public async Task The_order_and_spacing_of_a_body_do_not_make_it_another_one()
    {
        var first = await DoAsync(Consents, s_yes, ("Idempotency-Key", "k-1"));
        var again = await Http.PostAsync(
            Consents, """{ "given" : true, "purpose" : "news" }""", ("Idempotency-Key", "k-1"));
        again.Text("events").ShouldBe(first.Text("events"));
    }

    [Fact]
    public async Task Of_many_requests_with_one_key_at_once_one_is_recorded()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(
            _ => Http.PostAsync("/v1/customers", Json(new { name = "Somebody" }), ("Idempotency-Key", "k-1"))));
        answers.ShouldAllBe(a => a.Status == 201 || a.Status == 409 && a.Problem == "idempotency_key_in_use");
        answers.Count(a => a.Text("replayed") == "False").ShouldBe(1);
        answers.Where(a => a.Status == 409).ShouldAllBe(a => a.Headers.ContainsKey("Retry-After"));
        (await LogSizeAsync()).ShouldBe(2);
    }

    [Fact]
    public async Task A_key_is_its_senders_own()
    {
        using var other = await Ledger.ClientAsync(Tenant);
        await DoAsync(Consents, s_yes, ("Idempotency-Key", "k-1"));
        var answer = await other.PostAsync(Consents, Json(s_no), ("Idempotency-Key", "k-1"));
        (answer.Status, answer.Text("replayed")).ShouldBe((200, "False"));
    }

    [Fact]
    public async Task A_refused_request_may_be_sent_again_with_its_key()
    {
        await RefusedAsync("/v1/customers/ref:bert/consents", s_yes, 404, "customer_unknown",
            ("Idempotency-Key", "k-1"));
        await RegisterAsync("bert");
        var answer = await DoAsync("/v1/customers/ref:bert/consents", s_yes, ("Idempotency-Key", "k-1"));
        answer.Text("replayed").ShouldBe("False");
    }

    [Fact]
    public async Task A_key_stands_above_a_version_that_has_moved_on()
    {
        var first = await DoAsync(Consents, s_yes, ("Idempotency-Key", "k-1"), ("If-Match", "\"1\""));
        var again = await DoAsync(Consents, s_yes, ("Idempotency-Key", "k-1"), ("If-Match", "\"1\""));
        again.Text("events").ShouldBe(first.Text("events"));
    }

    [Fact]
    public async Task So_does_an_events_own_source_and_id()
    {
        (string, string)[] headers = [("ce-source", "crm"), ("ce-id", "1"), ("If-Match", "\"1\"")];
        var first = await DoAsync(Consents, s_yes, headers);
        var again = await DoAsync(Consents, s_yes, headers);
        (again.Text("replayed"), again.Text("events")).ShouldBe(("True", first.Text("events")));
        await RefusedAsync(Consents, s_no, 412, "stale_version", ("If-Match", "\"1\""));
        (await LogSizeAsync()).ShouldBe(2);
    }

    [Fact]
    public async Task An_event_with_its_own_source_and_id_is_the_same_event_for_ever()
    {
        (string, string)[] named = [("ce-source", "our-crm"), ("ce-id", "4711")];
        var first = await DoAsync("/v1/customers", new { reference = "bert", name = "Bert" }, named);
        first.Status.ShouldBe(201);
        var again = await DoAsync("/v1/customers", new { reference = "bert", name = "Bert" }, named);
        (again.Status, again.Text("replayed")).ShouldBe((201, "True"));
        again.Items("events")[0].Text("position").ShouldBe(first.Items("events")[0].Text("position"));
        again.Headers["Idempotent-Replayed"].ShouldBe("true");

        (await RefusedAsync("/v1/customers", new { reference = "bert", name = "Berta" }, 409, "event_id_reused", named))
            .Pointers().ShouldBe(["ce-id"]);
        await RefusedAsync(Consents, s_yes, 409, "event_id_reused", named);
        (await DoAsync("/v1/customers", new { reference = "c", name = "C" }, ("ce-source", "other"), ("ce-id", "4711")))
            .Status.ShouldBe(201);
        (await LogSizeAsync()).ShouldBe(3);
    }

    [Fact]
    public async Task The_same_event_is_known_again_however_it_is_addressed_and_written()
    {
        await JoinAsync("erik", "support");
        var due = Now.AddDays(1);
        object promise = new { kind = "call", conditions = "Called.", dueAt = due, memberId = "ref:erik" };
        (string, string)[] named = [("ce-source", "test"), ("ce-id", "9")];
        var first = await DoAsync("/v1/customers/ref:anna/promises", promise, named);
        string anna = (await ReadAsync("/v1/customers/ref:anna/history")).Text("customerId")!;
        string erik = (await LogAsync())[^1].Text("data.memberId")!;
        foreach (string address in new[] { $"/v1/customers/{anna}/promises", "/v1/customers/ref:%61nna/promises" })
        {
            var again = await DoAsync(address, new
            {
                memberId = erik,
                dueAt = due.ToOffset(TimeSpan.FromHours(2)),
                conditions = "Called.",
                kind = "call",
            }, named);
            (again.Text("replayed"), again.Text("ids")).ShouldBe(("True", first.Text("ids")));
        }
        var batch = await AppendAsync(CloudEvent("9", "promise_made", "customer/anna", promise),
            CloudEvent("9", "promise_made", $"customer/{anna}", promise),
            CloudEvent("9", "promise_made", "customer/anna", promise, due));
        batch.Items("items").Select(i => i.Text("status")).ShouldBe(["duplicate", "duplicate", "rejected"], batch.Text);
        (await LogSizeAsync()).ShouldBe(3);
    }

    [Fact]
    public async Task Somebody_without_a_reference_sent_again_as_the_same_event_is_the_same_person()
    {
        (string, string)[] named = [("ce-source", "our-crm"), ("ce-id", "4711")];
        var first = await DoAsync("/v1/customers", new { name = "Somebody" }, named);
        var again = await DoAsync("/v1/customers", new { name = "Somebody" }, named);
        (again.Text("ids"), again.Text("replayed")).ShouldBe((first.Text("ids"), "True"));
        await JoinAsync("erik", "support");
        object promise = new { kind = "call", conditions = "Called.", dueAt = Now.AddDays(1), memberId = "ref:erik" };
        string promises = $"/v1/customers/{first.Text("ids.customerId")}/promises";
        first = await DoAsync(promises, promise, ("ce-source", "our-crm"), ("ce-id", "4712"));
        again = await DoAsync(promises, promise, ("ce-source", "our-crm"), ("ce-id", "4712"));
        (again.Text("ids"), again.Text("replayed")).ShouldBe((first.Text("ids"), "True"));
        (await LogSizeAsync()).ShouldBe(4);
    }

    [Fact]
    public async Task The_same_id_at_once_for_different_customers_is_one_event_and_refused_for_the_others()
    {
        string[] customers = [.. Enumerable.Range(0, 12).Select(i => $"c-{i}")];
        var answers = await Task.WhenAll(customers.Select(c => Http.PostAsync("/v1/customers",
            Json(new { reference = c, name = c }), ("ce-source", "crm"), ("ce-id", "1"))));
        answers.Count(a => a.Text("replayed") == "False").ShouldBe(1, string.Join('\n', answers.Select(a => a.Text)));
        answers.Count(a => a.Problem == "event_id_reused").ShouldBe(11);
        (await LogSizeAsync()).ShouldBe(2);
    }

    [Fact]
    public async Task An_event_with_its_own_id_at_once_from_many_is_recorded_once()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Http.PostAsync("/v1/customers",
            Json(new { reference = "bert", name = "Bert" }), ("ce-source", "crm"), ("ce-id", "1"))));
        answers.ShouldAllBe(a => a.Status == 201);
        answers.Count(a => a.Text("replayed") == "False").ShouldBe(1);
        (await LogSizeAsync()).ShouldBe(2);
    }
}
