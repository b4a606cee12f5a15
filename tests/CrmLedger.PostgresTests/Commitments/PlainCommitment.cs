using System.Globalization;
using System.Text.Json;
using CrmLedger.PostgresTests.Http;

namespace CrmLedger.PostgresTests.Commitments;

/// <summary>A promise with all that a kept rate counts and groups by, folded from the log by plain code.</summary>
internal sealed class PlainCommitment
{
    private static readonly string[] s_missed = ["kept_late", "broken", "overdue"];
    private PlainPromise _life = new();
    private DateTimeOffset? _keptAt;

    public PlainPromise Life => _life;

    public string Customer { get; private set; } = "";

    public string Maker { get; private set; } = "";

    public string Team { get; private set; } = "";

    public string Holder { get; private set; } = "";

    public string HolderTeam { get; private set; } = "";

    public string Kind { get; private set; } = "";

    public string Channel { get; private set; } = "";

    public int Moves { get; private set; }

    public string? Cause { get; private set; }

    public bool Imported { get; private set; }

    public bool RecordedLate { get; private set; }

    /// <summary>
    /// The promises that a log tells of, up to a position and by what had happened until a time. What was annulled is
    /// left out first; what may then not stand where it stands has no effect.
    /// </summary>
    public static IReadOnlyList<PlainCommitment> Of(
        IReadOnlyList<JsonElement> log, long position, DateTimeOffset? until)
    {
        var known = log.Where(e => e.Number("position") <= position).ToList();
        var annulled = known.Where(e => e.Text("type") == "entry_annulled").Select(e => e.Text("data.eventId"))
            .ToHashSet();
        var promises = new Dictionary<(string?, string), PlainCommitment>();
        foreach (var e in known.Where(e => !annulled.Contains(e.Text("id"))
            && (until is null || e.Time("occurredAt") <= until)))
        {
            if (e.Text("data.promiseId") is not { } id)
                continue;
            var promise = promises.GetValueOrDefault((e.Text("stream"), id)) ?? new();
            if (promise.Take(e, e.At("data")!.Value))
                promises[(e.Text("stream"), id)] = promise;
        }
        return [.. promises.Values];
    }

    /// <summary>How late it was kept, in seconds, where it was.</summary>
    public double? Lateness => (_keptAt - _life.FirstDue)?.TotalSeconds is > 0 and var late ? late : null;

    /// <summary>Whether it is of a class that may be a miss, and the cause was stated.</summary>
    public string? CauseAt(DateTimeOffset time) => s_missed.Contains(_life.ClassAt(time)) ? Cause : null;

    public string GroupOf(string by) => by switch
    {
        "maker" => Maker,
        "holder" => Holder,
        "team" => Team,
        "kind" => Kind,
        "channel" => Channel,
        "customer" => Customer,
        "day" => _life.FirstDue.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        "week" => $"{ISOWeek.GetYear(_life.FirstDue.UtcDateTime)}-W"
            + $"{ISOWeek.GetWeekOfYear(_life.FirstDue.UtcDateTime):00}",
        _ => _life.FirstDue.ToString("yyyy-MM", CultureInfo.InvariantCulture),
    };

    private bool Take(JsonElement e, JsonElement data)
    {
        var (type, occurred, recorded) = (e.Text("type")!, e.Time("occurredAt")!.Value, e.Time("recordedAt")!.Value);
        bool imported = e.Text("importId") is not null;
        var believed = imported ? occurred : recorded;
        var next = _life.Copy();
        bool stands = type == "promise_reassigned" ? _life.IsOpen : next.Take(type, data, occurred, believed);
        if (!stands)
            return false;
        if (type != "promise_reassigned")
            _life = next;
        bool isLate = believed - occurred > TimeSpan.FromHours(24);
        if (type is "promise_made" or "promise_renegotiation_accepted" or "promise_declared_kept"
            or "promise_released")
        {
            (Imported, RecordedLate) = (Imported || imported, RecordedLate || isLate);
        }
        switch (type)
        {
            case "promise_made":
                Customer = e.Text("stream")!["customer-".Length..];
                Maker = Holder = data.Text("memberId")!;
                Team = HolderTeam = data.Text("team")!;
                (Kind, Channel) = (data.Text("kind")!, data.Text("channel") ?? "unknown");
                break;
            case "promise_reassigned":
                (Holder, HolderTeam) = (data.Text("toMemberId")!, data.Text("toTeam")!);
                break;
            case "promise_renegotiation_accepted":
                Moves++;
                break;
            case "promise_declared_kept":
                _keptAt = isLate ? recorded : occurred;
                break;
            case "promise_miss_explained":
                Cause = data.Text("cause");
                break;
        }
        return true;
    }
}
