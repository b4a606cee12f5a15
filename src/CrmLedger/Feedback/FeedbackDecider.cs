using System.Diagnostics;

namespace CrmLedger.Feedback;

/// <summary>Decides what may be recorded about feedback.</summary>
public static class FeedbackDecider
{
    /// <summary>Decides a command about feedback.</summary>
    /// <param name="feedback">The feedback as it stands, or null when there is none of that id.</param>
    /// <param name="command">What is asked.</param>
    /// <param name="at">When it is claimed to have happened, and now.</param>
    public static Decision Decide(CustomerFeedback? feedback, IFeedbackCommand command, Moment at)
    {
        var asked = Event(command);
        return Decision.Unless(
            FeedbackRules.Refusal(feedback, asked, at)
                ?? (command as ReceiveFeedback is { } received ? Unfit(received) : null),
            asked);
    }

    private static IFeedbackEvent Event(IFeedbackCommand command) => command switch
    {
        RequestFeedback c => new FeedbackRequested(c.FeedbackId, c.Kind, c.MemberId, c.Team, c.TouchpointId),
        ReceiveFeedback c => new FeedbackReceived(
            c.FeedbackId, c.Kind, c.Topics ?? [], c.Score, c.Comment, c.MemberId, c.Team, c.TouchpointId),
        ActUponFeedback c => new FeedbackActedUpon(c.FeedbackId, c.Action),
        TellFeedbackOutcome c => new FeedbackOutcomeTold(c.FeedbackId),
        MarkFeedbackUnanswered c => new FeedbackUnanswered(c.FeedbackId),
        _ => throw new UnreachableException($"No feedback takes {command.GetType().Name}."),
    };

    /// <summary>Whether what was given fits its kind.</summary>
    private static Rejection? Unfit(ReceiveFeedback c) => (Range(c.Kind), c.Score) switch
    {
        (null, not null) => new(RejectionCode.ScoreNotTaken,
            "A comment takes no score. Leave it out, or give another kind.", "score"),
        (null, null) when c.Comment is null => new(RejectionCode.CommentMissing,
            "Give the comment: feedback of this kind is nothing without it.", "comment"),
        ({ } range, null) => new(RejectionCode.ScoreMissing,
            $"Give the score: {Word(c.Kind)} takes {range.Lowest} to {range.Highest}.", "score"),
        ({ } range, { } score) when score < range.Lowest || score > range.Highest =>
            new(RejectionCode.ScoreOutOfRange,
                $"The score {score} is out of range: {Word(c.Kind)} takes {range.Lowest} to {range.Highest}.", "score"),
        _ => Duplicates.Refusal(c.Topics, "topics"),
    };

    private static (int Lowest, int Highest)? Range(FeedbackKind kind) => kind switch
    {
        FeedbackKind.Csat => (1, 5),
        FeedbackKind.Nps => (0, 10),
        FeedbackKind.Ces => (1, 7),
        FeedbackKind.Comment => null,
        _ => throw new UnreachableException($"No feedback is a {kind}."),
    };

    private static string Word(FeedbackKind kind) => kind.ToString().ToLowerInvariant();
}
