using CrmLedger.Commitments;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Views;
using CrmLedger.Server.Views;

namespace CrmLedger.Server.Commitments;

/// <summary>What is counted of an open commitment.</summary>
/// <param name="Due">The binding date, UTC, in ticks.</param>
/// <param name="Member">The number of who holds it.</param>
/// <param name="Team">The number of the holder's team.</param>
/// <param name="Type">Which sort it is.</param>
public readonly record struct StandingCommitment(long Due, int Member, int Team, CommitmentType Type);

/// <summary>All open commitments of a tenant, to be counted.</summary>
public sealed class StandingCommitments(LedgerDatabase database, string tenant)
    : StandingRows<StandingCommitment>(database, tenant, LedgerViews.Find(OpenCommitmentsView.ViewName)!)
{
    private static readonly string s_promises = OpenCommitmentsView.PrefixOf(CommitmentType.Promise);
    private readonly Words _words = new();

    /// <summary>Counts those that pass a filter, and how many of them are overdue.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="asOf">The time asked about, UTC.</param>
    public (long Total, long Overdue) CountOf(OpenCommitmentsFilter filter, DateTimeOffset asOf)
    {
        var (total, overdue) = (0L, 0L);
        int? member = filter.Member is { } id ? _words.Of(id) : null;
        int? team = filter.Team is { } name ? _words.Of(name) : null;
        long from = filter.DueFrom?.UtcTicks ?? long.MinValue;
        long to = filter.DueTo?.UtcTicks ?? long.MaxValue;
        for (int stream = 0; stream < Streams; stream++)
        {
            if (filter.Customer is { } customer && IdOf(stream) != customer)
                continue;
            foreach (ref readonly var row in Of(stream))
            {
                if (row.Due < from || row.Due >= to || row.Member != (member ?? row.Member)
                    || row.Team != (team ?? row.Team) || row.Type != (filter.Type ?? row.Type))
                {
                    continue;
                }
                total++;
                if (row.Due < asOf.UtcTicks)
                    overdue++;
            }
        }
        return (total, overdue);
    }

    /// <summary>What is owed, overdue and due soon, by who owes it or to whom.</summary>
    /// <param name="by">One of <see cref="DueEndpoint.Groups" />.</param>
    /// <param name="asOf">The time asked about, UTC.</param>
    /// <param name="soon">How long ahead is soon.</param>
    /// <returns>The counts by key: a member's or customer's id, or a team.</returns>
    public IReadOnlyDictionary<string, DueCounts> DueBy(string by, DateTimeOffset asOf, TimeSpan soon)
    {
        var groups = new Dictionary<int, DueCounts>();
        long now = asOf.UtcTicks, horizon = asOf.Plus(soon).UtcTicks;
        for (int stream = 0; stream < Streams; stream++)
        {
            foreach (ref readonly var row in Of(stream))
            {
                int key = by switch
                {
                    "member" => row.Member,
                    "team" => row.Team,
                    _ => stream,
                };
                var so = groups.GetValueOrDefault(key) ?? DueCounts.None;
                bool isOverdue = row.Due < now;
                groups[key] = new(so.Open + 1, so.Overdue + (isOverdue ? 1 : 0),
                    so.DueSoon + (!isOverdue && row.Due < horizon ? 1 : 0),
                    so.Earliest is { } earliest && earliest.UtcTicks <= row.Due
                        ? earliest
                        : new(row.Due, TimeSpan.Zero));
            }
        }
        return groups.ToDictionary(
            g => by == "customer" ? IdOf(g.Key).ToString("D") : _words[g.Key], g => g.Value, StringComparer.Ordinal);
    }

    /// <inheritdoc />
    protected override StandingCommitment Read(in RowFields row) => new(
        row.Due!.Value.UtcTicks, _words.Of(row.MemberId!.Value), _words.Of(row.Team!),
        row.Key.StartsWith(s_promises, StringComparison.Ordinal) ? CommitmentType.Promise : CommitmentType.FollowUp);
}
