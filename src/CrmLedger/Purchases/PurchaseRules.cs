namespace CrmLedger.Purchases;

/// <summary>
/// What may happen to a purchase next. The decider refuses by it and the fold skips by it, so they cannot differ.
/// </summary>
public static class PurchaseRules
{
    /// <summary>Why the purchase's state does not allow the event, or null when it does.</summary>
    public static Rejection? Refusal(Purchase purchase, IPurchaseEvent next) => next switch
    {
        PurchaseRecorded => new(RejectionCode.PurchaseExists,
            $"There is a purchase '{purchase.PurchaseId}' already. Give the new one another purchaseId.", "purchaseId"),
        PurchaseReturned when purchase.FullyReturned => new(RejectionCode.PurchaseAlreadyReturned,
            $"All of purchase '{purchase.PurchaseId}' was given back already."),
        PurchaseReturned e when e.AmountMinor > purchase.LeftMinor => new(RejectionCode.ReturnAboveRest,
            $"Of purchase '{purchase.PurchaseId}' {purchase.LeftMinor} (minor units of {purchase.Currency}) are left; "
            + $"{e.AmountMinor} cannot be given back.", "amountMinor"),
        _ => null,
    };
}
