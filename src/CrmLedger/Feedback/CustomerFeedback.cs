using System.Diagnostics;

namespace CrmLedger.Feedback;

/// <summary>One score or comment of the customer as its events tell it, from the request or the receipt on.</summary>
public sealed record CustomerFeedback
{
    /// <summary>How long we have to act or to tell the customer something: 30 days.</summary>
    public static TimeSpan AnswerTime { get; } = TimeSpan.FromDays(30);

    /// <summary>The feedback's id, unique within its customer.</summary>
    public required string FeedbackId { get; init; }

    /// <summary>What was asked for, and once it is received what was given.</summary>
    public required FeedbackKind Kind { get; init; }

    /// <summary>What it is about, the tenant's own words; none before it is received.</summary>
    public Sequence<string> Topics { get; init; }

    /// <summary>Whom it is about, or null when nobody said.</summary>
    public Guid? MemberId { get; init; }

    /// <summary>That member's team then.</summary>
    public string? Team { get; init; }

    /// <summary>The effective time of the request, UTC, or null when it came unasked.</summary>
    public DateTimeOffset? RequestedAt { get; init; }

    /// <summary>The effective time of the receipt, UTC.</summary>
    public DateTimeOffset? ReceivedAt { get; init; }

    /// <summary>The score, or null for a comment.</summary>
    public int? Score { get; init; }

    /// <summary>The effective time at which we acted, UTC.</summary>
    public DateTimeOffset? ActedUponAt { get; init; }

    /// <summary>The effective time at which the customer was told what came of it, UTC.</summary>
    public DateTimeOffset? OutcomeToldAt { get; init; }

    /// <summary>Whether the clock found it unanswered.</summary>
    public bool FoundUnanswered { get; init; }

    /// <summary>Whether the customer gave something and we neither acted nor told anything.</summary>
    public bool AwaitsAnswer => ReceivedAt is not null && ActedUponAt is null && OutcomeToldAt is null;

    /// <summary>By when we are to answer, UTC; null before something is received.</summary>
    public DateTimeOffset? AnswerBy => ReceivedAt + AnswerTime;

    /// <summary>
    /// The feedback after the event. An event that its state or its time does not allow has no effect: it can only
    /// stand there because an earlier entry was annulled.
    /// </summary>
    public static CustomerFeedback? Evolve(CustomerFeedback? feedback, IFeedbackEvent happened, Moment at)
    {
        if (FeedbackRules.Refusal(feedback, happened, at) is not null)
            return feedback;
        return happened switch
        {
            FeedbackRequested e => new()
            {
                FeedbackId = e.FeedbackId,
                Kind = e.Kind,
                MemberId = e.MemberId,
                Team = e.Team,
                RequestedAt = at.Effective,
            },
            FeedbackReceived e => (feedback ?? new() { FeedbackId = e.FeedbackId, Kind = e.Kind }) with
            {
                Kind = e.Kind,
                ReceivedAt = at.Effective,
                Score = e.Score,
                Topics = [.. e.Topics],
                MemberId = e.MemberId ?? feedback?.MemberId,
                Team = e.MemberId is null ? feedback?.Team : e.Team,
            },
            FeedbackActedUpon => feedback! with { ActedUponAt = at.Effective },
            FeedbackOutcomeTold => feedback! with { OutcomeToldAt = at.Effective },
            FeedbackUnanswered => feedback! with { FoundUnanswered = true },
            _ => throw new UnreachableException($"Feedback does not know {happened.GetType().Name}."),
        };
    }
}
