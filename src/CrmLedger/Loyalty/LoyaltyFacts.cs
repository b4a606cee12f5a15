using System.Runtime.InteropServices;
using CrmLedger.Concerns;
using CrmLedger.Feedback;
using CrmLedger.Purchases;
using CrmLedger.Relationships;
using CrmLedger.Trust;

namespace CrmLedger.Loyalty;

/// <summary>An answer to whether the customer would recommend us.</summary>
/// <param name="At">When it was given, UTC.</param>
/// <param name="Score">0 to 10.</param>
public readonly record struct Recommendation(DateTimeOffset At, int Score)
{
    /// <summary>Whether it is one of a promoter: 9 or 10.</summary>
    public bool Promotes => Score >= 9;

    /// <summary>Whether it is one of a detractor: 0 to 6.</summary>
    public bool Detracts => Score <= 6;
}

/// <summary>
/// All that a customer's stage rests on, each with its times, so that the stage of any time can be told. Filled once
/// and then only read; it can be emptied and filled again.
/// </summary>
public sealed class LoyaltyFacts
{
    private readonly List<Purchase> _purchases = [];
    private readonly List<Recommendation> _recommendations = [];
    private readonly List<Concern> _criticalConcerns = [];
    private readonly List<CountedEvidence> _evidence = [];

    /// <summary>The relationship itself.</summary>
    public Relationship Relationship { get; private set; } = new();

    /// <summary>What the customer bought, in the order of its times.</summary>
    public ReadOnlySpan<Purchase> Purchases => CollectionsMarshal.AsSpan(_purchases);

    /// <summary>Whether the customer would recommend us, in the order of its times.</summary>
    public ReadOnlySpan<Recommendation> Recommendations => CollectionsMarshal.AsSpan(_recommendations);

    /// <summary>The critical concerns, in no order.</summary>
    public ReadOnlySpan<Concern> CriticalConcerns => CollectionsMarshal.AsSpan(_criticalConcerns);

    /// <summary>The evidence of trust, in no order.</summary>
    public ReadOnlySpan<CountedEvidence> Evidence => CollectionsMarshal.AsSpan(_evidence);

    /// <summary>Takes the relationship itself.</summary>
    public void Add(Relationship relationship) => Relationship = relationship;

    /// <summary>Takes a purchase.</summary>
    public void Add(Purchase purchase) => _purchases.Add(purchase);

    /// <summary>Takes feedback; only an answer to whether the customer would recommend us counts.</summary>
    public void Add(CustomerFeedback feedback)
    {
        if (feedback is { Kind: FeedbackKind.Nps, ReceivedAt: { } at, Score: { } score })
            _recommendations.Add(new(at, score));
    }

    /// <summary>Takes a concern; only a critical one counts.</summary>
    public void Add(Concern concern)
    {
        if (concern.Severity == ConcernSeverity.Critical)
            _criticalConcerns.Add(concern);
    }

    /// <summary>Takes evidence of trust.</summary>
    public void Add(ReadOnlySpan<CountedEvidence> evidence) => _evidence.AddRange(evidence);

    /// <summary>Takes a part of a relationship.</summary>
    public void Add(RelationshipPart part)
    {
        if (part.Relationship is { } relationship)
            Add(relationship);
        if (part.Purchase is { } purchase)
            Add(purchase);
        if (part.Source is not { } source)
            return;
        if (source.Feedback is { } feedback)
            Add(feedback);
        if (source.Concern is { } concern)
            Add(concern);
        foreach (var one in source.Evidence)
            _evidence.Add(CountedEvidence.Of(one));
    }

    /// <summary>Puts what was taken in order; to be called when all was.</summary>
    public void Complete()
    {
        _purchases.Sort((a, b) => (a.BoughtAt, a.PurchaseId).CompareTo((b.BoughtAt, b.PurchaseId)));
        _recommendations.Sort((a, b) => (a.At, a.Score).CompareTo((b.At, b.Score)));
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        Relationship = new();
        _purchases.Clear();
        _recommendations.Clear();
        _criticalConcerns.Clear();
        _evidence.Clear();
    }

    /// <summary>The trust of a time.</summary>
    /// <param name="policies">The weights.</param>
    /// <param name="time">The time, UTC.</param>
    public TrustScore TrustAt(TrustPolicies policies, DateTimeOffset time) =>
        TrustScore.At(Evidence, policies, time);
}
