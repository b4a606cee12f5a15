namespace CrmLedger.Campaigns.Model;

/// <summary>What the ledger must answer to a step.</summary>
/// <param name="Problem">The problem's code, or null when it is accepted.</param>
/// <param name="Event">The event that is recorded or was recorded before.</param>
/// <param name="IsRepeated">Whether it was recorded before.</param>
internal sealed record Expected(string? Problem, Happened? Event = null, bool IsRepeated = false);

/// <summary>
/// The ledger of one sequence as plainly as it can be written: lists of events and questions asked of them, nothing of
/// the product's deciders and folds.
/// </summary>
internal sealed class ReferenceLedger
{
    /// <summary>The members who have joined, and their teams.</summary>
    public static readonly IReadOnlyDictionary<string, string> TeamOf = new Dictionary<string, string>
    {
        ["ref:erik"] = "support",
        ["ref:maria"] = "lab",
    };

    private readonly Dictionary<int, ReferenceCustomer> _customers = [];
    private readonly Dictionary<string, (Step Step, Happened Event)> _known = new(StringComparer.Ordinal);

    /// <summary>The customers who were registered.</summary>
    public IEnumerable<(int Number, ReferenceCustomer Customer)> Customers =>
        _customers.Where(c => c.Value.IsRegistered).Select(c => (c.Key, c.Value));

    /// <summary>The version of a customer's stream.</summary>
    public long VersionOf(int customer) => Of(customer).Events.Count;

    /// <summary>Answers, and takes what it accepts.</summary>
    public Expected Ask(Step step)
    {
        if (step.EventId is { } id && _known.TryGetValue(id, out var first))
        {
            return first.Step.Content == step.Content
                ? new(null, first.Event, IsRepeated: true)
                : new("event_id_reused");
        }
        var next = new Happened(step.Event, step.Body, step.Key, step.Annuls, VersionOf(step.Customer) + 1,
            step.OccurredAt ?? step.At, step.At, step.Imported);
        if (Refusal(step, next) is { } problem)
            return new(problem);
        next = Complete(next, Of(step.Customer));
        Of(step.Customer).Add(next);
        if (step.EventId is { } given)
            _known.Add(given, (step, next));
        return new(null, next);
    }

    private string? Refusal(Step step, Happened next)
    {
        if (step.VersionOff is not null and not 0)
            return "stale_version";
        if (next.OccurredAt - next.RecordedAt > TimeSpan.FromMinutes(5))
            return "invalid_request";
        if (Members(step).Any(m => !TeamOf.ContainsKey(m)))
            return "member_unknown";
        if (step.MergesInto is { } other)
        {
            if (!Of(other).IsRegistered)
                return "customer_unknown";
            if (Of(other).IsMerged)
                return "customer_merged";
        }
        return Of(step.Customer).Refusal(next)
            ?? (step.MergesInto == step.Customer ? "customer_merged_into_itself" : null);
    }

    private static IEnumerable<string> Members(Step step) =>
        step.Body.Where(f => f.Key is "memberId" or "toMemberId").Select(f => (string)f.Value);

    /// <summary>
    /// What the ledger writes besides what was sent: the team of a member then, who held something before, and how much
    /// "the rest" was.
    /// </summary>
    private static Happened Complete(Happened e, ReferenceCustomer customer)
    {
        if (e.TextOrNull("memberId") is { } member && e.TextOrNull("team") is null)
            e = e.With("team", TeamOf[member]);
        if (e.TextOrNull("toMemberId") is { } holder && e.TextOrNull("toTeam") is null)
            e = e.With("toTeam", TeamOf[holder]);
        if (e.Event == "promise_reassigned")
            e = e.With("fromMemberId", ReferencePromise.Of(customer.Standing(), e.Text("promiseId"))!.Holder);
        if (e.Event == "follow_up_reassigned")
            e = e.With("fromMemberId", ReferenceFollowUp.Of(customer.Standing(), e.Text("followUpId"))!.Holder);
        if (e.Event == "purchase_returned" && !e.Body.ContainsKey("amountMinor"))
            e = e.With("amountMinor", (int)ReferencePurchase.Left(customer.Standing(), e));
        return e;
    }

    private ReferenceCustomer Of(int customer)
    {
        if (!_customers.TryGetValue(customer, out var there))
            _customers[customer] = there = new();
        return there;
    }
}
