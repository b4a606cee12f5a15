using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
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
public sealed record KeptRateCount(KeptRateResult Total, IReadOnlyDictionary<string, KeptRateResult> Groups);

/// <summary>All promises of a tenant, to be counted.</summary>
public sealed class StandingPromises(LedgerDatabase database, string tenant)
    : StandingRows<StandingPromise>(database, tenant, LedgerViews.Find(KeptRateView.ViewName)!)
{
    /// <summary>Fewer are counted by one thread sooner than they are handed out to several.</summary>
    private const int FewRows = 20_000;

    private readonly Words _words = new();

    /// <summary>Counts those first due in [<paramref name="from"/>, <paramref name="to"/>).</summary>
    /// <param name="by">One of <see cref="KeptRateEndpoint.Groups" />, or null for no groups.</param>
    /// <param name="from">First due at or after, UTC, or null.</param>
    /// <param name="to">First due before, UTC, or null.</param>
    /// <param name="asOf">The time asked about, UTC.</param>
    public KeptRateCount CountBy(string? by, DateTimeOffset? from, DateTimeOffset? to, DateTimeOffset asOf)
    {
        int lanes = Count < FewRows ? 1 : Environment.ProcessorCount;
        var counts = new Dictionary<int, KeptRateTally>[lanes];
        var period = (From: from?.UtcTicks ?? long.MinValue, To: to?.UtcTicks ?? long.MaxValue);
        Parallel.For(0, lanes, lane =>
        {
            int start = (int)((long)Streams * lane / lanes);
            int end = (int)((long)Streams * (lane + 1) / lanes);
            counts[lane] = CountStreams(start, end, KeyBy(by), period, asOf);
        });
        var groups = counts[0];
        foreach (var (key, tally) in counts.Skip(1).SelectMany(lane => lane))
        {
            if (groups.TryAdd(key, tally))
                continue;
            groups[key].Merge(tally);
            tally.Release();
        }
        return ResultsOf(groups, by, asOf);
    }

    private KeptRateCount ResultsOf(Dictionary<int, KeptRateTally> groups, string? by, DateTimeOffset asOf)
    {
        var total = new KeptRateTally(asOf);
        foreach (var tally in groups.Values)
            total.Merge(tally);
        var ofTotal = Task.Run(total.Result);
        var ofGroups = by is null ? [] : groups.ToDictionary(
            g => NameOf(by, g.Key), g => g.Value.Result(), StringComparer.Ordinal);
        var counted = new KeptRateCount(ofTotal.GetAwaiter().GetResult(), ofGroups);
        foreach (var tally in groups.Values.Append(total))
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
            MonthOf(counted.FirstDue));
    }

    private string NameOf(string by, int key) => by switch
    {
        "customer" => IdOf(key).ToString("D"),
        "channel" => key < 0 ? "unknown" : JsonNamingPolicy.SnakeCaseLower.ConvertName(((Channel)key).ToString()),
        "day" => DateOnly.FromDayNumber(key).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        "week" => WeekOf(DateOnly.FromDayNumber(key).ToDateTime(TimeOnly.MinValue)),
        "month" => $"{key / 12:0000}-{key % 12 + 1:00}",
        _ => _words[key],
    };

    /// <summary>
    /// As ISO 8601 names a week, for example <c>2026-W07</c>; its year may not be that of its Monday.
    /// </summary>
    private static string WeekOf(DateTime day) => $"{ISOWeek.GetYear(day):0000}-W{ISOWeek.GetWeekOfYear(day):00}";

    /// <summary>What one thread counts: a part of the streams, in groups.</summary>
    private Dictionary<int, KeptRateTally> CountStreams(
        int start, int end, GroupKey keyOf, (long From, long To) period, DateTimeOffset asOf)
    {
        var groups = new Dictionary<int, KeptRateTally>();
        for (int stream = start; stream < end; stream++)
        {
            foreach (ref readonly var promise in Of(stream))
            {
                long due = promise.Counted.FirstDueTicks;
                if (due < period.From || due >= period.To)
                    continue;
                ref var group = ref CollectionsMarshal.GetValueRefOrAddDefault(groups, keyOf(stream, promise), out _);
                group ??= new(asOf);
                group.Add(stream, promise.Counted);
            }
        }
        return groups;
    }

    /// <summary>The number of a promise's group.</summary>
    private delegate int GroupKey(int stream, in StandingPromise promise);

    private static GroupKey KeyBy(string? by) => by switch
    {
        null => static (int _, in StandingPromise _) => 0,
        "maker" => static (int _, in StandingPromise promise) => promise.Maker,
        "holder" => static (int _, in StandingPromise promise) => promise.Holder,
        "team" => static (int _, in StandingPromise promise) => promise.Team,
        "kind" => static (int _, in StandingPromise promise) => promise.Kind,
        "channel" => static (int _, in StandingPromise promise) => promise.Channel,
        "customer" => static (int stream, in StandingPromise _) => stream,
        "day" => static (int _, in StandingPromise promise) => DayOf(promise),
        // Day 0, 0001-01-01, was a Monday.
        "week" => static (int _, in StandingPromise promise) => DayOf(promise) - DayOf(promise) % 7,
        "month" => static (int _, in StandingPromise promise) => promise.Month,
        _ => throw new UnreachableException($"Nothing is grouped by {by}."),
    };

    private static int DayOf(in StandingPromise promise) => (int)(promise.Counted.FirstDueTicks / TimeSpan.TicksPerDay);

    private static int MonthOf(DateTimeOffset day) => day.Year * 12 + day.Month - 1;
}
