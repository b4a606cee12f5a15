using CrmLedger.Concerns;
using CrmLedger.Server.Commands;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CrmLedger.Server.Concerns;

/// <summary>The commands about what a customer is unhappy or worried about.</summary>
public static class ConcernEndpoints
{
    /// <summary>Maps them.</summary>
    public static void MapConcerns(this IEndpointRouteBuilder v1)
    {
        var concerns = v1.MapGroup("/customers/{customerId}/concerns").WithTags("Concerns");
        concerns.MapCommand<RaiseConcern>("", "Raise a concern", "Something the customer is unhappy or worried about.",
            """
            {"concernId":"C-12","severity":"high","topics":["billing"],"summary":"Charged twice.",
             "respondBy":"2027-03-02T17:00:00Z"}
            """);
        var one = concerns.MapGroup("/{concernId}");
        one.MapCommand<AcknowledgeConcern>("/acknowledge", "Acknowledge a concern",
            "The customer was told that we know of it and care.", """{"memberId":"ref:erik"}""");
        one.MapCommand<ResolveConcern>("/resolve", "Resolve a concern", "It is put right.",
            """{"summary":"Refunded the second charge.","memberId":"ref:erik"}""");
        one.MapCommand<ReopenConcern>("/reopen", "Reopen a concern", "It was not put right after all.",
            """{"summary":"The refund has not arrived."}""");
    }
}
