using System.Globalization;
using CsvHelper;

namespace CrmLedger.Server.Views;

/// <summary>A column of a table.</summary>
/// <typeparam name="TRow">What a line is about.</typeparam>
/// <param name="Title">What the first line calls it.</param>
/// <param name="Of">What stands in it; null leaves it empty.</param>
public sealed record CsvColumn<TRow>(string Title, Func<TRow, object?> Of);

/// <summary>
/// An answer as a table for spreadsheets (RFC 4180, UTF-8). Shares are fractions of 1, times are RFC 3339 in UTC.
/// </summary>
/// <typeparam name="TRow">What a line is about.</typeparam>
/// <param name="columns">The columns, from the left.</param>
public sealed class CsvTable<TRow>(params IReadOnlyList<CsvColumn<TRow>> columns)
{
    /// <summary>The table: a line of titles, then a line for each.</summary>
    public string Write(IEnumerable<TRow> rows)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        using (var csv = new CsvWriter(text, CultureInfo.InvariantCulture, leaveOpen: true))
        {
            foreach (var column in columns)
                csv.WriteField(column.Title);
            csv.NextRecord();
            foreach (var row in rows)
            {
                foreach (var column in columns)
                    csv.WriteField(Plain(column.Of(row)));
                csv.NextRecord();
            }
        }
        return text.ToString();
    }

    private static object? Plain(object? value) => value switch
    {
        DateTimeOffset time => LedgerJson.Format(time),
        Enum word => Words.Name(word),
        bool flag => flag ? "true" : "false",
        // A name that begins like a formula would be one to a spreadsheet. A number with its sign stays a number.
        string text when text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] => $"'{text}",
        _ => value,
    };
}
