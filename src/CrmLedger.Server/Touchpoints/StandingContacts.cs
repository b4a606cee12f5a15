using CrmLedger.EventStore;
using CrmLedger.EventStore.Views;
using CrmLedger.Server.Views;
using CrmLedger.Touchpoints;

namespace CrmLedger.Server.Touchpoints;

/// <summary>What is counted of a touchpoint or of a relationship.</summary>
/// <param name="Touchpoint">The touchpoint.</param>
/// <param name="Member">The number of who of us took part; -1 where there is no touchpoint.</param>
/// <param name="Team">The number of that member's team then; -1 where there is no touchpoint.</param>
/// <param name="Relationship">The relationship; null for a touchpoint.</param>
public readonly record struct StandingContact(
    CountedTouchpoint Touchpoint, int Member, int Team, CountedRelationship? Relationship)
{
    /// <summary>Whether it is a touchpoint that counts by a time, given in ticks of UTC.</summary>
    public bool IsTouchpointBy(long time) => Member >= 0 && Touchpoint.AtTicks <= time;
}

/// <summary>Which customers are asked about; null for all.</summary>
/// <param name="Direction">Only touchpoints that this side began break the silence.</param>
/// <param name="Member">Whose last touchpoint was with this member.</param>
/// <param name="Team">Whose last touchpoint was with this team.</param>
/// <param name="Segment">Of this segment.</param>
public sealed record QuietFilter(Direction? Direction, Guid? Member, string? Team, string? Segment);

/// <summary>A customer of whom nothing was heard.</summary>
/// <param name="CustomerId">The customer.</param>
/// <param name="Since">Since when, UTC.</param>
/// <param name="Last">The last touchpoint, or null when there was none.</param>
/// <param name="MemberId">Who of us took part in it.</param>
/// <param name="Team">That member's team then.</param>
/// <param name="Touchpoints">How many there were.</param>
public sealed record QuietRow(
    Guid CustomerId, DateTimeOffset Since, CountedTouchpoint? Last, Guid? MemberId, string? Team, int Touchpoints);

/// <summary>How many customers are quiet, and some of them.</summary>
/// <param name="Customers">How many were asked about, quiet or not.</param>
/// <param name="Silent">How many of them were silent for each of <see cref="QuietEndpoint.Steps" /> or longer.</param>
/// <param name="Total">How many are quiet.</param>
/// <param name="Rows">The page of those, the longest silent first.</param>
public sealed record QuietCount(int Customers, IReadOnlyList<int> Silent, int Total, IReadOnlyList<QuietRow> Rows);

/// <summary>Touchpoints, counted.</summary>
/// <param name="Total">All of them.</param>
/// <param name="Groups">Those of each group, by its key.</param>
public sealed record TouchpointCount(TouchpointTally Total, IReadOnlyDictionary<string, TouchpointTally> Groups);

