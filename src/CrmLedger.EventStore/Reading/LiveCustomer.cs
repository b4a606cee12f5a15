using System.Text.Json.Serialization;
using CrmLedger.Customers;
using JasperFx.Events.Daemon;
using Marten.Events.Aggregation;

namespace CrmLedger.EventStore.Reading;

/// <summary>
/// A customer as Marten aggregates their stream: <c>session.Events.AggregateStreamAsync&lt;LiveCustomer&gt;</c> with
/// the stream's id, at a version or a time of recording too. Never stored.
/// </summary>
public sealed class LiveCustomer
{
    /// <summary>The stream's id, <c>customer-…</c>.</summary>
    public string Id { get; set; } = "";

    /// <summary>The state that commands are decided on, with annulled entries left out.</summary>
    [JsonIgnore]
    public CustomerStream State { get; private init; } = CustomerStream.Initial;

    [JsonIgnore]
    private IReadOnlyList<Envelope> Events { get; init; } = [];

    /// <summary>The fold is the core's; an annulment works on what came before it, so all events are folded.</summary>
    internal LiveCustomer Then(IEnumerable<Envelope> more)
    {
        Envelope[] events = [.. Events, .. more];
        return new() { Id = Id, State = CustomerStream.Fold(events), Events = events };
    }
}

/// <summary>Aggregates a customer's stream.</summary>
internal sealed class CustomerProjection : SingleStreamProjection<LiveCustomer, string>
{
    /// <inheritdoc />
    public override (LiveCustomer?, ActionType) DetermineAction(
        LiveCustomer? snapshot, string identity, IReadOnlyList<JasperFx.Events.IEvent> events) =>
        ((snapshot ?? new() { Id = identity }).Then(events.Select(LedgerStore.ToEnvelope)), ActionType.Store);
}
