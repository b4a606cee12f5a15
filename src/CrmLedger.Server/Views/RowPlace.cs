namespace CrmLedger.Server.Views;

/// <summary>Where a row stands in a list that goes by date.</summary>
/// <param name="Due">The date, UTC.</param>
/// <param name="Stream">The row's stream.</param>
/// <param name="Key">The row's key within the stream.</param>
public record RowPlace(DateTimeOffset Due, string Stream, string Key)
{
    /// <summary>By date, and among rows of one date by stream and key.</summary>
    public static IComparer<RowPlace> Order { get; } = Comparer<RowPlace>.Create((a, b) =>
        a.Due != b.Due ? a.Due.CompareTo(b.Due)
        : string.CompareOrdinal(a.Stream, b.Stream) is not 0 and var streams ? streams
        : string.CompareOrdinal(a.Key, b.Key));
}
