using CrmLedger.Customers;
using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Tenants;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Security;
using CrmLedger.Server.Tenants;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CrmLedger.Server.Customers;

/// <summary>
/// Erases a customer, and with it everybody who by merges is the same person: the events that say so and the end of the
/// keys are one transaction; then the journal outside the database has it on disk; then it is acknowledged.
/// </summary>
public sealed class Erasure(
    CommandHandling handling, MergedCustomers merged, EventReader reader, ErasureJournal journal)
{
    private static readonly Problem s_contended = WriteLoop.Contended with
    {
        Detail = "Other requests kept changing the customer, or who is merged with it. Ask again: what is erased "
            + "already stays so.",
    };

    /// <summary>Maps it.</summary>
    public static void Map(IEndpointRouteBuilder v1) => v1.MapPost("/customers/{customerId}/erase", HandleAsync)
        .WithName(nameof(EraseCustomer)).WithTags("Customers").WithSummary("Erase a customer, for ever")
        .WithDescription("Destroys the key of the customer's personal text, and of everybody who was merged into the "
            + "customer or into whom the customer was merged. It cannot be undone. The events stay, with `[erased]` "
            + "where personal text stood, and every proof still holds. Asked again, it says that it was done already. "
            + "No server uses the key for more than two seconds after that. The answer says what is not reached.")
        .WithMetadata(new CommandMetadata(typeof(EraseCustomer), """{"reason":"Asked by the customer"}"""))
        .Produces<ErasureReport>().Needs(Scopes.Admin);

    private static async Task<IResult> HandleAsync(
        HttpContext http, string customerId, TenantLedgers ledgers, Erasure erasure, CancellationToken cancel)
    {
        var (command, unread) = await PlainCommand.ReadAsync(http, typeof(EraseCustomer), ledgers, cancel);
        if (command is null)
            return LedgerProblems.Result(unread!);
        var ledger = command.Ledger;
        if (StreamAddress.Parse(StreamKind.Customer, StreamAddress.Named(http) ?? "", ledger.Keys) is not { } id)
            return LedgerProblems.Result(CustomerStreams.Unknown(customerId));
        var (report, problem) = await erasure.EraseAsync(ledger, id, command.Draft, command.Context, cancel);
        return problem is not null
            ? LedgerProblems.Result(problem)
            : Results.Json(report, LedgerJson.Options);
    }

    /// <summary>
    /// Each round looks whom there is to erase, and erases them if they are still as they were looked at. Where a merge
    /// came between, the next round finds whom it brought; it ends because nobody is merged into who is erased.
    /// </summary>
    private async Task<(ErasureReport? Report, Problem? Problem)> EraseAsync(
        TenantLedger ledger, Guid customerId, CommandDraft draft, CommandContext context, CancellationToken cancel)
    {
        IReadOnlyList<GroupedCustomer> group = [];
        for (bool already = true; ; already = false)
        {
            var (write, outcome) = await ledger.WriteLoop.RunAsync(async now =>
            {
                group = await merged.FindAsync(ledger, customerId, cancel);
                var left = group.Where(c => !c.Customer.Erased).Select(
                    c => (new CommandRequest(StreamKind.Customer, c.Id, draft, context), c.Stream));
                return await handling.DecideAsync(ledger, [.. left], now, cancel);
            }, cancel);
            if (write.Refusal is { } refusal)
                return (null, refusal.Code == ProblemCodes.Contended ? s_contended : refusal);
            if (outcome is null)
                return (await ReportAsync(ledger, group, already, cancel), null);
            foreach (var erased in group)
                ledger.Subjects.Forget(erased.Id);
        }
    }

    private async Task<ErasureReport> ReportAsync(
        TenantLedger ledger, IReadOnlyList<GroupedCustomer> group, bool already, CancellationToken cancel)
    {
        var customers = new List<ErasedCustomer>();
        var erased = new List<ErasedSubject>();
        long provable = 0;
        foreach (var customer in group)
        {
            var stream = await reader.ReadStreamAsync(
                ledger.Tenant, StreamKind.Customer.StreamId(customer.Id), new(), cancel);
            var said = stream.Last(e => e.Type == LedgerEvents.NameOf(typeof(CustomerErased)));
            erased.Add(new(customer.Id, said.RecordedAt, ((CustomerErased)said.ToEnvelope().Data).Basis));
            customers.Add(ErasedCustomer.Of(customer.Id, stream, said));
            provable += stream.Count(e => e.HashLeaf(ledger.Tenant).AsSpan().SequenceEqual(e.LeafHash));
        }
        journal.Add(ledger.Tenant, erased);
        return new(group[0].Id, already, erased[0].ErasedAt, erased[0].Basis, customers,
            customers.Sum(c => c.Events), customers.Sum(c => c.SealedEvents), provable, ErasureReport.WhatStays,
            ErasureReport.Limits);
    }
}
