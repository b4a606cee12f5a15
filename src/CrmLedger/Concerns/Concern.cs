using System.Diagnostics;

namespace CrmLedger.Concerns;

/// <summary>Where a concern stands by what was said of it.</summary>
public enum ConcernStatus
{
    /// <summary>Raised, and nothing said yet.</summary>
    Raised,

    /// <summary>The customer knows that we know.</summary>
    Acknowledged,

    /// <summary>Put right.</summary>
    Resolved,

    /// <summary>Not put right after all, and nothing said yet.</summary>
    Reopened,
}

/// <summary>A concern was put right, perhaps not for good.</summary>
/// <param name="At">From when it counts, UTC.</param>
/// <param name="ReopenedAt">When it turned out not to be put right, UTC; null while it is.</param>
public sealed record Resolution(DateTimeOffset At, DateTimeOffset? ReopenedAt = null);

/// <summary>A concern as its events tell it.</summary>
public sealed record Concern
{
    /// <summary>How long we have to answer when nobody said otherwise, and after a reopening: 24 h.</summary>
    public static TimeSpan UsualAnswerTime { get; } = TimeSpan.FromHours(24);

    /// <summary>The concern's id, unique within its customer.</summary>
    public required string ConcernId { get; init; }

    /// <summary>How bad it is for the customer.</summary>
    public required ConcernSeverity Severity { get; init; }

    /// <summary>What it is about, the tenant's own words.</summary>
    public Sequence<string> Topics { get; init; }

    /// <summary>Who took it in, or null when nobody said.</summary>
    public Guid? MemberId { get; init; }

    /// <summary>That member's team then.</summary>
    public string? Team { get; init; }

    /// <summary>When it counts as raised, UTC.</summary>
    public required DateTimeOffset RaisedAt { get; init; }

    /// <summary>By when the customer is to hear from us, UTC; a reopening sets it anew.</summary>
    public required DateTimeOffset RespondBy { get; init; }

    /// <summary>Where it stands.</summary>
    public ConcernStatus Status { get; init; }

    /// <summary>
    /// The effective time of the acknowledgement, UTC; null before one, and again after a reopening.
    /// </summary>
    public DateTimeOffset? AcknowledgedAt { get; init; }

    /// <summary>The effective time of our very first word, an acknowledgement or a resolution, UTC.</summary>
    public DateTimeOffset? FirstAnsweredAt { get; init; }

    /// <summary>Whether that first word came by the date first agreed; false before it.</summary>
    public bool FirstAnsweredInTime { get; init; }

    /// <summary>How often it was put right, in the order of the events.</summary>
    public Sequence<Resolution> Resolutions { get; init; }

    /// <summary>Whether the clock found it unanswered since it was raised or last reopened.</summary>
    public bool FoundUnanswered { get; init; }

    /// <summary>How often it was reopened.</summary>
    public int Reopenings => Resolutions.Count(r => r.ReopenedAt is not null);

    /// <summary>The effective time of the last resolution, UTC; null without one.</summary>
    public DateTimeOffset? ResolvedAt => Resolutions is [.., var last] ? last.At : null;

    /// <summary>Whether it had been raised by a time and was not put right then.</summary>
    public bool IsOpenAt(DateTimeOffset time)
    {
        bool open = RaisedAt <= time;
        foreach (var resolution in Resolutions.AsSpan())
        {
            if (resolution.At <= time)
                open = resolution.ReopenedAt <= time;
        }
        return open;
    }

    /// <summary>Whether the customer waits for our first word.</summary>
    public bool AwaitsAnswer => Status is ConcernStatus.Raised or ConcernStatus.Reopened;

    /// <summary>
    /// The concern after the event. An event that its state or its time does not allow has no effect: it can only
    /// stand there because an earlier entry was annulled.
    /// </summary>
    public static Concern? Evolve(Concern? concern, IConcernEvent happened, Moment at)
    {
        if (happened is ConcernRaised raised)
            return concern ?? From(raised, at);
        if (concern is null || ConcernRules.Refusal(concern, happened, at) is not null)
            return concern;
        return happened switch
        {
            ConcernAcknowledged => concern.AnsweredAt(at.Effective) with
            {
                Status = ConcernStatus.Acknowledged,
                AcknowledgedAt = at.Effective,
            },
            ConcernResolved => concern.AnsweredAt(at.Effective) with
            {
                Status = ConcernStatus.Resolved,
                Resolutions = concern.Resolutions.Add(new(at.Effective)),
            },
            ConcernReopened => concern with
            {
                Status = ConcernStatus.Reopened,
                RespondBy = at.Effective + UsualAnswerTime,
                AcknowledgedAt = null,
                Resolutions = concern.Resolutions.WithLast(
                    concern.Resolutions[^1] with { ReopenedAt = at.Effective }),
                FoundUnanswered = false,
            },
            ConcernUnanswered => concern with { FoundUnanswered = true },
            _ => throw new UnreachableException($"A concern does not know {happened.GetType().Name}."),
        };
    }

    private Concern AnsweredAt(DateTimeOffset effective) => FirstAnsweredAt is not null
        ? this
        : this with { FirstAnsweredAt = effective, FirstAnsweredInTime = effective <= RespondBy };

    private static Concern From(ConcernRaised raised, Moment at) => new()
    {
        ConcernId = raised.ConcernId,
        Severity = raised.Severity,
        Topics = [.. raised.Topics],
        MemberId = raised.MemberId,
        Team = raised.Team,
        RaisedAt = at.Effective,
        RespondBy = raised.RespondBy ?? at.Effective + UsualAnswerTime,
    };
}
