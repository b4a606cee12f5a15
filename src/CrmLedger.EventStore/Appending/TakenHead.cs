using CrmLedger.Transparency;
using Npgsql;
using NpgsqlTypes;

namespace CrmLedger.EventStore.Appending;

/// <summary>A head whose lock is held: nobody else appends until its transaction ends.</summary>
/// <param name="Head">The head.</param>
/// <param name="Appended">
/// Streams that others have appended to since the size that was known, with their versions, in order; null when that is
/// unknown or too much.
/// </param>
internal sealed record TakenHead(LogHead Head, IReadOnlyList<(string Stream, long Version)>? Appended)
{
    private static readonly string s_take = Sql.Load("Appending/take_head.sql");

    /// <summary>Takes the lock within a transaction, and reads what it guards, in one round trip.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="known">The log's size when it was read last; null when nothing is known of it.</param>
    /// <param name="cancel">Stops the wait.</param>
    /// <exception cref="InvalidDataException">The log contradicts itself.</exception>
    public static async Task<TakenHead> TakeAsync(
        WriteTransaction transaction, string tenant, long? known, CancellationToken cancel)
    {
        await using var take = new NpgsqlBatch(transaction.Connection);
        take.BatchCommands.Add(LedgerDatabase.Command(
            s_take, tenant, LedgerDatabase.Typed(NpgsqlDbType.Bigint, known)));
        await using var rows = await take.ExecuteReaderAsync(cancel);
        return await rows.ReadAsync(cancel)
            ? Read(tenant, rows)
            : throw LogFacts.NoLog(tenant);
    }

    private static TakenHead Read(string tenant, NpgsqlDataReader r)
    {
        TileEdge[] edges = r.IsDBNull(3)
            ? []
            : [.. r.GetFieldValue<short[]>(3).Zip(r.GetFieldValue<long[]>(4), r.GetFieldValue<byte[][]>(5))
                .Select(e => new TileEdge(e.First, e.Second, e.Third))];
        var head = LogFacts.HeadOf(
            tenant, r.GetInt64(0), r.GetFieldValue<DateTimeOffset>(1), r.GetFieldValue<byte[]>(2), edges);
        return new(head,
            r.IsDBNull(6) ? null : [.. r.GetFieldValue<string[]>(6).Zip(r.GetFieldValue<long[]>(7))]);
    }
}
