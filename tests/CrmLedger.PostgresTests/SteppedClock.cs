namespace CrmLedger.PostgresTests;

/// <summary>A server's clock that somebody sets: it runs as the machine's, so much ahead or behind.</summary>
internal sealed class SteppedClock : TimeProvider
{
    private long _aheadTicks;
    private int _steps;

    /// <summary>How often it was set: two readings with the same number are of one steady run.</summary>
    public int Steps => Volatile.Read(ref _steps);

    /// <summary>Sets it.</summary>
    public void Step(TimeSpan ahead)
    {
        Interlocked.Increment(ref _steps);
        Interlocked.Exchange(ref _aheadTicks, ahead.Ticks);
        Interlocked.Increment(ref _steps); // so that a reading on either side of the change shows it
    }

    public override DateTimeOffset GetUtcNow() =>
        System.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _aheadTicks));
}
