using System.Text.Json;
using CrmLedger.EventStore.Tenants;
using CrmLedger.PostgresTests.Http;

namespace CrmLedger.PostgresTests.Commitments;

/// <summary>What became of everything that one customer was promised or complained of.</summary>
public sealed class CustomerCommitmentsTests(AlbaLedger ledger)
    : KeptRateTest(ledger), IClassFixture<AlbaLedger>
{
    private const string Anna = "/v1/customers/ref:anna";
    private const string Carla = "/v1/customers/ref:carla";

    [Theory]
    [InlineData("")]
    [InlineData("?until=2024-02-15")]
    [InlineData("?until=2024-03-12")]
    public async Task Each_promise_has_the_class_that_the_kept_rate_counts(string clock)
    {
        var counted = await ReadAsync($"/v1/kept-rate/promises{(clock.Length > 0 ? clock + "&" : "?")}atLeast="
            + LastPosition);
        int due = 0;
        foreach (string customer in new[] { "anna", "bert" })
        {
            var told = await ReadAsync($"/v1/customers/ref:{customer}/commitments{clock}");
            foreach (var one in told.Items("promises"))
            {
                string id = one.Text("promise.promiseId")!;
                var rate = counted.Items("items").Single(i => i.Text("promiseId") == id);
                // One that is settled before it is due is not counted yet, and known already.
                if (rate.Text("class") != "not_yet_due")
                {
                    one.Text("promise.class").ShouldBe(rate.Text("class"), id);
                    due++;
                }
                else if (one.Text("status") is "made" or "renegotiating")
                    one.Text("promise.class").ShouldBeNull(id);
                one.Text("status").ShouldBe(rate.Text("status"), id);
                one.Text("promise.bindingDue").ShouldBe(rate.Text("bindingDue"), id);
                (await ReadAsync($"/v1/customers/ref:{customer}/promises/{id}{clock}")).Json.At("promise").ToString()
                    .ShouldBe(one.At("promise").ToString());
            }
        }
        due.ShouldBeGreaterThan(2);
    }

    [Fact]
    public async Task A_promise_that_is_settled_before_it_is_due_has_its_class_already()
    {
        await RegisterAsync("carla");
        await DoAsync($"{Carla}/promises", Promise("P-1", Now.AddDays(3)));
        (await OneAsync(Carla, "promises")).Text("promise.class").ShouldBeNull();
        await DoAsync($"{Carla}/promises/P-1/declare-kept", new { });
        (await OneAsync(Carla, "promises")).Text("promise.class").ShouldBe("kept_first_date");
        (await RateAsync("by=kind")).Items("groups").Single(g => g.Text("key") == "carla-s")
            .At("counts")!.Value.Number("notYetDue").ShouldBe(1);
    }

    [Fact]
    public async Task A_follow_up_is_told_with_its_class_and_what_the_customer_agreed_to()
    {
        await RegisterAsync("carla");
        await DoAsync($"{Carla}/follow-ups", new
        {
            followUpId = "F-1",
            purpose = "reassure",
            dueAt = Now.AddDays(2),
            memberId = "ref:erik",
        });
        var first = await OneAsync(Carla, "followUps");
        (first.Text("status"), first.Text("class")).ShouldBe(("scheduled", null));
        await DoAsync($"{Carla}/follow-ups/F-1/reschedule", new
        {
            newDueAt = Now.AddDays(9),
            agreedWithCustomer = false,
            reason = "Away",
        });
        var planned = await OneAsync(Carla, "followUps");
        planned.Text("bindingDue").ShouldBe(first.Text("bindingDue"));
        planned.Text("plannedDue").ShouldNotBeNull();
        await DoAsync($"{Carla}/follow-ups/F-1/complete", new { });
        var done = await OneAsync(Carla, "followUps");
        (done.Text("status"), done.Text("class")).ShouldBe(("completed", "kept_first_date"));
        done.Text("completedAt").ShouldNotBeNull();
    }

    [Fact]
    public async Task A_concern_is_told_with_each_time_that_it_was_put_right_and_was_not()
    {
        await RegisterAsync("carla");
        await DoAsync($"{Carla}/concerns", new { concernId = "C-1", severity = "high", summary = "No answer." });
        (await OneAsync(Carla, "concerns")).Items("resolutions").ShouldBeEmpty();
        await DoAsync($"{Carla}/concerns/C-1/resolve", new { memberId = "ref:erik", summary = "Called." });
        await DoAsync($"{Carla}/concerns/C-1/reopen", new { summary = "Still none." });
        await DoAsync($"{Carla}/concerns/C-1/resolve", new { memberId = "ref:erik", summary = "Called again." });
        var concern = await OneAsync(Carla, "concerns");
        concern.Text("status").ShouldBe("resolved");
        concern.Items("resolutions").Select(r => r.Text("reopenedAt") is null).ShouldBe([false, true]);
    }

    [Fact]
    public async Task What_was_recorded_too_late_says_from_when_it_counts()
    {
        await RegisterAsync("carla");
        await DoAsync($"{Carla}/promises", Promise("P-1", Now.AddDays(3)));
        await DoAsync($"{Carla}/touchpoints", new
        {
            touchpointId = "T-1",
            channel = "phone",
            direction = "inbound",
            memberId = "ref:erik",
            summary = "Asked.",
            occurredAt = Now.AddDays(-3),
        });
        var events = (await ReadAsync($"{Carla}/history")).Items("events");
        events[1].Text("effectiveAt").ShouldBe(events[1].Text("occurredAt"));
        events[2].Text("effectiveAt").ShouldBe(events[2].Text("recordedAt"));
        foreach (var imported in (await ReadAsync($"{Anna}/history")).Items("events").Skip(1))
            imported.Text("effectiveAt").ShouldBe(imported.Text("occurredAt"));
    }

    [Fact]
    public async Task Who_is_no_customer_is_refused_and_one_that_was_none_yet_had_been_promised_nothing()
    {
        (await Http.GetAsync("/v1/customers/ref:nobody/commitments")).Problem.ShouldBe("customer_unknown");
        (await Http.GetAsync("/v1/customers/ref:nobody/promises/P-1")).Problem.ShouldBe("customer_unknown");
        (await ReadAsync($"{Anna}/commitments?asOf=2020-01-01")).Items("promises").ShouldBeEmpty();
        var ahead = await Http.GetAsync($"{Anna}/commitments?until=2999-01-01");
        (ahead.Status, ahead.Pointers().Single()).ShouldBe((422, "until"));
        using var writer = await Ledger.ClientAsync(Tenant, Scopes.Append);
        (await writer.GetAsync($"{Anna}/commitments")).Status.ShouldBe(403);
    }

    private static object Promise(string promiseId, DateTimeOffset dueAt) => new
    {
        promiseId,
        kind = "carla-s",
        conditions = "Called.",
        dueAt,
        memberId = "ref:erik",
    };

    private async Task<JsonElement> OneAsync(string customer, string what) =>
        (await ReadAsync($"{customer}/commitments")).Items(what).ShouldHaveSingleItem();
}
