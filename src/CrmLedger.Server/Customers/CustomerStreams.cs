using CrmLedger.EventStore.Reading;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Policies;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Tenants;
using CrmLedger.Server.Views;
using CrmLedger.Trust;

namespace CrmLedger.Server.Customers;

/// <summary>A customer's stream, and how much of it an answer is made of.</summary>
/// <param name="Id">The customer.</param>
/// <param name="Name">What the customer was called at the position.</param>
/// <param name="Events">The whole stream, whenever it was recorded.</param>
/// <param name="Position">The position that the answer reflects.</param>
/// <param name="Policies">The weights known at the position.</param>
public sealed record ReadCustomer(
    Guid Id, Named? Name, List<Envelope> Events, long Position, TrustPolicies Policies)
{
    /// <summary>What was known at the position.</summary>
    public List<Envelope> Known => Events.FindAll(e => e.Position <= Position);

    /// <summary>
    /// That nothing was known at the position: an import brings the past, and is known only since it was brought in.
    /// Null where something was.
    /// </summary>
    public string? Notice => Events.Exists(e => e.Position <= Position)
        ? null
        : "Nothing of this customer had been recorded by then"
            + (Events.Exists(e => e.Moment.Imported)
                ? "; the history was imported later. Ask by until instead of asOf for what had happened by then."
                : ".");
}

/// <summary>Reads a customer's stream for an answer that is folded from it.</summary>
public sealed class CustomerStreams(EventReader reader, ViewReader views)
{
    /// <summary>There is no such customer at all.</summary>
    public static Problem Unknown(string customerId) => Problem.Of(new(RejectionCode.CustomerUnknown,
        $"There is no customer '{customerId}'. Name one by its id, or by ref: and your reference."));

    /// <summary>Reads it; null where there is no such customer.</summary>
    /// <param name="ledger">The tenant's ledger.</param>
    /// <param name="customerId">The id, or <c>ref:</c> and the reference.</param>
    /// <param name="known">The knowledge that is asked about.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<ReadCustomer?> FindAsync(
        TenantLedger ledger, string customerId, KnownAt known, CancellationToken cancel)
    {
        if (StreamAddress.Parse(StreamKind.Customer, customerId, ledger.Keys) is not { } id)
            return null;
        long position = known.Position ?? (await reader.ReadHeadAsync(ledger.Tenant, cancel)).Size - 1;
        string streamId = StreamKind.Customer.StreamId(id);
        var stored = await reader.ReadStreamAsync(ledger.Tenant, streamId, new(), cancel);
        if (stored.Count == 0)
            return null;
        var policies = await reader.TrustPoliciesAsync(ledger.Tenant, position, cancel);
        var names = await views.NamesAsync(ledger, [streamId], position, cancel);
        return new(
            id, names.GetValueOrDefault(streamId), stored.ConvertAll(e => e.ToEnvelope()), position, policies);
    }
}
