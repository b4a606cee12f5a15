namespace CrmLedger.FollowUps;

/// <summary>An event in the life of a contact that we owe the customer.</summary>
public interface IFollowUpEvent : ICustomerStreamEvent
{
    /// <summary>The follow-up's id, unique within its customer.</summary>
    string FollowUpId { get; }
}

/// <summary>We owe the customer a contact by a date.</summary>
/// <param name="FollowUpId">The follow-up's id, unique within its customer.</param>
/// <param name="DueAt">The first due date, which is kept for ever, UTC.</param>
/// <param name="Purpose">What for.</param>
/// <param name="MemberId">Who scheduled it and is to make it.</param>
/// <param name="Team">That member's team then.</param>
/// <param name="TouchpointId">The touchpoint that it follows.</param>
public sealed record FollowUpScheduled(
    string FollowUpId, DateTimeOffset DueAt, FollowUpPurpose Purpose, Guid MemberId, string Team,
    string? TouchpointId = null) : IFollowUpEvent;

/// <summary>Another member took it over; who scheduled it stays on record.</summary>
public sealed record FollowUpReassigned(
    string FollowUpId, Guid FromMemberId, Guid ToMemberId, string ToTeam, string Reason) : IFollowUpEvent;

/// <summary>We plan it for another date, which binds only if the customer agreed before the old one passed.</summary>
public sealed record FollowUpRescheduled(
    string FollowUpId, DateTimeOffset NewDueAt, string Reason, bool AgreedWithCustomer) : IFollowUpEvent;

/// <summary>The contact was made.</summary>
/// <param name="FollowUpId">The follow-up.</param>
/// <param name="TouchpointId">The touchpoint that it was.</param>
public sealed record FollowUpCompleted(string FollowUpId, string? TouchpointId = null) : IFollowUpEvent;

/// <summary>We will not make it.</summary>
public sealed record FollowUpCancelled(string FollowUpId, string Reason) : IFollowUpEvent;

/// <summary>The clock's provisional verdict: the binding date passed with no contact made.</summary>
public sealed record FollowUpMissed(string FollowUpId) : IFollowUpEvent;

/// <summary>What a follow-up is for.</summary>
public enum FollowUpPurpose
{
    /// <summary>To reassure the customer.</summary>
    Reassure,

    /// <summary>To ask whether all is well.</summary>
    CheckSatisfaction,

    /// <summary>To answer a question.</summary>
    Answer,

    /// <summary>To tell news.</summary>
    DeliverNews,

    /// <summary>Anything else.</summary>
    Other,
}
