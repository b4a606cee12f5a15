using System.ComponentModel.DataAnnotations;

namespace CrmLedger.Preferences;

/// <summary>Record what the customer likes or needs; the last word on a key holds.</summary>
/// <param name="Key">What it is about, your own word, for example <c>contact_time</c>.</param>
/// <param name="Value">What the customer likes or needs. Personal data, sealed.</param>
/// <param name="Source">How you know.</param>
public sealed record RecordPreference(
    [property: MaxLength(100)] string Key,
    [property: MaxLength(4000)] Sealed Value,
    PreferenceSource Source) : ICustomerStreamCommand;

/// <summary>A command about a solution that was proposed to the customer.</summary>
public interface ISolutionCommand : ICustomerStreamCommand
{
    /// <summary>The solution's id, unique within its customer.</summary>
    string SolutionId { get; }
}

/// <summary>Record that you proposed something made for this customer.</summary>
/// <param name="SolutionId">The solution's id, unique within its customer; made for you when left out.</param>
/// <param name="Summary">What you proposed. Personal data, sealed.</param>
/// <param name="PreferenceKeys">The recorded preferences that it answers, each at most once.</param>
public sealed record ProposeSolution(
    [property: NewId, MaxLength(100)] string SolutionId,
    [property: MaxLength(4000)] Sealed Summary,
    [property: Words(50, 100)] IReadOnlyList<string>? PreferenceKeys = null) : ISolutionCommand;

/// <summary>Record that the customer took it.</summary>
/// <param name="SolutionId">The solution.</param>
public sealed record AcceptSolution(string SolutionId) : ISolutionCommand;

/// <summary>Record that the customer did not take it.</summary>
/// <param name="SolutionId">The solution.</param>
/// <param name="Reason">Why; no personal data.</param>
public sealed record DeclineSolution(string SolutionId, [property: MaxLength(500)] string Reason) : ISolutionCommand;
