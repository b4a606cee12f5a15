namespace CrmLedger.Campaigns.Model;

/// <summary>
/// A customer as a plain list of what was accepted. Every question is answered from the whole list, without the entries
/// that were annulled; nothing is remembered besides.
/// </summary>
internal sealed class ReferenceCustomer
{
    private readonly List<Happened> _events = [];

    /// <summary>Everything that was accepted, annulled or not.</summary>
    public IReadOnlyList<Happened> Events => _events;

    public void Add(Happened e) => _events.Add(e);

    /// <summary>The same customer as it was known at a time.</summary>
    public ReferenceCustomer KnownAt(DateTimeOffset time)
    {
        var then = new ReferenceCustomer();
        then._events.AddRange(_events.Where(e => e.RecordedAt <= time));
        return then;
    }

    /// <summary>What was accepted and not annulled.</summary>
    public IReadOnlyList<Happened> Standing()
    {
        var annulled = _events.Where(e => e.Annuls is not null).Select(e => e.Annuls).ToList();
        return annulled.Count == 0 ? _events : _events.FindAll(e => !annulled.Contains(e.Key));
    }

    public bool IsRegistered => _events.Count > 0;

    public bool IsMerged => LastOf("customer_merged_into", "customer_unmerged") == "customer_merged_into";

    public bool HasEnded => LastOf("relationship_ended", "relationship_renewed") == "relationship_ended";

    public string Name => Standing().Select(e => Detail(e, "name")).Last(n => n is not null)!;

    public string? Segment => Standing().Select(e => Detail(e, "segment")).LastOrDefault(s => s is not null);

    public IEnumerable<ReferencePromise> Promises() => All("promise_made", "promiseId", ReferencePromise.Of);

    public IEnumerable<ReferenceFollowUp> FollowUps() => All("follow_up_scheduled", "followUpId", ReferenceFollowUp.Of);

    /// <summary>Why this cannot be recorded, or null.</summary>
    public string? Refusal(Happened next)
    {
        if (!IsRegistered)
            return next.Event == "customer_registered" ? null : "customer_unknown";
        if (IsMerged && !SeesThrough(next.Event))
            return "customer_merged";
        var standing = Standing();
        return UnknownReference(standing, next) ?? next.Event switch
        {
            "customer_registered" => "customer_exists",
            "customer_details_corrected" => next.Body.Count == 0 ? "nothing_to_correct" : null,
            "customer_unmerged" => IsMerged ? null : "customer_not_merged",
            "relationship_ended" => HasEnded ? "relationship_ended" : null,
            "relationship_renewed" => HasEnded ? null : "relationship_not_ended",
            "customer_merged_into" or "consent_recorded" or "preference_recorded" => null,
            "touchpoint_recorded" => TouchpointRefusal(standing, next),
            "entry_annulled" => AnnulmentRefusal(next),
            "purchase_recorded" or "purchase_returned" => ReferencePurchase.Refusal(standing, next),
            var name when name.StartsWith("concern_", StringComparison.Ordinal) =>
                ReferenceCare.ConcernRefusal(standing, next),
            var name when name.StartsWith("feedback_", StringComparison.Ordinal) =>
                ReferenceCare.FeedbackRefusal(standing, next),
            var name when name.StartsWith("solution_", StringComparison.Ordinal) =>
                ReferenceCare.SolutionRefusal(standing, next),
            var name when ReferenceFollowUp.IsAbout(name) => FollowUpRefusal(standing, next),
            _ => PromiseRefusal(standing, next),
        };
    }

    private static string? PromiseRefusal(IReadOnlyList<Happened> standing, Happened next)
    {
        var promise = ReferencePromise.Of(standing, next.Text("promiseId"));
        if (promise is null)
            return next.Event == "promise_made" ? null : "promise_unknown";
        return promise.Refusal(next);
    }

    private static string? FollowUpRefusal(IReadOnlyList<Happened> standing, Happened next)
    {
        var followUp = ReferenceFollowUp.Of(standing, next.Text("followUpId"));
        if (followUp is null)
            return next.Event == "follow_up_scheduled" ? null : "follow_up_unknown";
        return followUp.Refusal(next);
    }

