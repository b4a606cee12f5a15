using System.Diagnostics;
using System.Runtime.InteropServices;
using CrmLedger.Commitments;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Views;
using CrmLedger.Server.Views;
using CrmLedger.Touchpoints;

namespace CrmLedger.Server.Commitments;

/// <summary>What is counted of a promise, and the numbers of what it may be grouped by.</summary>
/// <param name="Counted">What a kept rate counts.</param>
/// <param name="Maker">Who made it.</param>
/// <param name="Holder">Who holds it.</param>
/// <param name="Team">The maker's team then.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Channel">Where it was said; -1 when that is not known.</param>
/// <param name="Month">The month of its first due date, from January of the year 0.</param>
public readonly record struct StandingPromise(
    CountedCommitment Counted, int Maker, int Holder, int Team, int Kind, int Channel, int Month);

/// <summary>A kept rate, counted.</summary>
/// <param name="Total">Of all.</param>
/// <param name="Groups">Of each group, by its key.</param>
/// <param name="Over">
/// Of each period in which something was first due, the earliest first, by the group's key; of all by null. Null when
/// it was not asked for, and when there are too many.
/// </param>
public sealed record KeptRateCount(
    KeptRateResult Total, IReadOnlyDictionary<string, KeptRateResult> Groups,
    ILookup<string?, (string Period, KeptRateResult Rate)>? Over);

