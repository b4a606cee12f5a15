namespace CrmLedger.Preferences;

/// <summary>
/// What may happen to a solution next. The decider refuses by it and the fold skips by it, so they cannot differ.
/// </summary>
public static class SolutionRules
{
    /// <summary>Why the solution's state does not allow the event, or null when it does.</summary>
    public static Rejection? Refusal(Solution solution, ISolutionEvent next) => next switch
    {
        SolutionProposed => new(RejectionCode.SolutionExists,
            $"There is a solution '{solution.SolutionId}' already. Give the new one another solutionId.", "solutionId"),
        _ when solution.Status != SolutionStatus.Proposed => new(RejectionCode.SolutionAnswered,
            $"Solution '{solution.SolutionId}' was {solution.Status.ToString().ToLowerInvariant()} already. "
            + "Propose another one."),
        _ => null,
    };
}
