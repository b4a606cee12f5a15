using CrmLedger.Annulments;
using CrmLedger.Customers;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Tenants;
using CrmLedger.Preferences;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Events;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Security;
using CrmLedger.Server.Tenants;
using CrmLedger.Server.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CrmLedger.Server.Customers;

/// <summary>All that is held about one customer, its personal text in clear.</summary>
/// <param name="CustomerId">The customer.</param>
/// <param name="ExportedAt">When it was read, UTC.</param>
/// <param name="Position">The place in the log of the last event that it holds.</param>
/// <param name="StreamVersion">How many events the customer's stream has.</param>
/// <param name="Customer">Who it is, as known now.</param>
/// <param name="Erased">Whether the key was destroyed; then <c>[erased]</c> stands for personal text.</param>
/// <param name="Ended">Whether the relationship has ended and was not renewed.</param>
/// <param name="MergedInto">The customer that it turned out to be.</param>
/// <param name="SamePerson">Customers who by merges are the same person: each has an export of its own.</param>
/// <param name="Consents">What the customer allowed or forbade, by purpose; the last word on each.</param>
/// <param name="Preferences">What is known of the customer's wishes; the last word on each.</param>
/// <param name="Events">Every event of the stream in order, annulled ones included, which say so.</param>
public sealed record CustomerExport(
    Guid CustomerId, DateTimeOffset ExportedAt, long Position, long StreamVersion, Named Customer, bool Erased,
    bool Ended, Guid? MergedInto, IReadOnlyList<Guid> SamePerson, IReadOnlyDictionary<string, bool> Consents,
    IReadOnlyList<ExportedPreference> Preferences, IReadOnlyList<ShownEvent> Events);

/// <summary>A preference as it stands.</summary>
/// <param name="Key">What it is about.</param>
/// <param name="Value">What is preferred.</param>
/// <param name="Source">Whether it was stated or observed.</param>
/// <param name="OccurredAt">Since when, UTC.</param>
public sealed record ExportedPreference(
    string Key, string? Value, PreferenceSource Source, DateTimeOffset OccurredAt);

/// <summary>Answers whoever asks what is held about a customer.</summary>
public sealed class CustomerExportEndpoint(EventReader reader, MergedCustomers merged, TimeProvider clock)
{
    /// <summary>Maps it.</summary>
    public static void Map(IEndpointRouteBuilder v1) => v1.MapGet("/customers/{customerId}/export",
        (HttpContext http, string customerId, TenantLedgers ledgers, CustomerExportEndpoint endpoint,
            CancellationToken cancel) => endpoint.ExportAsync(http, customerId, ledgers, cancel))
        .WithName("ExportCustomer").WithTags("Customers").WithSummary("Export all that is held about a customer")
        .WithDescription("One document with details, consents, preferences and every event of the customer, personal "
            + "text in clear: what somebody is owed who asks what is held about them. Members are named by id.")
        .Produces<CustomerExport>().Needs(Scopes.Audit);

    private async Task<IResult> ExportAsync(
        HttpContext http, string customerId, TenantLedgers ledgers, CancellationToken cancel)
    {
        if (new Query(http).Problem is { } unasked)
            return LedgerProblems.Result(unasked);
        var ledger = await ledgers.GetAsync(http.Caller().Tenant);
        if (StreamAddress.Parse(StreamKind.Customer, StreamAddress.Named(http) ?? "", ledger.Keys) is not { } id)
            return LedgerProblems.Result(CustomerStreams.Unknown(customerId));
        var stored = await reader.ReadStreamAsync(ledger.Tenant, StreamKind.Customer.StreamId(id), new(), cancel);
        if (stored.Count == 0)
            return LedgerProblems.Result(CustomerStreams.Unknown(customerId));
        var events = stored.ConvertAll(e => e.ToEnvelope());
        var customer = CustomerStream.Fold(events).Customer;
        var person = new Named(await ViewReader.OpenAsync(ledger, customer.Reference, cancel),
            await ViewReader.OpenAsync(ledger, customer.Name, cancel), customer.Segment);
        var group = await merged.FindAsync(ledger, id, cancel);
        return Results.Json(new CustomerExport(
            id, LedgerJson.ToMicroseconds(clock.GetUtcNow()), stored[^1].Position, stored[^1].Version, person,
            customer.Erased, customer.Ended, customer.MergedInto, [.. group.Skip(1).Select(c => c.Id)],
            customer.Consents, await PreferencesAsync(ledger, events, cancel),
            ShownEvent.Marked(await ShownEvent.ShowAsync(stored, ledger, cancel), KnownAnnulment.In(events))),
            LedgerJson.Options);
    }

    private static async Task<IReadOnlyList<ExportedPreference>> PreferencesAsync(
        TenantLedger ledger, IReadOnlyList<Envelope> events, CancellationToken cancel)
    {
        var last = new SortedDictionary<string, (PreferenceRecorded Preference, DateTimeOffset At)>(
            StringComparer.Ordinal);
        foreach (var entry in Entries.LeaveOutAnnulled(events))
        {
            if (entry.Data is PreferenceRecorded preference)
                last[preference.Key] = (preference, entry.Moment.OccurredAt);
        }
        var shown = new List<ExportedPreference>();
        foreach (var (key, (preference, at)) in last)
        {
            shown.Add(new(
                key, await ViewReader.OpenAsync(ledger, preference.Value, cancel), preference.Source, at));
        }
        return shown;
    }
}
