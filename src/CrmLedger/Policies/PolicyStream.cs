using System.Diagnostics;
using CrmLedger.Trust;

namespace CrmLedger.Policies;

/// <summary>What a tenant has decided about its rules: the fold of its one stream <c>policy</c>.</summary>
/// <param name="Trust">What evidence weighs.</param>
public sealed record PolicyStream(TrustPolicies Trust)
{
    /// <summary>The stream's id.</summary>
    public const string StreamId = "policy";

    /// <summary>The stream before its first event.</summary>
    public static PolicyStream Initial { get; } = new(TrustPolicies.Default);

    /// <summary>Folds a stream's events, in order.</summary>
    public static PolicyStream Fold(IReadOnlyList<Envelope> stream) =>
        stream.Aggregate(Initial, (state, e) => state.Evolve(e));

    /// <summary>The state after one more event.</summary>
    public PolicyStream Evolve(Envelope entry) => entry.Data switch
    {
        TrustPolicyAdopted e => this with { Trust = Trust.With(entry.Position, TrustPolicy.Of(e)) },
        _ => throw new UnreachableException($"A policy stream does not hold {entry.Data.GetType().Name}."),
    };

    /// <summary>Decides a command on the policies. Adopting what holds already changes nothing.</summary>
    public Decision Decide(IPolicyStreamCommand command)
    {
        if (command is not AdoptTrustPolicy c)
            throw new UnreachableException($"No policy stream takes {command.GetType().Name}.");
        var adopted = new TrustPolicyAdopted(
            c.Reason, c.HalfLifeDays, c.Prior, c.Start,
            c.PromiseKept, c.PromiseKeptLate, c.PromiseLapsed, c.PromiseWithdrawn,
            c.PromiseDisputed, c.PromiseRenegotiated, c.FollowUpCompleted, c.FollowUpMissed,
            c.ConcernAcknowledged, c.ConcernResolved, c.ConcernReopened, c.ConcernUnanswered,
            c.FeedbackActedUpon, c.FeedbackOutcomeTold, c.FeedbackUnanswered,
            c.SatisfactionHigh, c.SatisfactionLow);
        return TrustPolicy.Of(adopted).Equals(Trust.Current) ? Decision.Accept() : Decision.Accept(adopted);
    }
}
