using System.Text.Json.Nodes;

namespace CrmLedger.Server.Demonstration;

/// <summary>A line of the year and where it belongs in it.</summary>
/// <param name="Time">When it happened, UTC.</param>
/// <param name="Json">A CloudEvent.</param>
internal sealed record DiaryLine(DateTimeOffset Time, string Json);

/// <summary>
/// What happened to one customer or member, day by day. Of one day, what was noted first happened first, so a later
/// note may build on an earlier one; days may be noted in any order.
/// </summary>
/// <param name="subject"><c>customer/</c> or <c>member/</c> and the reference.</param>
internal sealed class Diary(string subject)
{
    private readonly List<(int Day, string Type, JsonObject Data)> _notes = [];
    private readonly Dictionary<string, int> _ids = [];

    /// <summary>The last day of which something is noted.</summary>
    public int LastDay => _notes.Max(n => n.Day);

    /// <summary>Notes an event.</summary>
    /// <param name="day">The working day; what is noted of a day after the end of the year is left out.</param>
    /// <param name="type">The event's name.</param>
    /// <param name="data">The command's fields; those that are null are left out.</param>
    public void Note(int day, string type, JsonObject data)
    {
        foreach (string name in data.Where(d => d.Value is null).Select(d => d.Key).ToList())
            data.Remove(name);
        _notes.Add((day, type, data));
    }

    /// <summary>An id for a new thing of this sort, unique within the customer.</summary>
    public string NewId(string sort)
    {
        int number = _ids.GetValueOrDefault(sort) + 1;
        _ids[sort] = number;
        return $"{sort}-{number}";
    }

    /// <summary>The events in the order of their times, as far as the year goes.</summary>
    public IEnumerable<DiaryLine> Lines(WorkingDays days, Guid importId, Chance chance)
    {
        var numbered = _notes.Select((note, i) => (note.Day, note.Type, note.Data, Id: $"{subject}/{i + 1}"));
        foreach (var day in numbered.Where(n => n.Day <= 0).GroupBy(n => n.Day).OrderBy(d => d.Key))
        {
            // Early enough for more than thirty notes before the business closes.
            int minute = chance.Between(0, WorkingDays.Minutes / 2);
            foreach (var (_, type, data, id) in day)
            {
                var time = days.Time(day.Key, minute, chance.Between(0, 59));
                yield return new(time, Line(id, type, time, data, importId));
                minute += chance.Between(1, 8);
            }
        }
    }

    private string Line(string id, string type, DateTimeOffset time, JsonObject data, Guid importId) => new JsonObject
    {
        ["specversion"] = "1.0",
        ["id"] = id,
        ["source"] = DemonstrationYear.Source,
        ["type"] = type,
        ["subject"] = subject,
        ["time"] = LedgerJson.Format(time),
        ["importid"] = importId.ToString("D"),
        ["data"] = data,
    }.ToJsonString(LedgerJson.Options);
}
