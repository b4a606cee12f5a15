using CrmLedger.Promises;
using CrmLedger.Server.Views;

namespace CrmLedger.Server.Commitments;

/// <summary>
/// A kept rate as a table for spreadsheets (RFC 4180, UTF-8): a line for each group and a last one for all; over time,
/// a line for each group and period, and last those of all. Shares are fractions of 1, empty where there is nothing to
/// divide by.
/// </summary>
public static class KeptRateCsv
{
    /// <summary>What the first line begins with.</summary>
    public const string FirstColumn = "key";

    private static readonly CsvColumn<KeptRateNumbers>[] s_columns =
    [
        new("n", r => r.N),
        new("kept_first_date", r => r.Counts.KeptFirstDate),
        new("kept_agreed_date", r => r.Counts.KeptAgreedDate),
        new("kept_late", r => r.Counts.KeptLate),
        new("broken", r => r.Counts.Broken),
        new("released", r => r.Counts.Released),
        new("moved_by_agreement", r => r.Counts.MovedByAgreement),
        new("overdue", r => r.Counts.Overdue),
        new("not_yet_due", r => r.Counts.NotYetDue),
        .. CsvColumns.OfShare<KeptRateNumbers>("strict", r => r.Strict),
        .. CsvColumns.OfShare<KeptRateNumbers>("agreed", r => r.Agreed),
        new("median_lateness_seconds", r => r.MedianLatenessSeconds),
        new("renegotiated", r => r.Renegotiated),
        new("renegotiation_rate", r => r.RenegotiationRate),
        .. Words.Names<MissCause>().Select(name =>
            new CsvColumn<KeptRateNumbers>($"missed_{name}", r => r.MissCauses.GetValueOrDefault(name))),
        new("imported", r => r.Imported),
        new("recorded_late", r => r.RecordedLate),
        new("customers", r => r.Customers),
        new("promises_per_customer", r => r.PromisesPerCustomer),
    ];

    private static readonly CsvTable<Line> s_table = new([.. Named, .. Numbers]);
    private static readonly CsvTable<Line> s_overTime = new([.. Named, new("period", l => l.Period), .. Numbers]);

    private sealed record Line(string Key, string Label, string? Period, KeptRateNumbers Numbers);

    private static IEnumerable<CsvColumn<Line>> Named => [new(FirstColumn, l => l.Key), new("label", l => l.Label)];

    private static IEnumerable<CsvColumn<Line>> Numbers =>
        s_columns.Select(c => new CsvColumn<Line>(c.Title, l => c.Of(l.Numbers)));

    /// <summary>The table.</summary>
    public static string Write(KeptRateAnswer answer) => (answer.Over is null ? s_table : s_overTime).Write(
        answer.Groups.SelectMany(g => Lines(g.Key, g.Label, g)).Concat(Lines("", "all", answer.Total)));

    private static IEnumerable<Line> Lines(string key, string label, KeptRateTotal numbers) =>
        numbers.Over?.Select(p => new Line(key, label, p.Key, p)) ?? [new(key, label, null, numbers)];
}
