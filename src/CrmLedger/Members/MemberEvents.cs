namespace CrmLedger.Members;

/// <summary>A person joined the tenant's side.</summary>
/// <param name="Name">The member's name.</param>
/// <param name="Team">The team joined.</param>
/// <param name="Reference">The client's own reference.</param>
public sealed record MemberJoined(Sealed Name, string Team, Sealed? Reference = null) : IMemberStreamEvent;

/// <summary>A member went to another team; what was attributed before stays where it was.</summary>
public sealed record MemberMovedTeam(string FromTeam, string ToTeam) : IMemberStreamEvent;
