using CrmLedger.Commitments;

namespace CrmLedger.Server.Views;

/// <summary>Columns that many tables have.</summary>
public static class CsvColumns
{
    /// <summary>A share with its interval and its denominator.</summary>
    public static IEnumerable<CsvColumn<TRow>> OfShare<TRow>(string name, Func<TRow, Share> of) =>
    [
        new(name, r => of(r).Rate),
        new($"{name}_low", r => of(r).Low),
        new($"{name}_high", r => of(r).High),
        new($"{name}_denominator", r => of(r).Denominator),
    ];
}
