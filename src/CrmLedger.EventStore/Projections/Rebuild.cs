using System.Data;
using System.Diagnostics;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Views;
using CrmLedger.Postgres;
using Npgsql;

namespace CrmLedger.EventStore.Projections;

/// <summary>What a rebuild came to.</summary>
/// <param name="View">The view.</param>
/// <param name="Generation">The generation that readers see now.</param>
/// <param name="Position">The last position that it reflects.</param>
/// <param name="Events">Events read.</param>
/// <param name="Rows">Rows written, ended ones included.</param>
/// <param name="Quarantined">Streams that could not be folded.</param>
/// <param name="Seconds">How long it took.</param>
public sealed record RebuildResult(
    string View, int Generation, long Position, long Events, long Rows, int Quarantined, double Seconds);

/// <summary>The view is being rebuilt already.</summary>
public sealed class RebuildRunningException : Exception
{
    /// <inheritdoc />
    public RebuildRunningException(string message) : base(message)
    {
    }

    /// <inheritdoc />
    public RebuildRunningException(string message, Exception inner) : base(message, inner)
    {
    }

    /// <inheritdoc />
    public RebuildRunningException()
    {
    }
}

/// <summary>
/// Makes a view again from all events: reads by COPY what the view does not skip, several pieces of the log at a time,
/// folds them in order in memory, writes a new generation by COPY, catches up and moves the pointer. Writing and
/// moving are one transaction: readers see the old rows until it commits, and a rebuild that dies leaves nothing new
/// behind. The old generation is removed after that, piece by piece, so that nobody waits for it.
/// </summary>
public sealed class Rebuild(LedgerDatabase database, EventReader reader)
{
    private static readonly string s_findLeftovers = Sql.Load("Projections/find_leftovers.sql");

    /// <summary>Rebuilds.</summary>
    /// <exception cref="RebuildRunningException">Somebody rebuilds this view of this tenant at the moment.</exception>
    /// <exception cref="StorageFullException">There is no room for another generation on the disk.</exception>
    public async Task<RebuildResult> RunAsync(string tenant, View view, CancellationToken cancel)
    {
        database.Reserve.Require();
        long started = Stopwatch.GetTimestamp();
        await using var connection = await database.Loader.OpenConnectionAsync(cancel);
        string name = $"rebuild {tenant} {view.Name}";
        if (await LockAsync(connection, "select pg_try_advisory_lock(hashtextextended($1, 470239))", name, cancel)
            is not true)
        {
            throw new RebuildRunningException($"View '{view.Name}' is being rebuilt already. Wait for it to end.");
        }
        try
        {
            var result = await RebuildAsync(connection, tenant, view, cancel);
            return result with { Seconds = Stopwatch.GetElapsedTime(started).TotalSeconds };
        }
        finally
        {
            // A broken connection has let go of the lock by itself.
            if (connection.FullState == ConnectionState.Open)
            {
                await LockAsync(connection, "select pg_advisory_unlock(hashtextextended($1, 470239))", name,
                    CancellationToken.None);
            }
        }
    }

    /// <summary>Removes the old generations of rebuilds that were killed after they had moved the pointer.</summary>
    public async Task RemoveLeftoversAsync(CancellationToken cancel)
    {
        await using var connection = await database.Loader.OpenConnectionAsync(cancel);
        var leftovers = new List<(string Tenant, string View, int Generation)>();
        await using (var find = new NpgsqlCommand(s_findLeftovers, connection))
        await using (var rows = await find.ExecuteReaderAsync(cancel))
        {
            while (await rows.ReadAsync(cancel))
                leftovers.Add((rows.GetString(0), rows.GetString(1), rows.GetInt32(2)));
        }
        foreach (var (tenant, name, generation) in leftovers)
        {
            if (LedgerViews.Find(name) is { } view)
                await new ViewStore(connection, tenant, view).RemoveOlderAsync(generation, cancel);
        }
    }

    private async Task<RebuildResult> RebuildAsync(
        NpgsqlConnection connection, string tenant, View view, CancellationToken cancel)
    {
        var store = new ViewStore(connection, tenant, view);
        var before = await store.StateAsync(cancel);
        int generation = before.Generation + 1;
        long upTo = (await reader.ReadHeadAsync(tenant, cancel)).Size - 1;
        var folded = await new LogFold(database, reader).RunAsync(tenant, view, upTo, WhatCounts.Everything, cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        long rows = await store.CopyAsync(generation, WhileThereIsRoom(folded.Fold.InKeyOrder()), cancel);
        foreach (var poisoned in folded.Quarantined)
            await store.QuarantineAsync(generation, poisoned, cancel);
        long position = await CatchUpAsync(store, tenant, generation, upTo, long.MaxValue, cancel);
        // From here on the live projector waits; what it has shown by now must be in the new generation too.
        var (_, live) = await store.LockAsync(cancel);
        if (live > position)
            position = await CatchUpAsync(store, tenant, generation, position, live, cancel);
        int quarantined = (await store.QuarantineAsync(generation, cancel)).Count;
        await store.SwapAsync(generation, position, cancel);
        await transaction.CommitAsync(cancel);
        await store.RemoveOlderAsync(generation, cancel);
        return new(view.Name, generation, position, position + 1, rows, quarantined, 0);
    }

    private IEnumerable<ViewRow> WhileThereIsRoom(IEnumerable<ViewRow> rows)
    {
        foreach (var (i, row) in rows.Index())
        {
            if (i % 4_096 == 0)
                database.Reserve.Require();
            yield return row;
        }
    }

    private static async Task<bool?> LockAsync(
        NpgsqlConnection connection, string sql, string name, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new() { Value = name });
        return await command.ExecuteScalarAsync(cancel) as bool?;
    }

    private async Task<long> CatchUpAsync(
        ViewStore store, string tenant, int generation, long position, long upTo, CancellationToken cancel)
    {
        while (position < upTo)
        {
            long wanted = Math.Min(ProjectionStep.BatchEvents, upTo - position);
            var stored = await reader.ReadLogAsync(tenant, position, (int)wanted, cancel);
            if (stored.Count == 0)
                return position;
            await store.FoldAsync(generation, stored.ConvertAll(e => new ReadEvent(e)), reader, cancel);
            position = stored[^1].Position;
            if (stored.Count < wanted)
                return position; // the log's end is near, and while others append nobody ever stands on it
        }
        return position;
    }
}
