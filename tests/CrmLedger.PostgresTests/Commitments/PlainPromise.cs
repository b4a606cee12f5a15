using System.Text.Json;
using CrmLedger.PostgresTests.Http;

namespace CrmLedger.PostgresTests.Commitments;

/// <summary>
/// A promise judged once more, word by word and without the ledger's own code: what may be recorded of it by
/// src/CrmLedger/Promises/README.md, and how it counts by src/CrmLedger/Commitments/README.md.
/// </summary>
internal sealed class PlainPromise
{
    private static readonly TimeSpan s_grace = TimeSpan.FromHours(24);
    private DateTimeOffset _firstDue;
    private DateTimeOffset _bindingDue;
    private DateTimeOffset? _proposed;
    private DateTimeOffset? _keptAt;
    private DateTimeOffset? _releasedAt;
    private string _state = "none";
    private bool _lapsed;
    private bool _everDisputed;
    private bool _confirmed;
    private bool _madeAfterDue;

    /// <summary>Whether it is still owed.</summary>
    public bool IsOpen => _state == "open";

    /// <summary>The date first promised.</summary>
    public DateTimeOffset FirstDue => _firstDue;

    /// <summary>The last date that was agreed in time.</summary>
    public DateTimeOffset BindingDue => _bindingDue;

    /// <summary>The same once more, to try on it what may not stand.</summary>
    public PlainPromise Copy() => (PlainPromise)MemberwiseClone();

    /// <summary>Takes the next event.</summary>
    /// <returns>Whether it may stand where it stands.</returns>
    public bool Take(string type, JsonElement data, DateTimeOffset occurredAt, DateTimeOffset recordedAt)
    {
        var effective = recordedAt - occurredAt <= s_grace ? occurredAt : recordedAt;
        switch (type)
        {
            case "promise_made" when _state == "none":
                _state = "open";
                _firstDue = _bindingDue = data.Time("dueAt")!.Value;
                _madeAfterDue = occurredAt > _firstDue || recordedAt > _firstDue;
                return true;
            case "promise_renegotiation_proposed":
                _proposed = data.Time("newDueAt");
                return IsOpen && effective <= _bindingDue && _proposed > effective;
            case "promise_renegotiation_accepted":
                bool inTime = IsOpen && effective <= _bindingDue && _proposed > effective;
                _bindingDue = _proposed ?? _bindingDue;
                (_proposed, _lapsed) = (null, false);
                return inTime;
            case "promise_renegotiation_refused":
                bool wasAsked = _proposed is not null;
                _proposed = null;
                return IsOpen && wasAsked;
            case "promise_lapsed":
                bool isDue = IsOpen && !_lapsed && recordedAt > _bindingDue;
                _lapsed = true;
                return isDue;
            case "promise_miss_explained":
                return WasMissed(effective);
            default:
                return End(type, effective);
        }
    }

    /// <summary>How it counts at a time; the first that fits decides.</summary>
    public string ClassAt(DateTimeOffset time)
    {
        if (_firstDue > time)
            return "not_yet_due";
        if (_state is "withdrawn" or "disputed")
            return "broken";
        if (_state == "released")
            return _releasedAt <= _bindingDue ? "released" : "broken";
        bool keptAtOnce = _state == "kept" && !_everDisputed && !_madeAfterDue;
        if (keptAtOnce && _keptAt <= _firstDue && _keptAt <= _bindingDue)
            return "kept_first_date";
        if (keptAtOnce && _keptAt <= _bindingDue)
            return "kept_agreed_date";
        if (_state == "kept")
            return "kept_late";
        return _bindingDue > time ? "moved_by_agreement" : "overdue";
    }

    private bool End(string type, DateTimeOffset effective)
    {
        string before = _state;
        switch (type)
        {
            case "promise_declared_kept":
                (_state, _keptAt, _proposed) = ("kept", effective, null);
                return before is "open" or "disputed";
            case "promise_confirmed":
                bool first = !_confirmed;
                _confirmed = true;
                return before == "kept" && first;
            case "promise_disputed":
                (_state, _everDisputed) = ("disputed", true);
                return before == "kept" && !_confirmed;
            case "promise_withdrawn":
                _state = "withdrawn";
                return before == "open";
            case "promise_released":
                (_state, _releasedAt) = ("released", effective);
                return before == "open";
            default:
                return false;
        }
    }

    private bool WasMissed(DateTimeOffset effective) => _state switch
    {
        "withdrawn" or "disputed" => true,
        "kept" => _everDisputed || _madeAfterDue || _keptAt > _firstDue || _keptAt > _bindingDue,
        "released" => _releasedAt > _bindingDue,
        "open" => _lapsed || effective > _firstDue || effective > _bindingDue,
        _ => false,
    };
}
