using CrmLedger.PostgresTests.Http;

namespace CrmLedger.PostgresTests.Commitments;

/// <summary>
/// Every transition of a promise's life as a client walks it. What is done in time says when it was done
/// (<c>occurredAt</c>), so that a slow machine does not make it late.
/// </summary>
public sealed class PromiseLifeTests(AlbaLedger ledger) : AlbaTest(ledger)
{
    private const string Promises = "/v1/customers/ref:anna/promises";

    /// <summary>Where a promise stands by its own page, by the open commitments and by the kept rate.</summary>
    private sealed record Standing(string Status, string? Open, string Class);

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await JoinAsync("erik", "support");
        await JoinAsync("maria", "sales");
        await RegisterAsync("anna");
    }

    [Fact]
    public async Task A_promise_is_made_declared_kept_and_confirmed()
    {
        var due = await MakeAsync();
        (await StandsAsync(due.AddMicroseconds(-1))).ShouldBe(new("made", "made", "not_yet_due"));

        await StepAsync("declare-kept", new { occurredAt = due });
        (await StandsAsync(due.AddMicroseconds(-1))).ShouldBe(new("kept", null, "not_yet_due"));
        (await ComesToAsync("kept_first_date")).ShouldBe(new("kept", null, "kept_first_date"));

        await StepAsync("confirm");
        (await PageAsync()).Text("promise.confirmed").ShouldBe("True");
        await RefusedAsync($"{Promises}/P-1/dispute", new { }, 409, "promise_already_confirmed");
        await RefusedAsync($"{Promises}/P-1/declare-kept", new { }, 409, "promise_closed");
        await RefusedAsync($"{Promises}/P-1/explain-miss", new { cause = "capacity" }, 409, "not_missed");
    }

    [Fact]
    public async Task A_new_date_is_proposed_refused_proposed_again_and_accepted_and_the_first_date_stays()
    {
        var first = await MakeAsync();
        var later = first.AddHours(1);
        await RefusedAsync($"{Promises}/P-1/accept-new-date", new { }, 409, "no_date_proposed");

        await StepAsync("propose-new-date", new { newDueAt = later, reason = "Late part", occurredAt = first });
        (await StandsAsync(first.AddMicroseconds(-1)))
            .ShouldBe(new("renegotiating", "renegotiating", "not_yet_due"));
        (await PageAsync()).Json.Time("promise.proposedDue").ShouldBe(later);

        await StepAsync("refuse-new-date");
        (await PageAsync()).Json.Time("promise.proposedDue").ShouldBeNull();
        (await PageAsync()).Json.Time("promise.bindingDue").ShouldBe(first);

        await StepAsync("propose-new-date", new { newDueAt = later, reason = "Late part", occurredAt = first });
        await StepAsync("accept-new-date", new { occurredAt = first });
        var page = await PageAsync();
        (page.Json.Time("promise.firstDue"), page.Json.Time("promise.bindingDue")).ShouldBe((first, later));
        page.Number("promise.renegotiations").ShouldBe(1);
        (await ComesToAsync("moved_by_agreement")).ShouldBe(new("made", "made", "moved_by_agreement"));

        await StepAsync("declare-kept", new { occurredAt = first.AddTicks(10) });
        (await StandsAsync()).ShouldBe(new("kept", null, "kept_agreed_date"));
    }

    [Fact]
    public async Task A_date_accepted_only_after_the_old_one_has_passed_is_refused()
    {
        var due = await MakeAsync();
        await StepAsync("propose-new-date", new { newDueAt = due.AddHours(1), reason = "Late part", occurredAt = due });
        await ComesToAsync("overdue");

        var refused = await RefusedAsync($"{Promises}/P-1/accept-new-date", new { }, 409, "promise_past_due");
        refused.Pointers().ShouldBe(["/occurredAt"]);
        await StepAsync("refuse-new-date");
        (await StandsAsync()).ShouldBe(new("lapsed", "lapsed, overdue", "overdue"));
    }

    [Fact]
    public async Task A_promise_kept_and_disputed_is_broken_and_kept_again_it_is_late()
    {
        var due = await MakeAsync();
        await RefusedAsync($"{Promises}/P-1/dispute", new { }, 409, "promise_not_declared_kept");
        await StepAsync("declare-kept", new { occurredAt = due });
        await StepAsync("dispute", new { note = "Nobody called.", occurredAt = due });
        (await ComesToAsync("broken")).ShouldBe(new("disputed", null, "broken"));

        await StepAsync("explain-miss", new { cause = "misunderstanding", note = "Two invoices." });
        (await PageAsync()).Text("promise.missCause").ShouldBe("misunderstanding");
        await StepAsync("declare-kept");
        (await StandsAsync()).ShouldBe(new("kept", null, "kept_late"));
        await StepAsync("confirm");
        (await ReadAsync("/v1/kept-rate")).Number("total.missCauses.misunderstanding").ShouldBe(1);
    }

    [Fact]
    public async Task A_promise_taken_back_is_broken()
    {
        await MakeAsync();
        await StepAsync("withdraw", new { reason = "Discontinued" });
        (await ComesToAsync("broken")).ShouldBe(new("withdrawn", null, "broken"));
        await RefusedAsync($"{Promises}/P-1/declare-kept", new { }, 409, "promise_closed");
    }

    [Fact]
    public async Task A_promise_let_off_in_time_is_released_and_after_its_date_broken()
    {
        var due = await MakeAsync("P-1");
        await MakeAsync("P-2");
        await StepAsync("release", new { occurredAt = due }, "P-1");
        (await ComesToAsync("released", "P-1")).ShouldBe(new("released", null, "released"));

        (await ComesToAsync("overdue", "P-2")).ShouldBe(new("lapsed", "lapsed, overdue", "overdue"));
        await StepAsync("release", new { }, "P-2");
        (await StandsAsync(null, "P-2")).ShouldBe(new("released", null, "broken"));
    }

    [Fact]
    public async Task A_promise_that_was_handed_over_keeps_its_maker_and_is_owed_by_its_holder()
    {
        await MakeAsync();
        await StepAsync("reassign", new { toMemberId = "ref:maria", reason = "Erik is on leave" });
        var page = await PageAsync();
        (page.Text("promise.makerTeam"), page.Text("promise.holderTeam")).ShouldBe(("support", "sales"));
        (await OpenAsync("member=ref:maria")).Count.ShouldBe(1);
        (await OpenAsync("member=ref:erik")).ShouldBeEmpty();
        await ComesToAsync("overdue");

        async Task<string?> Label(string by) =>
            (await ReadAsync($"/v1/kept-rate?by={by}")).Items("groups").Single().Text("label");
        (await Label("maker")).ShouldBe("Name of erik");
        (await Label("holder")).ShouldBe("Name of maria");
        (await Label("team")).ShouldBe("support");
    }

    [Fact]
    public async Task A_promise_whose_date_passes_lapses_and_declared_kept_then_it_is_late()
    {
        var due = await MakeAsync();
        (await ComesToAsync("overdue")).ShouldBe(new("lapsed", "lapsed, overdue", "overdue"));
        await RefusedAsync($"{Promises}/P-1/propose-new-date",
            new { newDueAt = due.AddHours(1), reason = "Late part" }, 409, "promise_past_due");
        await StepAsync("explain-miss", new { cause = "forgotten" });

        await StepAsync("declare-kept");
        (await StandsAsync()).ShouldBe(new("kept", null, "kept_late"));
        var page = await PageAsync();
        page.Json.Time("promise.keptAt")!.Value.ShouldBeGreaterThan(due);
        // The clock says so too, some time after the date.
        page.Items("events").Select(e => e.Text("type")).Where(type => type != "promise_lapsed")
            .ShouldBe(["promise_made", "promise_miss_explained", "promise_declared_kept"]);
    }

    [Fact]
    public async Task A_promise_made_only_after_its_own_date_is_late_however_it_is_kept()
    {
        var past = Now.AddHours(-2);
        await DoAsync(Promises, Body("P-1", past, occurredAt: past.AddHours(-1)));
        await StepAsync("declare-kept", new { occurredAt = past });
        (await StandsAsync()).ShouldBe(new("kept", null, "kept_late"));
    }

    [Fact]
    public async Task A_declaration_dated_back_by_more_than_a_day_counts_from_when_it_was_recorded()
    {
        await MakeAsync();
        await StepAsync("declare-kept", new { occurredAt = Now.AddHours(-25) });
        var page = await PageAsync();
        page.Text("promise.recordedLate").ShouldBe("True");
        page.Json.Time("promise.keptAt").ShouldBe(page.Items("events")[^1].Time("recordedAt"));
    }

    /// <summary>Makes a promise that is due in two seconds.</summary>
    private async Task<DateTimeOffset> MakeAsync(string id = "P-1")
    {
        var due = Now.AddSeconds(2);
        await DoAsync(Promises, Body(id, due));
        return due;
    }

    private static object Body(string id, DateTimeOffset due, DateTimeOffset? occurredAt = null) => new
    {
        promiseId = id,
        kind = "callback",
        conditions = "Anna was called.",
        dueAt = due,
        memberId = "ref:erik",
        occurredAt,
    };

    private Task<Answer> StepAsync(string step, object? body = null, string id = "P-1") =>
        DoAsync($"{Promises}/{id}/{step}", body ?? new { });

    private Task<Answer> PageAsync(string id = "P-1") => ReadAsync($"{Promises}/{id}");

    private async Task<IReadOnlyList<string>> OpenAsync(string query) =>
        [.. (await ReadAsync($"/v1/commitments/open?{query}&atLeast={LastPosition}")).Items("items")
            .Select(i => $"{i.Text("id")}: {i.Text("status")}{(i.Text("overdue") == "True" ? ", overdue" : "")}")];

    /// <summary>Where it stands at one time, by all that was recorded: dates pass while one asks.</summary>
    private async Task<Standing> StandsAsync(DateTimeOffset? time = null, string id = "P-1")
    {
        string at = $"asOf={LedgerJson.Format(time ?? Now)}";
        string? open = (await OpenAsync($"customer=ref:anna&{at}"))
            .SingleOrDefault(o => o.StartsWith(id, StringComparison.Ordinal));
        var counted = (await ReadAsync($"/v1/kept-rate/promises?{at}&atLeast={LastPosition}")).Items("items");
        return new((await ReadAsync($"{Promises}/{id}?{at}")).Text("status")!, open?[(id.Length + 2)..],
            counted.Single(p => p.Text("promiseId") == id).Text("class")!);
    }

    /// <summary>Waits for what only time can bring.</summary>
    private Task<Standing> ComesToAsync(string kept, string id = "P-1") =>
        EventuallyAsync(() => StandsAsync(null, id), s => s.Class == kept);
}
