using System.Diagnostics;

namespace CrmLedger.Purchases;

/// <summary>Something that was given back of a purchase.</summary>
/// <param name="At">When, UTC.</param>
/// <param name="AmountMinor">What was paid back, in the purchase's minor unit.</param>
public sealed record PurchaseReturn(DateTimeOffset At, long AmountMinor);

/// <summary>A purchase as its events tell it.</summary>
/// <remarks>
/// Its times are those at which things are said to have happened: a purchase earns nobody trust, so that nothing is
/// gained by dating it back.
/// </remarks>
public sealed record Purchase
{
    /// <summary>The purchase's id, unique within its customer.</summary>
    public required string PurchaseId { get; init; }

    /// <summary>When the customer bought, UTC.</summary>
    public required DateTimeOffset BoughtAt { get; init; }

    /// <summary>What the customer paid, in the minor unit.</summary>
    public required long AmountMinor { get; init; }

    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }

    /// <summary>What we earned by it, in the minor unit; negative for a loss, null when that is not known.</summary>
    public long? MarginMinor { get; init; }

    /// <summary>What of it was given back, in the order of the events.</summary>
    public Sequence<PurchaseReturn> Returns { get; init; }

    /// <summary>When all of it had been given back, UTC; null while the customer keeps something.</summary>
    public DateTimeOffset? FullyReturnedAt { get; init; }

    /// <summary>Whether all of it was given back; nothing is left either of one that was free of charge.</summary>
    public bool FullyReturned => FullyReturnedAt is not null;

    /// <summary>What of it was not paid back, in the minor unit.</summary>
    public long LeftMinor => LeftMinorAt(DateTimeOffset.MaxValue);

    /// <summary>What of it was not paid back by a time, in the minor unit.</summary>
    public long LeftMinorAt(DateTimeOffset time)
    {
        long left = AmountMinor;
        foreach (var returned in Returns.AsSpan())
            left -= returned.At <= time ? returned.AmountMinor : 0;
        return left;
    }

    /// <summary>Whether the customer had bought it by a time and not given all of it back by then.</summary>
    public bool CountsAt(DateTimeOffset time) => BoughtAt <= time && !(FullyReturnedAt <= time);

    /// <summary>
    /// The purchase after the event. An event that its state does not allow has no effect: it can only stand there
    /// because an earlier entry was annulled.
    /// </summary>
    public static Purchase? Evolve(Purchase? purchase, IPurchaseEvent happened, Moment at)
    {
        if (happened is PurchaseRecorded recorded)
            return purchase ?? From(recorded, at);
        if (purchase is null || PurchaseRules.Refusal(purchase, happened) is not null)
            return purchase;
        return happened switch
        {
            PurchaseReturned e => purchase.Return(e.AmountMinor ?? purchase.LeftMinor, at.OccurredAt),
            _ => throw new UnreachableException($"A purchase does not know {happened.GetType().Name}."),
        };
    }

    private static Purchase From(PurchaseRecorded recorded, Moment at) => new()
    {
        PurchaseId = recorded.PurchaseId,
        BoughtAt = at.OccurredAt,
        AmountMinor = recorded.AmountMinor,
        Currency = recorded.Currency,
        MarginMinor = recorded.MarginMinor,
    };

    private Purchase Return(long amountMinor, DateTimeOffset at) => this with
    {
        Returns = Returns.Add(new(at, amountMinor)),
        FullyReturnedAt = amountMinor == LeftMinor ? at : null,
    };
}
