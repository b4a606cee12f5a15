using CrmLedger.PostgresTests.Http;
using CrmLedger.Server.Deadlines;
using Microsoft.Extensions.DependencyInjection;

namespace CrmLedger.PostgresTests.Deadlines;

/// <summary>A server whose clock is set back while it looks for what has passed.</summary>
public sealed class LedgerOfJumpingClock : IAsyncLifetime
{
    private readonly JumpingClock _clock = new();

    public RunningLedger Ledger { get; private set; } = null!;

    public Task InitializeAsync()
    {
        Ledger = new AlbaLedger { Clock = _clock, WatchesDeadlines = false };
        return Ledger.InitializeAsync();
    }

    public Task DisposeAsync() => Ledger.DisposeAsync();

    /// <summary>The next who looks at the clock finds it a day ahead; all later ones do not.</summary>
    public void JumpOnce() => _clock.JumpOnce();

    private sealed class JumpingClock : TimeProvider
    {
        private int _ahead;

        public void JumpOnce() => Interlocked.Exchange(ref _ahead, 1);

        public override DateTimeOffset GetUtcNow() =>
            System.GetUtcNow() + TimeSpan.FromDays(Interlocked.Exchange(ref _ahead, 0));
    }
}

/// <summary>Deadlines where the clock is not to be relied upon.</summary>
public sealed class DeadlineClockTests(LedgerOfJumpingClock jumping)
    : LedgerTest(jumping.Ledger), IClassFixture<LedgerOfJumpingClock>
{
    [Fact]
    public async Task A_verdict_is_not_recorded_before_its_deadline_when_the_clock_was_set_back_meanwhile()
    {
        await JoinAsync("erik", "support");
        await RegisterAsync("anna");
        var due = Now.AddSeconds(2);
        await DoAsync("/v1/customers/ref:anna/promises", new
        {
            promiseId = "P-1",
            kind = "call",
            conditions = "Called.",
            dueAt = due,
            memberId = "ref:erik",
        });
        await ReadAsync($"/v1/trust?atLeast={LastPosition}");
        var deadlines = Ledger.Services.GetRequiredService<PassedDeadlines>();

        jumping.JumpOnce();
        (await deadlines.RecordAsync(Tenant, CancellationToken.None)).ShouldBe(0);

        await Task.Delay(due - Now + TimeSpan.FromMilliseconds(50));
        (await deadlines.RecordAsync(Tenant, CancellationToken.None)).ShouldBe(1);
        var verdict = (await LogAsync())[^1];
        (verdict.Text("type"), verdict.Time("occurredAt")).ShouldBe(("promise_lapsed", due));
        verdict.Time("recordedAt")!.Value.ShouldBeGreaterThan(due);
    }
}
