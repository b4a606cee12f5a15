using System.Globalization;

namespace CrmLedger.PostgresTests.Imports;

/// <summary>
/// The incident log counted by plain splitting of its lines (it has no quotation marks), by the words of the data's
/// own description and without any code of ours.
/// </summary>
internal sealed record IncidentRecount(int Rows, int Callers, IReadOnlyList<IncidentRecount.Incident> Incidents)
{
    /// <param name="Number">The incident.</param>
    /// <param name="Team">The first row's assignment group.</param>
    /// <param name="Kept">In time, late, or null when it was never resolved.</param>
    /// <param name="MadeSla">The source's own verdict.</param>
    public sealed record Incident(string Number, string Team, bool? Kept, bool MadeSla);

    public int InTime => Incidents.Count(i => i.Kept == true);

    public int Late => Incidents.Count(i => i.Kept == false);

    public int Open => Incidents.Count(i => i.Kept is null);

    public static IncidentRecount Of(string path)
    {
        string[] lines = File.ReadAllLines(path);
        var column = lines[0].Split(',').Select((name, i) => (name, i)).ToDictionary(c => c.name, c => c.i);
        var rows = lines.Skip(1).Select(l => l.Split(',')).ToList();
        var incidents = rows.GroupBy(r => r[column["number"]]).Select(g =>
        {
            string[] first = g.First(), last = g.Last();
            int hours = first[column["priority"]][0] switch { '1' => 4, '2' => 24, '3' => 120, _ => 240 };
            string resolved = last[column["resolved_at"]];
            string team = first[column["assignment_group"]];
            return new Incident(g.Key, team == "?" ? "unassigned" : team,
                resolved == "?" ? null : Time(resolved) <= Time(first[column["opened_at"]]).AddHours(hours),
                last[column["made_sla"]] == "TRUE");
        }).ToList();
        return new(rows.Count, rows.Select(r => r[column["caller_id"]]).Distinct().Count(), incidents);
    }

    private static DateTime Time(string text) =>
        DateTime.ParseExact(text, "dd-MM-yyyy HH:mm", CultureInfo.InvariantCulture);
}
