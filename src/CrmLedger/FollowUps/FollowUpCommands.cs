using System.ComponentModel.DataAnnotations;
using CrmLedger.Touchpoints;

namespace CrmLedger.FollowUps;

/// <summary>A command on a follow-up.</summary>
public interface IFollowUpCommand : ICustomerStreamCommand
{
    /// <summary>The follow-up's id, unique within its customer.</summary>
    string FollowUpId { get; }
}

/// <summary>Schedule a contact that you owe the customer.</summary>
/// <param name="FollowUpId">The follow-up's id, unique within its customer; made for you when left out.</param>
/// <param name="DueAt">The first due date, kept for ever, UTC.</param>
/// <param name="Purpose">What for.</param>
/// <param name="MemberId">Who is to make it: a member's id, or ref: and your own reference.</param>
/// <param name="Team">The member's team; the current one when left out.</param>
/// <param name="TouchpointId">The touchpoint that it follows.</param>
public sealed record ScheduleFollowUp(
    [property: NewId, MaxLength(100)] string FollowUpId,
    DateTimeOffset DueAt,
    FollowUpPurpose Purpose,
    [property: Member(TeamParameter = "team")] Guid MemberId,
    [property: MaxLength(200)] string Team,
    [property: MaxLength(100)] string? TouchpointId = null) : IFollowUpCommand, IRefersToTouchpoint;

/// <summary>Hand the follow-up to another member.</summary>
/// <param name="FollowUpId">The follow-up.</param>
/// <param name="ToMemberId">Who is to make it now: a member's id, or ref: and your own reference.</param>
/// <param name="ToTeam">The new holder's team; the member's current one when left out.</param>
/// <param name="Reason">Why; no personal data.</param>
public sealed record ReassignFollowUp(
    string FollowUpId,
    [property: Member(TeamParameter = "toTeam")] Guid ToMemberId,
    [property: MaxLength(200)] string ToTeam,
    [property: MaxLength(500)] string Reason) : IFollowUpCommand;

/// <summary>Plan the follow-up for another date.</summary>
/// <param name="FollowUpId">The follow-up.</param>
/// <param name="NewDueAt">The new date, UTC.</param>
/// <param name="Reason">Why; no personal data.</param>
/// <param name="AgreedWithCustomer">
/// Whether the customer agreed; only then, and in time, does the new date bind.
/// </param>
public sealed record RescheduleFollowUp(
    string FollowUpId, DateTimeOffset NewDueAt, [property: MaxLength(500)] string Reason, bool AgreedWithCustomer)
    : IFollowUpCommand;

/// <summary>Record that the contact was made.</summary>
/// <param name="FollowUpId">The follow-up.</param>
/// <param name="TouchpointId">The touchpoint that it was.</param>
public sealed record CompleteFollowUp(
    string FollowUpId, [property: MaxLength(100)] string? TouchpointId = null) : IFollowUpCommand, IRefersToTouchpoint;

/// <summary>Record that it will not be made.</summary>
/// <param name="FollowUpId">The follow-up.</param>
/// <param name="Reason">Why; no personal data.</param>
public sealed record CancelFollowUp(string FollowUpId, [property: MaxLength(500)] string Reason) : IFollowUpCommand;

/// <summary>Record the clock's verdict that the binding date passed. The ledger's own command.</summary>
/// <param name="FollowUpId">The follow-up.</param>
public sealed record MarkFollowUpMissed(string FollowUpId) : IFollowUpCommand, IClockVerdict;