/// <summary>All promises of a tenant, to be counted.</summary>
public sealed class StandingPromises(LedgerDatabase database, string tenant)
    : StandingRows<StandingPromise>(database, tenant, LedgerViews.Find(KeptRateView.ViewName)!)
{
    /// <summary>Fewer are counted by one thread sooner than they are handed out to several.</summary>
    private const int FewRows = 20_000;

    /// <summary>More numbers than this, of groups and of their periods, are none that anybody reads.</summary>
    private const int MostParts = 50_000;

    /// <summary>Stands for all groups, or for all periods, where the number of one would stand.</summary>
    private const int All = int.MinValue;

    private readonly Words _words = new();

    /// <summary>Counts those first due in [<paramref name="from"/>, <paramref name="to"/>).</summary>
    /// <param name="by">One of <see cref="KeptRateEndpoint.Groups" />, or null for no groups.</param>
    /// <param name="over">One of <see cref="Periods.Units" />, or null for no periods.</param>
    /// <param name="from">First due at or after, UTC, or null.</param>
    /// <param name="to">First due before, UTC, or null.</param>
    /// <param name="asOf">The time asked about, UTC.</param>
    public KeptRateCount CountBy(
        string? by, string? over, DateTimeOffset? from, DateTimeOffset? to, DateTimeOffset asOf)
    {
        int lanes = Count < FewRows ? 1 : Environment.ProcessorCount;
        var counts = new Dictionary<long, KeptRateTally>[lanes];
        var bounds = (From: from?.UtcTicks ?? long.MinValue, To: to?.UtcTicks ?? long.MaxValue);
        Parallel.For(0, lanes, lane =>
        {
            int start = (int)((long)Streams * lane / lanes);
            int end = (int)((long)Streams * (lane + 1) / lanes);
            counts[lane] = CountStreams(start, end, KeyBy(by), over is null ? null : KeyBy(over), bounds, asOf);
        });
        var parts = counts[0];
        foreach (var (part, tally) in counts.Skip(1).SelectMany(lane => lane))
        {
            if (parts.TryAdd(part, tally))
                continue;
            parts[part].Merge(tally);
            tally.Release();
        }
        return ResultsOf(parts, by, over, asOf);
    }

    private KeptRateCount ResultsOf(
        Dictionary<long, KeptRateTally> parts, string? by, string? over, DateTimeOffset asOf)
    {
        var total = new KeptRateTally(asOf);
        var groups = parts.Where(p => PeriodIn(p.Key) == All).ToList();
        foreach (var (_, tally) in groups)
            total.Merge(tally);
        var ofTotal = Task.Run(total.Result);
        var ofGroups = by is null ? [] : groups.ToDictionary(
            g => NameOf(by, GroupIn(g.Key)), g => g.Value.Result(), StringComparer.Ordinal);
        var ofPeriods = over is null || parts.Count > MostParts
            ? null
            : parts.Where(p => PeriodIn(p.Key) != All).OrderBy(p => PeriodIn(p.Key)).ToLookup(
                p => GroupIn(p.Key) == All ? null : NameOf(by!, GroupIn(p.Key)),
                p => (NameOf(over, PeriodIn(p.Key)), p.Value.Result()), StringComparer.Ordinal);
        var counted = new KeptRateCount(ofTotal.GetAwaiter().GetResult(), ofGroups, ofPeriods);
        foreach (var tally in parts.Values.Append(total))
            tally.Release();
        return counted;
    }

    /// <inheritdoc />
    protected override StandingPromise Read(in RowFields row)
    {
        byte[] packed = row.Summary ?? throw ViewOutdatedException.Of(KeptRateView.ViewName);
        var counted = PromiseSummary.Counted(packed);
        return new(counted, _words.Of(PromiseSummary.MakerId(packed)),
            _words.Of(row.MemberId!.Value), _words.Of(PromiseSummary.MakerTeam(packed)),
            _words.Of(PromiseSummary.Kind(packed)), (int?)PromiseSummary.ChannelOf(packed) ?? -1,
            Periods.Of("month", counted.FirstDueTicks));
    }

    /// <summary>The key of the group in which a promise is counted.</summary>
    /// <param name="by">One of <see cref="KeptRateEndpoint.Groups" />.</param>
    /// <param name="row">The promise.</param>
    public static string GroupOf(string by, KeptRatePromise row) => by switch
    {
        "maker" => row.Promise.MakerId.ToString("D"),
        "holder" => row.Promise.HolderId.ToString("D"),
        "team" => row.Promise.MakerTeam,
        "kind" => row.Promise.Kind,
        "channel" => NameOf((int?)row.Promise.Channel ?? -1),
        "customer" => row.CustomerId.ToString("D"),
        _ => Periods.NameOf(by, Periods.Of(by, row.Promise.FirstDue.UtcTicks)),
    };

    private string NameOf(string by, int key) => by switch
    {
        "customer" => IdOf(key).ToString("D"),
        "channel" => NameOf(key),
        "day" or "week" or "month" => Periods.NameOf(by, key),
        _ => _words[key],
    };

    private static string NameOf(int channel) =>
        channel < 0 ? "unknown" : Words.Name((Channel)channel);

    /// <summary>
    /// What one thread counts: a part of the streams, in groups, and again in each group's and in all periods where
    /// these are asked for.
    /// </summary>
    private Dictionary<long, KeptRateTally> CountStreams(
        int start, int end, GroupKey groupOf, GroupKey? periodOf, (long From, long To) bounds, DateTimeOffset asOf)
    {
        var parts = new Dictionary<long, KeptRateTally>();
        for (int stream = start; stream < end; stream++)
        {
            foreach (ref readonly var promise in Of(stream))
            {
                long due = promise.Counted.FirstDueTicks;
                if (due < bounds.From || due >= bounds.To)
                    continue;
                int group = groupOf(stream, promise);
                TallyOf(parts, group, All, asOf).Add(stream, promise.Counted);
                if (periodOf is null)
                    continue;
                int period = periodOf(stream, promise);
                TallyOf(parts, All, period, asOf).Add(stream, promise.Counted);
                if (group != All)
                    TallyOf(parts, group, period, asOf).Add(stream, promise.Counted);
                if (parts.Count > MostParts)
                    return parts; // they are not going to be answered
            }
        }
        return parts;
    }

    private static KeptRateTally TallyOf(
        Dictionary<long, KeptRateTally> parts, int group, int period, DateTimeOffset asOf)
    {
        ref var tally = ref CollectionsMarshal.GetValueRefOrAddDefault(parts, PartOf(group, period), out _);
        return tally ??= new(asOf);
    }

    private static long PartOf(int group, int period) => ((long)group << 32) | (uint)period;

    private static int GroupIn(long part) => (int)(part >> 32);

    private static int PeriodIn(long part) => (int)part;

    /// <summary>The number of a promise's group.</summary>
    private delegate int GroupKey(int stream, in StandingPromise promise);

    private static GroupKey KeyBy(string? by) => by switch
    {
        null => static (int _, in StandingPromise _) => All,
        "maker" => static (int _, in StandingPromise promise) => promise.Maker,
        "holder" => static (int _, in StandingPromise promise) => promise.Holder,
        "team" => static (int _, in StandingPromise promise) => promise.Team,
        "kind" => static (int _, in StandingPromise promise) => promise.Kind,
        "channel" => static (int _, in StandingPromise promise) => promise.Channel,
        "customer" => static (int stream, in StandingPromise _) => stream,
        "day" => static (int _, in StandingPromise promise) => Periods.Of("day", promise.Counted.FirstDueTicks),
        "week" => static (int _, in StandingPromise promise) => Periods.Of("week", promise.Counted.FirstDueTicks),
        "month" => static (int _, in StandingPromise promise) => promise.Month,
        _ => throw new UnreachableException($"Nothing is grouped by {by}."),
    };
}
