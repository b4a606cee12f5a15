using System.Diagnostics;

namespace CrmLedger.Preferences;

/// <summary>Where a proposed solution stands.</summary>
public enum SolutionStatus
{
    /// <summary>The customer has not answered.</summary>
    Proposed,

    /// <summary>The customer took it.</summary>
    Accepted,

    /// <summary>The customer did not take it.</summary>
    Declined,
}

/// <summary>A proposed solution as its events tell it.</summary>
/// <param name="SolutionId">The solution's id, unique within its customer.</param>
/// <param name="Status">Where it stands.</param>
public sealed record Solution(string SolutionId, SolutionStatus Status)
{
    /// <summary>
    /// The solution after the event. An event that its state does not allow has no effect: it can only stand there
    /// because an earlier entry was annulled.
    /// </summary>
    public static Solution? Evolve(Solution? solution, ISolutionEvent happened)
    {
        if (happened is SolutionProposed proposed)
            return solution ?? new(proposed.SolutionId, SolutionStatus.Proposed);
        if (solution is null || SolutionRules.Refusal(solution, happened) is not null)
            return solution;
        return happened switch
        {
            SolutionAccepted => solution with { Status = SolutionStatus.Accepted },
            SolutionDeclined => solution with { Status = SolutionStatus.Declined },
            _ => throw new UnreachableException($"A solution does not know {happened.GetType().Name}."),
        };
    }
}
