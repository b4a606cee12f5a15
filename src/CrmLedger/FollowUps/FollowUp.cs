using System.Diagnostics;

namespace CrmLedger.FollowUps;

/// <summary>Where a follow-up stands by what was said of it.</summary>
public enum FollowUpStatus
{
    /// <summary>Scheduled, and its binding date binds.</summary>
    Scheduled,

    /// <summary>The binding date passed with no contact made.</summary>
    Missed,

    /// <summary>The contact was made.</summary>
    Completed,

    /// <summary>We will not make it.</summary>
    Cancelled,
}

/// <summary>A follow-up as its events tell it.</summary>
/// <remarks>
/// The first due date never moves. The binding due date moves only by a rescheduling that the customer agreed to and
/// whose effective time is not after the date that it replaces.
/// </remarks>
public sealed record FollowUp
{
    /// <summary>The follow-up's id, unique within its customer.</summary>
    public required string FollowUpId { get; init; }

    /// <summary>What for.</summary>
    public required FollowUpPurpose Purpose { get; init; }

    /// <summary>Who scheduled it.</summary>
    public required Guid MakerId { get; init; }

    /// <summary>The maker's team then.</summary>
    public required string MakerTeam { get; init; }

    /// <summary>Who holds it now.</summary>
    public required Guid HolderId { get; init; }

    /// <summary>The holder's team when it was handed over.</summary>
    public required string HolderTeam { get; init; }

    /// <summary>When it counts as scheduled, UTC.</summary>
    public required DateTimeOffset MadeAt { get; init; }

    /// <summary>The date first scheduled, UTC; never changes.</summary>
    public required DateTimeOffset FirstDue { get; init; }

    /// <summary>The last date that the customer agreed to in time, UTC.</summary>
    public required DateTimeOffset BindingDue { get; init; }

    /// <summary>
    /// The date that we plan without the customer's agreement, UTC; null when the binding one is the plan.
    /// </summary>
    public DateTimeOffset? PlannedDue { get; init; }

    /// <summary>Where it stands by what was recorded.</summary>
    public FollowUpStatus Status { get; init; }

    /// <summary>How often another date was agreed in time.</summary>
    public int Renegotiations { get; init; }

    /// <summary>The effective time at which the contact was made, UTC.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>
    /// Whether it, or something of it that its class in the kept rate rests on, came with a declared import and so
    /// counts by the importer's word.
    /// </summary>
    public bool Imported { get; init; }

    /// <summary>
    /// Whether its scheduling, or something of it that its class in the kept rate rests on, was recorded too late to
    /// be taken at its word.
    /// </summary>
    public bool RecordedLate { get; init; }

    /// <summary>
    /// Whether it was scheduled after its first due date, or recorded after it without an import.
    /// </summary>
    public bool MadeAfterDue { get; init; }

    /// <summary>Whether it is still owed.</summary>
    public bool IsOpen => Status is FollowUpStatus.Scheduled or FollowUpStatus.Missed;

    /// <summary>Where it stands at a time: an open one is missed once its binding date has passed.</summary>
    public FollowUpStatus StatusAt(DateTimeOffset time) =>
        IsOpen && time > BindingDue ? FollowUpStatus.Missed : Status;

    /// <summary>
    /// The follow-up after the event. An event that its state or its time does not allow has no effect: it can only
    /// stand there because an earlier entry was annulled.
    /// </summary>
    public static FollowUp? Evolve(FollowUp? followUp, IFollowUpEvent happened, Moment at)
    {
        if (happened is FollowUpScheduled scheduled)
            return followUp ?? From(scheduled, at);
        if (followUp is null || FollowUpRules.Refusal(followUp, happened, at) is not null)
            return followUp;
        return happened switch
        {
            FollowUpReassigned e => followUp with { HolderId = e.ToMemberId, HolderTeam = e.ToTeam },
            FollowUpRescheduled e => followUp.Reschedule(e, at),
            FollowUpCompleted => followUp.JudgedBy(at) with
            {
                Status = FollowUpStatus.Completed,
                CompletedAt = at.Effective,
                PlannedDue = null,
            },
            FollowUpCancelled => followUp with { Status = FollowUpStatus.Cancelled, PlannedDue = null },
            FollowUpMissed => followUp with { Status = FollowUpStatus.Missed },
            _ => throw new UnreachableException($"A follow-up does not know {happened.GetType().Name}."),
        };
    }

    private static FollowUp From(FollowUpScheduled scheduled, Moment at) => new()
    {
        FollowUpId = scheduled.FollowUpId,
        Purpose = scheduled.Purpose,
        MakerId = scheduled.MemberId,
        MakerTeam = scheduled.Team,
        HolderId = scheduled.MemberId,
        HolderTeam = scheduled.Team,
        MadeAt = at.Effective,
        FirstDue = scheduled.DueAt,
        BindingDue = scheduled.DueAt,
        Imported = at.Imported,
        RecordedLate = at.RecordedLate,
        MadeAfterDue = at.IsAfter(scheduled.DueAt),
    };

    private FollowUp Reschedule(FollowUpRescheduled moved, Moment at) =>
        moved.AgreedWithCustomer && at.Effective <= BindingDue
            ? JudgedBy(at) with
            {
                // A verdict that the clock gave meanwhile is overturned: the date had moved before it passed.
                Status = FollowUpStatus.Scheduled,
                BindingDue = moved.NewDueAt,
                PlannedDue = null,
                Renegotiations = Renegotiations + 1,
            }
            : this with { PlannedDue = moved.NewDueAt };

    /// <summary>Its class rests on this event's time from now on.</summary>
    private FollowUp JudgedBy(Moment at) => this with
    {
        Imported = Imported || at.Imported,
        RecordedLate = RecordedLate || at.RecordedLate,
    };
}
