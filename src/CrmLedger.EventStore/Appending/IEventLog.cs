using CrmLedger.EventStore.Checkpoints;
using CrmLedger.Postgres;

namespace CrmLedger.EventStore.Appending;

/// <summary>A tenant's log, as those see it who append to it.</summary>
public interface IEventLog : IAsyncDisposable
{
    /// <summary>
    /// The latest time of the log that this server has seen, UTC: nothing will be recorded before it, whatever the
    /// clock says. It is the clock of a server that is ahead, or that was.
    /// </summary>
    DateTimeOffset LatestSeen { get; }

    /// <summary>
    /// Appends; returns when the outcome is certain. Appended means committed with synchronous_commit=on.
    /// </summary>
    /// <exception cref="LedgerBusyException">The queue stayed full: nothing was written.</exception>
    /// <exception cref="StorageFullException">There is no room for it on the disk: nothing was written.</exception>
    /// <exception cref="LogStoppedException">
    /// The log does not continue what was signed: nothing was written.
    /// </exception>
    /// <exception cref="LedgerUnavailableException">
    /// PostgreSQL did not take it; retry with the same event ids.
    /// </exception>
    /// <exception cref="ArgumentException">The request names a stream or an event twice.</exception>
    Task<AppendOutcome> AppendAsync(AppendRequest request, CancellationToken cancel);
}
