using System.Diagnostics;
using Npgsql;

namespace CrmLedger.PostgresTests.Http;

/// <summary>What a view reflects, and waiting until it does.</summary>
public sealed class FreshnessTests(AlbaLedger ledger) : AlbaTest(ledger)
{
    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await JoinAsync("erik", "support");
        await RegisterAsync("anna");
    }

    [Theory]
    [InlineData("/v1/commitments/open?")]
    [InlineData("/v1/kept-rate?")]
    [InlineData("/v1/kept-rate/promises?")]
    public async Task An_answer_waits_for_the_position_that_is_asked_for_and_says_which_it_reflects(string path)
    {
        for (int i = 0; i < 5; i++)
        {
            await PromiseAsync($"P-{i}");
            var answer = await ReadAsync($"{path}atLeast={LastPosition}");
            answer.Number("position")!.Value.ShouldBeGreaterThanOrEqualTo(LastPosition);
        }
    }

    [Fact]
    public async Task A_time_at_or_after_the_last_event_is_pinned_to_its_position_and_provisional()
    {
        await PromiseAsync("P-0");
        var last = (await LogAsync())[^1];
        foreach (var time in new[] { last.Time("recordedAt")!.Value, Now.AddYears(1) })
        {
            var answer = await ReadAsync($"/v1/commitments/open?asOf={LedgerJson.Format(time)}&atLeast=0");
            (answer.Number("position"), answer.Text("provisional"), answer.Number("total"))
                .ShouldBe((last.Number("position"), "True", 1));
            answer.Headers["ETag"].ShouldBe($"W/\"open-commitments-v2-{LastPosition}-{LedgerJson.Format(time)}\"");
        }
    }

    [Fact]
    public async Task A_time_is_waited_for_also_when_less_is_asked_for()
    {
        await using var admin = NpgsqlDataSource.Create(await PostgresCluster.AdminOfAsync(Ledger.Connections));
        await PromiseAsync("P-0");
        await ReadAsync($"/v1/kept-rate?atLeast={LastPosition}");
        await ExecuteAsync(admin, "create function ledger.stall() returns trigger language plpgsql as "
            + "'begin perform pg_sleep(2); return new; end'");
        await ExecuteAsync(admin, "create trigger stall before update on ledger.views "
            + "for each row when (new.view = 'kept-rate') execute function ledger.stall()");
        await PromiseAsync("P-1");
        string then = (await LogAsync())[^1].Text("recordedAt")!;
        var answer = await ReadAsync($"/v1/kept-rate?asOf={then}&atLeast=0");
        await ExecuteAsync(admin, "drop trigger stall on ledger.views; drop function ledger.stall");
        answer.Number("total.counts.notYetDue").ShouldBe(2);
    }

    private static async Task ExecuteAsync(NpgsqlDataSource admin, string sql)
    {
        await using var command = admin.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    [Fact]
    public async Task What_was_just_recorded_is_in_the_next_answer_without_asking_for_it()
    {
        for (int i = 1; i <= 5; i++)
        {
            await PromiseAsync($"P-{i}");
            (await ReadAsync("/v1/commitments/open")).Number("total").ShouldBe(i);
        }
    }

    [Fact]
    public async Task A_position_that_never_comes_is_a_problem_after_five_seconds_and_not_a_stale_answer()
    {
        long started = Stopwatch.GetTimestamp();
        var answer = await Http.GetAsync("/v1/kept-rate?atLeast=1000000");
        (answer.Status, answer.Problem).ShouldBe((504, "not_yet_visible"), answer.Text);
        Stopwatch.GetElapsedTime(started).TotalSeconds.ShouldBeInRange(4.5, 15);
        answer.Headers["Retry-After"].ShouldBe("1");
    }

    [Theory]
    [InlineData("/v1/commitments/open")]
    [InlineData("/v1/kept-rate")]
    public async Task An_answer_for_the_heads_own_time_is_provisional_because_more_may_be_recorded_at_it(string path)
    {
        await PromiseAsync("P-1");
        string head = (await LogAsync())[^1].Text("recordedAt")!;
        string question = $"{path}?asOf={head}&atLeast={LastPosition}";

        var early = await ReadAsync(question);
        await PromiseAsync("P-2");
        var late = await ReadAsync(question);

        (early.Text("provisional"), early.Number("position")).ShouldBe(("True", 2));
        (late.Text("provisional"), late.Number("position")).ShouldBe(("False", 2));
    }

    [Fact]
    public async Task The_status_tells_the_end_of_the_log_and_how_far_each_view_is()
    {
        await PromiseAsync("P-1");
        var status = await EventuallyAsync(
            () => ReadAsync("/v1/status"), s => s.Items("views").All(v => v.Number("lag") == 0));
        (status.Text("tenant"), status.Number("head.size")).ShouldBe((Tenant, 3));
        status.Items("views").ShouldAllBe(v => v.Number("position") == 2 && v.Items("quarantined").Count == 0);
    }

    [Fact]
    public async Task A_view_made_again_gives_the_same_answer()
    {
        await PromiseAsync("P-1");
        await PromiseAsync("P-2");
        await DoAsync("/v1/customers/ref:anna/promises/P-1/declare-kept", new { });
        string asOf = (await LogAsync())[^1].Text("recordedAt")!;
        string question = $"/v1/commitments/open?asOf={asOf}&atLeast={LastPosition}";
        var before = await ReadAsync(question);

        var rebuilt = await Http.PostAsync("/v1/views/open-commitments/rebuild", "{}");
        rebuilt.Status.ShouldBe(200, rebuilt.Text);
        (await ReadAsync(question)).Text.ShouldBe(before.Text);
        before.Number("total").ShouldBe(1);
    }

    private Task<Answer> PromiseAsync(string id) => DoAsync("/v1/customers/ref:anna/promises", new
    {
        promiseId = id,
        kind = "call",
        conditions = "Called.",
        dueAt = Now.AddDays(1),
        memberId = "ref:erik",
    });
}
