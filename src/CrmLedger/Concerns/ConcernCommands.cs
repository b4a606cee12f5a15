using System.ComponentModel.DataAnnotations;

namespace CrmLedger.Concerns;

/// <summary>A command on a concern.</summary>
public interface IConcernCommand : ICustomerStreamCommand
{
    /// <summary>The concern's id, unique within its customer.</summary>
    string ConcernId { get; }
}

/// <summary>A command that may name a concern of the same customer, which must then be there (imports apart).</summary>
public interface IRefersToConcern : ICustomerStreamCommand
{
    /// <summary>The concern, or null.</summary>
    string? ConcernId { get; }
}

/// <summary>Record that the customer is unhappy or worried about something.</summary>
/// <param name="ConcernId">The concern's id, unique within its customer; made for you when left out.</param>
/// <param name="Severity">How bad it is for the customer.</param>
/// <param name="Topics">What it is about, your own words, each at most once.</param>
/// <param name="Summary">What the customer said. Personal data, sealed.</param>
/// <param name="RespondBy">By when you said that you would answer, UTC; within 24 h when left out.</param>
/// <param name="MemberId">Who took it in: a member's id, or ref: and your own reference.</param>
/// <param name="Team">The member's team; the current one when left out.</param>
public sealed record RaiseConcern(
    [property: NewId, MaxLength(100)] string ConcernId,
    ConcernSeverity Severity,
    [property: Words(20, 100)] IReadOnlyList<string>? Topics = null,
    [property: MaxLength(4000)] Sealed? Summary = null,
    DateTimeOffset? RespondBy = null,
    [property: Member(TeamParameter = "team")] Guid? MemberId = null,
    [property: MaxLength(200)] string? Team = null) : IConcernCommand;

/// <summary>Record that the customer was told that you know of it and care.</summary>
/// <param name="ConcernId">The concern.</param>
/// <param name="MemberId">Who told the customer: a member's id, or ref: and your own reference.</param>
/// <param name="Team">The member's team; the current one when left out.</param>
public sealed record AcknowledgeConcern(
    string ConcernId,
    [property: Member(TeamParameter = "team")] Guid? MemberId = null,
    [property: MaxLength(200)] string? Team = null) : IConcernCommand;

/// <summary>Record that it is put right.</summary>
/// <param name="ConcernId">The concern.</param>
/// <param name="Summary">How. Personal data, sealed.</param>
/// <param name="MemberId">Who put it right: a member's id, or ref: and your own reference.</param>
/// <param name="Team">The member's team; the current one when left out.</param>
public sealed record ResolveConcern(
    string ConcernId,
    [property: MaxLength(4000)] Sealed? Summary = null,
    [property: Member(TeamParameter = "team")] Guid? MemberId = null,
    [property: MaxLength(200)] string? Team = null) : IConcernCommand;

/// <summary>Record that it was not put right after all.</summary>
/// <param name="ConcernId">The concern.</param>
/// <param name="Summary">What is still wrong. Personal data, sealed.</param>
public sealed record ReopenConcern(
    string ConcernId, [property: MaxLength(4000)] Sealed? Summary = null) : IConcernCommand;

/// <summary>Record the clock's verdict that the time to answer passed. The ledger's own command.</summary>
/// <param name="ConcernId">The concern.</param>
public sealed record MarkConcernUnanswered(string ConcernId) : IConcernCommand, IClockVerdict;
