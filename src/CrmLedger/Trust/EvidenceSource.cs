using System.Collections.Immutable;
using System.Diagnostics;
using CrmLedger.Concerns;
using CrmLedger.Feedback;
using CrmLedger.FollowUps;
using CrmLedger.Promises;

namespace CrmLedger.Trust;

/// <summary>
/// A promise, follow-up, concern or feedback of a customer with the evidence that stands of it.
/// </summary>
/// <remarks>
/// What the clock found at a deadline is provisional: a word whose effective time is not after the deadline overturns
/// it, and one that comes after it says the same as the clock would have said, at the deadline's own time. So it makes
/// no difference to trust whether the clock or the member was quicker.
/// </remarks>
public sealed record EvidenceSource
{
    /// <summary>The promise, if it is one.</summary>
    public Promise? Promise { get; init; }

    /// <summary>The follow-up, if it is one.</summary>
    public FollowUp? FollowUp { get; init; }

    /// <summary>The concern, if it is one.</summary>
    public Concern? Concern { get; init; }

    /// <summary>The feedback, if it is some.</summary>
    public CustomerFeedback? Feedback { get; init; }

    /// <summary>The declared import that brought it, or null.</summary>
    public Guid? ImportId { get; init; }

    /// <summary>What stands, in the order of the events that show it.</summary>
    public ImmutableArray<Evidence> Evidence { get; init; } = [];

    /// <summary>Whether events of this record can change a source.</summary>
    public static bool Handles(Type record) => record.IsAssignableTo(typeof(IPromiseEvent))
        || record.IsAssignableTo(typeof(IFollowUpEvent)) || record.IsAssignableTo(typeof(IConcernEvent))
        || record.IsAssignableTo(typeof(IFeedbackEvent));

    /// <summary>Which source the event is about, for example <c>promise/p-17</c>; null for none.</summary>
    public static string? KeyOf(IEvent happened) => happened switch
    {
        IPromiseEvent e => $"promise/{e.PromiseId}",
        IFollowUpEvent e => $"follow_up/{e.FollowUpId}",
        IConcernEvent e => $"concern/{e.ConcernId}",
        IFeedbackEvent e => $"feedback/{e.FeedbackId}",
        _ => null,
    };

    /// <summary>
    /// The source after the event; null only while it has not begun. An event that its state or its time does not
    /// allow has no effect: it can only stand there because an earlier entry was annulled.
    /// </summary>
    public static EvidenceSource? Evolve(EvidenceSource? source, Envelope entry)
    {
        var at = entry.Moment;
        var before = source ?? new() { ImportId = entry.Headers.ImportId };
        return entry.Data switch
        {
            IPromiseEvent e => Promise.Evolve(before.Promise, e, at) is not { } promise ? null
                : ReferenceEquals(promise, before.Promise) ? source
                : PromiseEvidence.After(before with { Promise = promise }, e, entry),
            IFollowUpEvent e => FollowUp.Evolve(before.FollowUp, e, at) is not { } followUp ? null
                : ReferenceEquals(followUp, before.FollowUp) ? source
                : FollowUpEvidence.After(before with { FollowUp = followUp }, e, entry),
            IConcernEvent e => Concern.Evolve(before.Concern, e, at) is not { } concern ? null
                : ReferenceEquals(concern, before.Concern) ? source
                : ConcernEvidence.After(before with { Concern = concern }, before.Concern, e, entry),
            IFeedbackEvent e => CustomerFeedback.Evolve(before.Feedback, e, at) is not { } feedback ? null
                : ReferenceEquals(feedback, before.Feedback) ? source
                : FeedbackEvidence.After(before with { Feedback = feedback }, e, entry),
            _ => throw new UnreachableException($"{entry.Data.GetType().Name} says nothing about trust."),
        };
    }

    /// <summary>The same with one more piece of evidence.</summary>
    internal EvidenceSource With(EvidenceKind kind, DateTimeOffset at, Envelope entry) =>
        this with { Evidence = Evidence.Add(new(kind, at, entry.Id, entry.Position)) };

    /// <summary>The same without evidence of those kinds.</summary>
    internal EvidenceSource Without(params ReadOnlySpan<EvidenceKind> kinds)
    {
        var left = Evidence;
        foreach (var kind in kinds)
            left = left.RemoveAll(e => e.Kind == kind);
        return this with { Evidence = left };
    }

    /// <summary>
    /// The same with the evidence that a deadline passed, once: the clock may have recorded it before.
    /// </summary>
    internal EvidenceSource WithPassed(EvidenceKind kind, DateTimeOffset deadline, Envelope entry) =>
        Evidence.Any(e => e.Kind == kind && e.At == deadline) ? this : With(kind, deadline, entry);

    /// <summary>The same without the evidence that a deadline passed.</summary>
    internal EvidenceSource WithoutPassed(EvidenceKind kind, DateTimeOffset deadline) =>
        this with { Evidence = Evidence.RemoveAll(e => e.Kind == kind && e.At == deadline) };

    /// <inheritdoc />
    public bool Equals(EvidenceSource? other) => other is not null
        && Promise == other.Promise && FollowUp == other.FollowUp && Concern == other.Concern
        && Feedback == other.Feedback && ImportId == other.ImportId
        && Evidence.AsSpan().SequenceEqual(other.Evidence.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Promise, FollowUp, Concern, Feedback, Evidence.Length);
}
