using System.Text;
using System.Text.Json;
using CrmLedger.Annulments;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Views;
using CrmLedger.PostgresTests.Http;
using CrmLedger.PostgresTests.Imports;
using CrmLedger.PostgresTests.Projections;
using CrmLedger.Server.Tenants;
using Microsoft.Extensions.DependencyInjection;

namespace CrmLedger.PostgresTests.Views;

/// <summary>What changed between two moments, beside a plain recount from the log.</summary>
public sealed class DiffTests(RunningLedger ledger) : LedgerTest(ledger), IClassFixture<RunningLedger>
{
    private const int Pairs = 200;

    [Fact]
    public async Task A_diff_names_the_rows_that_differ_and_exactly_the_events_that_made_them_so()
    {
        var appending = (await Ledger.Services.GetRequiredService<TenantLedgers>().GetAsync(Tenant)).Log;
        var history = new RandomHistory(appending, null, customers: 6, seed: 21);
        for (int round = 0; round < 60; round++)
            await history.RoundAsync();
        var log = await new EventReader(Ledger.Services.GetRequiredService<LedgerDatabase>())
            .ReadLogAsync(Tenant, -1, int.MaxValue, CancellationToken.None);
        var entries = log.ConvertAll(e => e.ToEnvelope());
        var random = new Random(21);
        int differing = 0;
        for (int pair = 0; pair < Pairs; pair++)
        {
            var view = LedgerViews.All[random.Next(LedgerViews.All.Count)];
            int[] ends = [random.Next(log.Count), random.Next(log.Count)];
            Array.Sort(ends);
            var (from, to) = (log[ends[0]].RecordedAt, log[ends[1]].RecordedAt);
            var page = await ReadAsync($"/v1/diff?view={view.Name}&limit=1000&from={LedgerJson.Format(from)}"
                + $"&to={LedgerJson.Format(to)}&atLeast={log.Count - 1}");

            var expected = Expected(view, entries, from, to);
            string[] told = [.. page.Items("items").Select(Told).Order(StringComparer.Ordinal)];
            told.ShouldBe([.. expected], $"{view.Name} from {from:O} to {to:O}");
            differing += expected.Count;
        }
        differing.ShouldBeGreaterThan(Pairs, "a history in which little changed shows little");
    }

    [Fact]
    public async Task A_diff_tells_every_field_in_clear_and_the_command_line_the_same()
    {
        await JoinAsync("erik", "support");
        await RegisterAsync("anna");
        string before = LedgerJson.Format(Now);
        await Task.Delay(5);
        await DoAsync("/v1/customers/ref:anna/promises", new
        {
            promiseId = "P-1",
            kind = "call",
            conditions = "Anna has been called.",
            dueAt = Now.AddDays(1),
            memberId = "ref:erik",
        });
        string between = LedgerJson.Format(Now);
        await Task.Delay(5);
        var kept = await DoAsync("/v1/customers/ref:anna/promises/P-1/declare-kept", new { });
        string question = $"/v1/diff?view=kept-rate&atLeast={LastPosition}";

        var appeared = (await ReadAsync($"{question}&from={before}&to={between}")).Items("items").Single();
        (appeared.Text("change"), appeared.Text("key"), appeared.Text("name.name"))
            .ShouldBe(("appeared", "P-1", "Name of anna"));
        Field(appeared, "promise.conditions").Text("after").ShouldBe("Anna has been called.");
        appeared.Items("events").Select(e => e.Text("type")).ShouldBe(["promise_made"]);

        var changed = (await ReadAsync($"{question}&from={between}")).Items("items").Single();
        changed.Items("fields").Select(f => f.Text("field")).ShouldBe(["promise.status", "promise.keptAt"], true);
        (Field(changed, "promise.status").Text("before"), Field(changed, "promise.status").Text("after"))
            .ShouldBe(("made", "kept"));
        changed.Items("events").Single().Text("id").ShouldBe(kept.Items("events").Single().Text("id"));
        (await ReadAsync($"{question}&from={LedgerJson.Format(Now)}")).Items("items").ShouldBeEmpty();

        var told = await CommandLineOf.RunAsync(Ledger, Http, "diff", "kept-rate", "--from", between);
        told.ExitCode.ShouldBe(0, told.Error);
        told.Out.ShouldContain("1 row differs");
        told.Out.ShouldContain("Name of anna P-1 changed");
        told.Out.ShouldContain("promise.status: made → kept");
        told.Out.ShouldContain($"by promise_declared_kept at position {LastPosition}");
    }

