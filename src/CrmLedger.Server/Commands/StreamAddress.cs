using CrmLedger.Customers;
using CrmLedger.EventStore.Privacy;
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
    /// <summary>What stands before a client's own reference.</summary>
    public const string Reference = "ref:";

    /// <summary>
    /// The stream that the request's address and body name; null when they name none, with the error added.
    /// </summary>
    public static Guid? Of(
        HttpContext http, StreamKind kind, CommandDraft draft, TenantLedger ledger, Guid? eventId,
        List<FieldError> errors)
    {
        if (kind == StreamKind.Import)
            return (Guid)draft["importId"]!;
        if (kind == StreamKind.Policy)
            return Guid.Empty; // there is one
        string name = $"{kind.Prefix}Id";
        if (http.Request.RouteValues.ContainsKey(name))
        {
            string? address = Named(http);
            if (address is not null && Parse(kind, address, ledger.Keys) is { } id)
                return id;
            errors.Add(new(name, address is null
                ? "stands in an address with . or .. as a part, which could be read as another one. Leave them out."
                : $"'{address}' is neither an id nor ref: and a reference."));
            return null;
        }
        if (BringsIn(draft.Command) && draft["reference"] is string reference)
            return OfReference(kind, reference, ledger.Keys);
        // Somebody without a reference, sent again as the same event, is the same person.
        return eventId is { } sent ? OfReference(kind, $"\n{sent}", ledger.Keys) : Guid.CreateVersion7();
    }

    /// <summary>Whether the command brings a customer or a member into the ledger.</summary>
    public static bool BringsIn(Type command) => command == typeof(RegisterCustomer) || command == typeof(JoinMember);

    /// <summary>
    /// What an address such as <c>/v1/customers/ref:A%2FB/history</c> names. It is taken from the address as it was
    /// sent: routing leaves an escaped slash as it is, so that it could not be told from one that was escaped twice.
    /// Null when a part of it is <c>.</c> or <c>..</c>: those are taken out before routing, and what stands here would
    /// be somebody else than the one whom routing found.
    /// </summary>
    public static string? Named(HttpContext http)
    {
        string target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?')[0];
        string[] parts = [.. target.Split('/').Select(Uri.UnescapeDataString)];
        if (parts.Any(p => p is "." or ".."))
            return null;
        int path = target.StartsWith('/') ? 0 : 3; // a proxy may send the whole of http://host/v1/…
        int v1 = path > parts.Length ? -1 : Array.FindIndex(parts, path, p => IsV1(p));
        return v1 >= 0 && parts.Length > v1 + 2 ? parts[v1 + 2] : "";
    }

    /// <summary>Routing does not look at the case either.</summary>
    private static bool IsV1(string part) => part.Equals("v1", StringComparison.OrdinalIgnoreCase);

    /// <summary>An id, or <c>ref:</c> and a reference; null when it is neither.</summary>
    public static Guid? Parse(StreamKind kind, string address, TenantKeys keys)
    {
        if (address.StartsWith(Reference, StringComparison.Ordinal) && address.Length > Reference.Length)
            return OfReference(kind, address[Reference.Length..], keys);
        return Guid.TryParseExact(address, "D", out var id) ? id : null;
    }

    /// <summary>The id of a reference.</summary>
    public static Guid OfReference(StreamKind kind, string reference, TenantKeys keys) =>
        kind == StreamKind.Customer ? keys.CustomerId(reference) : keys.MemberId(reference);

    /// <summary>The import of a declaration: derived from the source and the hash.</summary>
    public static (Guid Id, CommandDraft Draft) OfNewImport(CommandDraft draft, TenantLedger ledger)
    {
        var id = ledger.Keys.ImportId((string)draft["source"]!, (string)draft["sha256"]!);
        return (id, draft.Replace("importId", id));
    }
}
