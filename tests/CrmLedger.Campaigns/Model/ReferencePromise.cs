namespace CrmLedger.Campaigns.Model;

/// <summary>
/// A promise by the rules in src/CrmLedger/Promises/README.md, made again from its events whenever it is asked about.
/// </summary>
internal sealed class ReferencePromise
{
    private Happened _made = null!;
    private DateTimeOffset _releasedAt;
    private string _state = "made";

    public required string Id { get; init; }

    public string Kind => _made.Text("kind");

    public string Conditions => _made.Text("conditions");

    public string Maker => _made.Text("memberId");

    public string MakerTeam => _made.Text("team");

    public DateTimeOffset MadeAt => _made.Effective;

    public string Holder { get; private set; } = "";

    public string HolderTeam { get; private set; } = "";

    public DateTimeOffset FirstDue { get; private set; }

    public DateTimeOffset BindingDue { get; private set; }

    public DateTimeOffset? ProposedDue { get; private set; }

    public int Renegotiations { get; private set; }

    public DateTimeOffset? KeptAt { get; private set; }

    public bool IsConfirmed { get; private set; }

    public bool EverDisputed { get; private set; }

    public string? Cause { get; private set; }

    public bool Imported { get; private set; }

    public bool RecordedLate { get; private set; }

    public bool IsOpen => _state is "made" or "renegotiating";

    /// <summary>Made or recorded after its own due date: never kept in time, imports apart.</summary>
    private bool WasTooLateToBegin => _made.OccurredAt > FirstDue || (!_made.Imported && _made.RecordedAt > FirstDue);

    public static bool IsAbout(string happened) => happened.StartsWith("promise_", StringComparison.Ordinal);

    /// <summary>The promise as the events that stand tell it, or null when none of them made it.</summary>
    public static ReferencePromise? Of(IEnumerable<Happened> standing, string id)
    {
        ReferencePromise? promise = null;
        foreach (var e in standing.Where(e => IsAbout(e.Event) && e.Has("promiseId", id)))
        {
            if (promise is null && e.Event == "promise_made")
                promise = Made(id, e);
            else if (promise is not null && promise.Refusal(e) is null)
                promise.Take(e);
        }
        return promise;
    }

    /// <summary>Why this cannot happen to it, or null.</summary>
    public string? Refusal(Happened e)
    {
        if (e.Event == "promise_made")
            return "promise_exists";
        bool answers = e.Event is "promise_renegotiation_accepted" or "promise_renegotiation_refused";
        if (answers && ProposedDue is null)
            return "no_date_proposed";
        if (e.Event is "promise_confirmed" or "promise_disputed")
            return _state != "kept" ? "promise_not_declared_kept" : IsConfirmed ? "promise_already_confirmed" : null;
        if (e.Event == "promise_declared_kept")
            return IsOpen || _state == "disputed" ? null : "promise_closed";
        if (e.Event == "promise_miss_explained")
            return IsMissed(e.Effective) ? null : "not_missed";
        if (!IsOpen)
            return "promise_closed";
        if (e.Event is "promise_renegotiation_proposed" or "promise_renegotiation_accepted")
        {
            var date = e.Event == "promise_renegotiation_proposed" ? e.Time("newDueAt") : ProposedDue!.Value;
            if (e.Effective > BindingDue)
                return "promise_past_due";
            if (date <= e.Effective)
                return "date_not_ahead";
        }
        return null;
    }

    /// <summary>Its class in the kept rate; the first that fits.</summary>
    public string ClassAt(DateTimeOffset time)
    {
        if (FirstDue > time)
            return "not_yet_due";
        if (_state is "withdrawn" or "disputed")
            return "broken";
        if (_state == "released")
            return _releasedAt <= BindingDue ? "released" : "broken";
        if (_state == "kept")
        {
            bool inTime = !EverDisputed && !WasTooLateToBegin && KeptAt <= BindingDue;
            return !inTime ? "kept_late" : KeptAt <= FirstDue ? "kept_first_date" : "kept_agreed_date";
        }
        return BindingDue > time ? "moved_by_agreement" : "overdue";
    }

    public string StatusAt(DateTimeOffset time) => IsOpen && BindingDue < time ? "lapsed" : _state;

    private static ReferencePromise Made(string id, Happened made) => new()
    {
        Id = id,
        _made = made,
        Holder = made.Text("memberId"),
        HolderTeam = made.Text("team"),
        FirstDue = made.Time("dueAt"),
        BindingDue = made.Time("dueAt"),
        Imported = made.Imported,
        RecordedLate = made.IsLate,
    };

    private void Take(Happened e)
    {
        switch (e.Event)
        {
            case "promise_reassigned":
                (Holder, HolderTeam) = (e.Text("toMemberId"), e.Text("toTeam"));
                break;
            case "promise_renegotiation_proposed":
                (_state, ProposedDue) = ("renegotiating", e.Time("newDueAt"));
                break;
            case "promise_renegotiation_accepted":
                (_state, BindingDue, ProposedDue) = ("made", ProposedDue!.Value, null);
                Renegotiations++;
                RestOn(e);
                break;
            case "promise_renegotiation_refused":
                (_state, ProposedDue) = ("made", null);
                break;
            case "promise_declared_kept":
                (_state, KeptAt, ProposedDue) = ("kept", e.Effective, null);
                RestOn(e);
                break;
            case "promise_confirmed":
                IsConfirmed = true;
                break;
            case "promise_disputed":
                (_state, EverDisputed) = ("disputed", true);
                break;
            case "promise_withdrawn":
                (_state, ProposedDue) = ("withdrawn", null);
                break;
            case "promise_released":
                (_state, _releasedAt, ProposedDue) = ("released", e.Effective, null);
                RestOn(e);
                break;
            case "promise_miss_explained":
                Cause = e.Text("cause");
                break;
            default:
                throw new ArgumentException(e.Event, nameof(e));
        }
    }

    /// <summary>Its class rests on this event's time, which may be an importer's word or come too late.</summary>
    private void RestOn(Happened e) => (Imported, RecordedLate) = (Imported || e.Imported, RecordedLate || e.IsLate);

    private bool IsMissed(DateTimeOffset time) => _state switch
    {
        "withdrawn" or "disputed" => true,
        "released" => _releasedAt > BindingDue,
        "kept" => EverDisputed || WasTooLateToBegin || KeptAt > FirstDue || KeptAt > BindingDue,
        _ => time > FirstDue || time > BindingDue,
    };
}
