using CrmLedger.Server.Views;
using CrmLedger.Trust;

namespace CrmLedger.Server.Trust;

/// <summary>
/// The trust that a customer can have in us, by what we did, with every event that made it what it is.
/// </summary>
/// <param name="CustomerId">The customer.</param>
/// <param name="Customer">Who it is.</param>
/// <param name="AsOf">The time of knowledge asked about, UTC.</param>
/// <param name="Until">The time until which what happened counts, and whose score this is, UTC.</param>
/// <param name="Annulled">What was made of annulled entries.</param>
/// <param name="Position">The last position that the answer reflects.</param>
/// <param name="Provisional">Whether later events could still be recorded at or before that time.</param>
/// <param name="Score">0 to 100, to four digits.</param>
/// <param name="Doubt">The share of the score that nothing is known about, 0 to 1.</param>
/// <param name="AtLeast">Where the score would be if all that is not known spoke against us.</param>
/// <param name="AtMost">Where the score would be if all that is not known spoke for us.</param>
/// <param name="Start">Where every score starts; with all points of the evidence it sums to the score.</param>
/// <param name="Exact">The score without rounding.</param>
/// <param name="Rules">What the score was made by.</param>
/// <param name="Evidence">Every event that counts, the weightiest first.</param>
/// <param name="Since">What moved the score since another time, when that was asked.</param>
/// <param name="Notice">What the reader should know, such as why nothing is found.</param>
/// <param name="Statement">The signed statement, when it was asked for: a C2SP signed note.</param>
public sealed record TrustAnswer(
    Guid CustomerId, Named? Customer, DateTimeOffset AsOf, DateTimeOffset Until, AnnulledEntries Annulled,
    long Position, bool Provisional,
    decimal Score, decimal Doubt, decimal AtLeast, decimal AtMost, decimal Start, ExactNumber Exact, TrustRules Rules,
    IReadOnlyList<TrustEvidence> Evidence, TrustSince? Since, string? Notice, string? Statement = null);

/// <summary>An exact number: a fraction of whole numbers, as texts, for they exceed a double's digits.</summary>
/// <param name="Numerator">The upper number.</param>
/// <param name="Denominator">The lower number.</param>
public sealed record ExactNumber(string Numerator, string Denominator)
{
    /// <summary>The same of a fraction.</summary>
    public static ExactNumber Of(Fraction exact) => new($"{exact.Numerator}", $"{exact.Denominator}");
}

/// <summary>What a score is made by.</summary>
/// <param name="HalfLifeDays">The days after which evidence has half its weight.</param>
/// <param name="Prior">How much evidence it takes to move a score half-way from its start.</param>
/// <param name="AdoptedAt">The position at which this policy was adopted; left out for the default one.</param>
public sealed record TrustRules(int HalfLifeDays, decimal Prior, long? AdoptedAt)
{
    /// <summary>The last of the policies.</summary>
    public static TrustRules Of(TrustPolicies policies) => new((int)policies.Current.HalfLife.TotalDays,
        policies.Current.PriorThousandths / 1_000m, policies.Adopted is [.., var last] ? last.Position : null);
}

/// <summary>One piece of evidence and what it does to the score.</summary>
/// <param name="Points">What it adds or, below 0, takes, to four digits.</param>
/// <param name="Explanation">The same in words.</param>
/// <param name="Kind">What was seen.</param>
/// <param name="Source">What it is evidence of, for example <c>promise/INC-1042</c>.</param>
/// <param name="At">From when it counts, UTC.</param>
/// <param name="Weight">Its whole weight.</param>
/// <param name="Left">What is left of it, 0 to 1 of the weight.</param>
/// <param name="EventId">The event that shows it.</param>
/// <param name="Position">That event's position.</param>
/// <param name="Numerator">
/// The points without rounding, over the denominator of the score.
/// </param>
public sealed record TrustEvidence(
    decimal Points, string Explanation, EvidenceKind Kind, string Source, DateTimeOffset At, decimal Weight,
    double Left, Guid EventId, long Position, string Numerator);

/// <summary>What moved a score since another time.</summary>
/// <param name="Time">That time, UTC: both what was known then and what had happened by then.</param>
/// <param name="Position">The last position that was known then.</param>
/// <param name="Score">The score then.</param>
/// <param name="Moved">By how many points it moved since.</param>
/// <param name="Changes">What moved it, the most first.</param>
public sealed record TrustSince(
    DateTimeOffset Time, long Position, decimal Score, decimal Moved, IReadOnlyList<TrustMove> Changes);

/// <summary>By how much one piece of evidence moved a score.</summary>
/// <param name="Moved">Points, to four digits.</param>
/// <param name="Why">Whether it is new, was overturned (by a later event or by annulling), or only fades.</param>
/// <param name="Explanation">The evidence in words.</param>
/// <param name="Kind">What was seen.</param>
/// <param name="Source">What it is evidence of.</param>
/// <param name="EventId">The event that shows it.</param>
/// <param name="Position">That event's position.</param>
public sealed record TrustMove(
    decimal Moved, TrustMoveReason Why, string Explanation, EvidenceKind Kind, string Source, Guid EventId,
    long Position);

/// <summary>Why a piece of evidence moved a score.</summary>
public enum TrustMoveReason
{
    /// <summary>It was not known then.</summary>
    New,

    /// <summary>It stood then and does not any more.</summary>
    Overturned,

    /// <summary>It is older now and weighs less, beside what else is known.</summary>
    Faded,
}
