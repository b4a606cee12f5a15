using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CrmLedger.Cli.Import;
using CrmLedger.Commitments;
using CrmLedger.Customers;
using CrmLedger.Members;
using Xunit.Abstractions;

namespace CrmLedger.Tests.Imports;

/// <summary>
/// The mapping on the real files, against a recount that shares no code with it: plain splitting of the lines, for the
/// incident log has no quotation marks.
/// </summary>
public class RealFilesTests(ITestOutputHelper output)
{
    private static readonly DateTimeOffset s_imported = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [RealFileFact("uci-incident-event-log-sample.csv")]
    public void The_incident_log_gives_the_customers_and_promises_of_an_independent_recount()
    {
        string path = RealFileFactAttribute.PathTo("uci-incident-event-log-sample.csv");
        var events = UciEvents(path);
        var recount = Recount(path);

        events.Count(e => e.Type == "customer_registered").ShouldBe(recount.Customers);
        events.Count(e => e.Type == "promise_made").ShouldBe(recount.Promises);
        events.Count(e => e.Type == "promise_declared_kept").ShouldBe(recount.KeptByFirstDate + recount.Late);
        events.Count(e => e.Type == "touchpoint_recorded").ShouldBe(recount.Rows + recount.Promises);
        events.Count(e => e.Type == "promise_reassigned").ShouldBe(recount.Reassigned);
        events.Count(e => e.Type == "concern_reopened").ShouldBe(recount.Reopened);
        (recount.Customers, recount.Promises, recount.KeptByFirstDate, recount.Late, recount.NotResolved)
            .ShouldBe((639, 890, 496, 365, 29));
        events.Select(e => e.Id).ShouldBeUnique();
    }

    [RealFileFact("uci-incident-event-log-sample.csv")]
    public void The_deciders_accept_every_event_of_the_incident_log_and_the_kept_rate_is_the_recounts()
    {
        string path = RealFileFactAttribute.PathTo("uci-incident-event-log-sample.csv");
        var recount = Recount(path);

        var classes = Decide(UciEvents(path)).Values.SelectMany(c => c.Promises.Values)
            .GroupBy(p => KeptRate.Classify(p, s_imported)).ToDictionary(g => g.Key!.Value, g => g.Count());

        classes.ShouldBe(new Dictionary<KeptClass, int>
        {
            [KeptClass.KeptFirstDate] = recount.KeptByFirstDate,
            [KeptClass.KeptLate] = recount.Late,
            [KeptClass.Overdue] = recount.NotResolved,
        }, ignoreOrder: true);
    }

    [RealFileFact("uci-incident-event-log-sample.csv")]
    public void The_incident_logs_own_verdict_agrees_in_nine_of_ten()
    {
        string path = RealFileFactAttribute.PathTo("uci-incident-event-log-sample.csv");
        using var text = File.OpenText(path);
        var agreement = UciIncidents.Agreement(UciIncidentFile.Read(text));

        agreement.Incidents.ShouldBe(890);
        agreement.Agree.ShouldBe(Recount(path).AgreeWithMadeSla);
        output.WriteLine($"Agreement with made_sla: {agreement.Agree} of {agreement.Incidents}.");
    }

    [RealFileFact("uci-incident-event-log-sample.csv")]
    public void A_customers_events_come_in_order_of_time_but_for_a_registration()
    {
        string path = RealFileFactAttribute.PathTo("uci-incident-event-log-sample.csv");
        foreach (var customer in UciEvents(path).OfCustomers().GroupBy(e => e.Subject))
        {
            customer.First().Type.ShouldBe("customer_registered");
            customer.Skip(1).Select(e => e.Time).ShouldBeInOrder();
        }
    }

    [RealFileFact("cdnow-sample.txt")]
    public void The_purchase_file_gives_its_customers_its_purchases_and_its_money_and_the_deciders_accept_them()
    {
        string path = RealFileFactAttribute.PathTo("cdnow-sample.txt");
        using var text = File.OpenText(path);
        var events = Cdnow.ToEvents(Cdnow.Read(text)).ToList();

        char[] blanks = [' ', '\t'];
        string[][] rows =
            [.. File.ReadAllLines(path).Select(l => l.Split(blanks, StringSplitOptions.RemoveEmptyEntries))];
        var customers = Decide(events).Values.ToList();
        customers.Count.ShouldBe(2357);
        customers.Sum(c => c.Purchases.Count).ShouldBe(6919);
        rows.Length.ShouldBe(6919);
        events.Where(e => e.Type == "purchase_recorded").Sum(e => e.Data["amountMinor"]!.GetValue<long>())
            .ShouldBe(rows.Sum(r => long.Parse(r[4].Replace(".", "", StringComparison.Ordinal))));
    }

