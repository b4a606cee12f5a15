using CrmLedger.Transparency;

namespace CrmLedger.EventStore.Appending;

/// <summary>The end of a tenant's log as it was read or written last.</summary>
/// <param name="RecordedAt">The last event's, UTC; the epoch for an empty log.</param>
/// <param name="Tree">The tree's right edge.</param>
internal sealed record LogHead(DateTimeOffset RecordedAt, TreeEdge Tree)
{
    /// <summary>Number of events.</summary>
    public long Size => Tree.Size;
}
