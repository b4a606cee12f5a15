namespace CrmLedger.Preferences;

/// <summary>We learned what the customer likes or needs; the last word on a key holds.</summary>
/// <param name="Key">What it is about, the tenant's own word, for example <c>contact_time</c>.</param>
/// <param name="Value">What the customer likes or needs.</param>
/// <param name="Source">How we know.</param>
public sealed record PreferenceRecorded(string Key, Sealed Value, PreferenceSource Source) : ICustomerStreamEvent;

/// <summary>How we know a preference.</summary>
public enum PreferenceSource
{
    /// <summary>The customer said so.</summary>
    Stated,

    /// <summary>We saw it.</summary>
    Observed,
}

/// <summary>An event about a solution that was proposed to the customer.</summary>
public interface ISolutionEvent : ICustomerStreamEvent
{
    /// <summary>The solution's id, unique within its customer.</summary>
    string SolutionId { get; }
}

/// <summary>We proposed something made for this customer.</summary>
/// <param name="SolutionId">The solution's id, unique within its customer.</param>
/// <param name="Summary">What was proposed.</param>
/// <param name="PreferenceKeys">The known preferences that it answers, each once.</param>
public sealed record SolutionProposed(
    string SolutionId, Sealed Summary, IReadOnlyList<string> PreferenceKeys) : ISolutionEvent;

/// <summary>The customer took it.</summary>
public sealed record SolutionAccepted(string SolutionId) : ISolutionEvent;

/// <summary>The customer did not take it.</summary>
public sealed record SolutionDeclined(string SolutionId, string Reason) : ISolutionEvent;
