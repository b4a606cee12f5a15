using System.Globalization;
using System.Text.Json;
using CrmLedger.PostgresTests.Http;

namespace CrmLedger.PostgresTests.Relationships;

/// <summary>A ledger that records no deadlines by itself, so that all that is in its log is what was sent.</summary>
public sealed class UnwatchedLedger : IAsyncLifetime
{
    public RunningLedger Ledger { get; } = new() { WatchesDeadlines = false };

    public Task InitializeAsync() => Ledger.InitializeAsync();

    public Task DisposeAsync() => Ledger.DisposeAsync();
}

/// <summary>
/// Random questions about random relationships, each answered as a plain recount of the log answers it.
/// </summary>
public sealed class RelationshipQuestionTests(UnwatchedLedger unwatched)
    : LedgerTest(unwatched.Ledger), IClassFixture<UnwatchedLedger>
{
    private const int Questions = 200;
    private const int Seed = 4711;
    private readonly Random _random = new(Seed);
    private readonly List<DateTimeOffset> _moments = [];
    private IReadOnlyList<JsonElement> _log = [];

    [Fact]
    public async Task Two_hundred_random_questions_are_answered_as_a_plain_recount_answers_them()
    {
        await RecordAsync();
        var asked = new Dictionary<string, int>();
        for (int i = 0; i < Questions; i++)
        {
            var clocks = new Clocks(_random.Next(3) == 0 ? _moments[_random.Next(_moments.Count)] : null,
                _random.Next(3) == 0 ? Day() : null);
            string kind = Any("satisfaction", "responsiveness", "loyalty", "customers", "feedback", "trust");
            asked[kind] = asked.GetValueOrDefault(kind) + 1;
            await (kind switch
            {
                "satisfaction" => AskSatisfactionAsync(clocks),
                "responsiveness" => AskResponsivenessAsync(clocks),
                "loyalty" => AskLoyaltyAsync(clocks),
                "customers" => AskCustomersAsync(clocks),
                "trust" => AskTrustAsync(clocks),
                _ => AskFeedbackAsync(clocks),
            });
        }
        asked.Values.ShouldAllBe(count => count > Questions / 10);
    }

    private sealed record Clocks(DateTimeOffset? AsOf, DateTimeOffset? Until)
    {
        public string Query => (AsOf is { } known ? $"&asOf={LedgerJson.Format(known)}" : "")
            + (Until is { } happened ? $"&until={LedgerJson.Format(happened)}" : "");
    }

    /// <summary>In ten pieces, so that asOf has something to choose from; a tenth of it is annulled again.</summary>
    private async Task RecordAsync()
    {
        foreach (var (member, team) in new[] { ("erik", "support"), ("maria", "sales") })
            await JoinAsync(member, team);
        string import = await DeclareImportAsync();
        var told = new RandomRelationships(Seed).Tell();
        foreach (var (piece, number) in told.Chunk(told.Count / 10 + 1).Select((p, n) => (p, n)))
        {
            var answer = await AppendAsync(piece.Select((e, i) =>
                CloudEvent($"{number}/{i}", e.Type, $"customer/{e.Customer}", e.Data, e.At, import)));
            // What rests on an annulled entry is refused.
            answer.Number("appended")!.Value.ShouldBeGreaterThan(piece.Length * 8 / 10, answer.Text);
            foreach (var e in (await LogAsync()).Where(e => e.Text("stream")!.StartsWith("customer-")
                && e.Text("type") is not ("customer_registered" or "entry_annulled")).Where(_ => _random.Next(40) == 0))
            {
                await Http.PostAsync($"/v1/customers/{e.Text("stream")![9..]}/annulments",
                    Json(new { eventId = e.Text("id"), reason = "a slip" }));
            }
            _moments.Add(Now);
            await Task.Delay(2);
        }
        _log = await LogAsync();
        _log.Count(e => e.Text("type") == "entry_annulled").ShouldBeGreaterThan(10);
    }

    private async Task AskSatisfactionAsync(Clocks clocks)
    {
        string? by = AnyOrNull("topic", "team", "kind", "segment"), over = AnyOrNull("day", "week", "month");
        var (from, to) = Period();
        string path = $"/v1/satisfaction?x{Q("by", by)}{Q("over", over)}{Q("from", from)}{Q("to", to)}{clocks.Query}";
        var answer = await AskAsync(path);
        var (customers, time) = Known(clocks, answer);
        bool IsIn(DateTimeOffset? at) => at is not null && at >= (from ?? at) && at < (to ?? DateTimeOffset.MaxValue);
        var all = (from c in customers
                   from f in c.Value.Feedback.Values
                   from key in KeysOf(@by, f, c.Value)
                   select (Key: key, Feedback: f)).ToList();
        var lines = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var group in all.GroupBy(a => a.Key))
        {
            var asked = group.Select(g => g.Feedback).Where(f => IsIn(f.RequestedAt)).ToList();
            var received = group.Select(g => g.Feedback).Where(f => IsIn(f.ReceivedAt)).ToList();
            Add(group.Key, asked, received);
            if (over is null)
                continue;
            foreach (string period in asked.Select(f => Period(over, f.RequestedAt!.Value))
                .Concat(received.Select(f => Period(over, f.ReceivedAt!.Value))).Distinct())
            {
                Add($"{group.Key}@{period}",
                    asked.FindAll(f => Period(over, f.RequestedAt!.Value) == period),
                    received.FindAll(f => Period(over, f.ReceivedAt!.Value) == period));
            }
        }
        void Add(string key, List<PlainFeedback> asked, List<PlainFeedback> received)
        {
            if (asked.Count + received.Count > 0 || key == "*")
                lines[key] = Line(asked, received, time);
        }
        lines.TryAdd("*", Line([], [], time));
        ShouldTell(path, answer, lines, n => string.Join(' ', n.Text("received"), n.Text("csat.numerator"),
            n.Text("csat.denominator"), n.Text("nps.promoters"), n.Text("nps.detractors"), n.Text("nps.n"),
            n.Text("cesN"), Round(n.At("cesMean")), n.Text("responded.numerator"), n.Text("responded.denominator"),
            Round(n.At("medianResponseSeconds")), n.Text("actedUpon.numerator"), Round(n.At("medianActedUponSeconds")),
            n.Text("closedLoop.numerator"), Round(n.At("medianClosedLoopSeconds")), n.Text("waiting"),
            n.Text("overdue")));
    }

    private static string Line(List<PlainFeedback> asked, List<PlainFeedback> received, DateTimeOffset time)
    {
        var csat = received.FindAll(f => f.Kind == "csat");
        var nps = received.FindAll(f => f.Kind == "nps");
        var ces = received.FindAll(f => f.Kind == "ces");
        double? Median(IEnumerable<TimeSpan?> times)
        {
            double[] seconds = [.. times.OfType<TimeSpan>().Select(t => t.TotalSeconds).Order()];
            return seconds.Length == 0 ? null : (seconds[(seconds.Length - 1) / 2] + seconds[seconds.Length / 2]) / 2;
        }
        return string.Join(' ', received.Count, csat.Count(f => f.Score >= 4), csat.Count,
            nps.Count(f => f.Score >= 9), nps.Count(f => f.Score <= 6), nps.Count, ces.Count,
            Round(ces.Count == 0 ? null : ces.Average(f => f.Score)), asked.Count(f => f.ReceivedAt is not null),
            asked.Count, Round(Median(asked.Select(f => f.ReceivedAt - f.RequestedAt))),
            received.Count(f => f.ActedAt is not null), Round(Median(received.Select(f => f.ActedAt - f.ReceivedAt))),
            received.Count(f => f.ToldAt is not null), Round(Median(received.Select(f => f.ToldAt - f.ReceivedAt))),
            received.Count(f => f.Waits), received.Count(f => f.Waits && f.AnswerBy < time));
    }

    private async Task AskResponsivenessAsync(Clocks clocks)
    {
        string? by = AnyOrNull("severity", "topic", "team", "customer"), over = AnyOrNull("week", "month");
        var (from, to) = Period();
        string path =
            $"/v1/responsiveness?x{Q("by", by)}{Q("over", over)}{Q("from", from)}{Q("to", to)}{clocks.Query}";
        var answer = await AskAsync(path);
        var (customers, time) = Known(clocks, answer);
        var all = (from c in customers
                   from concern in c.Value.Concerns.Values
                   where !(concern.RaisedAt < @from) && !(concern.RaisedAt >= to)
                   from key in @by switch
                   {
                       null => ["*"],
                       "severity" => ["*", concern.Severity],
                       "topic" => ["*", .. concern.Topics.DefaultIfEmpty("")],
                       "team" => ["*", concern.Team],
                       _ => new[] { "*", c.Key },
                   }
                   select (Key: key, Concern: concern)).ToList();
        var keyed = all.Concat(over is null ? [] : all.Select(a =>
            (Key: $"{a.Key}@{Period(over, a.Concern.RaisedAt)}", a.Concern)));
        var lines = new SortedDictionary<string, string>(
            keyed.GroupBy(a => a.Key).ToDictionary(g => g.Key, g => Line([.. g.Select(a => a.Concern)], time)),
            StringComparer.Ordinal);
        lines.TryAdd("*", Line([], time));
        ShouldTell(path, answer, lines, n => string.Join(' ', n.Text("raised"), n.Text("answeredInTime.numerator"),
            n.Text("answeredInTime.denominator"), n.Text("unanswered"), n.Text("firstResponse.n"),
            Round(n.At("firstResponse.p50")), Round(n.At("firstResponse.p90")), Round(n.At("firstResponse.longest")),
            n.Text("resolved.numerator"), Round(n.At("resolution.p75")), Round(n.At("resolution.p95")),
            n.Text("reopened.numerator"), n.Text("reopened.denominator")));
    }

    private static string Line(List<PlainConcern> concerns, DateTimeOffset time)
    {
        string Percentile(IEnumerable<TimeSpan?> times, int percent)
        {
            double[] seconds = [.. times.OfType<TimeSpan>().Select(t => t.TotalSeconds).Order()];
            return Round(seconds.Length == 0 ? null : seconds.First(s =>
                seconds.Count(other => other <= s) * 100 >= percent * seconds.Length));
        }
        var answered = concerns.FindAll(c => c.FirstAnswer is not null);
        var resolved = concerns.FindAll(c => c.State == "resolved");
        var everResolved = concerns.FindAll(c => c.Resolutions.Count > 0);
        var first = answered.Select(c => (TimeSpan?)(c.FirstAnswer!.Value.At - c.RaisedAt)).ToList();
        var last = resolved.Select(c => (TimeSpan?)(c.Resolutions[^1].At - c.RaisedAt)).ToList();
        int waiting = concerns.Count - answered.Count;
        return string.Join(' ', concerns.Count, answered.Count(c => c.FirstAnswer!.Value.InTime),
            answered.Count + concerns.Count(c => c.FirstAnswer is null && c.RespondBy < time), waiting, answered.Count,
            Percentile(first, 50), Percentile(first, 90), Percentile(first, 100), resolved.Count,
            Percentile(last, 75), Percentile(last, 95),
            everResolved.Count(c => c.Resolutions.Exists(r => r.ReopenedAt is not null)), everResolved.Count);
    }

    private async Task AskLoyaltyAsync(Clocks clocks)
    {
        var from = Day();
        var to = from.AddDays(_random.Next(1, 300));
        string over = Any("week", "month");
        bool bySegment = _random.Next(2) == 0;
        string path = $"/v1/loyalty?over={over}{Q("from", from)}{Q("to", to)}{(bySegment ? "&by=segment" : "")}"
            + clocks.Query;
        var answer = await AskAsync(path);
        var (customers, time) = Known(clocks, answer);
        foreach (var group in answer.Items("groups"))
        {
            var some = customers.Values
                .Where(c => c.Registered is not null && c.Segment == (group.Text("key") ?? c.Segment)).ToList();
            foreach (var period in group.Items("periods").Append(group))
            {
                bool isTotal = period.At("count") is null;
                var count = period.At(isTotal ? "total" : "count")!.Value;
                var (start, end) = isTotal ? (from, to) : (period.Time("from")!.Value, period.Time("to")!.Value);
                LineOf(count).ShouldBe(PlainLoyalty.Line(some, start, end, time), $"{path}, {start:O} to {end:O}");
            }
        }
    }

    internal static string LineOf(JsonElement count) => string.Join(' ', count.Text("start"), count.Text("retained"),
        count.Text("lost"), count.Text("new"), count.Text("wonBack"), count.Text("end"),
        string.Join(',', count.At("stages")!.Value.EnumerateObject().Where(s => s.Value.GetInt64() > 0)
            .Select(s => $"{s.Name}={s.Value}").Order(StringComparer.Ordinal)),
        string.Join(',', count.At("reasonsForLeaving")!.Value.EnumerateObject()
            .Select(r => $"{r.Name}={r.Value}").Order(StringComparer.Ordinal)),
        string.Join(',', count.At("value")!.Value.EnumerateObject().Select(v =>
            $"{v.Name}={v.Value.Text("purchases")}/{v.Value.Text("amountMinor")}/{v.Value.Text("returnedMinor")}")));

    private async Task AskCustomersAsync(Clocks clocks)
    {
        string? stages = AnyOrNull("at_risk", "lapsed", "new,established", "prospect");
        string? risk = AnyOrNull("any", "silence", "low_trust", "critical_concern");
        string path = $"/v1/loyalty/customers?limit=1000{Q("stage", stages)}{Q("risk", risk)}"
            + $"{Q("order", AnyOrNull("trust", "since"))}{clocks.Query}";
        var answer = await AskAsync(path);
        var (customers, time) = Known(clocks, answer);
        var expected = from c in customers
                       where c.Value.Registered <= time
                       let stage = c.Value.StageAt(time)
                       where stages is null || stages.Split(',').Contains(stage)
                       let risks = stage == "lapsed" ? [] : PlainLoyalty.RisksOf(c.Value, time)
                       where risk is null || (risk == "any" ? risks.Count > 0 : risks.Contains(risk))
                       select $"{c.Key} {stage} {string.Join(',', risks)}";
        answer.Items("items").Select(i => $"{i.Text("customerId")} {i.Text("stage")} "
                + string.Join(',', i.Items("risks").Select(r => r.Text("reason"))))
            .ShouldBe(expected, ignoreOrder: true, path);
        answer.Number("total").ShouldBe(answer.Items("items").Count);
    }

    private async Task AskTrustAsync(Clocks clocks)
    {
        int fewest = _random.Next(1, 6);
        bool lowest = _random.Next(2) == 0;
        string path =
            $"/v1/trust?limit=1000&order={(lowest ? "lowest" : "highest")}&minEvidence={fewest}{clocks.Query}";
        var answer = await AskAsync(path);
        var (customers, time) = Known(clocks, answer);
        var expected = customers.Where(c => c.Value.EvidenceAt(time) >= fewest)
            .ToDictionary(c => c.Key, c => (c.Value.TrustAt(time), c.Value.EvidenceAt(time)));
        answer.Items("items").Select(i => i.Text("customerId")!).ShouldBe(expected.Keys, ignoreOrder: true, path);
        double last = lowest ? 0 : 100;
        foreach (var item in answer.Items("items"))
        {
            var (trust, pieces) = expected[item.Text("customerId")!];
            item.At("score")!.Value.GetDouble().ShouldBe(trust, 1e-3, path);
            item.Number("evidence").ShouldBe(pieces, path);
            double bound = item.At(lowest ? "atMost" : "atLeast")!.Value.GetDouble();
            (lowest ? bound >= last : bound <= last).ShouldBeTrue(path);
            last = bound;
        }
    }

    private async Task AskFeedbackAsync(Clocks clocks)
    {
        string state = Any("waiting", "overdue", "answered", "unanswered_request");
        string path = $"/v1/satisfaction/feedback?limit=1000&state={state}{clocks.Query}";
        var answer = await AskAsync(path);
        var (customers, time) = Known(clocks, answer);
        var expected = from c in customers
                       from f in c.Value.Feedback
                       where state switch
                       {
                           "waiting" => f.Value.Waits,
                           "overdue" => f.Value.Waits && f.Value.AnswerBy < time,
                           "answered" => f.Value.ReceivedAt is not null && !f.Value.Waits,
                           _ => f.Value.ReceivedAt is null,
                       }
                       select $"{c.Key}/{f.Key}";
        answer.Items("items").Select(i => $"{i.Text("customerId")}/{i.Text("feedbackId")}")
            .ShouldBe(expected, ignoreOrder: true, path);
    }

    private async Task<Answer> AskAsync(string path) =>
        await ReadAsync($"{path.Replace("?x&", "?").Replace("?x", "?")}&atLeast={LastPosition}".Replace("?&", "?"));

    /// <summary>The recount of what was known by the time that the answer is about.</summary>
    private (Dictionary<string, PlainRelationship> Customers, DateTimeOffset Time) Known(Clocks clocks, Answer answer)
    {
        var known = answer.Json.Time("asOf")!.Value;
        return (PlainRelationship.Of(_log, known, clocks.Until), clocks.Until ?? known);
    }

    private static void ShouldTell(
        string path, Answer answer, SortedDictionary<string, string> expected, Func<JsonElement, string> line)
    {
        var told = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var group in answer.Items("groups"))
        {
            string key = group.Text("key") ?? "*";
            told[key] = line(group.At("numbers")!.Value);
            foreach (var period in group.At("over") is null ? [] : group.Items("over"))
                told[$"{key}@{period.Text("key")}"] = line(period.At("numbers")!.Value);
        }
        told.ShouldBe(expected, path);
    }

    private static IEnumerable<string> KeysOf(string? by, PlainFeedback feedback, PlainRelationship customer) =>
        by switch
        {
            null => ["*"],
            "topic" => ["*", .. feedback.Topics.DefaultIfEmpty("")],
            "team" => ["*", feedback.Team ?? ""],
            "kind" => ["*", feedback.Kind],
            _ => ["*", customer.Segment],
        };

    private static string Period(string over, DateTimeOffset at) => over switch
    {
        "day" => at.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        "month" => at.UtcDateTime.ToString("yyyy-MM", CultureInfo.InvariantCulture),
        _ => $"{ISOWeek.GetYear(at.UtcDateTime)}-W{ISOWeek.GetWeekOfYear(at.UtcDateTime):00}",
    };

    private static string Round(JsonElement? number) => Round(number?.GetDouble());

    private static string Round(double? number) => number?.ToString("F3", CultureInfo.InvariantCulture) ?? "-";

    private static string Q(string name, object? value) => value switch
    {
        null => "",
        DateTimeOffset time => $"&{name}={LedgerJson.Format(time)}",
        _ => $"&{name}={value}",
    };

    private (DateTimeOffset? From, DateTimeOffset? To) Period()
    {
        DateTimeOffset[] ends = [Day(), Day()];
        Array.Sort(ends);
        return (_random.Next(2) == 0 ? ends[0] : null, _random.Next(2) == 0 ? ends[1] : null);
    }

    private DateTimeOffset Day() => RandomRelationships.Start.AddDays(_random.Next(RandomRelationships.Days));

    private string Any(params string[] of) => of[_random.Next(of.Length)];

    private string? AnyOrNull(params string[] of) =>
        _random.Next(of.Length + 1) is var at && at < of.Length ? of[at] : null;
}