    private static string? TouchpointRefusal(IReadOnlyList<Happened> standing, Happened next) =>
        Knows(standing, "touchpoint_recorded", "touchpointId", next.Text("touchpointId")) ? "touchpoint_exists"
        : next.ListsTwice("practices") ? "listed_twice"
        : null;

    private string? AnnulmentRefusal(Happened next)
    {
        if (_events.Any(e => e.Annuls == next.Annuls && e.Annuls is not null))
            return "entry_annulled";
        var entry = _events.Find(e => e.Key == next.Annuls);
        if (entry is null || entry.Event == "entry_annulled")
            return "entry_unknown";
        return entry.Event == "customer_registered" ? "entry_not_annullable" : null;
    }

    /// <summary>What is owed when a customer turns out to be another one is seen through where it stands.</summary>
    private static bool SeesThrough(string name) => name is "customer_unmerged" or "entry_annulled"
        or "purchase_returned" or "solution_accepted" or "solution_declined"
        || (name.StartsWith("promise_", StringComparison.Ordinal) && name != "promise_made")
        || (name.StartsWith("follow_up_", StringComparison.Ordinal) && name != "follow_up_scheduled")
        || (name.StartsWith("concern_", StringComparison.Ordinal) && name != "concern_raised")
        || (name.StartsWith("feedback_", StringComparison.Ordinal) && name != "feedback_requested");

    /// <summary>What is referred to must be there; an import may bring it later.</summary>
    private static string? UnknownReference(IReadOnlyList<Happened> standing, Happened next)
    {
        if (next.Imported)
            return null;
        if (next.Event != "touchpoint_recorded" && next.TextOrNull("touchpointId") is { } touchpoint
            && !Knows(standing, "touchpoint_recorded", "touchpointId", touchpoint))
        {
            return "touchpoint_unknown";
        }
        return next.Event == "promise_made" && next.TextOrNull("concernId") is { } concern
            && !Knows(standing, "concern_raised", "concernId", concern)
                ? "concern_unknown"
                : null;
    }

    private static bool Knows(IReadOnlyList<Happened> standing, string name, string field, string id) =>
        standing.Any(e => e.Event == name && e.Has(field, id));

    private static string? Detail(Happened e, string field) =>
        e.Event is "customer_registered" or "customer_details_corrected" ? e.TextOrNull(field) : null;

    private string? LastOf(params string[] names) =>
        Standing().Select(e => e.Event).LastOrDefault(names.Contains);

    private List<T> All<T>(string beginning, string field, Func<IReadOnlyList<Happened>, string, T?> of)
        where T : class
    {
        var standing = Standing();
        var ids = standing.Where(e => e.Event == beginning).Select(e => e.Text(field)).Distinct();
        return [.. ids.Select(id => of(standing, id)!)];
    }
}

/// <summary>A purchase and what of it was given back.</summary>
internal static class ReferencePurchase
{
    /// <summary>Why this cannot happen to the purchase, or null.</summary>
    public static string? Refusal(IEnumerable<Happened> standing, Happened next)
    {
        var (left, isOver) = Of(standing, next);
        if (next.Event == "purchase_recorded")
            return left is null ? null : "purchase_exists";
        if (left is null)
            return "purchase_unknown";
        return isOver ? "purchase_already_returned" : Amount(next) > left ? "return_above_rest" : null;
    }

    /// <summary>What is left of the purchase: what a return of all the rest gives back.</summary>
    public static long Left(IEnumerable<Happened> standing, Happened next) => Of(standing, next).Left ?? 0;

    private static (long? Left, bool IsOver) Of(IEnumerable<Happened> standing, Happened next)
    {
        long? left = null;
        bool isOver = false;
        foreach (var e in standing.Where(e => e.Event.StartsWith("purchase_", StringComparison.Ordinal)
            && e.Has("purchaseId", next.Text("purchaseId"))))
        {
            if (e.Event == "purchase_recorded")
                left ??= Amount(e);
            else if (left is not null && !isOver && Amount(e) <= left)
                (left, isOver) = (left - Amount(e), left == Amount(e));
        }
        return (left, isOver);
    }

    private static long? Amount(Happened e) =>
        e.Body.TryGetValue("amountMinor", out object? amount) ? (int)amount : null;
}
