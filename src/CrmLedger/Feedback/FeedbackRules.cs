namespace CrmLedger.Feedback;

/// <summary>
/// What may happen to feedback next. The decider refuses by it and the fold skips by it, so they cannot differ.
/// </summary>
public static class FeedbackRules
{
    /// <summary>Why the feedback's state or the time does not allow the event, or null when both do.</summary>
    /// <param name="feedback">The feedback, or null when there is none of that id: it may come unasked.</param>
    /// <param name="next">What would happen.</param>
    /// <param name="at">When it is claimed to have happened, and when it is or was recorded.</param>
    public static Rejection? Refusal(CustomerFeedback? feedback, IFeedbackEvent next, Moment at) =>
        (feedback, next) switch
        {
            (null, FeedbackRequested or FeedbackReceived) => null,
            (null, _) => new(RejectionCode.FeedbackUnknown,
                $"This customer has no feedback '{next.FeedbackId}'.", "feedbackId"),
            (_, FeedbackRequested) or ({ ReceivedAt: not null }, FeedbackReceived) => new(RejectionCode.FeedbackExists,
                $"There is feedback '{next.FeedbackId}' already. Give the new one another feedbackId.", "feedbackId"),
            (_, FeedbackReceived) => null,
            ({ ReceivedAt: null }, _) => new(RejectionCode.FeedbackNotReceived,
                $"Feedback '{next.FeedbackId}' was asked for and has not come yet."),
            ({ ActedUponAt: not null }, FeedbackActedUpon) => new(RejectionCode.FeedbackAlreadyActedUpon,
                $"Feedback '{next.FeedbackId}' was acted upon already."),
            ({ OutcomeToldAt: not null }, FeedbackOutcomeTold) => new(RejectionCode.FeedbackOutcomeAlreadyTold,
                $"The customer was told already what came of feedback '{next.FeedbackId}'."),
            ({ AwaitsAnswer: false } or { FoundUnanswered: true }, FeedbackUnanswered) =>
                new(RejectionCode.NoAnswerAwaited,
                    $"Feedback '{next.FeedbackId}' was answered, or found unanswered already."),
            ({ AnswerBy: { } answerBy }, FeedbackUnanswered) when at.RecordedAt <= answerBy =>
                new(RejectionCode.NotDueYet,
                    $"Feedback '{next.FeedbackId}' is to be answered by {LedgerJson.Format(answerBy)}."),
            _ => null,
        };
}
