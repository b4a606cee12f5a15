using System.ComponentModel.DataAnnotations;
using CrmLedger.Concerns;
using CrmLedger.Touchpoints;

namespace CrmLedger.Promises;

/// <summary>A command on a promise.</summary>
public interface IPromiseCommand : ICustomerStreamCommand
{
    /// <summary>The promise's id, unique within its customer.</summary>
    string PromiseId { get; }
}

/// <summary>Make a promise.</summary>
/// <param name="PromiseId">The promise's id, unique within its customer; made for you when left out.</param>
/// <param name="Kind">What sort of promise, your own word; kept rates group by it.</param>
/// <param name="Conditions">What will be true when it is kept. Personal data, sealed.</param>
/// <param name="DueAt">The first due date, kept for ever, UTC.</param>
/// <param name="MemberId">The maker: a member's id, or ref: and your own reference.</param>
/// <param name="Team">The maker's team; the member's current one when left out.</param>
/// <param name="Channel">Where it was said.</param>
/// <param name="TouchpointId">The touchpoint in which it was said.</param>
/// <param name="ConcernId">The concern that it answers.</param>
public sealed record MakePromise(
    [property: NewId, MaxLength(100)] string PromiseId,
    [property: MaxLength(100)] string Kind,
    [property: MaxLength(4000)] Sealed Conditions,
    DateTimeOffset DueAt,
    [property: Member(TeamParameter = "team")] Guid MemberId,
    [property: MaxLength(200)] string Team,
    Channel? Channel = null,
    [property: MaxLength(100)] string? TouchpointId = null,
    [property: MaxLength(100)] string? ConcernId = null) : IPromiseCommand, IRefersToTouchpoint, IRefersToConcern;

/// <summary>Hand the promise to another member; its maker stays on record.</summary>
/// <param name="PromiseId">The promise.</param>
/// <param name="ToMemberId">Who holds it from now on: a member's id, or ref: and your own reference.</param>
/// <param name="ToTeam">The new holder's team; the member's current one when left out.</param>
/// <param name="Reason">Why; no personal data.</param>
public sealed record ReassignPromise(
    string PromiseId,
    [property: Member(TeamParameter = "toTeam")] Guid ToMemberId,
    [property: MaxLength(200)] string ToTeam,
    [property: MaxLength(500)] string Reason) : IPromiseCommand;

/// <summary>Ask the customer for another date; the old one binds until it is accepted.</summary>
/// <param name="PromiseId">The promise.</param>
/// <param name="NewDueAt">The date asked for, UTC.</param>
/// <param name="Reason">Why; no personal data.</param>
public sealed record ProposeRenegotiation(
    string PromiseId, DateTimeOffset NewDueAt, [property: MaxLength(500)] string Reason) : IPromiseCommand;

/// <summary>Record that the customer accepted the proposed date.</summary>
/// <param name="PromiseId">The promise.</param>
public sealed record AcceptRenegotiation(string PromiseId) : IPromiseCommand;

/// <summary>Record that the customer refused the proposed date; the old one binds.</summary>
/// <param name="PromiseId">The promise.</param>
public sealed record RefuseRenegotiation(string PromiseId) : IPromiseCommand;

/// <summary>Declare that what was promised is now true.</summary>
/// <param name="PromiseId">The promise.</param>
public sealed record DeclarePromiseKept(string PromiseId) : IPromiseCommand;

/// <summary>Record that the customer confirmed it.</summary>
/// <param name="PromiseId">The promise.</param>
public sealed record ConfirmPromise(string PromiseId) : IPromiseCommand;

/// <summary>Record that the customer says it was not kept.</summary>
/// <param name="PromiseId">The promise.</param>
/// <param name="Note">In the customer's words. Personal data, sealed.</param>
public sealed record DisputePromise(
    string PromiseId, [property: MaxLength(4000)] Sealed? Note = null) : IPromiseCommand;

/// <summary>Take the promise back.</summary>
/// <param name="PromiseId">The promise.</param>
/// <param name="Reason">Why; no personal data.</param>
public sealed record WithdrawPromise(string PromiseId, [property: MaxLength(500)] string Reason) : IPromiseCommand;

/// <summary>Record that the customer let us off.</summary>
/// <param name="PromiseId">The promise.</param>
public sealed record ReleasePromise(string PromiseId) : IPromiseCommand;

/// <summary>
/// Record the clock's verdict that the binding date passed with nothing declared. The ledger's own command.
/// </summary>
/// <param name="PromiseId">The promise.</param>
public sealed record LapsePromise(string PromiseId) : IPromiseCommand, IClockVerdict;

/// <summary>Say why a promise was not kept in time.</summary>
/// <param name="PromiseId">The promise.</param>
/// <param name="Cause">The cause.</param>
/// <param name="Note">More about it. Personal data, sealed.</param>
public sealed record ExplainMiss(
    string PromiseId, MissCause Cause, [property: MaxLength(4000)] Sealed? Note = null) : IPromiseCommand;
