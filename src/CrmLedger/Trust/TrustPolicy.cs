using System.Collections.Immutable;

namespace CrmLedger.Trust;

/// <summary>What evidence weighs, how fast it is forgotten, and where a relationship without evidence stands.</summary>
/// <param name="HalfLife">The time after which evidence has half its weight (h).</param>
/// <param name="PriorThousandths">
/// How much evidence it takes to move the score half-way from where it starts (W), in thousandths.
/// </param>
/// <param name="StartThousandths">Where a score starts (a), 0 to 1000 for a score of 0 to 100.</param>
/// <param name="WeightsThousandths">What each kind of evidence weighs, in thousandths; every kind is there.</param>
public sealed record TrustPolicy(
    TimeSpan HalfLife, int PriorThousandths, int StartThousandths,
    ImmutableSortedDictionary<EvidenceKind, int> WeightsThousandths)
{
    /// <summary>The policy until another is adopted.</summary>
    public static TrustPolicy Default { get; } = new(
        TimeSpan.FromDays(180), 2_000, 500, new Dictionary<EvidenceKind, int>
        {
            [EvidenceKind.PromiseKept] = 3_000,
            [EvidenceKind.PromiseKeptLate] = 1_000,
            [EvidenceKind.PromiseLapsed] = 4_000,
            [EvidenceKind.PromiseWithdrawn] = 4_000,
            [EvidenceKind.PromiseDisputed] = 5_000,
            [EvidenceKind.PromiseRenegotiated] = 500,
            [EvidenceKind.FollowUpCompleted] = 1_000,
            [EvidenceKind.FollowUpMissed] = 2_000,
            [EvidenceKind.ConcernAcknowledged] = 1_000,
            [EvidenceKind.ConcernResolved] = 2_000,
            [EvidenceKind.ConcernReopened] = 2_000,
            [EvidenceKind.ConcernUnanswered] = 2_000,
            [EvidenceKind.FeedbackActedUpon] = 1_500,
            [EvidenceKind.FeedbackOutcomeTold] = 1_500,
            [EvidenceKind.FeedbackUnanswered] = 1_500,
            [EvidenceKind.SatisfactionHigh] = 1_000,
            [EvidenceKind.SatisfactionLow] = 1_000,
        }.ToImmutableSortedDictionary());

    private readonly int[] _weights = ByKind(WeightsThousandths);

    /// <summary>What each kind of evidence weighs, in thousandths; every kind is there.</summary>
    public ImmutableSortedDictionary<EvidenceKind, int> WeightsThousandths
    {
        get;
        init => (field, _weights) = (value, ByKind(value));
    } = WeightsThousandths;

    /// <summary>What evidence of a kind weighs, in thousandths.</summary>
    public int WeightOf(EvidenceKind kind) => _weights[(int)kind];

    /// <summary>The policy that was adopted.</summary>
    public static TrustPolicy Of(TrustPolicyAdopted adopted) => new(
        TimeSpan.FromDays(adopted.HalfLifeDays), Thousandths(adopted.Prior), Thousandths(adopted.Start),
        new Dictionary<EvidenceKind, decimal>
        {
            [EvidenceKind.PromiseKept] = adopted.PromiseKept,
            [EvidenceKind.PromiseKeptLate] = adopted.PromiseKeptLate,
            [EvidenceKind.PromiseLapsed] = adopted.PromiseLapsed,
            [EvidenceKind.PromiseWithdrawn] = adopted.PromiseWithdrawn,
            [EvidenceKind.PromiseDisputed] = adopted.PromiseDisputed,
            [EvidenceKind.PromiseRenegotiated] = adopted.PromiseRenegotiated,
            [EvidenceKind.FollowUpCompleted] = adopted.FollowUpCompleted,
            [EvidenceKind.FollowUpMissed] = adopted.FollowUpMissed,
            [EvidenceKind.ConcernAcknowledged] = adopted.ConcernAcknowledged,
            [EvidenceKind.ConcernResolved] = adopted.ConcernResolved,
            [EvidenceKind.ConcernReopened] = adopted.ConcernReopened,
            [EvidenceKind.ConcernUnanswered] = adopted.ConcernUnanswered,
            [EvidenceKind.FeedbackActedUpon] = adopted.FeedbackActedUpon,
            [EvidenceKind.FeedbackOutcomeTold] = adopted.FeedbackOutcomeTold,
            [EvidenceKind.FeedbackUnanswered] = adopted.FeedbackUnanswered,
            [EvidenceKind.SatisfactionHigh] = adopted.SatisfactionHigh,
            [EvidenceKind.SatisfactionLow] = adopted.SatisfactionLow,
        }.ToImmutableSortedDictionary(w => w.Key, w => Thousandths(w.Value)));

    /// <inheritdoc />
    public bool Equals(TrustPolicy? other) => other is not null && HalfLife == other.HalfLife
        && PriorThousandths == other.PriorThousandths && StartThousandths == other.StartThousandths
        && WeightsThousandths.SequenceEqual(other.WeightsThousandths);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(HalfLife, PriorThousandths, StartThousandths);

    private static int[] ByKind(ImmutableSortedDictionary<EvidenceKind, int> weights) =>
        [.. Enum.GetValues<EvidenceKind>().Select(kind => weights[kind])];

    private static int Thousandths(decimal number) => (int)(number * 1_000);
}

/// <summary>The policies of a tenant, each from the position at which it was adopted.</summary>
/// <param name="Adopted">In the order of the log; empty while the default one holds.</param>
public sealed record TrustPolicies(ImmutableArray<(long Position, TrustPolicy Policy)> Adopted)
{
    /// <summary>The default policy, from the beginning.</summary>
    public static TrustPolicies Default { get; } = new([]);

    /// <summary>The policy at the read: the last one.</summary>
    public TrustPolicy Current => Adopted is [.., var last] ? last.Policy : TrustPolicy.Default;

    /// <summary>The policies with one more.</summary>
    /// <param name="position">The position at which it was adopted.</param>
    /// <param name="policy">The policy.</param>
    public TrustPolicies With(long position, TrustPolicy policy) => new(Adopted.Add((position, policy)));

    /// <summary>The policies that were known at a position.</summary>
    public TrustPolicies KnownAt(long position) => new(Adopted.RemoveAll(a => a.Position > position));

    /// <summary>What evidence of that kind weighs, in thousandths, when its event stands at that position.</summary>
    public int WeightOf(EvidenceKind kind, long position)
    {
        var policy = TrustPolicy.Default;
        foreach (var (from, adopted) in Adopted)
        {
            if (from > position)
                break;
            policy = adopted;
        }
        return policy.WeightOf(kind);
    }
}
