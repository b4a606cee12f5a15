using System.Collections.Concurrent;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Views;
using CrmLedger.Loyalty;
using CrmLedger.Server.Views;
using CrmLedger.Trust;

namespace CrmLedger.Server.Relationships;

/// <summary>A customer's place among the others.</summary>
/// <param name="CustomerId">The customer.</param>
/// <param name="Score">The score.</param>
/// <param name="Evidence">How many pieces of evidence it rests on.</param>
public sealed record CustomerScore(Guid CustomerId, TrustScore Score, int Evidence);

/// <summary>All relationships of a tenant, to be scored and counted.</summary>
public sealed class StandingRelationships(LedgerDatabase database, string tenant)
    : StandingRows<CountedPart>(database, tenant, LedgerViews.Find(RelationshipsView.ViewName)!)
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

    /// <summary>
    /// Looks at every customer who is one still: neither erased nor merged into another.
    /// </summary>
    /// <typeparam name="T">What is made of a customer.</typeparam>
    /// <param name="look">
    /// Takes the customer's id and facts, which it must not keep; called by several threads. Null leaves one out.
    /// </param>
    /// <returns>In no order that means anything, but in the same one while the rows stay the same.</returns>
    public IReadOnlyList<T> EachCustomer<T>(Func<Guid, LoyaltyFacts, T?> look)
        where T : class
    {
        var found = new T?[Streams];
        Parallel.ForEach(Partitioner.Create(0, Math.Max(1, Streams)), range =>
        {
            var facts = new LoyaltyFacts();
            for (int stream = range.Item1; stream < Math.Min(range.Item2, Streams); stream++)
            {
                if (Fill(facts, stream))
                    found[stream] = look(IdOf(stream), facts);
            }
        });
        return [.. found.OfType<T>()];
    }

    /// <summary>Looks at one customer, whom <see cref="EachCustomer" /> has looked at.</summary>
    public T Customer<T>(Guid id, Func<LoyaltyFacts, T> look)
    {
        var facts = new LoyaltyFacts();
        Fill(facts, OrdinalOf(id));
        return look(facts);
    }

    /// <summary>Calls for every part of every relationship, erased ones and merged ones included.</summary>
    public void EachPart(Action<int, CountedPart> look)
    {
        for (int stream = 0; stream < Streams; stream++)
        {
            foreach (ref readonly var part in Of(stream))
                look(stream, part);
        }
    }

    /// <summary>The segment of a customer; empty without one.</summary>
    public string SegmentOf(int stream)
    {
        foreach (ref readonly var part in Of(stream))
        {
            if (part.Relationship is { } relationship)
                return relationship.Segment ?? "";
        }
        return "";
    }

    /// <inheritdoc />
    protected override CountedPart Read(in RowFields row) =>
        PartSummary.Read(row.Summary ?? throw ViewOutdatedException.Of(RelationshipsView.ViewName));

    /// <returns>False when the customer is no customer any more.</returns>
    private bool Fill(LoyaltyFacts facts, int stream)
    {
        facts.Clear();
        foreach (ref readonly var part in Of(stream))
        {
            facts.Add(part.Evidence);
            if (part.Purchase is { } purchase)
                facts.Add(purchase);
            else if (part.Feedback is { } feedback)
                facts.Add(feedback);
            else if (part.Concern is { } concern)
                facts.Add(concern);
            else if (part.Relationship is { } relationship)
                facts.Add(relationship);
        }
        facts.Complete();
        return facts.Relationship is { RegisteredAt: not null, Erased: false, MergedInto: null };
    }

    private CustomerScore? ScoreOf(int stream, TrustPolicies policies, DateTimeOffset time)
    {
        var (favourable, adverse, pieces) = ((Int128)0, (Int128)0, 0);
        foreach (ref readonly var part in Of(stream))
        {
            foreach (var one in part.Evidence)
            {
                if (one.At > time)
                    continue;
                long left = TrustScore.LeftOf(one.Kind, one.At, one.Position, policies, time);
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
