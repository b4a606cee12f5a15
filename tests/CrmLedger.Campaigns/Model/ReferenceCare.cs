namespace CrmLedger.Campaigns.Model;

/// <summary>Concerns, feedback and solutions: why the next thing cannot happen to one of them.</summary>
internal static class ReferenceCare
{
    /// <summary>Why this cannot happen to the concern, or null.</summary>
    public static string? ConcernRefusal(IEnumerable<Happened> standing, Happened next)
    {
        string? state = null;
        foreach (var e in standing.Where(e => IsOf(e, "concern_", "concernId", next)))
        {
            if (OfConcern(state, e.Event) is null)
                state = e.Event is "concern_raised" or "concern_reopened" ? "waiting" : e.Event;
        }
        return OfConcern(state, next.Event) ?? (next.ListsTwice("topics") ? "listed_twice" : null);
    }

    private static string? OfConcern(string? state, string next)
    {
        if (next == "concern_raised")
            return state is null ? null : "concern_exists";
        if (state is null)
            return "concern_unknown";
        if (next == "concern_reopened")
            return state == "concern_resolved" ? null : "concern_not_resolved";
        if (state == "concern_resolved")
            return "concern_already_resolved";
        return next == state && next == "concern_acknowledged" ? "concern_already_acknowledged" : null;
    }

    /// <summary>Why this cannot happen to the feedback, or null.</summary>
    public static string? FeedbackRefusal(IEnumerable<Happened> standing, Happened next)
    {
        var so = new HashSet<string>(StringComparer.Ordinal);
        foreach (var e in standing.Where(e => IsOf(e, "feedback_", "feedbackId", next)))
        {
            if (OfFeedback(so, e.Event) is null)
                so.Add(e.Event);
        }
        return OfFeedback(so, next.Event) ?? (next.Event == "feedback_received" ? Unfit(next) : null);
    }

    private static string? OfFeedback(HashSet<string> so, string next)
    {
        bool received = so.Contains("feedback_received");
        if (next == "feedback_requested")
            return so.Count > 0 ? "feedback_exists" : null;
        if (next == "feedback_received")
            return received ? "feedback_exists" : null;
        if (so.Count == 0)
            return "feedback_unknown";
        if (!received)
            return "feedback_not_received";
        if (!so.Contains(next))
            return null;
        return next == "feedback_acted_upon" ? "feedback_already_acted_upon" : "feedback_outcome_already_told";
    }

    /// <summary>csat takes 1 to 5, nps 0 to 10, ces 1 to 7, a comment its words and no score.</summary>
    private static string? Unfit(Happened e)
    {
        int? score = e.Body.TryGetValue("score", out object? given) ? (int)given : null;
        if (e.Has("kind", "comment"))
        {
            if (score is not null)
                return "score_not_taken";
            if (e.TextOrNull("comment") is null)
                return "comment_missing";
        }
        else
        {
            if (score is null)
                return "score_missing";
            var (lowest, highest) = e.Text("kind") switch { "csat" => (1, 5), "nps" => (0, 10), _ => (1, 7) };
            if (score < lowest || score > highest)
                return "score_out_of_range";
        }
        return e.ListsTwice("topics") ? "listed_twice" : null;
    }

    /// <summary>Why this cannot happen to the solution, or null.</summary>
    public static string? SolutionRefusal(IReadOnlyCollection<Happened> standing, Happened next)
    {
        string? state = null;
        foreach (var e in standing.Where(e => IsOf(e, "solution_", "solutionId", next)))
        {
            if (OfSolution(state, e.Event) is null)
                state = e.Event;
        }
        if (OfSolution(state, next.Event) is { } refusal)
            return refusal;
        if (next.ListsTwice("preferenceKeys"))
            return "listed_twice";
        bool knowsAll = (next.Body.GetValueOrDefault("preferenceKeys") as string[] ?? []).All(
            key => standing.Any(e => e.Event == "preference_recorded" && e.Has("key", key)));
        return knowsAll || next.Imported ? null : "preference_unknown";
    }

    private static string? OfSolution(string? state, string next)
    {
        if (next == "solution_proposed")
            return state is null ? null : "solution_exists";
        if (state is null)
            return "solution_unknown";
        return state == "solution_proposed" ? null : "solution_answered";
    }

    private static bool IsOf(Happened e, string sort, string field, Happened next) =>
        e.Event.StartsWith(sort, StringComparison.Ordinal) && e.Has(field, next.Text(field));
}
