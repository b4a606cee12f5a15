namespace CrmLedger.Touchpoints;

/// <summary>There was an interaction.</summary>
/// <param name="TouchpointId">The touchpoint's id, unique within its customer.</param>
/// <param name="Channel">By which way.</param>
/// <param name="Direction">Who began.</param>
/// <param name="MemberId">Who of us took part.</param>
/// <param name="Team">That member's team then.</param>
/// <param name="Practices">What the member did well, in any order, each once; empty when nobody noted it.</param>
/// <param name="Summary">What was said.</param>
/// <param name="Tone">How the customer sounded, or null when nobody noted it.</param>
/// <param name="DurationSeconds">How long it took, or null when that is not known.</param>
public sealed record TouchpointRecorded(
    string TouchpointId, Channel Channel, Direction Direction, Guid MemberId, string Team,
    IReadOnlyList<Practice> Practices, Sealed? Summary = null, Tone? Tone = null, int? DurationSeconds = null)
    : ICustomerStreamEvent;

/// <summary>By which way an interaction came about.</summary>
public enum Channel
{
#pragma warning disable CS1591 // the names are the documentation
    Phone,
    Email,
    Chat,
    Meeting,
    Visit,
    Letter,
    Social,
    Web,
    Other,
#pragma warning restore CS1591
}

/// <summary>Who began an interaction.</summary>
public enum Direction
{
    /// <summary>The customer came to us.</summary>
    Inbound,

    /// <summary>We went to the customer.</summary>
    Outbound,
}

/// <summary>How the customer sounded.</summary>
public enum Tone
{
#pragma warning disable CS1591 // the names are the documentation
    VeryNegative,
    Negative,
    Neutral,
    Positive,
    VeryPositive,
#pragma warning restore CS1591
}

/// <summary>What a member can do in an interaction that earns trust and respect.</summary>
public enum Practice
{
#pragma warning disable CS1591 // the names are the documentation
    ListenedActively,
    LetFinish,
    AskedOpenQuestion,
    CheckedUnderstanding,
    AcknowledgedPerspective,
    ShowedEmpathy,
    Reassured,
    SpokeClearly,
    Respectful,
#pragma warning restore CS1591
}
