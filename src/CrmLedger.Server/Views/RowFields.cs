using CrmLedger.EventStore.Views;
using Npgsql;

namespace CrmLedger.Server.Views;

/// <summary>
/// What stands beside a row, of which is made what is counted of it: as it is stored, read only where it is asked for,
/// or as it was folded just now.
/// </summary>
/// <param name="key">The row's key, unique within its stream.</param>
/// <param name="stored">Stands on the row in what <c>standing_rows.sql</c> selects; null when it was folded.</param>
/// <param name="index">What stands beside a folded row.</param>
/// <param name="summary">The summary of a folded row.</param>
public readonly struct RowFields(string key, NpgsqlDataReader? stored, RowIndex index, byte[]? summary)
{
    /// <summary>The row's key, unique within its stream.</summary>
    public string Key => key;

    /// <summary>The row's date, UTC, or null.</summary>
    public DateTimeOffset? Due => stored is null ? index.Due
        : stored.IsDBNull(4) ? null : stored.GetFieldValue<DateTimeOffset>(4);

    /// <summary>The row's member, or null.</summary>
    public Guid? MemberId => stored is null ? index.MemberId : stored.IsDBNull(5) ? null : stored.GetGuid(5);

    /// <summary>The row's team, or null.</summary>
    public string? Team => stored is null ? index.Team : stored.IsDBNull(6) ? null : stored.GetString(6);

    /// <summary>The packed summary, or null.</summary>
    public byte[]? Summary => stored is null ? summary
        : stored.IsDBNull(7) ? null : stored.GetFieldValue<byte[]>(7);
}
