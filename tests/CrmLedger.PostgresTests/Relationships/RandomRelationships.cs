using System.Text.Json.Nodes;

namespace CrmLedger.PostgresTests.Relationships;

/// <summary>
/// Two years of dealings with customers by chance: purchases and returns, concerns, feedback, endings. Told as
/// CloudEvents in the order of their times. The same seed gives the same.
/// </summary>
internal sealed class RandomRelationships(int seed)
{
    private static readonly DateTimeOffset s_start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly string[] s_topics = ["delivery", "price", "staff"];
    private readonly Random _random = new(seed);
    private readonly List<(DateTimeOffset At, string Type, string Customer, JsonObject Data)> _events = [];
    private int _things;

    public static DateTimeOffset Start => s_start;

    public const int Days = 730;

    /// <summary>The customers' references, with their segments.</summary>
    public static IReadOnlyList<(string Reference, string? Segment)> Customers { get; } =
    [
        .. Enumerable.Range(0, 14).Select(i => ($"c{i}", (string?)(i % 3 == 0 ? "wholesale" : i % 3 == 1 ? "retail"
            : null))),
    ];

    /// <summary>What happens, in the order of its times.</summary>
    public IReadOnlyList<(DateTimeOffset At, string Type, string Customer, JsonObject Data)> Tell()
    {
        foreach (var (reference, segment) in Customers)
        {
            double joined = _random.Next(60);
            var data = new JsonObject { ["name"] = $"Name of {reference}" };
            if (segment is not null)
                data["segment"] = segment;
            Add(joined, "customer_registered", reference, data);
            Buy(reference, joined);
            for (int i = _random.Next(6); i > 0; i--)
                Worry(reference, joined + _random.Next(Days - 80));
            for (int i = _random.Next(9); i > 0; i--)
                Say(reference, joined + _random.Next(Days - 80));
            if (_random.Next(3) == 0)
                Leave(reference, joined + 100 + _random.Next(300));
        }
        return [.. _events.OrderBy(e => e.At)];
    }

    private void Buy(string customer, double day)
    {
        int gap = 5 + _random.Next(90);
        for (day += _random.Next(40); day < Days && _random.Next(14) > 0; day += gap * (0.5 + 2 * _random.NextDouble()))
        {
            string id = NewId();
            int amount = _random.Next(100, 9_999);
            Add(day, "purchase_recorded", customer, new()
            {
                ["purchaseId"] = id,
                ["amountMinor"] = amount,
                ["currency"] = _random.Next(5) == 0 ? "USD" : "EUR",
            });
            if (_random.Next(5) == 0)
            {
                Add(day + 3, "purchase_returned", customer,
                    new() { ["purchaseId"] = id, ["amountMinor"] = amount / 2 });
            }
            if (_random.Next(8) == 0)
                Add(day + 9, "purchase_returned", customer, new() { ["purchaseId"] = id });
        }
    }

    private void Worry(string customer, double day)
    {
        string id = NewId();
        var raised = new JsonObject
        {
            ["concernId"] = id,
            ["severity"] = Any("low", "normal", "high", "critical", "critical"),
            ["topics"] = Topics(),
        };
        About(raised);
        Add(day, "concern_raised", customer, raised);
        var about = () => new JsonObject { ["concernId"] = id };
        if (_random.Next(3) > 0)
            Add(day += 2 * _random.NextDouble(), "concern_acknowledged", customer, about());
        for (int turn = 0; turn < 3 && _random.Next(4) > 0; turn++)
        {
            Add(day += 0.1 + 20 * _random.NextDouble(), "concern_resolved", customer, about());
            if (_random.Next(3) > 0)
                break;
            Add(day += 0.1 + 5 * _random.NextDouble(), "concern_reopened", customer, about());
        }
    }

    private void Say(string customer, double day)
    {
        string id = NewId();
        string kind = Any("csat", "csat", "nps", "nps", "ces", "comment");
        if (_random.Next(2) == 0)
        {
            var asked = new JsonObject { ["feedbackId"] = id, ["kind"] = kind };
            About(asked);
            Add(day, "feedback_requested", customer, asked);
            if (_random.Next(3) == 0)
                return;
            day += 0.1 + 9 * _random.NextDouble();
        }
        var given = new JsonObject { ["feedbackId"] = id, ["kind"] = kind, ["topics"] = Topics() };
        if (kind == "comment")
            given["comment"] = "As expected.";
        else
            given["score"] = _random.Next(kind == "nps" ? 0 : 1, kind == "csat" ? 6 : kind == "nps" ? 11 : 8);
        About(given);
        Add(day, "feedback_received", customer, given);
        double acted = day + 0.1 + 50 * _random.NextDouble(), told = day + 0.1 + 50 * _random.NextDouble();
        if (_random.Next(2) == 0)
            Add(acted, "feedback_acted_upon", customer, new() { ["feedbackId"] = id });
        if (_random.Next(2) == 0)
            Add(told, "feedback_outcome_told", customer, new() { ["feedbackId"] = id });
    }

    private void Leave(string customer, double day)
    {
        Add(day, "relationship_ended", customer, new()
        {
            ["reason"] = Any("price", "competitor", "service", "need_gone", "other"),
        });
        if (_random.Next(2) == 0)
            Add(day + 40, "relationship_renewed", customer, []);
    }

    private void About(JsonObject data)
    {
        if (_random.Next(4) > 0)
            data["memberId"] = Any("ref:erik", "ref:maria");
    }

    private JsonArray Topics()
    {
        string[] topics = [.. s_topics.Where(_ => _random.Next(3) == 0)];
        return [.. topics.Select(t => JsonValue.Create(t))];
    }

    private string Any(params string[] of) => of[_random.Next(of.Length)];

    private string NewId() => $"x{++_things}";

    private void Add(double day, string type, string customer, JsonObject data) => _events.Add((
        s_start + TimeSpan.FromMinutes(Math.Round(day * 24 * 60)), type, customer, data));
}
