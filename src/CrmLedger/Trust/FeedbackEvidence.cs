using CrmLedger.Feedback;

namespace CrmLedger.Trust;

/// <summary>What the events of feedback say about trust.</summary>
internal static class FeedbackEvidence
{
    /// <summary>The source, whose feedback the event has changed already, with what the event says.</summary>
    public static EvidenceSource After(EvidenceSource source, IFeedbackEvent happened, Envelope entry)
    {
        var feedback = source.Feedback!;
        var effective = entry.Moment.Effective;
        return happened switch
        {
            FeedbackReceived { Kind: FeedbackKind.Csat, Score: >= 4 } =>
                source.With(EvidenceKind.SatisfactionHigh, effective, entry),
            FeedbackReceived { Kind: FeedbackKind.Csat, Score: <= 2 } =>
                source.With(EvidenceKind.SatisfactionLow, effective, entry),
            FeedbackActedUpon => Answered(source.With(EvidenceKind.FeedbackActedUpon, effective, entry), entry),
            FeedbackOutcomeTold => Answered(source.With(EvidenceKind.FeedbackOutcomeTold, effective, entry), entry),
            FeedbackUnanswered =>
                source.WithPassed(EvidenceKind.FeedbackUnanswered, feedback.AnswerBy!.Value, entry),
            _ => source,
        };
    }

    /// <summary>Acting or telling in time is an answer, whichever is recorded first.</summary>
    private static EvidenceSource Answered(EvidenceSource source, Envelope entry)
    {
        var feedback = source.Feedback!;
        var answerBy = feedback.AnswerBy!.Value;
        return feedback.ActedUponAt <= answerBy || feedback.OutcomeToldAt <= answerBy
            ? source.WithoutPassed(EvidenceKind.FeedbackUnanswered, answerBy)
            : source.WithPassed(EvidenceKind.FeedbackUnanswered, answerBy, entry);
    }
}
