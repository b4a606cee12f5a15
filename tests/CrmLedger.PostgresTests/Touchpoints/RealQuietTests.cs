using System.Globalization;
using System.Text.Json;
using CrmLedger.PostgresTests.Http;
using CrmLedger.PostgresTests.Imports;
using CrmLedger.Tests.Imports;

namespace CrmLedger.PostgresTests.Touchpoints;

/// <summary>
/// The callers of the real incident log who were not heard of any more, beside its lines counted by plain splitting (it
/// has no quotation marks): an incident is opened by its caller, and every row is an update by us.
/// </summary>
public sealed class RealQuietTests(RunningLedger ledger) : LedgerTest(ledger), IClassFixture<RunningLedger>
{
    private const string Incidents = "uci-incident-event-log-sample.csv";

    private sealed record Contact(string Caller, string Direction, DateTimeOffset At);

    [RealFileFact(Incidents)]
    public async Task Quiet_customers_of_the_incident_log_are_those_of_an_independent_recount()
    {
        string file = RealFileFactAttribute.PathTo(Incidents);
        var contacts = ContactsOf(await File.ReadAllLinesAsync(file));
        (contacts.Count, contacts.DistinctBy(c => c.Caller).Count()).ShouldBe((5_998 + 890, 639));
        (await CommandLineOf.RunAsync(Ledger, Http, "import", "uci-incidents", file)).ExitCode.ShouldBe(0);
        foreach (string day in new[] { "2016-03-01", "2016-03-10", "2016-04-15", "2016-06-01", "2017-02-05" })
        {
            foreach (var (direction, days) in new[] { (null, 1), (null, 60), ("inbound", 21), ("outbound", 60) })
                await CheckAsync(contacts, day, direction, days);
        }
        var now = await ReadAsync("/v1/customers/quiet?days=365");
        (now.Number("customers"), now.Number("total")).ShouldBe((639, 639), "nobody has been heard of since");
        var told = await CommandLineOf.RunAsync(
            Ledger, Http, "customers", "quiet", "--days", "365", "--limit", "1000", "--json");
        JsonElement.Parse(told.Out).Text("items").ShouldBe((await ReadAsync(
            "/v1/customers/quiet?days=365&limit=1000")).Text("items"));
    }

    private async Task CheckAsync(List<Contact> contacts, string day, string? direction, int days)
    {
        var time = DateTimeOffset.Parse(day, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        var known = contacts.Where(c => c.At <= time).GroupBy(c => c.Caller).Select(c =>
        {
            var broke = c.Where(one => direction is null || one.Direction == direction).ToList();
            return (Caller: c.Key, Since: broke.Count > 0 ? broke.Max(b => b.At) : c.Min(b => b.At), broke.Count);
        }).ToList();
        var answer = await ReadAsync($"/v1/customers/quiet?until={day}&days={days}&limit=1000"
            + (direction is null ? "" : $"&direction={direction}"));
        answer.Items("items").Select(i => (i.Text("customer.reference")!, i.Time("since")!.Value,
            (int)i.Number("touchpoints")!.Value)).ShouldBe(
            known.Where(k => time - k.Since >= TimeSpan.FromDays(days)), ignoreOrder: true,
            $"{day} {direction} {days}");
        answer.Number("customers").ShouldBe(known.Count);
        answer.Items("silent").Select(s => s.Number("customers")!.Value).ShouldBe(
            new[] { 30, 60, 90, 180 }.Select(d => known.LongCount(k => time - k.Since >= TimeSpan.FromDays(d))));
        answer.Items("items").Select(i => i.Time("since")).ShouldBeInOrder(SortDirection.Ascending);
    }

    private static List<Contact> ContactsOf(string[] lines)
    {
        var column = lines[0].Split(',').Index().ToDictionary(c => c.Item, c => c.Index);
        var rows = lines.Skip(1).Select(line => line.Split(',')).ToList();
        return
        [
            .. rows.Select(r => new Contact(r[column["caller_id"]], "outbound", Time(r[column["sys_updated_at"]]))),
            .. rows.DistinctBy(r => r[column["number"]])
                .Select(r => new Contact(r[column["caller_id"]], "inbound", Time(r[column["opened_at"]]))),
        ];
    }

    private static DateTimeOffset Time(string text) => DateTimeOffset.ParseExact(
        text, "dd-MM-yyyy HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
