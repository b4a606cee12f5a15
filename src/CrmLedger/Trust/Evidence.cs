namespace CrmLedger.Trust;

/// <summary>What an event says about whether we can be trusted; README.md beside this file has the rules.</summary>
public enum EvidenceKind
{
    /// <summary>A promise was kept by its binding date.</summary>
    PromiseKept,

    /// <summary>A promise was kept late, again after a dispute, or made only after its own due date.</summary>
    PromiseKeptLate,

    /// <summary>A promise's binding date passed and nothing that counts by then was declared.</summary>
    PromiseLapsed,

    /// <summary>We took a promise back.</summary>
    PromiseWithdrawn,

    /// <summary>The customer says that a promise was not kept.</summary>
    PromiseDisputed,

    /// <summary>Another date was agreed before the old one passed: telling early is honest.</summary>
    PromiseRenegotiated,

    /// <summary>A follow-up was made by its binding date.</summary>
    FollowUpCompleted,

    /// <summary>A follow-up's binding date passed with no contact that counts by then.</summary>
    FollowUpMissed,

    /// <summary>A concern was acknowledged within the time to answer.</summary>
    ConcernAcknowledged,

    /// <summary>A concern was put right.</summary>
    ConcernResolved,

    /// <summary>A concern was not put right after all.</summary>
    ConcernReopened,

    /// <summary>The time to answer a concern passed with nothing said.</summary>
    ConcernUnanswered,

    /// <summary>Something was done because of feedback.</summary>
    FeedbackActedUpon,

    /// <summary>The customer was told what came of the feedback.</summary>
    FeedbackOutcomeTold,

    /// <summary>The time to answer feedback passed: neither acted upon nor told.</summary>
    FeedbackUnanswered,

    /// <summary>The customer is satisfied: CSAT 4 or 5.</summary>
    SatisfactionHigh,

    /// <summary>The customer is not satisfied: CSAT 1 or 2.</summary>
    SatisfactionLow,
}

/// <summary>One piece of evidence.</summary>
/// <param name="Kind">What was seen.</param>
/// <param name="At">From when it counts, UTC: a deadline's own time, else the event's effective time.</param>
/// <param name="EventId">The event that shows it.</param>
/// <param name="Position">That event's position, which says the weights of which policy it has.</param>
public sealed record Evidence(EvidenceKind Kind, DateTimeOffset At, Guid EventId, long Position)
{
    /// <summary>Whether it speaks for us (y = 1) or against us (y = 0).</summary>
    public bool IsFavourable => Speaks(Kind);

    /// <summary>Whether evidence of that kind speaks for us.</summary>
    public static bool Speaks(EvidenceKind kind) => kind is EvidenceKind.PromiseKept or EvidenceKind.PromiseRenegotiated
        or EvidenceKind.FollowUpCompleted or EvidenceKind.ConcernAcknowledged or EvidenceKind.ConcernResolved
        or EvidenceKind.FeedbackActedUpon or EvidenceKind.FeedbackOutcomeTold or EvidenceKind.SatisfactionHigh;
}
