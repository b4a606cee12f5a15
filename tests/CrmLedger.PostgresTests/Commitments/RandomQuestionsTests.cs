using System.Globalization;
using System.Text.Json;
using CrmLedger.PostgresTests.Http;

namespace CrmLedger.PostgresTests.Commitments;

/// <summary>
/// Two hundred random questions about a random past, each counted again from the log by plain code. The seed makes the
/// past and the questions; a failure names both.
/// </summary>
public sealed class RandomQuestionsTests(AlbaLedger ledger) : AlbaTest(ledger)
{
    private const int Seed = 20_240_229;
    private const int Questions = 200;
    private static readonly DateTimeOffset s_start = new(2023, 10, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly string[] s_rateGroups =
        ["maker", "holder", "team", "kind", "channel", "customer", "day", "week", "month"];
    private static readonly string[] s_periods = ["day", "week", "month"];
    private static readonly string[] s_dueGroups = ["member", "team", "customer"];

    /// <summary>What may come next, the likelier the oftener.</summary>
    private static readonly string[] s_steps =
    [
        "promise_declared_kept", "promise_declared_kept", "promise_declared_kept", "promise_renegotiation_proposed",
        "promise_renegotiation_proposed", "promise_renegotiation_accepted", "promise_renegotiation_refused",
        "promise_reassigned", "promise_reassigned", "promise_withdrawn", "promise_released", "promise_disputed",
        "promise_disputed", "promise_confirmed", "promise_miss_explained", "promise_miss_explained",
    ];

    private readonly Random _random = new(Seed);
    private readonly List<(Question Question, JsonElement Answer)> _answers = [];

    private sealed record Question(
        string Path, string? By, string? Over, DateTimeOffset? From, DateTimeOffset? To, DateTimeOffset? AsOf,
        DateTimeOffset? Until, string? Order, long? MinN, long? Within)
    {
        public string Address
        {
            get
            {
                (string Name, string? Value)[] all =
                [
                    ("by", By), ("over", Over), ("from", Plain(From)), ("to", Plain(To)), ("asOf", Plain(AsOf)),
                    ("until", Plain(Until)), ("order", Order), ("minN", MinN?.ToString(CultureInfo.InvariantCulture)),
                    ("within", Within?.ToString(CultureInfo.InvariantCulture)),
                ];
                return $"/v1/{Path}?{string.Join('&', all.Where(p => p.Value is not null)
                    .Select(p => $"{p.Name}={p.Value}"))}";
            }
        }

