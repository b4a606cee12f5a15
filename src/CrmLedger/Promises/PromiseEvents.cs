using CrmLedger.Touchpoints;

namespace CrmLedger.Promises;

/// <summary>An event in a promise's life, which README.md beside this file draws.</summary>
public interface IPromiseEvent : ICustomerStreamEvent
{
    /// <summary>The promise's id, unique within its customer.</summary>
    string PromiseId { get; }
}

/// <summary>A member committed to do something for the customer by a date.</summary>
/// <param name="PromiseId">The promise's id, unique within its customer.</param>
/// <param name="Kind">What sort of promise, the tenant's own word.</param>
/// <param name="Conditions">What will be true when it is kept.</param>
/// <param name="DueAt">The first due date, which is kept for ever, UTC.</param>
/// <param name="MemberId">The maker.</param>
/// <param name="Team">The maker's team then.</param>
/// <param name="Channel">Where it was said.</param>
/// <param name="TouchpointId">The touchpoint in which it was said.</param>
/// <param name="ConcernId">The concern that it answers.</param>
public sealed record PromiseMade(
    string PromiseId, string Kind, Sealed Conditions, DateTimeOffset DueAt, Guid MemberId, string Team,
    Channel? Channel = null, string? TouchpointId = null, string? ConcernId = null) : IPromiseEvent;

/// <summary>Another member took the promise over; the maker stays its maker.</summary>
public sealed record PromiseReassigned(
    string PromiseId, Guid FromMemberId, Guid ToMemberId, string ToTeam, string Reason) : IPromiseEvent;

/// <summary>We asked the customer for another date; the old one binds until the customer accepts.</summary>
public sealed record PromiseRenegotiationProposed(
    string PromiseId, DateTimeOffset NewDueAt, string Reason) : IPromiseEvent;

/// <summary>The customer agreed to the proposed date; it binds if the old one had not passed.</summary>
public sealed record PromiseRenegotiationAccepted(string PromiseId) : IPromiseEvent;

/// <summary>The customer did not agree; the old date binds.</summary>
public sealed record PromiseRenegotiationRefused(string PromiseId) : IPromiseEvent;

/// <summary>We say that what was promised is now true.</summary>
public sealed record PromiseDeclaredKept(string PromiseId) : IPromiseEvent;

/// <summary>The customer says so too.</summary>
public sealed record PromiseConfirmed(string PromiseId) : IPromiseEvent;

/// <summary>The customer says that it is not so.</summary>
public sealed record PromiseDisputed(string PromiseId, Sealed? Note = null) : IPromiseEvent;

/// <summary>We took the promise back.</summary>
public sealed record PromiseWithdrawn(string PromiseId, string Reason) : IPromiseEvent;

/// <summary>The customer let us off.</summary>
public sealed record PromiseReleased(string PromiseId) : IPromiseEvent;

/// <summary>The clock's provisional verdict: the binding date passed with nothing declared.</summary>
public sealed record PromiseLapsed(string PromiseId) : IPromiseEvent;

/// <summary>Why a promise was not kept in time.</summary>
public sealed record PromiseMissExplained(string PromiseId, MissCause Cause, Sealed? Note = null) : IPromiseEvent;

/// <summary>Why a promise was missed.</summary>
public enum MissCause
{
    /// <summary>Too much to do, too few to do it.</summary>
    Capacity,

    /// <summary>Somebody else was waited for.</summary>
    Dependency,

    /// <summary>We and the customer meant different things.</summary>
    Misunderstanding,

    /// <summary>Nobody thought of it.</summary>
    Forgotten,

    /// <summary>The product did not do what was promised.</summary>
    Product,

    /// <summary>The customer's side stood in the way.</summary>
    Customer,

    /// <summary>Anything else.</summary>
    Other,
}
