using System.Text;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Security;
using CrmLedger.Server.Tenants;
using CrmLedger.Server.Views;
using Microsoft.AspNetCore.Http;

namespace CrmLedger.Server.Commands;

/// <summary>
/// A command whose repetition is known by what it says, so that it takes neither Idempotency-Key nor If-Match.
/// </summary>
/// <param name="Ledger">The caller's.</param>
/// <param name="Draft">What the body says.</param>
/// <param name="Context">Who asked.</param>
internal sealed record PlainCommand(TenantLedger Ledger, CommandDraft Draft, CommandContext Context)
{
    /// <summary>Reads a request.</summary>
    public static async Task<(PlainCommand? Command, Problem? Problem)> ReadAsync(
        HttpContext http, Type command, TenantLedgers ledgers, CancellationToken cancel)
    {
        var query = new Query(http);
        query.RefuseHeaders("Idempotency-Key", "If-Match");
        if (query.Problem is { } unasked)
            return (null, unasked);
        var caller = http.Caller();
        var ledger = await ledgers.GetAsync(caller.Tenant);
        var (body, unread) = await RequestBody.ReadCommandAsync(http.Request, cancel);
        if (unread is not null)
            return (null, unread);
        var errors = new List<FieldError>();
        var none = new Dictionary<string, string>(StringComparer.Ordinal);
        var draft = CommandDraft.Read(command, body, none, ledger.Keys, "", errors);
        return draft is null
            ? (null, Problem.Invalid(errors))
            : (new(ledger, draft, new(caller, Encoding.UTF8.GetBytes(body.GetRawText()))), null);
    }
}
