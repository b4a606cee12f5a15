namespace CrmLedger.Concerns;

/// <summary>An event in a concern's life: raised, acknowledged, resolved, perhaps reopened.</summary>
public interface IConcernEvent : ICustomerStreamEvent
{
    /// <summary>The concern's id, unique within its customer.</summary>
    string ConcernId { get; }
}

/// <summary>The customer is unhappy or worried about something.</summary>
/// <param name="ConcernId">The concern's id, unique within its customer.</param>
/// <param name="Severity">How bad it is for the customer.</param>
/// <param name="Topics">What it is about, the tenant's own words, each once.</param>
/// <param name="Summary">What the customer said.</param>
/// <param name="RespondBy">By when we said that we would answer, UTC; null means within 24 h.</param>
/// <param name="MemberId">Who took it in.</param>
/// <param name="Team">That member's team then.</param>
public sealed record ConcernRaised(
    string ConcernId, ConcernSeverity Severity, IReadOnlyList<string> Topics, Sealed? Summary = null,
    DateTimeOffset? RespondBy = null, Guid? MemberId = null, string? Team = null) : IConcernEvent;

/// <summary>We told the customer that we know of it and care.</summary>
public sealed record ConcernAcknowledged(string ConcernId, Guid? MemberId = null, string? Team = null) : IConcernEvent;

/// <summary>What worried the customer is put right.</summary>
public sealed record ConcernResolved(
    string ConcernId, Sealed? Summary = null, Guid? MemberId = null, string? Team = null) : IConcernEvent;

/// <summary>It was not put right after all.</summary>
public sealed record ConcernReopened(string ConcernId, Sealed? Summary = null) : IConcernEvent;

/// <summary>The clock's provisional verdict: the time to answer passed with nothing said.</summary>
public sealed record ConcernUnanswered(string ConcernId) : IConcernEvent;

/// <summary>How bad a concern is for the customer.</summary>
public enum ConcernSeverity
{
#pragma warning disable CS1591 // the names are the documentation
    Low,
    Normal,
    High,
    Critical,
#pragma warning restore CS1591
}
