using System.Diagnostics;

namespace CrmLedger.Purchases;

/// <summary>Decides what may be recorded about a purchase.</summary>
public static class PurchaseDecider
{
    /// <summary>Decides a command about a purchase.</summary>
    /// <param name="purchase">The purchase as it stands, or null when there is none of that id.</param>
    /// <param name="command">What is asked.</param>
    public static Decision Decide(Purchase? purchase, IPurchaseCommand command)
    {
        if (purchase is null && command is not RecordPurchase)
        {
            return new Rejection(RejectionCode.PurchaseUnknown,
                $"This customer has no purchase '{command.PurchaseId}'.", "purchaseId");
        }
        IPurchaseEvent asked = command switch
        {
            RecordPurchase c => new PurchaseRecorded(c.PurchaseId, c.AmountMinor, c.Currency, c.MarginMinor),
            // "The rest" is settled here: what the rest is may change when an earlier return is annulled.
            ReturnPurchase c => new PurchaseReturned(c.PurchaseId, c.AmountMinor ?? purchase?.LeftMinor),
            _ => throw new UnreachableException($"No purchase takes {command.GetType().Name}."),
        };
        return Decision.Unless(purchase is null ? null : PurchaseRules.Refusal(purchase, asked), asked);
    }
}
