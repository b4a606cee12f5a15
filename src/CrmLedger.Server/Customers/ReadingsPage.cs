using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Tenants;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Security;
using CrmLedger.Server.Tenants;
using CrmLedger.Server.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CrmLedger.Server.Customers;

/// <summary>Who was given a customer's personal text.</summary>
/// <param name="CustomerId">The customer.</param>
/// <param name="Readings">The latest first.</param>
/// <param name="Next">Give it as <c>cursor</c> to read on; null at the end.</param>
public sealed record ReadingsPage(Guid CustomerId, IReadOnlyList<Reading> Readings, string? Next)
{
    private static readonly CsvTable<Reading> s_table = new(
        new("read_at", r => r.ReadAt), new("key_id", r => r.KeyId), new("operation", r => r.Operation));

    /// <summary>Maps it.</summary>
    public static void Map(IEndpointRouteBuilder v1) => v1.MapGet("/customers/{customerId}/readings", ListAsync)
        .WithName("Readings").WithTags("Customers").WithSummary("See who has read a customer's personal data")
        .WithDescription("Every answer with personal text of the customer that was given to a key with scope lead, "
            + "audit or admin: when, to which key, and what it had asked for. It is recorded before the answer is "
            + "given. What keys for daily work read, with scopes append and read alone, is not recorded.")
        .WithMetadata(new QueryMetadata(
            ("limit", "Readings of a page, 1 to 1000 (100)."), ("cursor", "The page after this one."),
            Answers.PageFormatParameter))
        .Produces<ReadingsPage>(StatusCodes.Status200OK, "application/json", Answers.CsvType).Needs(Scopes.Audit);

    private sealed record After(long Number);

    private static async Task<IResult> ListAsync(
        HttpContext http, string customerId, TenantLedgers ledgers, PersonalReads reads, CancellationToken cancel)
    {
        var ledger = await ledgers.GetAsync(http.Caller().Tenant);
        var query = new Query(http, "limit", "cursor", "format");
        string? format = Answers.Format(query);
        int limit = (int)(query.Number("limit", 1, 1_000) ?? 100);
        var after = query.After<After>("cursor");
        if (query.Problem is { } problem)
            return LedgerProblems.Result(problem);
        if (StreamAddress.Parse(StreamKind.Customer, StreamAddress.Named(http) ?? "", ledger.Keys) is not { } id)
            return LedgerProblems.Result(CustomerStreams.Unknown(customerId));
        var found = await reads.ReadAsync(ledger.Tenant, id, after?.Number, limit + 1, cancel);
        if (found.Count == 0 && after is null && (await ledger.States.LoadAsync(
            StreamKind.Customer, StreamKind.Customer.StreamId(id), cancel)).Version == 0)
        {
            return LedgerProblems.Result(CustomerStreams.Unknown(customerId));
        }
        var page = found.Take(limit).ToList();
        string? next = found.Count > limit ? Query.Cursor(new After(page[^1].Number)) : null;
        return Answers.PageOf(http, format, new ReadingsPage(
            id, page.ConvertAll(r => new Reading(r.ReadAt, r.KeyId, r.Operation)), next), Table, next);
    }

    /// <summary>A line for each reading.</summary>
    internal static string Table(ReadingsPage answer) => s_table.Write(answer.Readings);
}

/// <summary>One answer with personal text.</summary>
/// <param name="ReadAt">When it was given, UTC.</param>
/// <param name="KeyId">The API key that it was given to.</param>
/// <param name="Operation">What was asked for: the operation's id in this description.</param>
public sealed record Reading(DateTimeOffset ReadAt, string KeyId, string Operation);
