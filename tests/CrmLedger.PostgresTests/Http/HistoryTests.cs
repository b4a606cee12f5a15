using System.Text.Json;
using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Tenants;
using CrmLedger.Server.Tenants;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CrmLedger.PostgresTests.Http;

/// <summary>A relationship replayed, on either clock.</summary>
public sealed class HistoryTests(AlbaLedger ledger) : AlbaTest(ledger)
{
    private const string Anna = "/v1/customers/ref:anna";
    private const string History = Anna + "/history";

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await JoinAsync("erik", "support");
        await RegisterAsync("anna");
        await DoAsync($"{Anna}/touchpoints", new
        {
            touchpointId = "T-1",
            channel = "phone",
            direction = "inbound",
            memberId = "ref:erik",
            summary = "Asked about the invoice.",
            occurredAt = Now.AddHours(-5),
        });
        await DoAsync($"{Anna}/promises", new
        {
            promiseId = "P-1",
            kind = "call",
            conditions = "Called.",
            dueAt = Now.AddDays(1),
            memberId = "ref:erik",
        });
        await DoAsync($"{Anna}/correct-details", new { name = "Anna Lindh", segment = "retail" });
    }

    [Fact]
    public async Task A_history_tells_every_event_in_clear_with_who_took_part()
    {
        var page = await ReadAsync(History);
        page.Items("events").Select(e => (e.Number("version"), e.Text("type"))).ShouldBe([
            (1, "customer_registered"), (2, "touchpoint_recorded"), (3, "promise_made"),
            (4, "customer_details_corrected"),
        ]);
        page.Items("events")[1].Text("data.summary").ShouldBe("Asked about the invoice.");
        (page.Text("customer.name"), page.Text("customer.reference"), page.Text("customer.segment"))
            .ShouldBe(("Anna Lindh", "anna", "retail"));
        string erik = page.Items("events")[1].Text("data.memberId")!;
        var members = page.Json.At("members")!.Value.EnumerateObject().ToList();
        members.Single().Name.ShouldBe(erik);
        (members[0].Value.Text("name"), members[0].Value.Text("team")).ShouldBe(("Name of erik", "support"));
        (page.Number("streamVersion"), page.Headers["ETag"], page.Number("position")).ShouldBe((4, "\"4\"", 4));
    }

    [Fact]
    public async Task A_past_version_position_or_time_shows_what_was_known_then_under_the_name_of_then()
    {
        var events = (await ReadAsync(History)).Items("events");
        string[] bounds =
        [
            "version=3", $"position={events[2].Number("position")}", $"asOf={events[2].Text("recordedAt")}",
            $"asOf={events[3].Time("recordedAt")!.Value.AddMicroseconds(-1):yyyy-MM-ddTHH:mm:ss.ffffffZ}",
        ];
        foreach (string bound in bounds)
        {
            var page = await ReadAsync($"{History}?{bound}");
            page.Items("events").Count.ShouldBe(3, bound);
            (page.Text("customer.name"), page.Number("streamVersion")).ShouldBe(("Name of anna", 3), bound);
            bool isPast = bound[0] != 'a' || events[3].Time("recordedAt") > events[2].Time("recordedAt");
            page.Text("provisional").ShouldBe(isPast ? "False" : "True", bound);
        }
        (await ReadAsync($"{History}?asOf=2020-01-01")).Items("events").ShouldBeEmpty();
        (await ReadAsync($"{History}?version=0")).Items("events").ShouldBeEmpty();
        (await ReadAsync($"{History}?version=9&position=99")).Text("provisional").ShouldBe("True");
        (await ReadAsync($"{History}?atLeast={LastPosition}")).Number("streamVersion").ShouldBe(4);
    }

    [Fact]
    public async Task What_had_happened_by_a_time_is_another_question_than_what_was_known_then()
    {
        string anHourAgo = LedgerJson.Format(Now.AddHours(-1));
        (await ReadAsync($"{History}?until={anHourAgo}")).Items("events").Select(e => e.Text("type"))
            .ShouldBe(["touchpoint_recorded"]);
        (await ReadAsync($"{History}?asOf={anHourAgo}")).Items("events").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_history_comes_in_pages()
    {
        var seen = new List<long?>();
        string query = "?limit=3";
        for (int pages = 1; ; pages++)
        {
            var page = await ReadAsync(History + query);
            seen.AddRange(page.Items("events").Select(e => e.Number("version")));
            page.Text("customer.name").ShouldBe(pages == 1 ? "Anna Lindh" : null);
            (page.Number("streamVersion"), page.Headers["ETag"], page.Number("position")).ShouldBe((4, "\"4\"", 4));
            if (pages == 1)
                await DoAsync($"{Anna}/consents", new { purpose = "news", given = true });
            if (page.Text("next") is not { } next)
            {
                pages.ShouldBe(2);
                break;
            }
            query = $"?limit=3&cursor={next}";
        }
        seen.ShouldBe([1, 2, 3, 4]);
    }

    [Fact]
    public async Task An_erased_customer_is_shown_without_personal_data_and_takes_nothing_more()
    {
        using (var admin = await Ledger.ClientAsync(Tenant, Scopes.Admin))
        {
            var erased = await admin.PostAsync($"{Anna}/erase", """{"reason":"Asked for it"}""");
            erased.Status.ShouldBe(200, erased.Text);
        }
        var page = await ReadAsync(History);
        page.Items("events").Count.ShouldBe(5);
        page.Items("events")[^1].Text("type").ShouldBe("customer_erased");
        page.Text("customer.name").ShouldBe("[erased]");
        page.Items("events")[1].Text("data.summary").ShouldBe("[erased]");
        page.Text.ShouldNotContain("Lindh");
        (await ReadAsync("/v1/events")).Text.ShouldNotContain("invoice");
        (await ReadAsync($"{Anna}/promises/P-1")).Text("promise.conditions").ShouldBe("[erased]");
        await RefusedAsync($"{Anna}/consents", new { purpose = "news", given = true }, 409, "customer_erased");
    }

    [Fact]
    public async Task An_annulled_event_stays_in_the_history_and_its_effect_leaves_the_views()
    {
        var made = (await ReadAsync(History)).Items("events")[2];
        await DoAsync($"{Anna}/promises/P-1/declare-kept", new { });
        var kept = (await ReadAsync(History)).Items("events")[^1];
        (await OpenAsync()).ShouldBeEmpty();

        await DoAsync($"{Anna}/annulments", new { eventId = kept.Text("id"), reason = "Wrong promise" });
        (await OpenAsync()).ShouldBe(["P-1"]);
        var page = await ReadAsync($"{Anna}/promises/P-1");
        page.Text("status").ShouldBe("made");
        page.Json.At("annulled")!.Value[0].GetString().ShouldBe(kept.Text("id"));
        page.Items("events").Select(e => e.Text("type")).ShouldBe(["promise_made", "promise_declared_kept"]);

        await DoAsync($"{Anna}/annulments", new { eventId = made.Text("id"), reason = "Wrong customer" });
        (await OpenAsync()).ShouldBeEmpty();
        (await ReadAsync($"/v1/kept-rate/promises?atLeast={LastPosition}")).Items("items").ShouldBeEmpty();
        (await Http.GetAsync($"{Anna}/promises/P-1")).Problem.ShouldBe("promise_unknown");
        (await ReadAsync(History)).Items("events").Select(e => e.Text("type")).ShouldBe([
            "customer_registered", "touchpoint_recorded", "promise_made", "customer_details_corrected",
            "promise_declared_kept", "entry_annulled", "entry_annulled",
        ]);
        await RefusedAsync($"{Anna}/annulments", new { eventId = made.Text("id"), reason = "Again" }, 409,
            "entry_annulled");
        string registered = (await ReadAsync(History)).Items("events")[0].Text("id")!;
        await RefusedAsync($"{Anna}/annulments", new { eventId = registered, reason = "x" }, 409,
            "entry_not_annullable");
    }

    [Fact]
    public async Task An_annulled_event_says_by_whom_when_and_why_wherever_a_customers_events_are_shown()
    {
        await DoAsync($"{Anna}/promises/P-1/declare-kept", new { });
        var kept = (await ReadAsync(History)).Items("events")[4];
        string before = (await ReadAsync(History)).Text("asOf")!;
        await DoAsync($"{Anna}/annulments",
            new { eventId = kept.Text("id"), reason = "Never called", occurredAt = Now.AddDays(-1) });
        var events = (await ReadAsync(History)).Items("events");
        var annulment = events[^1];
        (annulment.Text("actor"), annulment.Text("data.reason")).ShouldBe(($"key:{Http.KeyId}", "Never called"));
        ShouldBeAnnulled(events[4].At("annulled"), annulment);
        events.Count(e => e.At("annulled") is not null).ShouldBe(1);

        // The annulment itself is on a later page, and said to have happened before all of it.
        var first = await ReadAsync($"{History}?limit=4");
        var second = await ReadAsync($"{History}?limit=1&cursor={first.Text("next")}");
        ShouldBeAnnulled(second.Items("events").ShouldHaveSingleItem().At("annulled"), annulment);
        var happened = (await ReadAsync($"{History}?until={LedgerJson.Format(Now)}")).Items("events");
        ShouldBeAnnulled(happened.Single(e => e.Text("id") == kept.Text("id")).At("annulled"), annulment);
        foreach (string bound in new[] { $"asOf={before}", "version=5", $"position={kept.Number("position")}" })
            (await ReadAsync($"{History}?{bound}")).Items("events")[4].At("annulled").ShouldBeNull(bound);

        var promise = await ReadAsync($"{Anna}/promises/P-1");
        ShouldBeAnnulled(promise.Items("events")[1].At("annulled"), annulment);
        promise.Items("events")[0].At("annulled").ShouldBeNull();
        promise.Items("annulled").Select(id => id.GetString()).ShouldBe([kept.Text("id")]);
        ShouldBeAnnulled((await ReadAsync($"{Anna}/export")).Items("events")[4].At("annulled"), annulment);
    }

    [Fact]
    public async Task A_name_that_was_annulled_is_not_shown_at_a_time_before_the_annulment_happened()
    {
        string wrong = (await ReadAsync(History)).Items("events")[3].Text("id")!;
        string until = LedgerJson.Format(Now);
        await DoAsync($"{Anna}/annulments", new { eventId = wrong, reason = "A typo" });
        (await ReadAsync($"{History}?until={until}")).Text("customer.name").ShouldBe("Name of anna");
    }

    [Fact]
    public async Task Every_page_of_a_history_is_of_the_time_of_its_first_one()
    {
        var page = await ReadAsync($"{History}?limit=1");
        var times = new List<string?> { page.Text("asOf") };
        while (page.Text("next") is { } next)
        {
            page = await ReadAsync($"{History}?limit=1&cursor={next}");
            times.Add(page.Text("asOf"));
        }
        times.Count.ShouldBe(4);
        times.Distinct().ShouldHaveSingleItem();
    }

    /// <summary>Whether an event says what the event that annulled it says.</summary>
    internal static void ShouldBeAnnulled(JsonElement? annulled, JsonElement? annulment)
    {
        var (by, itself) = (annulled.ShouldNotBeNull(), annulment.ShouldNotBeNull());
        (by.Text("by"), by.Text("at"), by.Text("reason"), by.Text("eventId"), by.Number("position")).ShouldBe((
            itself.Text("actor"), itself.Text("recordedAt"), itself.Text("data.reason"), itself.Text("id"),
            itself.Number("position")));
    }

    [Fact]
    public async Task Somebody_whose_key_was_lost_is_given_no_new_one()
    {
        var tenant = await Ledger.Services.GetRequiredService<TenantLedgers>().GetAsync(Tenant);
        await DestroyKeyAsync(tenant, tenant.Keys.CustomerId("anna"));
        long size = await LogSizeAsync();

        var refused = await RefusedAsync(
            "/v1/customers/ref:anna/consents", new { purpose = "news", given = true }, 503, "key_missing");
        refused.Text("detail")!.ShouldContain("restored the key");
        var batch = await AppendAsync(
            CloudEvent("1", "consent_recorded", "customer/anna", new { purpose = "news", given = true }));
        batch.Items("items")[0].Text("problem.detail").ShouldBe(refused.Text("detail"));
        (await LogSizeAsync()).ShouldBe(size);
        (await tenant.Subjects.FindAsync(tenant.Keys.CustomerId("anna"), CancellationToken.None))
            .ShouldBe(SubjectKeys.Lost);
    }

    [Theory]
    [InlineData("delete from ledger.subject_keys")]
    [InlineData(
        "update ledger.subject_keys set wrapped_key = set_byte(wrapped_key, 20, 255 - get_byte(wrapped_key, 20))")]
    public async Task Personal_text_whose_key_was_lost_is_said_to_be_unreadable_and_not_erased(string losing)
    {
        var tenant = await Ledger.Services.GetRequiredService<TenantLedgers>().GetAsync(Tenant);
        await LoseKeyAsync(losing, tenant, tenant.Keys.CustomerId("anna"));

        var page = await ReadAsync(History);
        page.Text("customer.name").ShouldBe("[unreadable]");
        page.Items("events")[0].Text("data.name").ShouldBe("[unreadable]");
        (await ReadAsync($"{Anna}/promises/P-1")).Text("promise.conditions").ShouldBe("[unreadable]");
        string[] others = ["/v1/events", "/v1/customers/quiet?days=1", $"/v1/commitments/open?atLeast={LastPosition}"];
        foreach (string path in others)
            (await ReadAsync(path)).Text.ShouldNotContain("Anna Lindh");
    }

    [Fact]
    public async Task A_text_that_only_looks_sealed_is_shown_as_it_was_sent()
    {
        string lookalike = $"sealed.1.{Guid.CreateVersion7():N}.AAAA";
        await DoAsync("/v1/customers/ref:anna/consents", new { purpose = lookalike, given = true });
        (await LogAsync())[^1].Text("data.purpose").ShouldBe(lookalike);
    }

    [Fact]
    public async Task The_log_is_read_in_its_order_and_in_pages()
    {
        var seen = new List<long?>();
        long? after = -1;
        while (after is not null)
        {
            var page = await ReadAsync($"/v1/events?after={after}&limit=2");
            page.Number("size").ShouldBe(5);
            seen.AddRange(page.Items("events").Select(e => e.Number("position")));
            after = page.Number("next");
        }
        seen.ShouldBe([0, 1, 2, 3, 4]);
        var times = (await LogAsync()).Select(e => e.Time("recordedAt")!.Value).ToList();
        times.ShouldBeInOrder();
    }

    private async Task<IReadOnlyList<string>> OpenAsync() =>
        [.. (await ReadAsync($"/v1/commitments/open?customer=ref:anna&atLeast={LastPosition}")).Items("items")
            .Select(i => i.Text("id")!)];

    private Task DestroyKeyAsync(TenantLedger ledger, Guid anna) =>
        LoseKeyAsync("delete from ledger.subject_keys", ledger, anna);

    private async Task LoseKeyAsync(string sql, TenantLedger ledger, Guid anna)
    {
        await using var admin = NpgsqlDataSource.Create(await PostgresCluster.AdminOfAsync(Ledger.Connections));
        await using var destroy = admin.CreateCommand($"{sql} where tenant_id = $1 and subject_id = $2");
        destroy.Parameters.Add(new() { Value = Tenant });
        destroy.Parameters.Add(new() { Value = anna });
        (await destroy.ExecuteNonQueryAsync()).ShouldBe(1);
        ledger.Subjects.Forget(anna);
    }
}