        private static string? Plain(DateTimeOffset? time) => time is { } at ? LedgerJson.Format(at) : null;
    }

    [Fact]
    public async Task Every_answer_is_what_a_plain_recount_of_the_log_gives()
    {
        await MakePastAsync();
        var moments = (await WholeLogAsync()).Select(e => e.Time("recordedAt")!.Value).Distinct().Order().ToList();
        for (int i = 0; i < Questions; i++)
        {
            var question = Ask(moments);
            _answers.Add((question, (await ReadAsync($"{question.Address}&atLeast={LastPosition}")).Json));
        }
        var log = await WholeLogAsync();
        var met = new HashSet<string>();
        foreach (var (question, answer) in _answers)
        {
            string which = $"seed {Seed}: {question.Address}";
            long position = answer.Number("position")!.Value;
            if (question.AsOf is { } asOf)
                position.ShouldBe(log.Count(e => e.Time("recordedAt") <= asOf) - 1, which);
            var time = question.Until ?? answer.Time("asOf")!.Value;
            var promises = PlainCommitment.Of(log, position, question.Until);
            met.UnionWith(promises.Select(p => p.Life.ClassAt(time)));
            if (question.Path == "commitments/due")
            {
                ShouldOwe(question, answer, promises, time, which);
                continue;
            }
            var asked = promises.Where(p => !(p.Life.FirstDue < question.From) && !(p.Life.FirstDue >= question.To))
                .ToList();
            if (question.Path == "kept-rate")
                ShouldCount(question, answer, asked, time, which);
            else
                ShouldRank(question, answer, asked, time, which);
        }
        met.Order().ShouldBe(["broken", "kept_agreed_date", "kept_first_date", "kept_late", "moved_by_agreement",
            "not_yet_due", "overdue", "released"]);
    }

    private static void ShouldCount(
        Question question, JsonElement answer, IReadOnlyList<PlainCommitment> promises, DateTimeOffset time,
        string which)
    {
        void ShouldBe(JsonElement numbers, IReadOnlyList<PlainCommitment> expected)
        {
            PlainRate.Of(numbers).ShouldBe(PlainRate.Of(expected, time), $"{which} {numbers.Text("key")}");
            if (question.Over is not { } over)
                return;
            var periods = expected.GroupBy(p => p.GroupOf(over)).OrderBy(p => p.Key, StringComparer.Ordinal);
            numbers.Items("over").Select(p => $"{p.Text("key")} {PlainRate.Of(p)}")
                .ShouldBe(periods.Select(p => $"{p.Key} {PlainRate.Of([.. p], time)}"), which);
        }

        ShouldBe(answer.At("total")!.Value, promises);
        var groups = promises.ToLookup(p => question.By is null ? "" : p.GroupOf(question.By));
        answer.Items("groups").Select(g => g.Text("key")!).ShouldBe(question.By is null
            ? [] : groups.Select(g => g.Key).Order(StringComparer.Ordinal), which);
        foreach (var group in answer.Items("groups"))
            ShouldBe(group, [.. groups[group.Text("key")!]]);
    }

    private static void ShouldRank(
        Question question, JsonElement answer, IReadOnlyList<PlainCommitment> promises, DateTimeOffset time,
        string which)
    {
        var all = CountOf(promises);
        var groups = promises.GroupBy(p => p.GroupOf(question.By!)).Select(g => (g.Key, Count: CountOf(g))).ToList();
        var ranked = groups.Where(g => g.Count.N >= question.MinN)
            .Select(g => (g.Key, g.Count, Bounds: PlainRate.Wilson(g.Count.Kept, g.Count.N))).ToList();
        var placed = question.Order == "lowest"
            ? ranked.OrderBy(g => g.Bounds.High).ThenBy(g => g.Bounds.Low)
            : ranked.OrderByDescending(g => g.Bounds.Low).ThenByDescending(g => g.Bounds.High);
        double overall = all.N == 0 ? 0 : Math.Round((double)all.Kept / all.N, 10);
        answer.Items("items").Select(i => $"{i.Text("key")} {i.Text("strict.numerator")}/{i.Text("n")} "
                + i.Text("stands")).ShouldBe(placed.ThenBy(g => g.Key, StringComparer.Ordinal).Select(g =>
            $"{g.Key} {g.Count.Kept}/{g.Count.N} "
            + (g.Bounds.Low > overall ? "above" : g.Bounds.High < overall ? "below" : "within")), which);
        foreach (var item in answer.Items("items"))
        {
            var same = ranked.Single(g => g.Key == item.Text("key"));
            item.Number("rank").ShouldBe(1 + ranked.Count(g => question.Order == "lowest"
                ? (g.Bounds.High, g.Bounds.Low).CompareTo((same.Bounds.High, same.Bounds.Low)) < 0
                : g.Bounds.CompareTo(same.Bounds) > 0), which);
        }
        (answer.Number("overall.numerator"), answer.Number("overall.denominator"), answer.Number("tooFew"))
            .ShouldBe((all.Kept, all.N, groups.Count - ranked.Count), which);

        (long Kept, long N) CountOf(IEnumerable<PlainCommitment> some)
        {
            var classes = some.Select(p => p.Life.ClassAt(time)).ToList();
            return (classes.Count(c => c == "kept_first_date"),
                classes.Count(c => c is not ("released" or "not_yet_due")));
        }
    }

    private static void ShouldOwe(
        Question question, JsonElement answer, IReadOnlyList<PlainCommitment> promises, DateTimeOffset time,
        string which)
    {
        var open = promises.Where(p => p.Life.IsOpen).ToList();
        var soon = time.AddHours(question.Within!.Value);
        string Owed(IEnumerable<PlainCommitment> some)
        {
            var due = some.Select(p => p.Life.BindingDue).ToList();
            return $"{due.Count} {due.Count(d => d < time)} {due.Count(d => d >= time && d < soon)} "
                + (due.Count == 0 ? null : LedgerJson.Format(due.Min()));
        }
        static string Told(JsonElement counts) => $"{counts.Text("open")} {counts.Text("overdue")} "
            + $"{counts.Text("dueSoon")} {counts.Text("earliest")}";

        Told(answer.At("total")!.Value).ShouldBe(Owed(open), which);
        answer.Items("groups").Select(g => $"{g.Text("key")} {Told(g.At("counts")!.Value)}").ShouldBe(
            open.GroupBy(p => question.By switch
            {
                "member" => p.Holder,
                "team" => p.HolderTeam,
                _ => p.Customer,
            }).Select(g => $"{g.Key} {Owed(g)}"), ignoreOrder: true, which);
    }

    private Question Ask(List<DateTimeOffset> moments)
    {
        DateTimeOffset? asOf = _random.Next(10) < 4
            ? moments[_random.Next(moments.Count)].AddTicks(TimeSpan.TicksPerMicrosecond * _random.Next(-1, 2))
            : null;
        DateTimeOffset? until = _random.Next(10) < 4 ? Day(0, 320) : null;
        DateTimeOffset? from = _random.Next(2) == 0 ? Day(0, 200) : null;
        DateTimeOffset? to = _random.Next(2) == 0 ? (from ?? s_start).AddDays(_random.Next(1, 200)) : null;
        switch (_random.Next(10))
        {
            case < 6:
                string? by = _random.Next(5) == 0 ? null : One(s_rateGroups);
                string? over = s_periods.Contains(by) || _random.Next(2) == 0 ? null : One(s_periods);
                return new("kept-rate", by, over, from, to, asOf, until, null, null, null);
            case < 8:
                return new("kept-rate/ranking", One("maker", "holder", "team", "kind", "customer"), null, from, to,
                    asOf, until, One("highest", "lowest"), _random.Next(1, 25), null);
            default:
                return new("commitments/due", One(s_dueGroups), null, null, null, asOf, until, null, null,
                    _random.Next(1, 2_000));
        }
    }

    /// <summary>
    /// Makes it in pieces, so that there are times of knowledge in between. What may not be is refused, and was sent
    /// for that too; some entries are annulled.
    /// </summary>
    private async Task MakePastAsync()
    {
        foreach (string member in new[] { "m1", "m2", "m3", "m4", "m5", "m6" })
            await JoinAsync(member, "team-" + (member[1] - '0') % 3);
        for (int customer = 0; customer < 25; customer++)
            await RegisterAsync($"c{customer}");
        string import = await DeclareImportAsync();
        var events = Enumerable.Range(0, 500).SelectMany(i => LifeOf(i, import)).OrderBy(e => e.Time).ToList();
        foreach (var piece in events.Chunk(events.Count / 12 + 1))
        {
            await AppendAsync(piece.Select(e => e.Line));
            var log = await WholeLogAsync();
            // By id, which follows from what was sent; without the server's own verdicts, which come when they come.
            var promises = log.Where(e => e.Text("data.promiseId") is not null && e.Text("type") != "promise_lapsed")
                .OrderBy(e => e.Text("id"), StringComparer.Ordinal).ToList();
            await AppendAsync(Enumerable.Range(0, 4).Select(_ => promises[_random.Next(promises.Count)]).Select(e =>
                CloudEvent($"annul-{e.Text("id")}", "entry_annulled",
                    e.Text("stream")!.Replace("customer-", "customer/", StringComparison.Ordinal),
                    new { eventId = e.Text("id"), reason = "A slip" })));
        }
    }

    private IEnumerable<(DateTimeOffset Time, string Line)> LifeOf(int i, string import)
    {
        string id = $"P{i}", subject = $"customer/c{_random.Next(25)}";
        // One in eight was not imported, and so recorded late.
        string? from = _random.Next(8) == 0 ? null : import;
        var time = Day(0, 240);
        var due = _random.Next(20) == 0 ? s_start.AddYears(75) : time.AddHours(_random.Next(24, 30 * 24));
        yield return Event("made", "promise_made", new
        {
            promiseId = id,
            kind = One("call", "repair", "visit", "offer"),
            conditions = "Done.",
            dueAt = due,
            memberId = Member(),
            channel = One("phone", "email", "meeting", null),
        });
        string type = "promise_made";
        for (int step = _random.Next(7); step > 0; step--)
        {
            bool isAsked = type == "promise_renegotiation_proposed" && _random.Next(3) > 0;
            bool isMoved = type == "promise_renegotiation_accepted" && _random.Next(2) == 0;
            if (isMoved && time < due)
                time = due;
            time = time.AddHours(_random.Next(1, isAsked || isMoved ? 48 : 9 * 24));
            type = isAsked ? "promise_renegotiation_accepted"
                : isMoved ? "promise_declared_kept"
                : One(s_steps);
            yield return Event($"step-{step}", type, type switch
            {
                "promise_renegotiation_proposed" => new
                {
                    promiseId = id,
                    newDueAt = (time < due ? due : time)
                        .AddHours(_random.Next(9) == 0 ? 700_000 : _random.Next(24, 20 * 24)),
                    reason = "Late part",
                },
                "promise_reassigned" => new { promiseId = id, toMemberId = Member(), reason = "Leave" },
                "promise_withdrawn" => new { promiseId = id, reason = "No part" },
                "promise_miss_explained" => new { promiseId = id, cause = One("capacity", "forgotten", "product") },
                _ => new { promiseId = id },
            });
        }

        (DateTimeOffset, string) Event(string name, string type, object data) =>
            (time, CloudEvent($"{id}-{name}", type, subject, data, time, from));
    }

    private string Member() => $"ref:m{_random.Next(1, 7)}";

    private DateTimeOffset Day(int first, int last) =>
        s_start.AddDays(_random.Next(first, last)).AddMinutes(_random.Next(24 * 60));

    private T One<T>(params T[] some) => some[_random.Next(some.Length)];

    private async Task<List<JsonElement>> WholeLogAsync()
    {
        var log = new List<JsonElement>();
        while (true)
        {
            var page = (await ReadAsync($"/v1/events?limit=5000&after={log.Count - 1}")).Items("events");
            if (page.Count == 0)
                return log;
            log.AddRange(page);
        }
    }
}
