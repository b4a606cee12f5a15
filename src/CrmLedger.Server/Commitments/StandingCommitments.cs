using CrmLedger.EventStore;
using CrmLedger.EventStore.Views;
using CrmLedger.Server.Views;

namespace CrmLedger.Server.Commitments;

/// <summary>What is counted of an open commitment.</summary>
/// <param name="Due">The binding date, UTC, in ticks.</param>
/// <param name="Member">The number of who holds it.</param>
/// <param name="Team">The number of the holder's team.</param>
public readonly record struct StandingCommitment(long Due, int Member, int Team);

/// <summary>All open commitments of a tenant, to be counted.</summary>
public sealed class StandingCommitments(LedgerDatabase database, string tenant)
    : StandingRows<StandingCommitment>(database, tenant, LedgerViews.Find(OpenCommitmentsView.ViewName)!)
{
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
                    || row.Team != (team ?? row.Team))
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

    /// <inheritdoc />
    protected override StandingCommitment Read(in RowFields row) => new(
        row.Due!.Value.UtcTicks, _words.Of(row.MemberId!.Value), _words.Of(row.Team!));
}
