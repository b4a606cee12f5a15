using CrmLedger.Customers;
using CrmLedger.Members;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Tenants;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace CrmLedger.Server.Commands;

/// <summary>
/// Which stream a request is about. An address names it by its id or by <c>ref:</c> and the client's own reference; a
/// new customer or member has the id of its reference, or a random one without.
/// </summary>
internal static class StreamAddress
{
    /// <summary>
    /// The stream that the request's address and body name; null when they name none, with the error added.
    /// </summary>
    public static (Guid Id, CommandDraft Draft)? Of(
        HttpContext http, StreamKind kind, CommandDraft draft, TenantLedger ledger, Guid? eventId,
        List<FieldError> errors)
    {
        if (kind == StreamKind.Import)
            return ((Guid)draft["importId"]!, draft);
        string name = $"{kind.Prefix}Id";
        if (http.Request.RouteValues.ContainsKey(name))
        {
            string address = Named(http);
            if (Parse(kind, address, ledger) is { } id)
                return (id, draft);
            errors.Add(new(name, $"'{address}' is neither an id nor ref: and a reference."));
            return null;
        }
        if (BringsIn(draft.Command) && draft["reference"] is string reference)
            return (OfReference(kind, reference, ledger), draft);
        // Somebody without a reference, sent again as the same event, is the same person.
        return (eventId is { } sent ? OfReference(kind, $"\n{sent}", ledger) : Guid.CreateVersion7(), draft);
    }

    /// <summary>Whether the command brings a customer or a member into the ledger.</summary>
    public static bool BringsIn(Type command) => command == typeof(RegisterCustomer) || command == typeof(JoinMember);

    /// <summary>
    /// What an address such as <c>/v1/customers/ref:A%2FB/history</c> names. It is taken from the address as it was
    /// sent: routing leaves an escaped slash as it is, so that it could not be told from one that was escaped twice.
    /// </summary>
    public static string Named(HttpContext http)
    {
        string target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?')[0];
        string[] segments = target.Split('/');
        int v1 = Array.IndexOf(segments, "v1");
        return v1 >= 0 && segments.Length > v1 + 2 ? Uri.UnescapeDataString(segments[v1 + 2]) : "";
    }

    /// <summary>An id, or <c>ref:</c> and a reference; null when it is neither.</summary>
    public static Guid? Parse(StreamKind kind, string address, TenantLedger ledger)
    {
        if (address.StartsWith("ref:", StringComparison.Ordinal) && address.Length > 4)
            return OfReference(kind, address[4..], ledger);
        return Guid.TryParseExact(address, "D", out var id) ? id : null;
    }

    /// <summary>The id of a reference.</summary>
    public static Guid OfReference(StreamKind kind, string reference, TenantLedger ledger) =>
        kind == StreamKind.Customer ? ledger.Keys.CustomerId(reference) : ledger.Keys.MemberId(reference);

    /// <summary>The import of a declaration: derived from the source and the hash.</summary>
    public static (Guid Id, CommandDraft Draft) OfNewImport(CommandDraft draft, TenantLedger ledger)
    {
        var id = ledger.Keys.ImportId((string)draft["source"]!, (string)draft["sha256"]!);
        return (id, draft.Replace("importId", id));
    }
}
