using CrmLedger.Purchases;
using CrmLedger.Server.Commands;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CrmLedger.Server.Purchases;

/// <summary>The commands about what a customer bought.</summary>
public static class PurchaseEndpoints
{
    /// <summary>Maps them.</summary>
    public static void MapPurchases(this IEndpointRouteBuilder v1)
    {
        var purchases = v1.MapGroup("/customers/{customerId}/purchases").WithTags("Purchases");
        purchases.MapCommand<RecordPurchase>("", "Record a purchase", "Amounts are in the currency's minor unit.",
            """{"purchaseId":"O-99","amountMinor":4995,"currency":"EUR"}""");
        purchases.MapCommand<ReturnPurchase>(
            "/{purchaseId}/return", "Record a return", "Some of it, or all that is left.",
            """{"amountMinor":1995}""");
    }
}
