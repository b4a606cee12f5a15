using CrmLedger.EventStore.Appending;
using CrmLedger.EventStore.Tenants;

namespace CrmLedger.Server.Commands;

/// <summary>
/// Everything about a command but the command: who asks, when it happened, and what makes a retry safe.
/// </summary>
/// <param name="Caller">Who asks.</param>
/// <param name="OccurredAt">When it is claimed to have happened, UTC; null for now.</param>
/// <param name="EventId">Derived from the client's source and id, or null.</param>
/// <param name="Source">The client's source, or null.</param>
/// <param name="CorrelationId">What it belongs to, or null.</param>
/// <param name="CausationId">What brought it about, or null.</param>
/// <param name="ImportId">The declared import that brings it, or null.</param>
/// <param name="Extensions">CloudEvents extension attributes.</param>
/// <param name="Idempotency">The client's Idempotency-Key, or null.</param>
/// <param name="IfVersion">The stream version that the client decided on, or null.</param>
/// <param name="Content">What is asked, in canonical form: tells a repeated event from another one.</param>
public sealed record CommandContext(
    Caller Caller, DateTimeOffset? OccurredAt, Guid? EventId, string? Source, string? CorrelationId,
    string? CausationId,
    Guid? ImportId, IReadOnlyDictionary<string, string>? Extensions, IdempotencyMark? Idempotency, long? IfVersion,
    byte[] Content)
{
    /// <summary>What most commands of our own need; the rest is set where there is more.</summary>
    public CommandContext(Caller caller, byte[] content)
        : this(caller, null, null, null, null, null, null, null, null, null, content)
    {
    }
}

/// <summary>A command, read from a request and not yet decided.</summary>
/// <param name="Kind">The sort of its stream.</param>
/// <param name="Id">The customer's, member's or import's id.</param>
/// <param name="Draft">The command.</param>
/// <param name="Context">Everything else.</param>
public sealed record CommandRequest(StreamKind Kind, Guid Id, CommandDraft Draft, CommandContext Context)
{
    /// <summary>The stream's id.</summary>
    public string StreamId => Kind.StreamId(Id);

    /// <summary>The other streams that it names, as <see cref="NamedStreams" /> finds them.</summary>
    public IEnumerable<(StreamKind Kind, string StreamId)> Named =>
        Draft.Members.Select(m => (StreamKind.Member, m.MemberId))
            .Concat(Draft.OtherCustomers.Select(c => (StreamKind.Customer, c.CustomerId)))
            .Concat(Context.ImportId is { } importId ? [(StreamKind.Import, importId)] : [])
            .Select(s => (s.Item1, s.Item1.StreamId(s.Item2)));
}

/// <summary>What became of a command that was not refused.</summary>
/// <param name="Events">The events recorded, now or when the same request came first.</param>
/// <param name="Replayed">Whether this is the answer to a request that came before.</param>
/// <param name="StreamVersion">The stream's version after the last of them.</param>
public sealed record CommandOutcome(IReadOnlyList<AppendedEvent> Events, bool Replayed, long StreamVersion);
