using CrmLedger.EventStore.Reading;
using CrmLedger.Imports;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Tenants;
using Microsoft.AspNetCore.Http;

namespace CrmLedger.Server.Imports;

/// <summary>How an import stands after it was declared, for the first time or again.</summary>
/// <param name="ImportId">The import; the attribute <c>importid</c> of its events.</param>
/// <param name="Completed">Whether the whole file is in.</param>
/// <param name="Rows">Rows of the file, once complete.</param>
/// <param name="Events">Events that the ledger holds because of it, once complete.</param>
/// <param name="CompletedAt">When it was completed, UTC.</param>
public sealed record ImportDeclaration(
    Guid ImportId, bool Completed, long? Rows, long? Events, DateTimeOffset? CompletedAt)
{
    /// <summary>Declares an import, or tells how the same one stands.</summary>
    public static async Task<IResult> HandleAsync(
        HttpContext http, TenantLedgers ledgers, CommandHandling handling, EventReader reader, CancellationToken cancel)
    {
        var (command, unread) = await PlainCommand.ReadAsync(http, typeof(DeclareImport), ledgers, cancel);
        if (command is null)
            return LedgerProblems.Result(unread!);
        var ledger = command.Ledger;
        var (id, declared) = StreamAddress.OfNewImport(command.Draft, ledger);
        var request = new CommandRequest(StreamKind.Import, id, declared, command.Context);
        var (_, problem) = await handling.HandleAsync(ledger, request, cancel);
        if (problem is not null)
            return LedgerProblems.Result(problem);
        var stream = await reader.ReadStreamAsync(ledger.Tenant, request.StreamId, new(), cancel);
        var events = stream.ConvertAll(e => e.ToEnvelope());
        var completed = events.LastOrDefault(e => e.Data is ImportCompleted);
        var done = completed?.Data as ImportCompleted;
        return Results.Json(
            new ImportDeclaration(id, done is not null, done?.Rows, done?.Events, completed?.Moment.RecordedAt),
            LedgerJson.Options);
    }
}
