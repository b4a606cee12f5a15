using System.Diagnostics;
using CrmLedger.Concerns;
using CrmLedger.Customers;
using CrmLedger.Feedback;
using CrmLedger.FollowUps;
using CrmLedger.Promises;
using CrmLedger.Trust;

namespace CrmLedger.Deadlines;

/// <summary>
/// What the clock says when a deadline passes and nothing was said in time. It is provisional: a word that counts
/// from before the deadline overturns it.
/// </summary>
public static class ClockVerdict
{
    /// <summary>
    /// The deadline that a source waits for, UTC; null when nothing is awaited, or the clock has spoken.
    /// </summary>
    public static DateTimeOffset? DeadlineOf(EvidenceSource source) => source switch
    {
        { Promise: { IsOpen: true, Status: not PromiseStatus.Lapsed } promise } => promise.BindingDue,
        { FollowUp: { Status: FollowUpStatus.Scheduled } followUp } => followUp.BindingDue,
        { Concern: { AwaitsAnswer: true, FoundUnanswered: false } concern } => concern.RespondBy,
        { Feedback: { AwaitsAnswer: true, FoundUnanswered: false } feedback } => feedback.AnswerBy,
        _ => null,
    };

    /// <summary>
    /// The command that records the verdict, and the deadline that it is about as the stream has it; null when nothing
    /// is awaited there.
    /// </summary>
    /// <param name="stream">The customer's stream.</param>
    /// <param name="source">What the deadline is of, as <see cref="EvidenceSource.KeyOf" /> names it.</param>
    public static (IClockVerdict Verdict, DateTimeOffset? Deadline) On(CustomerStream stream, string source)
    {
        string[] parts = source.Split('/', 2);
        return (parts[0], parts[^1]) switch
        {
            ("promise", var id) => (new LapsePromise(id),
                DeadlineOf(new() { Promise = stream.Promises.GetValueOrDefault(id) })),
            ("follow_up", var id) => (new MarkFollowUpMissed(id),
                DeadlineOf(new() { FollowUp = stream.FollowUps.GetValueOrDefault(id) })),
            ("concern", var id) => (new MarkConcernUnanswered(id),
                DeadlineOf(new() { Concern = stream.Concerns.GetValueOrDefault(id) })),
            ("feedback", var id) => (new MarkFeedbackUnanswered(id),
                DeadlineOf(new() { Feedback = stream.Feedback.GetValueOrDefault(id) })),
            _ => throw new UnreachableException($"There is no deadline of {source}."),
        };
    }
}
