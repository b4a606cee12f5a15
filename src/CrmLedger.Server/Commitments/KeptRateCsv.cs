using System.Globalization;
using CrmLedger.Commitments;
using CsvHelper;
using CsvHelper.Configuration;

namespace CrmLedger.Server.Commitments;

/// <summary>
/// A kept rate as a table for spreadsheets (RFC 4180, UTF-8): a line for each group and a last one for all. Shares are
/// fractions of 1, empty where there is nothing to divide by.
/// </summary>
public static class KeptRateCsv
{
    /// <summary>What the first line begins with.</summary>
    public const string FirstColumn = "key";

    private static readonly CsvConfiguration s_format = new(CultureInfo.InvariantCulture)
    {
        // A name that begins like a formula would be one to a spreadsheet.
        InjectionOptions = InjectionOptions.Escape,
    };

    private static readonly (string Title, Func<KeptRateNumbers, object?> Of)[] s_columns =
    [
        ("n", r => r.N),
        ("kept_first_date", r => r.Counts.KeptFirstDate),
        ("kept_agreed_date", r => r.Counts.KeptAgreedDate),
        ("kept_late", r => r.Counts.KeptLate),
        ("broken", r => r.Counts.Broken),
        ("released", r => r.Counts.Released),
        ("moved_by_agreement", r => r.Counts.MovedByAgreement),
        ("overdue", r => r.Counts.Overdue),
        ("not_yet_due", r => r.Counts.NotYetDue),
        .. OfShare("strict", r => r.Strict),
        .. OfShare("agreed", r => r.Agreed),
        ("median_lateness_seconds", r => r.MedianLatenessSeconds),
        ("renegotiation_rate", r => r.RenegotiationRate),
        ("imported", r => r.Imported),
        ("recorded_late", r => r.RecordedLate),
        ("customers", r => r.Customers),
        ("promises_per_customer", r => r.PromisesPerCustomer),
    ];

    /// <summary>The table.</summary>
    public static string Write(KeptRateAnswer answer)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        using (var csv = new CsvWriter(text, s_format, leaveOpen: true))
        {
            csv.WriteField(FirstColumn);
            csv.WriteField("label");
            foreach (var (title, _) in s_columns)
                csv.WriteField(title);
            csv.NextRecord();
            foreach (var group in answer.Groups)
                Write(csv, group.Key, group.Label, group.Numbers);
            Write(csv, "", "all", answer.Total);
        }
        return text.ToString();
    }

    private static void Write(CsvWriter csv, string key, string label, KeptRateNumbers numbers)
    {
        csv.WriteField(key);
        csv.WriteField(label);
        foreach (var (_, of) in s_columns)
            csv.WriteField(of(numbers));
        csv.NextRecord();
    }

    private static IEnumerable<(string Title, Func<KeptRateNumbers, object?> Of)> OfShare(
        string name, Func<KeptRateNumbers, Share> of) =>
    [
        (name, r => of(r).Rate),
        ($"{name}_low", r => of(r).Low),
        ($"{name}_high", r => of(r).High),
        ($"{name}_denominator", r => of(r).Denominator),
    ];
}
