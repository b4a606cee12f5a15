using CrmLedger.PostgresTests.Http;
using CrmLedger.Server.Deadlines;
using Microsoft.Extensions.DependencyInjection;

namespace CrmLedger.PostgresTests.Deadlines;

/// <summary>A server whose clock is set on by hand, and may be set back while it looks for what has passed.</summary>
public sealed class LedgerOfJumpingClock : IAsyncLifetime
{
    public JumpingClock Clock { get; } = new();

    public RunningLedger Ledger { get; private set; } = null!;

    public Task InitializeAsync()
    {
        Ledger = new AlbaLedger { Clock = Clock, WatchesDeadlines = false };
        return Ledger.InitializeAsync();
    }

    public Task DisposeAsync() => Ledger.DisposeAsync();
}

/// <summary>The machine's clock, some time ahead.</summary>
public sealed class JumpingClock : TimeProvider
{
    private long _ahead;
    private int _jumps;

    /// <summary>Sets it on, for good.</summary>
    public void Step(TimeSpan by) => Interlocked.Add(ref _ahead, by.Ticks);

    /// <summary>The next who look at it find it a day ahead; all later ones do not.</summary>
    public void Jump(int looks) => Interlocked.Exchange(ref _jumps, looks);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref _ahead))
        .AddDays(Interlocked.Decrement(ref _jumps) >= 0 ? 1 : 0);
}

/// <summary>Deadlines where the clock is not to be relied upon.</summary>
public sealed class DeadlineClockTests(LedgerOfJumpingClock jumping)
    : LedgerTest(jumping.Ledger), IClassFixture<LedgerOfJumpingClock>
{
    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await JoinAsync("erik", "support");
        await RegisterAsync("anna");
    }

    [Theory]
    [InlineData(1)] // set back before the verdict is decided
    [InlineData(2)] // and before it is recorded
    public async Task A_verdict_is_not_recorded_before_its_deadline_when_the_clock_was_set_back_meanwhile(int looks)
    {
        var due = Due();
        await DoAsync("/v1/customers/ref:anna/promises", Promise(due));
        await ReadAsync($"/v1/trust?atLeast={LastPosition}");
        var deadlines = Ledger.Services.GetRequiredService<PassedDeadlines>();

        jumping.Clock.Jump(looks);
        (await deadlines.RecordAsync(Tenant, CancellationToken.None)).ShouldBe(0);

        jumping.Clock.Step(TimeSpan.FromHours(2));
        (await deadlines.RecordAsync(Tenant, CancellationToken.None)).ShouldBe(1);
        var verdict = (await LogAsync())[^1];
        (verdict.Text("type"), verdict.Time("occurredAt")).ShouldBe(("promise_lapsed", due));
        verdict.Time("recordedAt")!.Value.ShouldBeGreaterThan(due);
    }

    [Fact]
    public async Task What_another_server_has_just_recorded_is_judged_here_too()
    {
        await using var other = await Ledger.BesideAsync(jumping.Clock);
        using var there = other.ClientOf(Http.Key);
        // This server remembers anna without a promise.
        var made = await there.PostAsync("/v1/customers/ref:anna/promises", Json(Promise(Due())));
        await ReadAsync($"/v1/trust?atLeast={made.Number("position")}");

        jumping.Clock.Step(TimeSpan.FromHours(2));
        var deadlines = Ledger.Services.GetRequiredService<PassedDeadlines>();
        (await deadlines.RecordAsync(Tenant, CancellationToken.None)).ShouldBe(1);
    }

    private DateTimeOffset Due() => LedgerJson.ToMicroseconds(jumping.Clock.GetUtcNow()).AddHours(1);

    private static object Promise(DateTimeOffset due) => new
    {
        promiseId = "P-1",
        kind = "call",
        conditions = "Called.",
        dueAt = due,
        memberId = "ref:erik",
    };
}
