using System.Collections.Immutable;
using System.Diagnostics;

namespace CrmLedger.Preferences;

/// <summary>Decides what may be recorded about preferences and the solutions proposed from them.</summary>
public static class PreferenceDecider
{
    /// <summary>Decides a preference; none is refused, the last word on a key holds.</summary>
    public static Decision Decide(RecordPreference command) =>
        Decision.Accept(new PreferenceRecorded(command.Key, command.Value, command.Source));

    /// <param name="solution">The solution as it stands, or null when there is none of that id.</param>
    /// <param name="known">The keys of the customer's recorded preferences.</param>
    /// <param name="command">What is asked.</param>
    /// <param name="at">When it is claimed to have happened, and now.</param>
    public static Decision Decide(
        Solution? solution, ImmutableHashSet<string> known, ISolutionCommand command, Moment at)
    {
        if (solution is null && command is not ProposeSolution)
        {
            return new Rejection(RejectionCode.SolutionUnknown,
                $"This customer has no solution '{command.SolutionId}'.", "solutionId");
        }
        var asked = Event(command);
        return Decision.Unless(
            (solution is null ? null : SolutionRules.Refusal(solution, asked))
                ?? (command is ProposeSolution { PreferenceKeys: { } keys } ? Unfit(keys, known, at) : null),
            asked);
    }

    private static ISolutionEvent Event(ISolutionCommand command) => command switch
    {
        ProposeSolution c => new SolutionProposed(c.SolutionId, c.Summary, c.PreferenceKeys ?? []),
        AcceptSolution c => new SolutionAccepted(c.SolutionId),
        DeclineSolution c => new SolutionDeclined(c.SolutionId, c.Reason),
        _ => throw new UnreachableException($"No solution takes {command.GetType().Name}."),
    };

    /// <summary>An import may bring a solution before the preferences that it answers.</summary>
    private static Rejection? Unfit(IReadOnlyList<string> keys, ImmutableHashSet<string> known, Moment at)
    {
        if (Duplicates.Refusal(keys, "preferenceKeys") is { } twice)
            return twice;
        string[] unknown = at.Imported ? [] : [.. keys.Where(k => !known.Contains(k))];
        return unknown.Length == 0 ? null : new(RejectionCode.PreferenceUnknown,
            $"No preference of this customer is recorded under {string.Join(", ", unknown.Select(k => $"'{k}'"))}. "
            + "Record it first, or leave it out.", "preferenceKeys");
    }
}
