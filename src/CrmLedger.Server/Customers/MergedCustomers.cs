using System.Reflection;
using CrmLedger.Customers;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Views;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Tenants;

namespace CrmLedger.Server.Customers;

/// <summary>A customer of a group that merges have made one.</summary>
/// <param name="Id">The customer.</param>
/// <param name="Stream">Its stream, as it was looked at.</param>
public sealed record GroupedCustomer(Guid Id, StreamState Stream)
{
    /// <summary>As its stream tells it.</summary>
    public Customer Customer => ((CustomerStream)Stream.State).Customer;
}

/// <summary>Finds the customers who, by merges that hold, are one and the same person.</summary>
public sealed class MergedCustomers(LedgerDatabase database)
{
    private static readonly string s_mergedInto =
        Sql.Load("Customers/read_merged_into.sql", Assembly.GetExecutingAssembly());

    /// <summary>
    /// A customer, whom it was merged into, who was merged into either, and so on; itself first. As the log says, and
    /// not as is remembered.
    /// </summary>
    public async Task<IReadOnlyList<GroupedCustomer>> FindAsync(
        TenantLedger ledger, Guid customerId, CancellationToken cancel)
    {
        var group = new List<GroupedCustomer>();
        var found = new HashSet<Guid> { customerId };
        for (List<Guid> next = [customerId]; next.Count > 0;)
        {
            await ledger.States.PreloadAsync(
                next.Select(id => (StreamKind.Customer, StreamKind.Customer.StreamId(id))), cancel);
            var looked = new List<GroupedCustomer>();
            foreach (var id in next)
                looked.Add(await LoadAsync(ledger, id, cancel));
            group.AddRange(looked.Where(c => c.Id == customerId || c.Customer.Registered));
            var into = looked.Select(c => c.Customer.MergedInto).OfType<Guid>();
            next = [.. into.Concat(await MergedIntoAsync(ledger, next, cancel)).Where(found.Add)];
        }
        return group;
    }

    private async Task<IReadOnlyList<Guid>> MergedIntoAsync(
        TenantLedger ledger, IReadOnlyCollection<Guid> customers, CancellationToken cancel)
    {
        var streams = await database.QueryAsync(ledger.Tenant, s_mergedInto, r => View.IdOf(r.GetString(0)), cancel,
            ledger.Tenant, customers.Select(id => id.ToString("D")).ToArray());
        await ledger.States.PreloadAsync(
            streams.Select(id => (StreamKind.Customer, StreamKind.Customer.StreamId(id))), cancel);
        var merged = new List<Guid>();
        foreach (var id in streams)
        {
            if ((await LoadAsync(ledger, id, cancel)).Customer.MergedInto is { } into && customers.Contains(into))
                merged.Add(id);
        }
        return merged;
    }

    private static async Task<GroupedCustomer> LoadAsync(TenantLedger ledger, Guid id, CancellationToken cancel) =>
        new(id, await ledger.States.LoadAsync(StreamKind.Customer, StreamKind.Customer.StreamId(id), cancel));
}
