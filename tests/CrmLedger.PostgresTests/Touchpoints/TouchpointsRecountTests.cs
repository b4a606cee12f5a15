using System.Text.Json;
using CrmLedger.PostgresTests.Http;
using CrmLedger.Touchpoints;

namespace CrmLedger.PostgresTests.Touchpoints;

/// <summary>A rich random past, and 200 random questions beside a plain recount of the log.</summary>
public sealed class TouchpointsRecountTests(AlbaLedger ledger)
    : TouchpointsTest(ledger), IClassFixture<AlbaLedger>
{
    private const int Customers = 50;
    private const int Questions = 200;
    private static readonly DateTimeOffset s_begin = At("2023-06-01");
    private readonly Random _random = new(4711);
    private int _lines;

    [Fact]
    public async Task Random_questions_about_a_random_past_are_answered_as_a_plain_recount_does()
    {
        await MakeHistoryAsync();
        var log = await LogAsync();
        int found = 0, quiet = 0;
        for (int i = 0; i < Questions; i++)
        {
            var (asOf, until) = (OneIn(3) ? log[_random.Next(log.Count)].Time("recordedAt") : null,
                OneIn(2) ? Some(700) : (DateTimeOffset?)null);
            until = until > (asOf ?? Now) ? null : until;
            string clocks = $"{Told("asOf", asOf)}{Told("until", until)}";
            if (i % 2 == 0)
                quiet += await CheckQuietAsync(log, clocks, asOf, until);
            else
                found += await CheckPracticesAsync(log, clocks, asOf, until);
        }
        quiet.ShouldBeGreaterThan(500, "questions that find nobody show little");
        found.ShouldBeGreaterThan(5_000, "the same");
    }

    private async Task<int> CheckQuietAsync(
        IReadOnlyList<JsonElement> log, string clocks, DateTimeOffset? asOf, DateTimeOffset? until)
    {
        int days = _random.Next(1, 300);
        var direction = OneIn(2) ? null : Pick("inbound", "outbound");
        string? segment = OneIn(3) ? Pick("retail", "trade") : null;
        string? team = OneIn(5) ? Pick("support", "sales") : null;
        string? member = OneIn(5) ? Pick("erik", "maria") : null;
        string question = $"/v1/customers/quiet?days={days}&limit=1000{clocks}{Told("direction", direction)}"
            + $"{Told("segment", segment)}{Told("team", team)}{Told("member", member is null ? null : Ids[member])}";
        var answer = await AskAsync(question);
        var time = until ?? asOf ?? answer.Time("asOf")!.Value;
        var all = new ContactRecount(log, asOf, until, time).Customers(direction)
            .Where(c => segment is null || c.Segment == segment)
            .Where(c => team is null || c.Last?.Team == team)
            .Where(c => member is null || c.Last?.Member == Ids[member]).ToList();
        var expected = all.FindAll(c => time - c.Since >= TimeSpan.FromDays(days));
        answer.Items("items").Select(ToldAs).ShouldBe(expected.Select(c => $"{c}"), question);
        (answer.Number("customers"), answer.Number("total")).ShouldBe((all.Count, expected.Count), question);
        answer.Items("items").Select(i => (int)i.Number("daysSilent")!.Value)
            .ShouldBe(expected.Select(c => (time - c.Since).Days), question);
        answer.Items("silent").Select(s => s.Number("customers")!.Value).ShouldBe(
            new[] { 30, 60, 90, 180 }.Select(d => all.LongCount(c => (time - c.Since).TotalDays >= d)), question);
        return expected.Count;
    }

    private static string ToldAs(JsonElement item) =>
        $"{item.Text("customerId")} since {item.Time("since"):O} last {item.Time("last.at"):O} "
        + $"{item.Text("last.channel")} {item.Text("last.direction")} {item.Text("last.memberId")} "
        + $"{item.Text("last.team")} {item.Text("last.position")} of {item.Text("touchpoints")}";

    private async Task<int> CheckPracticesAsync(
        IReadOnlyList<JsonElement> log, string clocks, DateTimeOffset? asOf, DateTimeOffset? until)
    {
        string? by = OneIn(4) ? null : Pick("member", "team", "channel");
        var from = OneIn(2) ? Some(600) : (DateTimeOffset?)null;
        var to = OneIn(2) ? (from ?? Some(600)).AddDays(_random.Next(1, 300)) : (DateTimeOffset?)null;
        string question = $"/v1/practices?format=json{clocks}{Told("by", by)}{Told("from", from)}{Told("to", to)}";
        var answer = await AskAsync(question);
        var touchpoints = new ContactRecount(log, asOf, until, until ?? asOf ?? answer.Time("asOf")!.Value).Touchpoints
            .Where(t => (from is null || t.At >= from) && (to is null || t.At < to)).ToList();
        Numbers(answer.At("total")!.Value).ShouldBe(Numbers(touchpoints), question);
        var groups = touchpoints.Where(_ => by is not null)
            .GroupBy(t => by == "member" ? t.Member : by == "team" ? t.Team : t.Channel)
            .ToDictionary(g => g.Key, g => Numbers([.. g]));
        answer.Items("groups").ToDictionary(g => g.Text("key")!, g => Numbers(g.At("numbers")!.Value))
            .ShouldBe(groups, ignoreOrder: true, question);
        var noted = touchpoints.FindAll(t => t.Practices.Length > 0);
        foreach (var practice in answer.Items("practices"))
        {
            string name = practice.Text("practice")!;
            var (with, without) = (noted.FindAll(t => t.Practices.Contains(name)),
                noted.FindAll(t => !t.Practices.Contains(name)));
            (practice.Number("with"), practice.Number("without")).ShouldBe((with.Count, without.Count), question);
            Shares(practice, "with").ShouldBe(Shares(with), $"{name} {question}");
            Shares(practice, "without").ShouldBe(Shares(without), $"{name} {question}");
        }
        return touchpoints.Count;
    }

    private static string Shares(JsonElement practice, string side) => string.Join(' ',
        new[] { "positiveTone", "negativeTone", "csat" }.Select(outcome => Share(practice, $"{outcome}.{side}")));

    private static string Shares(List<ContactRecount.Touchpoint> some)
    {
        int toned = some.Count(t => t.Tone is not null);
        return $"{some.Count(t => t.Tone is "positive" or "very_positive")}/{toned} "
            + $"{some.Count(t => t.Tone is "negative" or "very_negative")}/{toned} {Csat(some)}";
    }

    private static string Csat(IReadOnlyList<ContactRecount.Touchpoint> some) =>
        $"{some.Sum(t => t.Csat.Count(s => s >= 4))}/{some.Sum(t => t.Csat.Length)}";

    private static string Share(JsonElement json, string path) =>
        $"{json.Text($"{path}.numerator")}/{json.Text($"{path}.denominator")}";

    private static string Numbers(JsonElement numbers) => string.Join(' ',
    [
        numbers.Text("touchpoints")!, numbers.At("minutes")!.Value.GetDecimal().ToString("0.0"),
        numbers.Text("timed")!, numbers.Text("noted")!, Share(numbers, "csat"),
        .. new[] { "channels", "tones", "practices" }.SelectMany(name => numbers.At(name)!.Value.EnumerateObject())
            .Where(c => c.Value.GetInt64() > 0).Select(c => $"{c.Name}:{c.Value}").Order(StringComparer.Ordinal),
    ]);

    private static string Numbers(List<ContactRecount.Touchpoint> some) => string.Join(' ',
    [
        $"{some.Count}", Math.Round(some.Sum(t => t.Seconds ?? 0) / 60m, 1).ToString("0.0"),
        $"{some.Count(t => t.Seconds is not null)}", $"{some.Count(t => t.Practices.Length > 0)}", Csat(some),
        .. some.SelectMany(t => new[] { t.Channel, t.Tone }.OfType<string>().Concat(t.Practices)).CountBy(w => w)
            .Select(c => $"{c.Key}:{c.Value}").Order(StringComparer.Ordinal),
    ]);

    private async Task MakeHistoryAsync()
    {
        var names = Enumerable.Range(0, Customers).Select(i => $"c{i}").ToList();
        await ImportAsync([.. names.Take(Customers - 5).Select(c => Line($"{_lines++}", "customer_registered", c,
            Day(200), new { name = c, segment = OneIn(4) ? null : Pick("retail", "trade") }))]);
        foreach (string late in names.Skip(Customers - 5))
            await RegisterAsync(late);
        for (int part = 0; part < 4; part++)
        {
            string[] lines = [.. names.SelectMany(c => Dealings(c, part))];
            _random.Shuffle(lines);
            var past = await ImportAsync(lines);
            foreach (var e in past.Items("items").Where(_ => OneIn(25)))
            {
                await DoAsync($"/v1/customers/{e.Text("event.stream")!["customer-".Length..]}/annulments",
                    new { eventId = e.Text("event.id"), reason = "a slip" });
            }
            await HappenNowAsync(names[part * 10], names[part * 10 + 1], names[part * 10 + 2]);
            if (part < 3)
                await DoAsync($"/v1/customers/ref:{names[part * 10 + 1]}/unmerge", new { reason = "two" });
        }
        await MergeAsync(names[30], names[0]); // to whom another one was merged
    }

    private Task<Answer> MergeAsync(string one, string into) => DoAsync($"/v1/customers/ref:{one}/merge",
        new { customerId = $"ref:{into}", reason = "twice", occurredAt = Some(700) });

    private IEnumerable<string> Dealings(string customer, int part)
    {
        if (OneIn(8))
            yield break;
        for (int i = _random.Next(6); i > 0; i--)
        {
            string touchpoint = $"t{part}-{i}";
            yield return Spoken($"{_lines++}", customer, Day(700), Pick("phone", "email", "chat", "visit"),
                Pick("inbound", "outbound"), Pick("erik", "maria"), OneIn(3) ? null : Pick(
                    "very_negative", "negative", "neutral", "positive", "very_positive"), touchpoint);
            if (OneIn(2))
                yield return Scored($"{_lines++}", customer, Day(700), touchpoint, _random.Next(1, 6));
            if (OneIn(6))
                yield return Scored($"{_lines++}", customer, Day(700), touchpoint, _random.Next(1, 6), "ces");
        }
        if (OneIn(5))
            yield return Scored($"{_lines++}", customer, Day(700), OneIn(2) ? null : "unknown", 5);
        if (OneIn(10))
        {
            yield return Line($"{_lines++}", "customer_details_corrected", customer, Day(700),
                new { segment = Pick("retail", "trade") });
        }
    }

    /// <summary>As it happens in a ledger that is in use: recorded late, ended and renewed, merged.</summary>
    private async Task HappenNowAsync(string one, string other, string third)
    {
        await DoAsync($"/v1/customers/ref:{one}/touchpoints", new
        {
            channel = "letter",
            direction = "outbound",
            memberId = "ref:erik",
            practices = new[] { "respectful" },
            occurredAt = OneIn(2) ? Some(700) : Now.AddHours(-3),
        });
        await DoAsync($"/v1/customers/ref:{third}/end-relationship", new { reason = "price", occurredAt = Some(700) });
        if (OneIn(2))
            await DoAsync($"/v1/customers/ref:{third}/renew-relationship", new { });
        await MergeAsync(other, one);
    }

    private string Spoken(
        string id, string customer, string day, string channel, string direction, string member, string? tone,
        string touchpointId) => Line(id, "touchpoint_recorded", customer, day, new
        {
            touchpointId,
            channel,
            direction,
            memberId = $"ref:{member}",
            tone,
            practices = OneIn(4) ? null : Enum.GetValues<Practice>().Where(_ => OneIn(3)),
            durationSeconds = OneIn(3) ? null : (int?)_random.Next(0, 3_600),
        });

    private bool OneIn(int n) => _random.Next(n) == 0;

    private string Pick(params string[] some) => some[_random.Next(some.Length)];

    /// <summary>Whole hours, so that things happen at the same time too.</summary>
    private DateTimeOffset Some(int days) => s_begin.AddHours(6 * _random.Next(4 * days));

    private string Day(int days) => LedgerJson.Format(Some(days));

    private static string Told(string name, object? value) => value switch
    {
        null => "",
        DateTimeOffset time => $"&{name}={LedgerJson.Format(time)}",
        _ => $"&{name}={value}",
    };
}
