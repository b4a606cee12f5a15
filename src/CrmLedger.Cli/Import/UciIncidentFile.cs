using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

namespace CrmLedger.Cli.Import;

/// <summary>One row of the incident log: an incident as it stood after one update.</summary>
/// <param name="Line">The row's line in the file, from 1 with the header.</param>
/// <param name="Number">The incident.</param>
/// <param name="State">Its state after the update.</param>
/// <param name="ReopenCount">How often it had been reopened by then.</param>
/// <param name="MadeSla">The source's own verdict by then.</param>
/// <param name="Caller">The customer, or null where the source does not say.</param>
/// <param name="OpenedAt">When the incident was opened, UTC.</param>
/// <param name="UpdatedBy">Who made this update, or null.</param>
/// <param name="UpdatedAt">When, UTC.</param>
/// <param name="ContactType">How the customer reached us, or null.</param>
/// <param name="Category">What it is about, or null.</param>
/// <param name="Priority">1 (critical) to 4 (low).</param>
/// <param name="Group">The team that has it, or null.</param>
/// <param name="AssignedTo">The member who has it, or null.</param>
/// <param name="ResolvedAt">When it was finally resolved, UTC, or null.</param>
internal sealed record IncidentRow(
    long Line, string Number, string State, int ReopenCount, bool MadeSla, string? Caller, DateTimeOffset OpenedAt,
    string? UpdatedBy, DateTimeOffset UpdatedAt, string? ContactType, string? Category, int Priority, string? Group,
    string? AssignedTo, DateTimeOffset? ResolvedAt);

/// <summary>
/// Reads the UCI incident log (CSV, <c>?</c> = missing), strictly: the first wrong cell is named and ends it.
/// </summary>
internal static class UciIncidentFile
{
    /// <summary>The sample's form, and that of the complete file at UCI.</summary>
    private static readonly string[] s_timeFormats = ["dd-MM-yyyy HH:mm", "d/M/yyyy HH:mm"];

    private static readonly string[] s_columns =
    [
        "number", "incident_state", "reopen_count", "made_sla", "caller_id", "opened_at", "sys_updated_by",
        "sys_updated_at", "contact_type", "category", "priority", "assignment_group", "assigned_to", "resolved_at",
    ];

    /// <exception cref="FileFault">A column is missing, or a cell is not what its column says.</exception>
    public static List<IncidentRow> Read(TextReader file)
    {
        var settings = new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            BadDataFound = bad => throw new FileFault(bad.Context.Parser!.RawRow, "?", "quotation marks do not match."),
        };
        using var csv = new CsvParser(file, settings, leaveOpen: true);
        if (!csv.Read() || csv.Record is not { } header)
            throw new FileFault(1, s_columns[0], "the file is empty.");
        var places = s_columns.ToDictionary(name => name, name => Place(header, name));
        var rows = new List<IncidentRow>();
        while (csv.Read())
        {
            if (csv.Record is not { } cells || cells is [""])
                continue;
            if (cells.Length != header.Length)
            {
                throw new FileFault(csv.RawRow, header[Math.Min(cells.Length, header.Length - 1)],
                    $"the row has {cells.Length} cells, but the header has {header.Length}.");
            }
            rows.Add(Row(new Cells(csv.RawRow, places, cells)));
        }
        return rows;
    }

    private static int Place(string[] header, string column)
    {
        int place = Array.IndexOf(header, column);
        return place >= 0 ? place : throw new FileFault(1, column, "the header has no such column.");
    }

    private static IncidentRow Row(Cells row) => new(
        row.Line,
        row.Needed("number"),
        row.Needed("incident_state"),
        row.Whole("reopen_count"),
        row.Needed("made_sla") switch
        {
            "TRUE" or "true" => true,
            "FALSE" or "false" => false,
            var other => throw row.Fault("made_sla", $"'{other}' is neither TRUE nor FALSE."),
        },
        row.Given("caller_id"),
        row.Time("opened_at") ?? throw row.Fault("opened_at", "a time is needed here."),
        row.Given("sys_updated_by"),
        row.Time("sys_updated_at") ?? throw row.Fault("sys_updated_at", "a time is needed here."),
        row.Given("contact_type"),
        row.Given("category"),
        row.Needed("priority") is [>= '1' and <= '4', ' ', '-', ..] priority
            ? priority[0] - '0'
            : throw row.Fault("priority", $"'{row.Given("priority")}' is not a priority such as '3 - Moderate'."),
        row.Given("assignment_group"),
        row.Given("assigned_to"),
        row.Time("resolved_at"));

    /// <summary>One row's cells by column.</summary>
    private readonly record struct Cells(long Line, Dictionary<string, int> Places, string[] Row)
    {
        public FileFault Fault(string column, string fault) => new(Line, column, fault);

        /// <summary>The cell, or null where the source says <c>?</c> or nothing.</summary>
        public string? Given(string column) =>
            Row[Places[column]].Trim() is var cell && cell is "" or "?" ? null : cell;

        public string Needed(string column) => Given(column) ?? throw Fault(column, "a value is needed here.");

        public int Whole(string column) =>
            int.TryParse(Needed(column), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                ? number
                : throw Fault(column, $"'{Given(column)}' is not a whole number.");

        public DateTimeOffset? Time(string column)
        {
            if (Given(column) is not { } cell)
                return null;
            return DateTimeOffset.TryParseExact(cell, s_timeFormats, CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
                ? time
                : throw Fault(column, $"'{cell}' is not a time written as dd-MM-yyyy HH:mm.");
        }
    }
}