    /// <summary>Feeds the events to the core's deciders as the server will, and fails at the first refusal.</summary>
    private static Dictionary<string, CustomerStream> Decide(IEnumerable<CloudEvent> events)
    {
        var members = new Dictionary<string, Guid>();
        var customers = new Dictionary<string, CustomerStream>();
        foreach (var happened in events)
        {
            var command = LedgerCommands.ForEvent(happened.Type).ShouldNotBeNull(happened.Type);
            if (command == typeof(JoinMember))
            {
                members.Add("ref:" + happened.Subject["member/".Length..], Guid.CreateVersion7());
                continue;
            }
            var data = (JsonObject)happened.Data.DeepClone();
            foreach (string field in new[] { "memberId", "toMemberId" }.Where(data.ContainsKey))
                data[field] = members[data[field]!.GetValue<string>()];
            var asked = (ICustomerStreamCommand)JsonSerializer.Deserialize(data, command, LedgerJson.Options)!;
            var state = customers.GetValueOrDefault(happened.Subject, CustomerStream.Initial);
            var at = new Moment(happened.Time, s_imported, Imported: true);
            var decision = state.Decide(Guid.Empty, asked, at);
            decision.Rejection.ShouldBeNull($"{happened.Id}: {decision.Rejection?.Detail}");
            foreach (var recorded in decision.Events)
            {
                var headers = new EventHeaders("test", at.OccurredAt);
                state = state.Evolve(new Envelope(
                    Guid.CreateVersion7(), happened.Type, happened.Subject, 1, 0, at, headers, recorded));
            }
            customers[happened.Subject] = state;
        }
        return customers;
    }

    private sealed record Counts(
        int Rows, int Customers, int Promises, int KeptByFirstDate, int Late, int NotResolved, int Reassigned,
        int Reopened, int AgreeWithMadeSla);

    private static Counts Recount(string path)
    {
        string[] lines = File.ReadAllLines(path);
        var column = lines[0].Split(',').Select((name, i) => (name, i)).ToDictionary(c => c.name, c => c.i);
        var incidents = new Dictionary<string, List<string[]>>();
        var callers = new HashSet<string>();
        foreach (string line in lines.Skip(1))
        {
            string[] cells = line.Split(',');
            callers.Add(cells[column["caller_id"]]);
            if (!incidents.TryGetValue(cells[0], out var rows))
                incidents[cells[0]] = rows = [];
            rows.Add(cells);
        }
        int kept = 0, late = 0, open = 0, reassigned = 0, reopened = 0, agree = 0;
        foreach (var rows in incidents.Values)
        {
            string resolved = rows[^1][column["resolved_at"]];
            int hours = rows[0][column["priority"]][0] switch { '1' => 4, '2' => 24, '3' => 120, _ => 240 };
            bool inTime = resolved != "?" && Time(resolved) <= Time(rows[0][column["opened_at"]]).AddHours(hours);
            kept += inTime ? 1 : 0;
            late += resolved != "?" && !inTime ? 1 : 0;
            open += resolved == "?" ? 1 : 0;
            agree += inTime == (rows[^1][column["made_sla"]] == "TRUE") ? 1 : 0;
            for (int i = 1; i < rows.Count; i++)
            {
                bool other = rows[i][column["assigned_to"]] != rows[i - 1][column["assigned_to"]]
                    || rows[i][column["assignment_group"]] != rows[i - 1][column["assignment_group"]];
                bool stillOpen = resolved == "?" || Time(rows[i][column["sys_updated_at"]]) <= Time(resolved);
                reassigned += other && stillOpen ? 1 : 0;
                int reopens = int.Parse(rows[i][column["reopen_count"]]);
                reopened += reopens > int.Parse(rows[i - 1][column["reopen_count"]]) ? 1 : 0;
            }
        }
        return new(lines.Length - 1, callers.Count, incidents.Count, kept, late, open, reassigned, reopened, agree);
    }

    private static DateTime Time(string text) =>
        DateTime.ParseExact(text, "dd-MM-yyyy HH:mm", CultureInfo.InvariantCulture);

    private static IReadOnlyList<CloudEvent> UciEvents(string path)
    {
        using var text = File.OpenText(path);
        return UciIncidents.ToEvents(UciIncidentFile.Read(text));
    }
}
