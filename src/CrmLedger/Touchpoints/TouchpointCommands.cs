using System.ComponentModel.DataAnnotations;

namespace CrmLedger.Touchpoints;

/// <summary>
/// A command that may name a touchpoint of the same customer, which must then be there (imports apart).
/// </summary>
public interface IRefersToTouchpoint : ICustomerStreamCommand
{
    /// <summary>The touchpoint, or null.</summary>
    string? TouchpointId { get; }
}

/// <summary>Record an interaction.</summary>
/// <param name="TouchpointId">The touchpoint's id, unique within its customer; made for you when left out.</param>
/// <param name="Channel">By which way.</param>
/// <param name="Direction">Who began.</param>
/// <param name="MemberId">Who of us took part: a member's id, or ref: and your own reference.</param>
/// <param name="Team">The member's team; the current one when left out.</param>
/// <param name="Summary">What was said. Personal data, sealed.</param>
/// <param name="Tone">How the customer sounded.</param>
/// <param name="Practices">What the member did well, each at most once.</param>
/// <param name="DurationSeconds">How long it took.</param>
public sealed record RecordTouchpoint(
    [property: NewId, MaxLength(100)] string TouchpointId,
    Channel Channel,
    Direction Direction,
    [property: Member(TeamParameter = "team")] Guid MemberId,
    [property: MaxLength(200)] string Team,
    [property: MaxLength(4000)] Sealed? Summary = null,
    Tone? Tone = null,
    IReadOnlyList<Practice>? Practices = null,
    [property: Range(0, int.MaxValue)] int? DurationSeconds = null) : ICustomerStreamCommand;
