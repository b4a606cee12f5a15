using System.Text.Json;
using System.Text.Json.Nodes;
using CrmLedger.EventStore.Tenants;
using Npgsql;

namespace CrmLedger.PostgresTests.Http;

/// <summary>A customer's stream stepped through, with what each event did.</summary>
public sealed class ReplayTests(AlbaLedger ledger) : AlbaTest(ledger)
{
    private const string Anna = "/v1/customers/ref:anna";
    private const string Replay = Anna + "/replay";

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await JoinAsync("erik", "support");
        await RegisterAsync("anna");
        await PromiseAsync("P-1");
        await DoAsync($"{Anna}/promises/P-1/declare-kept", new { });
    }

    [Fact]
    public async Task A_step_shows_the_event_the_state_before_and_after_it_what_each_view_did_and_trust()
    {
        var page = await ReadAsync(Replay);
        (page.Number("total"), page.Number("streamVersion"), page.Number("position"), page.Headers["ETag"])
            .ShouldBe((3, 3, LastPosition, "\"3\""));
        (page.Text("customer.name"), page.Text("customer.reference")).ShouldBe(("Name of anna", "anna"));
        page.Items("steps").Select(s => s.Text("state.part")).ShouldBe(["customer", "promise/P-1", "promise/P-1"]);

        var made = page.Items("steps")[1];
        (made.Number("number"), made.Text("event.type"), made.At("state.before")).ShouldBe((2, "promise_made", null));
        made.Text("state.after.conditions").ShouldBe("Anna has been called.");
        string erik = made.Text("state.after.holderId")!;
        page.Json.At("members")!.Value.GetProperty(erik).Text("name").ShouldBe("Name of erik");
        RowsOf(made).ShouldBe([
            "open-commitments promise/P-1 appeared", "kept-rate P-1 appeared", "relationships promise/P-1 appeared",
        ]);
        (made.Decimal("trust.before"), made.Decimal("trust.after")).ShouldBe((50m, 50m));

        var kept = page.Items("steps")[2];
        (kept.Text("state.before.status"), kept.Text("state.after.status")).ShouldBe(("made", "kept"));
        RowsOf(kept).ShouldBe([
            "open-commitments promise/P-1 disappeared", "kept-rate P-1 changed", "relationships promise/P-1 changed",
        ]);
        var fields = kept.Items("views")[1].Items("rows")[0].Items("fields");
        fields.Select(f => (f.Text("field"), f.Text("before"), f.Text("after")))
            .ShouldContain(("promise.status", "made", "kept"));
        // Weight 3 beside the prior of 2 at 0.5: (3 + 1) / (3 + 2).
        (kept.Decimal("trust.before"), kept.Decimal("trust.after")).ShouldBe((50m, 80m));
        kept.Text("trust.judgedAt").ShouldBe(kept.Text("event.recordedAt"));
    }

    [Fact]
    public async Task An_annulment_shows_what_became_of_everything_and_the_annulled_event_by_whom_when_and_why()
    {
        string kept = (await ReadAsync(Replay)).Items("steps")[2].Text("event.id")!;
        string before = (await ReadAsync(Replay)).Text("asOf")!;
        await DoAsync($"{Anna}/annulments", new { eventId = kept, reason = "Never called" });

        var page = await ReadAsync(Replay);
        var annulment = page.Items("steps")[3];
        (annulment.Text("annuls.id"), annulment.Text("annuls.type"), annulment.Number("annuls.version"))
            .ShouldBe((kept, "promise_declared_kept", 3));
        (annulment.Text("state.before.status"), annulment.Text("state.after.status")).ShouldBe(("kept", "made"));
        RowsOf(annulment).ShouldBe([
            "open-commitments promise/P-1 appeared", "kept-rate P-1 changed", "relationships promise/P-1 changed",
        ]);
        annulment.Decimal("trust.after").ShouldBe(50m);
        annulment.Decimal("trust.before")!.Value.ShouldBeGreaterThan(79.9m);
        HistoryTests.ShouldBeAnnulled(page.Items("steps")[2].At("event.annulled"), annulment.At("event"));
        page.Items("steps").Count(s => s.At("event.annulled") is not null).ShouldBe(1);

        // On a page before that of the annulment it is known as well, and not known before it was recorded.
        HistoryTests.ShouldBeAnnulled((await ReadAsync($"{Replay}?version=3&limit=1")).Items("steps")
            .ShouldHaveSingleItem().At("event.annulled"), annulment.At("event"));
        (await ReadAsync($"{Replay}?asOf={before}")).Items("steps")[2].At("event.annulled").ShouldBeNull();
    }

    [Fact]
    public async Task A_corrected_name_that_was_annulled_is_not_shown_at_a_time_before_the_annulment_happened()
    {
        await DoAsync($"{Anna}/correct-details", new { name = "Annna" });
        string wrong = (await ReadAsync(Replay)).Items("steps")[3].Text("event.id")!;
        string until = LedgerJson.Format(Now);
        await DoAsync($"{Anna}/annulments", new { eventId = wrong, reason = "A typo" });
        (await ReadAsync($"{Replay}?until={until}")).Text("customer.name").ShouldBe("Name of anna");
    }

    [Fact]
    public async Task Steps_come_in_pages_from_a_version_or_a_step_and_nothing_recorded_meanwhile_is_in_them()
    {
        var seen = new List<(long?, string?)>();
        string query = "?limit=2";
        for (int pages = 1; ; pages++)
        {
            var page = await ReadAsync(Replay + query);
            page.Number("total").ShouldBe(3);
            seen.AddRange(page.Items("steps").Select(s => (s.Number("number"), s.Text("event.type"))));
            await DoAsync($"{Anna}/consents", new { purpose = $"news {pages}", given = true });
            if (page.Text("next") is not { } next)
            {
                pages.ShouldBe(2);
                break;
            }
            query = $"?limit=2&cursor={next}";
        }
        seen.ShouldBe([(1, "customer_registered"), (2, "promise_made"), (3, "promise_declared_kept")]);

        var whole = (await ReadAsync(Replay)).Items("steps");
        whole.Count.ShouldBe(5);
        foreach (string begin in new[] { "version=3", "step=3" })
        {
            (await ReadAsync($"{Replay}?{begin}")).Items("steps").Select(s => s.GetRawText())
                .ShouldBe(whole.Skip(2).Select(s => s.GetRawText()), begin);
        }
        var past = await ReadAsync($"{Replay}?step=6");
        (past.Items("steps").Count, past.Number("total"), past.Text("next")).ShouldBe((0, 5, null));
    }

    [Fact]
    public async Task What_was_imported_is_replayed_by_when_it_happened()
    {
        string import = await DeclareImportAsync();
        var past = Now.AddYears(-1);
        await AppendAsync(
            CloudEvent("1", "customer_registered", "customer/old", new { reference = "old", name = "Old One" },
                past, import),
            CloudEvent("2", "promise_made", "customer/old", new
            {
                promiseId = "P-1",
                kind = "call",
                conditions = "Called.",
                dueAt = past.AddDays(2),
                memberId = "ref:erik",
            }, past.AddDays(1), import),
            CloudEvent("3", "promise_declared_kept", "customer/old", new { promiseId = "P-1" }, past.AddDays(2),
                import));
        const string old = "/v1/customers/ref:old/replay";
        string until = LedgerJson.Format(past.AddDays(1));

        var page = await ReadAsync($"{old}?until={until}");
        page.Items("steps").Select(s => s.Text("event.type")).ShouldBe(["customer_registered", "promise_made"]);
        page.Items("steps").Select(s => s.Text("trust.judgedAt")).ShouldBe([until, until]);
        (page.Text("until"), page.Items("steps")[1].Text("state.after.status")).ShouldBe((until, "made"));

        var unknown = await ReadAsync($"{old}?asOf={until}");
        (unknown.Number("total"), unknown.Number("streamVersion")).ShouldBe((0, 0));
        unknown.Text("notice")!.ShouldContain("until");
        var all = (await ReadAsync(old)).Items("steps");
        all[2].Decimal("trust.after")!.Value.ShouldBeGreaterThan(all[2].Decimal("trust.before")!.Value);
    }

    [Fact]
    public async Task A_customer_who_was_erased_or_merged_is_replayed_without_what_is_gone()
    {
        await RegisterAsync("twin");
        await DoAsync($"{Anna}/merge", new { customerId = "ref:twin", reason = "Twice" });
        var merged = (await ReadAsync(Replay)).Items("steps")[3];
        merged.Text("state.after.mergedInto").ShouldBe(
            (await ReadAsync("/v1/customers/ref:twin/history")).Text("customerId"));
        RowsOf(merged).ShouldContain("directory  changed");
        string id = (await ReadAsync(Replay)).Text("customerId")!;
        using (var admin = await Ledger.ClientAsync(Tenant, Scopes.Admin))
            (await admin.PostAsync($"{Anna}/erase", """{"reason":"asked"}""")).Status.ShouldBe(200);

        var erased = await ReadAsync($"/v1/customers/{id}/replay");
        erased.Text("customer.name").ShouldBe("[erased]");
        erased.Items("steps")[1].Text("state.after.conditions").ShouldBe("[erased]");
        erased.Items("steps")[^1].Text("event.type").ShouldBe("customer_erased");
        erased.Text.ShouldNotContain("Name of anna");
        erased.Text.ShouldNotContain("sealed.");
    }

    [Fact]
    public async Task Personal_text_in_a_replay_is_recorded_as_given_and_leaders_are_given_none()
    {
        using var auditor = await Ledger.ClientAsync(Tenant, Scopes.Audit);
        using var worker = await Ledger.ClientAsync(Tenant, Scopes.Read);
        using var leader = await Ledger.ClientAsync(Tenant, Scopes.Lead);
        (await auditor.GetAsync($"{Replay}?step=2")).Status.ShouldBe(200);
        (await worker.GetAsync(Replay)).Status.ShouldBe(200);
        (await leader.GetAsync(Replay)).Problem.ShouldBe("forbidden");
        (await ReadAsync($"{Anna}/readings")).Items("readings").Select(r => (r.Text("keyId"), r.Text("operation")))
            .ShouldBe([(auditor.KeyId, "ReplayCustomer")]);
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1001", "limit")]
    [InlineData("version=0", "version")]
    [InlineData("step=x", "step")]
    [InlineData("step=1&version=1", "step")]
    [InlineData("cursor=x", "cursor")]
    [InlineData("position=1", "position")]
    [InlineData("until=2199-01-01", "until")]
    [InlineData("asOf=2020-01-01&until=2020-01-02", "until")]
    [InlineData("asOf=yesterday", "asOf")]
    public async Task A_replay_that_is_asked_for_wrongly_is_answered_with_what_is_wrong(string query, string field)
    {
        var answer = await Http.GetAsync($"{Replay}?{query}");
        (answer.Status, answer.Problem).ShouldBe((422, "invalid_request"), answer.Text);
        answer.Pointers().ShouldContain(field);
        (await Http.GetAsync("/v1/customers/ref:nobody/replay")).Problem.ShouldBe("customer_unknown");
        (await Http.GetAsync("/v1/customers/nobody/replay")).Problem.ShouldBe("customer_unknown");
    }

    [Fact]
    public async Task The_rows_that_the_steps_make_are_the_rows_that_the_views_hold()
    {
        await DoAsync($"{Anna}/touchpoints",
            new { touchpointId = "T-1", channel = "phone", direction = "inbound", memberId = "ref:erik" });
        await DoAsync($"{Anna}/follow-ups",
            new { followUpId = "F-1", dueAt = Now.AddDays(1), purpose = "answer", memberId = "ref:erik" });
        await DoAsync($"{Anna}/feedback",
            new { feedbackId = "B-1", kind = "csat", score = 5, topics = new[] { "price" }, touchpointId = "T-1" });
        await DoAsync($"{Anna}/concerns", new { concernId = "C-1", severity = "high", topics = new[] { "late" } });
        await DoAsync($"{Anna}/purchases", new { purchaseId = "U-1", amountMinor = 900, currency = "EUR" });
        await PromiseAsync("P-2");
        await DoAsync($"{Anna}/correct-details", new { segment = "trade" });
        var events = (await ReadAsync($"{Anna}/history")).Items("events");
        foreach (int annulled in new[] { 2, 3, 9 })
            await DoAsync($"{Anna}/annulments", new { eventId = events[annulled].Text("id"), reason = "Wrong" });
        (await ReadAsync($"/v1/commitments/open?atLeast={LastPosition}")).Status.ShouldBe(200);

        var made = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var step in (await ReadAsync(Replay)).Items("steps"))
            Make(made, step);
        await EventuallyAsync(StoredRowsAsync,
            stored => stored.SetEquals(made.Select(r => $"{r.Key} {Flat(r.Value)}")));
    }

    /// <summary>Applies what a step says of the rows to rows of which nothing else is known.</summary>
    private static void Make(SortedDictionary<string, JsonObject> rows, JsonElement step)
    {
        foreach (var (view, row) in step.Items("views").SelectMany(v => v.Items("rows").Select(r => (v, r))))
        {
            string key = $"{view.Text("view")}/{row.Text("key")}";
            rows.ContainsKey(key).ShouldBe(row.Text("change") != "appeared", key);
            var fields = rows.GetValueOrDefault(key) ?? [];
            foreach (var field in row.Items("fields"))
            {
                string name = field.Text("field")!;
                fields[name]?.ToJsonString().ShouldBe(field.At("before")?.GetRawText());
                fields.Remove(name);
                if (field.At("after") is { } after)
                    fields[name] = JsonNode.Parse(after.GetRawText());
            }
            rows.Remove(key);
            if (row.Text("change") != "disappeared")
                rows[key] = fields;
            else
                fields.ShouldBeEmpty();
        }
    }

    private async Task<HashSet<string>> StoredRowsAsync()
    {
        string id = (await ReadAsync(Replay)).Text("customerId")!;
        await using var admin = NpgsqlDataSource.Create(await PostgresCluster.AdminOfAsync(Ledger.Connections));
        await using var rows = admin.CreateCommand("""
            select view, key, row::text from ledger.view_rows
            where tenant_id = $1 and stream_id = $2 and valid_to is null
            """);
        rows.Parameters.Add(new() { Value = Tenant });
        rows.Parameters.Add(new() { Value = $"customer-{id}" });
        await using var reader = await rows.ExecuteReaderAsync();
        var found = new HashSet<string>(StringComparer.Ordinal);
        while (await reader.ReadAsync())
        {
            var fields = new JsonObject();
            Flatten(JsonNode.Parse(reader.GetString(2))!.AsObject(), "", fields);
            found.Add($"{reader.GetString(0)}/{reader.GetString(1)} {Flat(fields)}");
        }
        return found;
    }

    private static void Flatten(JsonObject from, string path, JsonObject to)
    {
        foreach (var (name, value) in from)
        {
            if (value is JsonObject inner)
                Flatten(inner, $"{path}{name}.", to);
            else
                to[path + name] = value?.DeepClone();
        }
    }

    /// <summary>The fields in their order; what is sealed in the one and open in the other is left out.</summary>
    private static string Flat(JsonObject fields) => string.Join(", ", fields
        .Where(f => f.Key is not ("customer.name" or "customer.reference" or "promise.conditions"
            or "source.promise.conditions"))
        .OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => $"{f.Key}={f.Value?.ToJsonString()}"));

    private Task<Answer> PromiseAsync(string id) => DoAsync($"{Anna}/promises", new
    {
        promiseId = id,
        kind = "call",
        conditions = "Anna has been called.",
        dueAt = Now.AddDays(1),
        memberId = "ref:erik",
    });

    private static List<string> RowsOf(JsonElement step) => [.. step.Items("views").SelectMany(v => v.Items("rows")
        .Select(r => $"{v.Text("view")} {r.Text("key")} {r.Text("change")}"))];
}
