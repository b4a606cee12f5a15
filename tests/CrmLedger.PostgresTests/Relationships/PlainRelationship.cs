using System.Text.Json;
using CrmLedger.PostgresTests.Http;

namespace CrmLedger.PostgresTests.Relationships;

/// <summary>
/// A relationship told once more, without the ledger's own code: what was bought, what worried the customer, what they
/// said, and the stage of any time. Everything counts from when it happened.
/// </summary>
internal sealed class PlainRelationship
{
    private readonly List<(double Weight, bool SpeaksForUs, DateTimeOffset At)> _evidence = [];

    public DateTimeOffset? Registered { get; private set; }

    public string Segment { get; private set; } = "";

    public List<(DateTimeOffset At, string Reason, DateTimeOffset? RenewedAt)> Endings { get; } = [];

    public SortedDictionary<string, PlainPurchase> Purchases { get; } = [];

    public SortedDictionary<string, PlainConcern> Concerns { get; } = [];

    public SortedDictionary<string, PlainFeedback> Feedback { get; } = [];

    /// <summary>The relationships of a log, by customer.</summary>
    public static Dictionary<string, PlainRelationship> Of(
        IEnumerable<JsonElement> log, DateTimeOffset recordedBy, DateTimeOffset? occurredBy)
    {
        var known = log.Where(e => e.Time("recordedAt") <= recordedBy).ToList();
        var annulled = known.Where(e => e.Text("type") == "entry_annulled").Select(e => e.Text("data.eventId"))
            .ToHashSet();
        var customers = new Dictionary<string, PlainRelationship>();
        foreach (var e in known)
        {
            var at = e.Time("occurredAt")!.Value;
            if (annulled.Contains(e.Text("id")) || at > (occurredBy ?? at)
                || !e.Text("stream")!.StartsWith("customer-", StringComparison.Ordinal))
            {
                continue;
            }
            string id = e.Text("stream")![9..];
            if (!customers.TryGetValue(id, out var customer))
                customers[id] = customer = new();
            customer.Take(e.Text("type")!, e.At("data")!.Value, at);
        }
        return customers;
    }

    public void Bought(string id, DateTimeOffset at, long amount, string currency) =>
        Purchases[id] = new(at, amount, currency);

    public void Took(DateTimeOffset registered) => Registered = registered;

    public void Take(string type, JsonElement data, DateTimeOffset at)
    {
        switch (type)
        {
            case "customer_registered":
                (Registered, Segment) = (at, data.Text("segment") ?? "");
                break;
            case "relationship_ended" when Endings is not [.., (_, _, null)]:
                Endings.Add((at, data.Text("reason")!, null));
                break;
            case "relationship_renewed" when Endings is [.., (_, _, null)]:
                Endings[^1] = Endings[^1] with { RenewedAt = at };
                break;
            case "purchase_recorded":
                Bought(data.Text("purchaseId")!, at, data.Number("amountMinor")!.Value, data.Text("currency")!);
                break;
            case "purchase_returned":
                if (Purchases.TryGetValue(data.Text("purchaseId")!, out var purchase))
                    purchase.Return(data.Number("amountMinor"), at);
                break;
            case var concern when concern.StartsWith("concern_", StringComparison.Ordinal):
                TakeConcern(type, data, at);
                break;
            case var feedback when feedback.StartsWith("feedback_", StringComparison.Ordinal):
                TakeFeedback(type, data, at);
                break;
        }
    }

    private void TakeConcern(string type, JsonElement data, DateTimeOffset at)
    {
        string id = data.Text("concernId")!;
        if (type == "concern_raised")
        {
            Concerns.TryAdd(id, new(data, at));
            return;
        }
        if (!Concerns.TryGetValue(id, out var concern))
            return;
        bool waits = concern.State is "raised" or "reopened";
        if (type == "concern_acknowledged" && waits || type == "concern_resolved" && concern.State != "resolved")
        {
            concern.FirstAnswer ??= (at, at <= concern.RespondBy);
            if (waits && at > concern.RespondBy)
                _evidence.Add((2, false, concern.RespondBy));
            if (type == "concern_acknowledged" && at <= concern.RespondBy)
                _evidence.Add((1, true, at));
            if (type == "concern_resolved")
            {
                _evidence.Add((2, true, at));
                concern.Resolutions.Add((at, null));
            }
            concern.State = type["concern_".Length..];
        }
        else if (type == "concern_reopened" && concern.State == "resolved")
        {
            _evidence.Add((2, false, at));
            concern.Resolutions[^1] = concern.Resolutions[^1] with { ReopenedAt = at };
            (concern.State, concern.RespondBy) = ("reopened", at.AddHours(24));
        }
    }

    private void TakeFeedback(string type, JsonElement data, DateTimeOffset at)
    {
        string id = data.Text("feedbackId")!;
        var feedback = Feedback.GetValueOrDefault(id);
        switch (type)
        {
            case "feedback_requested" when feedback is null:
                Feedback[id] = new() { Kind = data.Text("kind")!, RequestedAt = at, Team = data.Text("team") };
                break;
            case "feedback_received" when feedback?.ReceivedAt is null:
                feedback ??= Feedback[id] = new();
                (feedback.Kind, feedback.ReceivedAt, feedback.Score) =
                    (data.Text("kind")!, at, (int?)data.Number("score"));
                feedback.Topics = [.. data.Items("topics").Select(t => t.GetString()!)];
                feedback.Team = data.Text("team") ?? feedback.Team;
                if (feedback is { Kind: "csat", Score: >= 4 or <= 2 })
                    _evidence.Add((1, feedback.Score >= 4, at));
                break;
            case "feedback_acted_upon" when feedback is { ReceivedAt: not null, ActedAt: null }:
                Answer(feedback, at, () => feedback.ActedAt = at);
                break;
            case "feedback_outcome_told" when feedback is { ReceivedAt: not null, ToldAt: null }:
                Answer(feedback, at, () => feedback.ToldAt = at);
                break;
        }
    }

