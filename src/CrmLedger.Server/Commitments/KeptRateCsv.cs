using System.Text.Json;
using CrmLedger.Commitments;
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
        ("renegotiated", r => r.Renegotiated),
        ("renegotiation_rate", r => r.RenegotiationRate),
        .. Enum.GetNames<MissCause>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName).Select(cause => (
            $"missed_{cause}", (Func<KeptRateNumbers, object?>)(r => r.MissCauses.GetValueOrDefault(cause)))),
        ("imported", r => r.Imported),
        ("recorded_late", r => r.RecordedLate),
        ("customers", r => r.Customers),
        ("promises_per_customer", r => r.PromisesPerCustomer),
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

    private static IEnumerable<(string Title, Func<KeptRateNumbers, object?> Of)> OfShare(
        string name, Func<KeptRateNumbers, Share> of) =>
    [
        (name, r => of(r).Rate),
        ($"{name}_low", r => of(r).Low),
        ($"{name}_high", r => of(r).High),
        ($"{name}_denominator", r => of(r).Denominator),
    ];
}