/// <summary>All touchpoints and relationships of a tenant, to be counted.</summary>
public sealed class StandingContacts(LedgerDatabase database, string tenant)
    : StandingRows<StandingContact>(database, tenant, LedgerViews.Find(TouchpointsView.ViewName)!)
{
    private readonly Words _words = new();

    /// <summary>Finds the customers of whom nothing was heard for some days.</summary>
    /// <param name="filter">Which customers.</param>
    /// <param name="time">The time asked about, UTC.</param>
    /// <param name="days">For how many days at least.</param>
    /// <param name="skip">How many of the longest silent are left out.</param>
    /// <param name="take">How many are listed at most.</param>
    public QuietCount QuietAt(QuietFilter filter, DateTimeOffset time, int days, int skip, int take)
    {
        var all = SilencesAt(filter.Direction, time.UtcTicks).Where(Passing(filter)).ToList();
        var quiet = all.FindAll(s => IsFor(s, days));
        return new(all.Count, [.. QuietEndpoint.Steps.Select(step => all.Count(s => IsFor(s, step)))], quiet.Count,
            [.. quiet.OrderBy(s => s.Since).ThenBy(s => s.CustomerId).Skip(skip).Take(take).Select(Shown)]);

        bool IsFor(Silence silence, int atLeast) => time.UtcTicks - silence.Since >= atLeast * TimeSpan.TicksPerDay;
    }

    /// <summary>Counts those that count from a time in [<paramref name="from"/>, <paramref name="to"/>).</summary>
    /// <param name="by">One of <see cref="PracticesEndpoint.Groups" />, or null for no groups.</param>
    /// <param name="from">At or after, UTC, or null.</param>
    /// <param name="to">Before, UTC, or null.</param>
    /// <param name="time">The time asked about, UTC; what counts only later is left out.</param>
    public TouchpointCount CountBy(string? by, DateTimeOffset? from, DateTimeOffset? to, DateTimeOffset time)
    {
        long least = from?.UtcTicks ?? long.MinValue, end = to?.UtcTicks ?? long.MaxValue, now = time.UtcTicks;
        var total = new TouchpointTally();
        var groups = new Dictionary<int, TouchpointTally>();
        for (int stream = 0; stream < Streams; stream++)
        {
            foreach (ref readonly var row in Of(stream))
            {
                if (!row.IsTouchpointBy(now) || row.Touchpoint.AtTicks < least || row.Touchpoint.AtTicks >= end)
                    continue;
                total.Add(row.Touchpoint);
                if (by is null)
                    continue;
                int key = by switch
                {
                    "member" => row.Member,
                    "team" => row.Team,
                    _ => (int)row.Touchpoint.Channel,
                };
                if (!groups.TryGetValue(key, out var group))
                    groups[key] = group = new();
                group.Add(row.Touchpoint);
            }
        }
        return new(total, groups.ToDictionary(
            g => by == "channel" ? Words.Name((Channel)g.Key) : _words[g.Key], g => g.Value, StringComparer.Ordinal));
    }

    /// <inheritdoc />
    protected override StandingContact Read(in RowFields row)
    {
        byte[] packed = row.Summary ?? throw ViewOutdatedException.Of(TouchpointsView.ViewName);
        if (ContactSummary.Touchpoint(packed) is { } touchpoint)
            return new(touchpoint, _words.Of(row.MemberId!.Value), _words.Of(row.Team!), null);
        var relationship = ContactSummary.Relationship(packed);
        return new(default, -1, -1, relationship?.Segment is { } segment
            ? relationship with { Segment = _words[_words.Of(segment)] } // one text for all customers of a segment
            : relationship);
    }

    /// <summary>What is known of a customer's silence, of all who turned out to be the same customer.</summary>
    private sealed class Silence(Guid customerId)
    {
        public Guid CustomerId => customerId;

        public CountedRelationship? Relationship { get; set; }

        /// <summary>The registration or the first touchpoint, in ticks of UTC; the highest number for none.</summary>
        public long Beginning { get; set; } = long.MaxValue;

        /// <summary>The last touchpoint; none while there are no <see cref="Touchpoints" />.</summary>
        public StandingContact Last { get; set; }

        public int Touchpoints { get; set; }

        /// <summary>Ticks of UTC.</summary>
        public long Since => Touchpoints == 0 ? Beginning : Last.Touchpoint.AtTicks;

        public void Add(in StandingContact touchpoint)
        {
            // Of two at the same time the one that was recorded later is the last.
            if (Touchpoints++ == 0 || (touchpoint.Touchpoint.AtTicks, touchpoint.Touchpoint.Position)
                .CompareTo((Last.Touchpoint.AtTicks, Last.Touchpoint.Position)) > 0)
            {
                Last = touchpoint;
            }
        }
    }

    /// <summary>
    /// The silence of every customer who could be contacted. What passed with somebody who turned out to be another
    /// customer passed with that one.
    /// </summary>
    private IEnumerable<Silence> SilencesAt(Direction? direction, long time)
    {
        var merged = Merged();
        var all = new Dictionary<Guid, Silence>(Streams);
        for (int stream = 0; stream < Streams; stream++)
        {
            var (own, id) = (IdOf(stream), SurvivorOf(IdOf(stream), merged));
            if (!all.TryGetValue(id, out var silence))
                all[id] = silence = new(id);
            foreach (ref readonly var row in Of(stream))
            {
                if (row.Relationship is { } relationship)
                {
                    if (own == id)
                        silence.Relationship = relationship;
                    if (relationship.RegisteredAt?.UtcTicks is { } registered && registered <= time)
                        silence.Beginning = Math.Min(silence.Beginning, registered);
                }
                else if (row.IsTouchpointBy(time))
                {
                    silence.Beginning = Math.Min(silence.Beginning, row.Touchpoint.AtTicks);
                    if (direction is null || row.Touchpoint.Direction == direction)
                        silence.Add(row);
                }
            }
        }
        return all.Values.Where(s => s.Beginning <= time && s.Relationship is not { IsOver: true });
    }

    private Dictionary<Guid, Guid> Merged()
    {
        var merged = new Dictionary<Guid, Guid>();
        for (int stream = 0; stream < Streams; stream++)
        {
            foreach (ref readonly var row in Of(stream))
            {
                if (row.Relationship?.MergedInto is { } into)
                    merged[IdOf(stream)] = into;
            }
        }
        return merged;
    }

    /// <summary>
    /// Who a customer turned out to be at last. Annulments could have left a circle, in which nobody is left.
    /// </summary>
    private static Guid SurvivorOf(Guid id, Dictionary<Guid, Guid> merged)
    {
        for (int hops = 0; hops < merged.Count && merged.TryGetValue(id, out var into); hops++)
            id = into;
        return id;
    }

    private Func<Silence, bool> Passing(QuietFilter filter)
    {
        int? member = filter.Member is { } id ? _words.Of(id) : null;
        int? team = filter.Team is { } name ? _words.Of(name) : null;
        return s => (filter.Segment is null || s.Relationship?.Segment == filter.Segment)
            && (member is null || s.Touchpoints > 0 && s.Last.Member == member)
            && (team is null || s.Touchpoints > 0 && s.Last.Team == team);
    }

    private QuietRow Shown(Silence silence)
    {
        var since = new DateTimeOffset(silence.Since, TimeSpan.Zero);
        return silence.Touchpoints == 0
            ? new(silence.CustomerId, since, null, null, null, 0)
            : new(silence.CustomerId, since, silence.Last.Touchpoint, Guid.Parse(_words[silence.Last.Member]),
                _words[silence.Last.Team], silence.Touchpoints);
    }
}