    /// <summary>Nobody had answered within 30 days: this counts against us once, whatever comes later.</summary>
    private void Answer(PlainFeedback feedback, DateTimeOffset at, Action note)
    {
        if (feedback.Waits && at > feedback.AnswerBy)
            _evidence.Add((1.5, false, feedback.AnswerBy!.Value));
        else if (!feedback.Waits && at <= feedback.AnswerBy
            && !(feedback.ActedAt <= feedback.AnswerBy || feedback.ToldAt <= feedback.AnswerBy))
        {
            _evidence.Remove((1.5, false, feedback.AnswerBy!.Value));
        }
        note();
        _evidence.Add((1.5, true, at));
    }

    public int EvidenceAt(DateTimeOffset time) => _evidence.Count(e => e.At <= time);

    public double TrustAt(DateTimeOffset time)
    {
        double Left(bool forUs) => _evidence.Where(e => e.SpeaksForUs == forUs && e.At <= time)
            .Sum(e => e.Weight * Math.Pow(2, -(time - e.At).TotalDays / 180));
        double good = Left(true), bad = Left(false);
        return 100 * (good + 1) / (good + bad + 2);
    }

    /// <summary>The stage; null while the customer was not there.</summary>
    public string? StageAt(DateTimeOffset time)
    {
        if (Endings.Exists(e => e.At <= time && !(e.RenewedAt <= time)))
            return "lapsed";
        var bought = Purchases.Values.Where(p => p.At <= time && !(p.FullyReturnedAt <= time)).ToList();
        if (bought.Count == 0)
            return Registered <= time ? "prospect" : null;
        var (first, last) = (bought.Min(p => p.At), bought.Max(p => p.At));
        DateTime[] days = [.. bought.Select(p => p.At.UtcDateTime.Date).Distinct().Order()];
        double[] gaps = [.. days.Zip(days.Skip(1), (a, b) => (b - a).TotalDays).Order()];
        double gap = gaps.Length == 0 ? 90
            : Math.Max(7, (gaps[(gaps.Length - 1) / 2] + gaps[gaps.Length / 2]) / 2);
        double silence = (time - last).TotalDays;
        if (silence >= 4 * gap)
            return "lapsed";
        if (silence >= 2 * gap || TrustAt(time) < 40
            || Concerns.Values.Any(c => c.Severity == "critical" && c.IsOpenAt(time)))
        {
            return "at_risk";
        }
        if ((time - first).TotalDays < 90)
            return "new";
        if (days.Length < 3 || first.AddYears(1) > time)
            return "established";
        var answers = Feedback.Values.Where(f => f.Kind == "nps" && f.ReceivedAt <= time)
            .OrderBy(f => f.ReceivedAt).ThenBy(f => f.Score).ToList();
        return answers is [.., { Score: >= 9 }] ? "advocate" : "loyal";
    }
}

internal sealed record PlainPurchase(DateTimeOffset At, long Amount, string Currency)
{
    public List<(DateTimeOffset At, long Amount)> Returns { get; } = [];

    public DateTimeOffset? FullyReturnedAt { get; private set; }

    public void Return(long? amount, DateTimeOffset at)
    {
        long left = Amount - Returns.Sum(r => r.Amount);
        if (FullyReturnedAt is not null || amount > left)
            return;
        Returns.Add((at, amount ?? left));
        if ((amount ?? left) == left)
            FullyReturnedAt = at;
    }
}

internal sealed class PlainConcern(JsonElement data, DateTimeOffset at)
{
    public string Severity { get; } = data.Text("severity")!;

    public string[] Topics { get; } = [.. data.Items("topics").Select(t => t.GetString()!)];

    public string Team { get; } = data.Text("team") ?? "";

    public DateTimeOffset RaisedAt { get; } = at;

    public DateTimeOffset RespondBy { get; set; } = data.Time("respondBy") ?? at.AddHours(24);

    public string State { get; set; } = "raised";

    public (DateTimeOffset At, bool InTime)? FirstAnswer { get; set; }

    public List<(DateTimeOffset At, DateTimeOffset? ReopenedAt)> Resolutions { get; } = [];

    public bool IsOpenAt(DateTimeOffset time) =>
        RaisedAt <= time && !Resolutions.Exists(r => r.At <= time && !(r.ReopenedAt <= time));
}

internal sealed class PlainFeedback
{
    public string Kind { get; set; } = "";

    public string[] Topics { get; set; } = [];

    public string? Team { get; set; }

    public int? Score { get; set; }

    public DateTimeOffset? RequestedAt { get; set; }

    public DateTimeOffset? ReceivedAt { get; set; }

    public DateTimeOffset? ActedAt { get; set; }

    public DateTimeOffset? ToldAt { get; set; }

    public bool Waits => ReceivedAt is not null && ActedAt is null && ToldAt is null;

    public DateTimeOffset? AnswerBy => ReceivedAt?.AddDays(30);
}
