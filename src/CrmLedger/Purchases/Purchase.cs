using System.Diagnostics;

namespace CrmLedger.Purchases;

/// <summary>A purchase as its events tell it.</summary>
public sealed record Purchase
{
    /// <summary>The purchase's id, unique within its customer.</summary>
    public required string PurchaseId { get; init; }

    /// <summary>What the customer paid, in the minor unit.</summary>
    public required long AmountMinor { get; init; }

    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }

    /// <summary>What of it was not paid back, in the minor unit.</summary>
    public required long LeftMinor { get; init; }

    /// <summary>Whether all of it was given back; nothing is left either of one that was free of charge.</summary>
    public bool FullyReturned { get; init; }

    /// <summary>
    /// The purchase after the event. An event that its state does not allow has no effect: it can only stand there
    /// because an earlier entry was annulled.
    /// </summary>
    public static Purchase? Evolve(Purchase? purchase, IPurchaseEvent happened)
    {
        if (happened is PurchaseRecorded recorded)
            return purchase ?? From(recorded);
        if (purchase is null || PurchaseRules.Refusal(purchase, happened) is not null)
            return purchase;
        return happened switch
        {
            PurchaseReturned e => purchase.Return(e.AmountMinor ?? purchase.LeftMinor),
            _ => throw new UnreachableException($"A purchase does not know {happened.GetType().Name}."),
        };
    }

    private static Purchase From(PurchaseRecorded recorded) => new()
    {
        PurchaseId = recorded.PurchaseId,
        AmountMinor = recorded.AmountMinor,
        Currency = recorded.Currency,
        LeftMinor = recorded.AmountMinor,
    };

    private Purchase Return(long amountMinor) =>
        this with { LeftMinor = LeftMinor - amountMinor, FullyReturned = amountMinor == LeftMinor };
}
