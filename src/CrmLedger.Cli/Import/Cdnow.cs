using System.Globalization;

namespace CrmLedger.Cli.Import;

/// <summary>One purchase of the CDNOW sample.</summary>
/// <param name="Line">The row's line in the file, from 1.</param>
/// <param name="Customer">The id in the sample, as it is written there.</param>
/// <param name="Day">The day of the purchase.</param>
/// <param name="Disks">How many CDs.</param>
/// <param name="Cents">What was paid, in US cents.</param>
internal readonly record struct CdnowRow(int Line, string Customer, DateOnly Day, int Disks, long Cents);

/// <summary>
/// Turns the CDNOW sample's rows (id in the master file, id in the sample, yyyyMMdd, number of CDs, dollars, parted by
/// blanks) into the ledger's events. Pure; rows are small and events are made only as they are sent, so that millions
/// of rows are no trouble.
/// </summary>
internal static class Cdnow
{
    public const string Source = "cdnow";

    private static readonly string[] s_columns = ["master id", "sample id", "date", "number of CDs", "dollars"];

    /// <exception cref="FileFault">
    /// A row has another number of cells, or a cell is not what its column says.
    /// </exception>
    public static List<CdnowRow> Read(TextReader file)
    {
        var rows = new List<CdnowRow>();
        var names = new Dictionary<string, string>();
        var known = names.GetAlternateLookup<ReadOnlySpan<char>>();
        int number = 0;
        while (file.ReadLine() is { } text)
        {
            number++;
            if (string.IsNullOrWhiteSpace(text))
                continue;
            rows.Add(Row(number, text, known));
        }
        return rows;
    }

    /// <summary>Customer by customer in the order of their first rows; each registered at its first purchase.</summary>
    /// <remarks>
    /// The registration's id holds its day: a longer copy of the file may know of an earlier purchase, and an id stands
    /// for one and the same content for ever.
    /// </remarks>
    public static IEnumerable<CloudEvent> ToEvents(IReadOnlyList<CdnowRow> rows)
    {
        foreach (var customer in rows.GroupBy(r => r.Customer))
        {
            string reference = "cdnow-" + customer.Key, subject = CloudEvent.CustomerSubject + reference;
            List<CdnowRow> purchases = [.. customer.OrderBy(r => r.Day)];
            string first = Day(purchases[0]);
            yield return new CloudEvent(
                purchases[0].Line, Source, $"{customer.Key}/registered/{first}", "customer_registered", subject,
                Noon(purchases[0].Day), new() { ["name"] = reference, ["reference"] = reference });
            int ofDay = 0;
            for (int i = 0; i < purchases.Count; i++)
            {
                var row = purchases[i];
                ofDay = i > 0 && purchases[i - 1].Day == row.Day ? ofDay + 1 : 1;
                string day = Day(row);
                yield return new CloudEvent(
                    row.Line, Source, $"{customer.Key}/{day}/{ofDay}", "purchase_recorded", subject, Noon(row.Day),
                    new()
                    {
                        ["purchaseId"] = $"{day}-{ofDay}",
                        ["amountMinor"] = row.Cents,
                        ["currency"] = "USD",
                    },
                    new Dictionary<string, string> { ["quantity"] = row.Disks.ToString(CultureInfo.InvariantCulture) })
                {
                    EndsRow = true,
                };
            }
        }
    }

    private static string Day(CdnowRow row) => row.Day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    private static DateTimeOffset Noon(DateOnly day) => new(day, new TimeOnly(12, 0), TimeSpan.Zero);

    private static CdnowRow Row(
        int line, string text, Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> names)
    {
        Span<Range> cells = stackalloc Range[s_columns.Length + 1];
        int count = text.AsSpan().SplitAny(cells, " \t", StringSplitOptions.RemoveEmptyEntries);
        if (count != s_columns.Length)
        {
            string most = count > s_columns.Length ? "more" : "fewer";
            throw new FileFault(line, s_columns[Math.Min(count, s_columns.Length - 1)],
                $"the row has {most} than {s_columns.Length} cells.");
        }
        var customer = text.AsSpan(cells[1]);
        if (!names.TryGetValue(customer, out string? name))
            names[customer] = name = customer.ToString();
        ReadOnlySpan<char> day = text.AsSpan(cells[2]), disks = text.AsSpan(cells[3]), dollars = text.AsSpan(cells[4]);
        if (!DateOnly.TryParseExact(day, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var on))
            throw new FileFault(line, s_columns[2], $"'{day}' is not a date written as yyyyMMdd.");
        if (!int.TryParse(disks, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            throw new FileFault(line, s_columns[3], $"'{disks}' is not a whole number.");
        if (!decimal.TryParse(dollars, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal amount)
            || amount * 100 != decimal.Truncate(amount * 100) || amount > 1_000_000_000)
        {
            throw new FileFault(line, s_columns[4], $"'{dollars}' is not an amount in dollars and cents.");
        }
        return new CdnowRow(line, name, on, number, (long)(amount * 100));
    }
}
