using System.Globalization;
using CrmLedger.Trust;

namespace CrmLedger.Server.Trust;

/// <summary>Evidence in plain words, for example <c>promise of 3 March lapsed, 41 days ago</c>.</summary>
internal static class EvidenceSentence
{
    /// <param name="evidence">The evidence.</param>
    /// <param name="source">What it is evidence of.</param>
    /// <param name="now">The time that the score is of, UTC.</param>
    public static string Of(Evidence evidence, EvidenceSource source, DateTimeOffset now)
    {
        string promise = $"promise of {Day(source.Promise?.MadeAt, now)} ({source.Promise?.Kind})";
        string followUp = $"follow-up of {Day(source.FollowUp?.MadeAt, now)}";
        string concern = $"concern of {Day(source.Concern?.RaisedAt, now)}";
        string feedback = $"feedback of {Day(source.Feedback?.ReceivedAt, now)}";
        string what = evidence.Kind switch
        {
            EvidenceKind.PromiseKept => $"{promise} kept in time",
            EvidenceKind.PromiseKeptLate => $"{promise} kept late",
            EvidenceKind.PromiseLapsed => $"{promise} lapsed",
            EvidenceKind.PromiseWithdrawn => $"{promise} taken back",
            EvidenceKind.PromiseDisputed => $"{promise} disputed by the customer",
            EvidenceKind.PromiseRenegotiated => $"{promise} moved to another date in time",
            EvidenceKind.FollowUpCompleted => $"{followUp} made in time",
            EvidenceKind.FollowUpMissed => $"{followUp} missed",
            EvidenceKind.ConcernAcknowledged => $"{concern} acknowledged in time",
            EvidenceKind.ConcernResolved => $"{concern} resolved",
            EvidenceKind.ConcernReopened => $"{concern} opened again",
            EvidenceKind.ConcernUnanswered => $"{concern} not answered in time",
            EvidenceKind.FeedbackActedUpon => $"{feedback} acted upon",
            EvidenceKind.FeedbackOutcomeTold => $"{feedback} answered: the outcome was told",
            EvidenceKind.FeedbackUnanswered => $"{feedback} not answered in time",
            EvidenceKind.SatisfactionHigh => $"satisfied: CSAT {source.Feedback?.Score}",
            EvidenceKind.SatisfactionLow => $"not satisfied: CSAT {source.Feedback?.Score}",
            _ => $"{evidence.Kind}",
        };
        return $"{what}, {Ago(now - evidence.At)}";
    }

    private static string Day(DateTimeOffset? day, DateTimeOffset now) => day is not { } date ? "an unknown day"
        : date.ToString(date.Year == now.Year ? "d MMMM" : "d MMMM yyyy", CultureInfo.InvariantCulture);

    private static string Ago(TimeSpan age) => age.Days switch
    {
        0 => "today",
        1 => "1 day ago",
        var days => $"{days} days ago",
    };
}
