namespace CrmLedger.Campaigns.Model;

/// <summary>A contact that is owed, made again from its events whenever asked.</summary>
internal sealed class ReferenceFollowUp
{
    private Happened _scheduled = null!;

    public required string Id { get; init; }

    public string Purpose => _scheduled.Text("purpose");

    public DateTimeOffset MadeAt => _scheduled.Effective;

    public DateTimeOffset FirstDue => _scheduled.Time("dueAt");

    public string Holder { get; private set; } = "";

    public string HolderTeam { get; private set; } = "";

    public DateTimeOffset BindingDue { get; private set; }

    public int Renegotiations { get; private set; }

    public bool IsOpen { get; private set; } = true;

    public static bool IsAbout(string happened) => happened.StartsWith("follow_up_", StringComparison.Ordinal);

    /// <summary>The follow-up as the events that stand tell it, or null when none of them scheduled it.</summary>
    public static ReferenceFollowUp? Of(IEnumerable<Happened> standing, string id)
    {
        ReferenceFollowUp? followUp = null;
        foreach (var e in standing.Where(e => IsAbout(e.Event) && e.Has("followUpId", id)))
        {
            if (followUp is null && e.Event == "follow_up_scheduled")
                followUp = Scheduled(id, e);
            else if (followUp is not null && followUp.Refusal(e) is null)
                followUp.Take(e);
        }
        return followUp;
    }

    /// <summary>Why this cannot happen to it, or null.</summary>
    public string? Refusal(Happened e)
    {
        if (e.Event == "follow_up_scheduled")
            return "follow_up_exists";
        if (!IsOpen)
            return "follow_up_closed";
        return e.Event == "follow_up_rescheduled" && e.Time("newDueAt") <= e.Effective ? "date_not_ahead" : null;
    }

    private static ReferenceFollowUp Scheduled(string id, Happened e) => new()
    {
        Id = id,
        _scheduled = e,
        Holder = e.Text("memberId"),
        HolderTeam = e.Text("team"),
        BindingDue = e.Time("dueAt"),
    };

    private void Take(Happened e)
    {
        switch (e.Event)
        {
            case "follow_up_reassigned":
                (Holder, HolderTeam) = (e.Text("toMemberId"), e.Text("toTeam"));
                break;
            case "follow_up_rescheduled":
                // Only what the customer agreed to before the date passed binds; else we merely plan it so.
                if (e.Body["agreedWithCustomer"] is true && e.Effective <= BindingDue)
                {
                    BindingDue = e.Time("newDueAt");
                    Renegotiations++;
                }
                break;
            case "follow_up_completed" or "follow_up_cancelled":
                IsOpen = false;
                break;
            default:
                throw new ArgumentException(e.Event, nameof(e));
        }
    }
}
