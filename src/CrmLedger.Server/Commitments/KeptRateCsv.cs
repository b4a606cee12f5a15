using CrmLedger.Commitments;
using CrmLedger.Server.Views;

namespace CrmLedger.Server.Commitments;

/// <summary>
/// A kept rate as a table for spreadsheets (RFC 4180, UTF-8): a line for each group and a last one for all. Shares are
/// fractions of 1, empty where there is nothing to divide by.
/// </summary>
public static class KeptRateCsv
{
    /// <summary>What the first line begins with.</summary>
    public const string FirstColumn = "key";

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

    private static readonly CsvTable<Line> s_table = new(
    [
        new(FirstColumn, l => l.Key), new("label", l => l.Label),
        .. s_columns.Select(c => new CsvColumn<Line>(c.Title, l => c.Of(l.Numbers))),
    ]);

    private sealed record Line(string Key, string Label, KeptRateNumbers Numbers);

    /// <summary>The table.</summary>
    public static string Write(KeptRateAnswer answer) => s_table.Write(
        answer.Groups.Select(g => new Line(g.Key, g.Label, g.Numbers)).Append(new("", "all", answer.Total)));

    private static IEnumerable<(string Title, Func<KeptRateNumbers, object?> Of)> OfShare(
        string name, Func<KeptRateNumbers, Share> of) =>
    [
        (name, r => of(r).Rate),
        ($"{name}_low", r => of(r).Low),
        ($"{name}_high", r => of(r).High),
        ($"{name}_denominator", r => of(r).Denominator),
    ];
}
