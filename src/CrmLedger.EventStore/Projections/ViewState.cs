namespace CrmLedger.EventStore.Projections;

/// <summary>Where a tenant's view stands.</summary>
/// <param name="Generation">The one that readers see.</param>
/// <param name="Position">The last position that it reflects; -1 for none.</param>
/// <param name="ProjectionVersion">The version of the fold that made it.</param>
public sealed record ViewState(int Generation, long Position, int ProjectionVersion);

/// <summary>A stream whose events a view could not fold; its rows stand as they were before.</summary>
/// <param name="StreamId">The stream.</param>
/// <param name="Position">The first event that could not be folded.</param>
/// <param name="Reason">Why.</param>
public sealed record QuarantinedStream(string StreamId, long Position, string Reason);
