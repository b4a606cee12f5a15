using CrmLedger.EventStore.Tenants;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CrmLedger.Server.Security;

/// <summary>Tells whoever has a key what it is for, so that a page can show and offer what it may do.</summary>
public static class WhoAmI
{
    /// <summary>Maps it.</summary>
    public static void Map(IEndpointRouteBuilder v1) =>
        v1.MapGet("/whoami", Answer).WithName("WhoAmI").WithTags("Operation")
            .WithSummary("See whose key this is")
            .WithDescription("The tenant that the key belongs to, the key's id and name, and the scopes that it has. "
                + "Any key may ask; the secret is in no answer.")
            .Produces<Caller>().Needs([.. Scopes.All]);

    private static IResult Answer(HttpContext http) => new Query(http).Problem is { } unasked
        ? LedgerProblems.Result(unasked)
        : Results.Json(http.Caller(), LedgerJson.Options);
}
