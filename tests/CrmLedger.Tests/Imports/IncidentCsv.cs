using CrmLedger.Cli.Import;

namespace CrmLedger.Tests.Imports;

/// <summary>Writes small incident logs: a row says only what the test is about.</summary>
internal static class IncidentCsv
{
    public const string Header =
        "number,incident_state,reopen_count,made_sla,caller_id,opened_at,sys_updated_by,sys_updated_at,"
        + "contact_type,category,priority,assignment_group,assigned_to,resolved_at";

    public static string Row(
        string at, string number = "INC1", string state = "Active", int reopened = 0, string madeSla = "TRUE",
        string caller = "Caller 1", string opened = "01-03-2016 09:00", string by = "Updated by 1",
        string contact = "Phone", string category = "Category 1", string priority = "3 - Moderate",
        string group = "Group 1", string to = "Resolver 1", string resolved = "?") =>
        $"{number},{state},{reopened},{madeSla},{caller},{opened},{by},{at},{contact},{category},{priority},"
        + $"{group},{to},{resolved}";

    public static List<IncidentRow> Rows(params string[] rows)
    {
        using var text = new StringReader(string.Join('\n', rows.Prepend(Header)));
        return UciIncidentFile.Read(text);
    }

    public static IReadOnlyList<CloudEvent> Events(params string[] rows) => UciIncidents.ToEvents(Rows(rows));

    /// <summary>Time, type and id of the events: 2016-03-01 09:00 promise_made INC1/promise.</summary>
    public static IEnumerable<string> Lines(this IEnumerable<CloudEvent> events) =>
        events.Select(e => $"{e.Time:yyyy-MM-dd HH:mm} {e.Type} {e.Id}");

    public static IEnumerable<CloudEvent> OfCustomers(this IEnumerable<CloudEvent> events) =>
        events.Where(e => e.Subject.StartsWith("customer/", StringComparison.Ordinal));

    public static CloudEvent Of(this IEnumerable<CloudEvent> events, string type) => events.Single(e => e.Type == type);
}
