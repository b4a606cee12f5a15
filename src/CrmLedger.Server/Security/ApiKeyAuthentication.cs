using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using CrmLedger.EventStore.Tenants;
using CrmLedger.Server.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace CrmLedger.Server.Security;

/// <summary>
/// Keys that were found valid a moment ago, by the hash of the credential, so that a busy client does not cost a
/// query a request. A revocation is told by NOTIFY and takes effect at once; should the notice be lost, within five
/// seconds.
/// </summary>
public sealed class KnownKeys(ApiKeys keys, TimeProvider clock)
{
    private const int Kept = 10_000;
    private static readonly TimeSpan s_lifetime = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<string, (Caller Caller, long Since)> _known = new(StringComparer.Ordinal);

    /// <summary>Who presents the credential, or null.</summary>
    public async ValueTask<Caller?> FindAsync(string credential, CancellationToken cancel)
    {
        string hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(credential)));
        if (_known.TryGetValue(hash, out var known) && clock.GetElapsedTime(known.Since) < s_lifetime)
            return known.Caller;
        var found = await keys.FindAsync(credential, cancel);
        if (found is null)
        {
            _known.TryRemove(hash, out _);
            return null;
        }
        if (_known.Count >= Kept)
            _known.Clear();
        _known[hash] = (found, clock.GetTimestamp());
        return found;
    }

    /// <summary>Forgets a key that was revoked.</summary>
    public void Forget(string keyId)
    {
        foreach (var (hash, known) in _known)
        {
            if (known.Caller.KeyId == keyId)
                _known.TryRemove(hash, out _);
        }
    }
}

/// <summary>What scopes an operation takes: any one of them will do.</summary>
/// <param name="AnyOf">The scopes; <c>admin</c> always does.</param>
public sealed record NeededScopes(IReadOnlyList<string> AnyOf);

/// <summary>Who may do what. The tenant comes from the credential and from nowhere else.</summary>
public static class ApiKeyAuthentication
{
    private const string CallerItem = "crmledger.caller";
    private const string HowToMakeOne = "Make one with: crmledger keys create --tenant NAME --scopes …";

    /// <summary>The operation takes a key with any of these scopes.</summary>
    public static TBuilder Needs<TBuilder>(this TBuilder builder, params string[] anyOf)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(endpoint => endpoint.Metadata.Add(new NeededScopes(anyOf)));
        return builder;
    }

    /// <summary>Who sent the request.</summary>
    public static Caller Caller(this HttpContext http) => (Caller)http.Items[CallerItem]!;

    /// <summary>Who sent the request; null where nobody need say so.</summary>
    public static Caller? FindCaller(this HttpContext http) => http.Items[CallerItem] as Caller;

    /// <summary>Lets nobody through to an operation that needs a scope without a key that has it.</summary>
    public static IApplicationBuilder UseApiKeys(this IApplicationBuilder app) => app.Use(async (http, next) =>
    {
        // An operation that forgot to say what it needs is nobody's but an administrator's; that there is no such
        // operation may be told to every key.
        var needed = http.GetEndpoint()?.Metadata.GetMetadata<NeededScopes>()
            ?? (!IsApi(http.Request.Path) ? null : new(http.GetEndpoint() is RouteEndpoint ? [] : Scopes.All));
        if (needed is not null && await RefusalAsync(http, needed) is { } refusal)
            await LedgerProblems.Result(refusal).ExecuteAsync(http);
        else
            await next(http);
    });

    private static bool IsApi(PathString path) => path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase);

    private static async Task<Problem?> RefusalAsync(HttpContext http, NeededScopes needed)
    {
        string? authorization = http.Request.Headers.Authorization;
        if (authorization is null || !authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return new(ProblemCodes.Unauthenticated,
                "Send a key as 'Authorization: Bearer crm_…'. " + HowToMakeOne);
        }
        var known = http.RequestServices.GetRequiredService<KnownKeys>();
        var caller = await known.FindAsync(authorization["Bearer ".Length..].Trim(), http.RequestAborted);
        if (caller is null)
        {
            return new(ProblemCodes.Unauthenticated,
                "This key is not one of this ledger's, or it was revoked. " + HowToMakeOne);
        }
        http.Items[CallerItem] = caller;
        return caller.Scopes.Contains(Scopes.Admin) || needed.AnyOf.Any(caller.Scopes.Contains)
            ? null
            : new(ProblemCodes.Forbidden,
                $"This takes a key with scope {string.Join(" or ", needed.AnyOf)}; "
                    + $"this one has {string.Join(", ", caller.Scopes)}.");
    }
}
