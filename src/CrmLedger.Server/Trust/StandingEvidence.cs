using CrmLedger.EventStore;
using CrmLedger.EventStore.Views;
using CrmLedger.Server.Views;
using CrmLedger.Trust;

namespace CrmLedger.Server.Trust;

/// <summary>The evidence of one promise, follow-up, concern or feedback.</summary>
/// <param name="Items">What stands; none while it is open.</param>
public readonly record struct SourceEvidence(PackedEvidence[] Items);

/// <summary>A customer's place among the others.</summary>
/// <param name="CustomerId">The customer.</param>
/// <param name="Score">The score.</param>
/// <param name="Evidence">How many pieces of evidence it rests on.</param>
public sealed record CustomerScore(Guid CustomerId, TrustScore Score, int Evidence);

/// <summary>All evidence of a tenant, to be scored.</summary>
public sealed class StandingEvidence(LedgerDatabase database, string tenant)
    : StandingRows<SourceEvidence>(database, tenant, LedgerViews.Find(TrustView.ViewName)!)
{
    /// <summary>The scores of all customers of whom anything is known that counts by a time.</summary>
    /// <param name="policies">The weights.</param>
    /// <param name="time">The time asked about, UTC.</param>
    public IReadOnlyList<CustomerScore> ScoresAt(TrustPolicies policies, DateTimeOffset time)
    {
        var scores = new CustomerScore?[Streams];
        Parallel.For(0, Streams, stream => scores[stream] = ScoreOf(stream, policies, time));
        return [.. scores.OfType<CustomerScore>()];
    }

    /// <inheritdoc />
    protected override SourceEvidence Read(in RowFields row) =>
        new(EvidenceSummary.Read(row.Summary ?? throw ViewOutdatedException.Of(TrustView.ViewName)));

    private CustomerScore? ScoreOf(int stream, TrustPolicies policies, DateTimeOffset time)
    {
        var (favourable, adverse, pieces) = ((Int128)0, (Int128)0, 0);
        foreach (ref readonly var source in Of(stream))
        {
            foreach (var one in source.Items)
            {
                var at = new DateTimeOffset(one.AtTicks, TimeSpan.Zero);
                if (at > time)
                    continue;
                long left = TrustScore.LeftOf(one.Kind, at, one.Position, policies, time);
                pieces++;
                if (Evidence.Speaks(one.Kind))
                    favourable += left;
                else
                    adverse += left;
            }
        }
        return pieces == 0 ? null : new(IdOf(stream), new(favourable, adverse, policies.Current), pieces);
    }
}
