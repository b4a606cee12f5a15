using System.Globalization;
using System.Text.Json;
using CrmLedger.PostgresTests.Http;
using CrmLedger.Tests.Imports;
using Xunit.Abstractions;

namespace CrmLedger.PostgresTests.Imports;

/// <summary>Leaders' questions about the real incident log, beside a recount of its lines.</summary>
public sealed class RealQuestionTests(RunningLedger ledger, ITestOutputHelper output)
    : LedgerTest(ledger), IClassFixture<RunningLedger>
{
    private const string Incidents = "uci-incident-event-log-sample.csv";

    [RealFileFact(Incidents)]
    public async Task Responsiveness_risk_and_what_is_due_agree_with_a_recount_of_the_incidents()
    {
        string file = RealFileFactAttribute.PathTo(Incidents);
        var run = await CommandLineOf.RunAsync(Ledger, Http, "import", "uci-incidents", file);
        run.ExitCode.ShouldBe(0, run.Error);
        long head = (await ReadAsync("/v1/status")).Number("head.size")!.Value - 1;
        var concerns = Concerns(file);

        var answer = await ReadAsync($"/v1/responsiveness?by=severity&atLeast={head}");
        foreach (var group in answer.Items("groups"))
        {
            var some = concerns.FindAll(c => c.Severity == (group.Text("key") ?? c.Severity));
            string expected = Line(some);
            Line(group.At("numbers")!.Value).ShouldBe(expected, group.Text("key"));
            output.WriteLine($"{group.Text("key") ?? "all"}: {expected}");
        }
        answer.Items("groups").Count.ShouldBe(concerns.Select(c => c.Severity).Distinct().Count() + 1);

        var until = new DateTimeOffset(2016, 3, 5, 12, 0, 0, TimeSpan.Zero);
        var due = await ReadAsync($"/v1/commitments/due?until={LedgerJson.Format(until)}&atLeast={head}");
        var owed = concerns.FindAll(c => c.Raised <= until && !(c.LastResolved <= until));
        (due.Number("total.open"), due.Number("total.overdue"))
            .ShouldBe((owed.Count, owed.Count(c => c.Due < until)));

        var risks = await ReadAsync(
            $"/v1/loyalty/customers?risk=critical_concern&limit=1000&until={LedgerJson.Format(until)}&atLeast={head}");
        risks.Number("total").ShouldBe(concerns.Where(c => c.Severity == "critical" && c.IsOpenAt(until))
            .Select(c => c.Caller).Distinct().Count());
    }

    private sealed record Concern(
        string Caller, string Severity, DateTimeOffset Raised, DateTimeOffset Due, DateTimeOffset? LastResolved,
        IReadOnlyList<(DateTimeOffset At, bool Resolves)> Turns)
    {
        /// <summary>When it was put right for the first time, and whether it is in the end.</summary>
        public (DateTimeOffset? First, DateTimeOffset? Last, bool Reopened) Life
        {
            get
            {
                (DateTimeOffset? first, DateTimeOffset? last, bool reopened, bool open) = (null, null, false, true);
                foreach (var (at, resolves) in Turns.OrderBy(t => t.At))
                {
                    if (resolves && open)
                        (first, last, open) = (first ?? at, at, false);
                    else if (!resolves && !open)
                        (reopened, open) = (true, true);
                }
                return (first, open ? null : last, reopened);
            }
        }

        public bool IsOpenAt(DateTimeOffset time)
        {
            bool open = Raised <= time;
            foreach (var (at, resolves) in Turns.Where(t => t.At <= time).OrderBy(t => t.At))
                open = !resolves;
            return open;
        }
    }

    /// <summary>By the words of the data's own description, by plain splitting of its lines.</summary>
    private static List<Concern> Concerns(string file)
    {
        string[] lines = File.ReadAllLines(file);
        var column = lines[0].Split(',').Select((name, i) => (name, i)).ToDictionary(c => c.name, c => c.i);
        DateTimeOffset Time(string[] row, string name) => new(
            DateTime.ParseExact(row[column[name]], "dd-MM-yyyy HH:mm", CultureInfo.InvariantCulture), TimeSpan.Zero);
        return [.. lines.Skip(1).Select(l => l.Split(',')).GroupBy(r => r[column["number"]]).Select(incident =>
        {
            var rows = incident.ToList();
            char priority = rows[0][column["priority"]][0];
            var raised = Time(rows[0], "opened_at");
            var turns = new List<(DateTimeOffset, bool)>();
            for (int i = 1; i < rows.Count; i++)
            {
                if (int.Parse(rows[i][column["reopen_count"]]) <= int.Parse(rows[i - 1][column["reopen_count"]]))
                    continue;
                turns.Add((Time(rows[i - 1], "sys_updated_at"), true));
                turns.Add((Time(rows[i], "sys_updated_at"), false));
            }
            DateTimeOffset? last = rows[^1][column["resolved_at"]] == "?" ? null : Time(rows[^1], "resolved_at");
            if (last is { } resolved)
                turns.Add((resolved, true));
            return new Concern(rows[0][column["caller_id"]],
                priority switch { '1' => "critical", '2' => "high", '3' => "normal", _ => "low" }, raised,
                raised.AddHours(priority switch { '1' => 4, '2' => 24, '3' => 120, _ => 240 }), last, turns);
        })];
    }

    private static string Line(List<Concern> concerns)
    {
        var lives = concerns.ConvertAll(c => (c.Raised, c.Life));
        double[] first = [.. lives.Where(l => l.Life.First is not null)
            .Select(l => (l.Life.First!.Value - l.Raised).TotalSeconds).Order()];
        double[] last = [.. lives.Where(l => l.Life.Last is not null)
            .Select(l => (l.Life.Last!.Value - l.Raised).TotalSeconds).Order()];
        static string Nearest(double[] sorted, int percent) => sorted.Length == 0
            ? "-"
            : $"{sorted.First(s => sorted.Count(o => o <= s) * 100 >= percent * sorted.Length):F0}";
        return $"{concerns.Count} {first.Length} {Nearest(first, 50)} {last.Length} {Nearest(last, 50)} "
            + $"{Nearest(last, 90)} {lives.Count(l => l.Life.Reopened)}";
    }

    private static string Line(JsonElement n)
    {
        static string Of(JsonElement? number) =>
            number?.GetDouble().ToString("F0", CultureInfo.InvariantCulture) ?? "-";
        return $"{n.Text("raised")} {n.Text("firstResponse.n")} {Of(n.At("firstResponse.p50"))} "
            + $"{n.Text("resolved.numerator")} {Of(n.At("resolution.p50"))} {Of(n.At("resolution.p90"))} "
            + n.Text("reopened.numerator");
    }
}
