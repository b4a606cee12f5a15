using System.Globalization;
using System.Text.Json;
using CrmLedger.Commitments;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Views;
using CrmLedger.Server.Views;
using CrmLedger.Touchpoints;
using Npgsql;

namespace CrmLedger.Server.Commitments;

/// <summary>What is counted of a promise, and the numbers of what it may be grouped by.</summary>
/// <param name="Counted">What a kept rate counts.</param>
/// <param name="Maker">Who made it.</param>
/// <param name="Holder">Who holds it.</param>
/// <param name="Team">The maker's team then.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Channel">Where it was said; -1 when that is not known.</param>
public readonly record struct StandingPromise(
    CountedCommitment Counted, int Maker, int Holder, int Team, int Kind, int Channel);

/// <summary>A kept rate while it is counted.</summary>
/// <param name="Total">Of all.</param>
/// <param name="Groups">Of each group, by its key.</param>
public sealed record KeptRateCount(KeptRateTally Total, IReadOnlyDictionary<string, KeptRateTally> Groups);

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
        var counts = new Lane[lanes];
        Parallel.For(0, lanes, lane =>
        {
            var counting = counts[lane] = new(by, from ?? DateTimeOffset.MinValue, to, asOf);
            int end = (int)((long)Streams * (lane + 1) / lanes);
            for (int stream = (int)((long)Streams * lane / lanes); stream < end; stream++)
                counting.Add(stream, Of(stream));
        });
        var all = counts[0];
        foreach (var lane in counts.Skip(1))
            all.Merge(lane);
        return new(all.Total, all.Groups.ToDictionary(g => NameOf(by, g.Key), g => g.Value, StringComparer.Ordinal));
    }

    /// <inheritdoc />
    protected override StandingPromise Read(NpgsqlDataReader row)
    {
        if (row.IsDBNull(Field.Summary))
            throw ViewOutdatedException.Of(KeptRateView.ViewName);
        byte[] packed = row.GetFieldValue<byte[]>(Field.Summary);
        return new(PromiseSummary.Counted(packed), _words.Of(PromiseSummary.MakerId(packed)),
            _words.Of(row.GetGuid(Field.MemberId)), _words.Of(PromiseSummary.MakerTeam(packed)),
            _words.Of(PromiseSummary.Kind(packed)), (int?)PromiseSummary.ChannelOf(packed) ?? -1);
    }

    private string NameOf(string? by, int key) => by switch
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

    /// <summary>What one thread counts.</summary>
    private sealed class Lane(string? by, DateTimeOffset from, DateTimeOffset? to, DateTimeOffset asOf)
    {
        public KeptRateTally Total { get; } = new(asOf);

        public Dictionary<int, KeptRateTally> Groups { get; } = [];

        public void Add(int stream, ReadOnlySpan<StandingPromise> promises)
        {
            foreach (ref readonly var promise in promises)
            {
                if (promise.Counted.FirstDue < from || promise.Counted.FirstDue >= to)
                    continue;
                Total.Add(stream, promise.Counted);
                if (by is not null)
                    Group(KeyOf(stream, promise)).Add(stream, promise.Counted);
            }
        }

        public void Merge(Lane other)
        {
            Total.Merge(other.Total);
            foreach (var (key, tally) in other.Groups)
            {
                if (!Groups.TryAdd(key, tally))
                    Groups[key].Merge(tally);
            }
        }

        private KeptRateTally Group(int key)
        {
            if (!Groups.TryGetValue(key, out var tally))
                Groups[key] = tally = new(asOf);
            return tally;
        }

        private int KeyOf(int stream, in StandingPromise promise)
        {
            switch (by)
            {
                case "maker":
                    return promise.Maker;
                case "holder":
                    return promise.Holder;
                case "team":
                    return promise.Team;
                case "kind":
                    return promise.Kind;
                case "channel":
                    return promise.Channel;
                case "customer":
                    return stream;
            }
            var due = DateOnly.FromDateTime(promise.Counted.FirstDue.UtcDateTime);
            switch (by)
            {
                case "day":
                    return due.DayNumber;
                case "week":
                    return due.DayNumber - due.DayNumber % 7; // day 0, 0001-01-01, was a Monday
                default:
                    var (year, month, _) = due;
                    return year * 12 + month - 1;
            }
        }
    }
}
