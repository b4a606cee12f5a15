namespace CrmLedger.PostgresTests.Appending;

/// <summary>What goes wrong with a connection.</summary>
internal enum FaultKind
{
    /// <summary>Both ends are told at once that it is gone (RST), and what was on the way is lost.</summary>
    Reset,

    /// <summary>Both ends see it closed in order (FIN).</summary>
    Close,

    /// <summary>What passes is held up, and goes on.</summary>
    Delay,

    /// <summary>It seems open, and what is sent into it is swallowed, in one direction or in both.</summary>
    Swallow,

    /// <summary>PostgreSQL has committed, and its answer never arrives: the connection is reset.</summary>
    ResetAfterCommit,

    /// <summary>PostgreSQL has committed, and its answer is swallowed while the connection seems open.</summary>
    SwallowAfterCommit,
}

/// <summary>A fault that is to strike.</summary>
/// <param name="Kind">What goes wrong.</param>
/// <param name="OnRequests">
/// Whether it strikes at what the connection's opener sends; else at what comes back.
/// </param>
/// <param name="Offset">Bytes that pass in that direction before it strikes.</param>
/// <param name="BothWays">Whether both directions are swallowed.</param>
/// <param name="Delay">How long what passes is held up.</param>
internal sealed record Fault(FaultKind Kind, bool OnRequests, int Offset, bool BothWays, TimeSpan Delay)
{
    /// <summary>Whether it waits for a commit.</summary>
    public bool AfterCommit => Kind is FaultKind.ResetAfterCommit or FaultKind.SwallowAfterCommit;

    /// <summary>A fault of a kind, the rest by chance.</summary>
    public static Fault Of(FaultKind kind, Random random) => new(
        kind, random.Next(2) == 0, random.Next(4_000), random.Next(3) == 0,
        TimeSpan.FromMilliseconds(random.Next(20, 600)));
}