    [Fact]
    public async Task A_row_that_came_back_to_what_it_was_does_not_differ()
    {
        await RegisterAsync("anna");
        string before = LedgerJson.Format(Now);
        await Task.Delay(5);
        var ended = await DoAsync("/v1/customers/ref:anna/consents", new { purpose = "newsletter", given = true });
        await DoAsync("/v1/customers/ref:anna/annulments",
            new { eventId = ended.Items("events").Single().Text("id"), reason = "a slip" });
        (await ReadAsync($"/v1/diff?view=directory&from={before}&atLeast={LastPosition}")).Items("items")
            .ShouldBeEmpty();
    }

    [Fact]
    public async Task The_pages_of_a_diff_compare_the_same_moments()
    {
        string before = LedgerJson.Format(Now.AddMinutes(-1));
        for (int i = 0; i < 5; i++)
            await RegisterAsync($"c{i}");
        var seen = new List<string>();
        var first = await ReadAsync($"/v1/diff?view=directory&from={before}&limit=2&atLeast={LastPosition}");
        await RegisterAsync("late");
        for (var page = first; ; page = await ReadAsync(
            $"/v1/diff?view=directory&from={before}&limit=2&cursor={page.Text("next")}&atLeast={LastPosition}"))
        {
            page.Number("toPosition").ShouldBe(first.Number("toPosition"));
            seen.AddRange(page.Items("items").Select(i => i.Text("name.reference")!));
            if (page.Text("next") is null)
                break;
        }
        seen.ShouldBe(["c0", "c1", "c2", "c3", "c4"], ignoreOrder: true);
    }

    [Theory]
    [InlineData("?view=kept-rate", "from")]
    [InlineData("?from=2026-01-01", "view")]
    [InlineData("?view=nothing&from=2026-01-01", "view")]
    [InlineData("?view=relationships&from=2026-02-01&to=2026-01-01", "from")]
    [InlineData("?view=relationships&from=2026-02-01&cursor=x", "cursor")]
    public async Task A_diff_that_makes_no_sense_is_refused(string question, string field)
    {
        var refused = await Http.GetAsync("/v1/diff" + question);
        (refused.Status, refused.Problem).ShouldBe((422, "invalid_request"), refused.Text);
        refused.Pointers().ShouldBe([field]);
    }

    private static JsonElement Field(JsonElement row, string field) =>
        row.Items("fields").Single(f => f.Text("field") == field);

    private static string Told(JsonElement row) => $"{row.Text("change")} {row.Text("stream")}/{row.Text("key")} by "
        + string.Join(", ", row.Items("events").Select(e => e.Text("position")));

    /// <summary>
    /// The plain way: the rows of a stream are folded anew from what stands after every single event, and compared.
    /// </summary>
    private static List<string> Expected(
        View view, List<Envelope> log, DateTimeOffset from, DateTimeOffset to)
    {
        var expected = new List<string>();
        foreach (var stream in log.GroupBy(e => e.Stream))
        {
            var entries = stream.ToList();
            var before = RowsOf(view, entries.FindAll(e => e.Moment.RecordedAt <= from));
            var last = before;
            var turns = new Dictionary<string, List<long>>();
            foreach (var entry in entries.Where(e => e.Moment.RecordedAt > from && e.Moment.RecordedAt <= to))
            {
                var now = RowsOf(view, entries.FindAll(e => e.Position <= entry.Position));
                foreach (string key in last.Keys.Union(now.Keys)
                    .Where(k => last.GetValueOrDefault(k) != now.GetValueOrDefault(k)))
                {
                    if (!turns.TryGetValue(key, out var positions))
                        turns[key] = positions = [];
                    positions.Add(entry.Position);
                }
                last = now;
            }
            foreach (var (key, positions) in turns)
            {
                var (was, became) = (before.GetValueOrDefault(key), last.GetValueOrDefault(key));
                if (was == became)
                    continue;
                string change = was is null ? "appeared" : became is null ? "disappeared" : "changed";
                expected.Add($"{change} {stream.Key}/{key} by {string.Join(", ", positions)}");
            }
        }
        return [.. expected.Order(StringComparer.Ordinal)];
    }

    private static Dictionary<string, string> RowsOf(View view, List<Envelope> entries)
    {
        var rows = new Dictionary<string, object?>();
        foreach (var entry in Entries.LeaveOutAnnulled(entries))
        {
            foreach (string key in view.KeysOf(entry.Data))
                rows[key] = view.Project(rows.GetValueOrDefault(key), entry);
        }
        return rows.Where(r => r.Value is not null)
            .ToDictionary(r => r.Key, r => Encoding.UTF8.GetString(view.Write(r.Value!)));
    }
}
