namespace CrmLedger.Loyalty;

/// <summary>A dated step in a relationship.</summary>
public enum MilestoneKind
{
    /// <summary>The first touchpoint.</summary>
    FirstContact,

    /// <summary>The first purchase.</summary>
    FirstPurchase,

    /// <summary>
    /// A later purchase, the number of which is worth telling: the 2nd, 3rd, 5th, 10th, 25th, 50th, …
    /// </summary>
    RepeatPurchase,

    /// <summary>A promise was kept that the customer had disputed.</summary>
    KeptAfterDispute,

    /// <summary>A promise was kept that answered a critical concern.</summary>
    KeptAfterCriticalConcern,

    /// <summary>Would recommend us (9 or 10), and had not said so, or had said otherwise, before.</summary>
    BecamePromoter,

    /// <summary>Would not recommend us (0 to 6), and had not said so, or had said otherwise, before.</summary>
    BecameDetractor,

    /// <summary>Came to be at risk.</summary>
    AtRisk,

    /// <summary>Came to be lost.</summary>
    Lapsed,

    /// <summary>Is a customer again after having been lost.</summary>
    WonBack,

    /// <summary>A year, or several, since the first purchase.</summary>
    Anniversary,
}

/// <summary>One milestone.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="At">When, UTC.</param>
/// <param name="EventId">The event that is it; null when it came by time passing.</param>
/// <param name="Position">That event's position.</param>
/// <param name="Number">
/// Which purchase, which year, or which score out of 10; null for the others.
/// </param>
/// <param name="Thing">The id of the promise that was kept; null for the others.</param>
public sealed record Milestone(
    MilestoneKind Kind, DateTimeOffset At, Guid? EventId = null, long? Position = null, int? Number = null,
    string? Thing = null);
