using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Views;
using Npgsql;
using NpgsqlTypes;

namespace CrmLedger.EventStore.Projections;

/// <summary>
/// Reads and writes the rows and the checkpoint of one tenant's view, always within one transaction of the loader.
/// </summary>
internal sealed class ViewStore(NpgsqlConnection connection, string tenant, View view)
{
    private static readonly string s_readState = Sql.Load("Projections/read_view_state.sql");
    private static readonly string s_create = Sql.Load("Projections/create_view.sql");
    private static readonly string s_advance = Sql.Load("Projections/advance_view.sql");
    private static readonly string s_misnamed = Sql.Load("Projections/find_misnamed.sql");
    private static readonly string[] s_named =
        [.. LedgerEvents.Records.Select(r => $"{LedgerEvents.NameOf(r)} {LedgerEvents.ClrNameOf(r)}")];
    private static readonly string[] s_olderNames = [.. EventUpcasters.Names];
    private static readonly string s_lockAll = Sql.Load("Projections/lock_views.sql");
    private static readonly string s_advanceAll = Sql.Load("Projections/advance_views.sql");
    private static readonly string s_lock = Sql.Load("Projections/lock_view.sql");
    private static readonly string s_swap = Sql.Load("Projections/swap_view.sql");
    private static readonly string s_load = Sql.Load("Projections/load_rows.sql");
    private static readonly string s_end = Sql.Load("Projections/end_rows.sql");
    private static readonly string s_copy = Sql.Load("Projections/copy_rows.sql");
    private static readonly string s_deleteOld = Sql.Load("Projections/delete_old_generations.sql");
    private static readonly string s_deleteQuarantine = Sql.Load("Projections/delete_old_quarantine.sql");
    private static readonly string s_readQuarantine = Sql.Load("Projections/read_quarantine.sql");
    private static readonly string s_writeQuarantine = Sql.Load("Projections/write_quarantine.sql");

    /// <summary>Where the view stands; it is made when there is none.</summary>
    public async Task<ViewState> StateAsync(CancellationToken cancel)
    {
        for (; ; )
        {
            var states = await QueryAsync(
                s_readState, r => new ViewState(r.GetInt32(0), r.GetInt64(1), r.GetInt32(2)), cancel,
                tenant, view.Name);
            if (states.Count > 0)
                return states[0];
            await ExecuteAsync(s_create, cancel, tenant, view.Name, view.Version);
        }
    }

    /// <summary>The positions of events that Marten may have read as something else than their name says.</summary>
    public static async Task<HashSet<long>> FindMisnamedAsync(
        NpgsqlConnection connection, string tenant, long first, long last, CancellationToken cancel)
    {
        await using var command = Command(connection, s_misnamed, tenant, first, last, s_named, s_olderNames);
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var found = new HashSet<long>();
        while (await rows.ReadAsync(cancel))
            found.Add(rows.GetInt64(0));
        return found;
    }

    /// <summary>
    /// Locks all views of a tenant against every other writer, to the end of the transaction; those that are missing
    /// are made.
    /// </summary>
    /// <returns>Where each stands, by its name.</returns>
    public static async Task<Dictionary<string, ViewState>> LockAllAsync(
        NpgsqlConnection connection, string tenant, CancellationToken cancel)
    {
        for (; ; )
        {
            var states = new Dictionary<string, ViewState>(StringComparer.Ordinal);
            await using (var command = Command(connection, s_lockAll, tenant))
            await using (var rows = await command.ExecuteReaderAsync(cancel))
            {
                while (await rows.ReadAsync(cancel))
                    states[rows.GetString(0)] = new(rows.GetInt32(1), rows.GetInt64(2), rows.GetInt32(3));
            }
            var missing = LedgerViews.All.Where(v => !states.ContainsKey(v.Name)).ToList();
            if (missing.Count == 0)
                return states;
            foreach (var view in missing)
            {
                await using var create = Command(connection, s_create, tenant, view.Name, view.Version);
                await create.ExecuteNonQueryAsync(cancel);
            }
        }
    }

    /// <summary>Moves the checkpoints of locked views.</summary>
    public static async Task AdvanceAllAsync(
        NpgsqlConnection connection, string tenant, string[] views, long to, CancellationToken cancel)
    {
        await using var command = Command(connection, s_advanceAll, tenant, views, to);
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Locks the view against every other writer, to the end of the transaction.</summary>
    public async Task<(int Generation, long Position)> LockAsync(CancellationToken cancel) =>
        (await QueryAsync(s_lock, r => (r.GetInt32(0), r.GetInt64(1)), cancel, tenant, view.Name))[0];

    /// <summary>Moves the checkpoint; false when it is not where it was expected.</summary>
    public async Task<bool> AdvanceAsync(int generation, long from, long to, CancellationToken cancel) =>
        await ExecuteAsync(s_advance, cancel, tenant, view.Name, generation, from, to) == 1;

    /// <summary>Moves the pointer to another generation.</summary>
    public Task SwapAsync(int generation, long position, CancellationToken cancel) =>
        ExecuteAsync(s_swap, cancel, tenant, view.Name, generation, position, view.Version);

    /// <summary>Removes what older generations have left, each piece in a transaction of its own.</summary>
    public async Task RemoveOlderAsync(int generation, CancellationToken cancel)
    {
        while (await ExecuteAsync(s_deleteOld, cancel, tenant, view.Name, generation) > 0)
        {
        }
        await ExecuteAsync(s_deleteQuarantine, cancel, tenant, view.Name, generation);
    }

    /// <summary>Folds events into the stored rows.</summary>
    /// <returns>The streams that could not be folded, now in quarantine.</returns>
    public async Task<IReadOnlyList<QuarantinedStream>> FoldAsync(
        int generation, IReadOnlyList<ReadEvent> events, EventReader reader, CancellationToken cancel)
    {
        if (events.All(e => e.IsSkippedBy(view)))
            return [];
        var quarantine = (await QuarantineAsync(generation, cancel)).ToDictionary(q => q.StreamId);
        var annulled = events.Where(e => e.IsAnnulment).Select(e => e.Stream).Distinct().ToArray();
        List<StoredEvent> refolded = annulled.Length == 0
            ? []
            : await reader.ReadStreamsAsync(tenant, annulled, events[^1].Position, cancel);
        var streams = refolded.GroupBy(e => e.Stream, StringComparer.Ordinal)
            .ToDictionary(s => s.Key, s => new RefoldedStream(s, view.Skipped), StringComparer.Ordinal);
        var fold = new ViewFold(view, (stream, position) => streams[stream].UpTo(position));
        var poisoned = new List<QuarantinedStream>();
        foreach (var (stream, reason) in await LoadAsync(fold, generation, events, annulled, cancel))
        {
            // A row that cannot be read is mended like an event that cannot: set aside, and made again by a rebuild.
            var unreadable = new QuarantinedStream(stream, events.First(e => e.Stream == stream).Position, reason);
            if (quarantine.TryAdd(stream, unreadable))
                poisoned.Add(unreadable);
        }
        foreach (var e in events.Where(e => !quarantine.ContainsKey(e.Stream)))
        {
            if (e.TryApply(fold) is { } poison)
            {
                quarantine[e.Stream] = new(e.Stream, e.Position, poison.Message);
                poisoned.Add(quarantine[e.Stream]);
            }
        }
        await EndAsync(generation, fold.EndedStored, cancel);
        await CopyAsync(generation, fold.Ended.Concat(fold.Standing()), cancel);
        foreach (var p in poisoned)
            await QuarantineAsync(generation, p, cancel);
        return poisoned;
    }

    /// <summary>Writes rows of a generation by COPY.</summary>
    /// <returns>How many.</returns>
    public async Task<long> CopyAsync(int generation, IEnumerable<ViewRow> rows, CancellationToken cancel)
    {
        using var each = rows.GetEnumerator();
        if (!each.MoveNext())
            return 0;
        long count = 0;
        await using var copy = await connection.BeginBinaryImportAsync(s_copy, cancel);
        do
        {
            var row = each.Current;
            var index = view.IndexOf(row.Row);
            await copy.StartRowAsync(cancel);
            await copy.WriteAsync(tenant, NpgsqlDbType.Varchar, cancel);
            await copy.WriteAsync(view.Name, NpgsqlDbType.Varchar, cancel);
            await copy.WriteAsync(generation, NpgsqlDbType.Integer, cancel);
            await copy.WriteAsync(row.StreamId, NpgsqlDbType.Varchar, cancel);
            await copy.WriteAsync(row.Key, NpgsqlDbType.Varchar, cancel);
            await copy.WriteAsync(row.ValidFrom, NpgsqlDbType.Bigint, cancel);
            await WriteAsync(copy, row.ValidTo, NpgsqlDbType.Bigint, cancel);
            await WriteAsync(copy, index.Due, NpgsqlDbType.TimestampTz, cancel);
            await WriteAsync(copy, index.MemberId, NpgsqlDbType.Uuid, cancel);
            await WriteAsync(copy, index.Team, NpgsqlDbType.Varchar, cancel);
            await copy.WriteAsync(view.Write(row.Row), NpgsqlDbType.Json, cancel);
            await WriteAsync(copy, view.Summarize(row.Row), NpgsqlDbType.Bytea, cancel);
            count++;
        }
        while (each.MoveNext());
        await copy.CompleteAsync(cancel);
        return count;
    }

    /// <summary>The streams in quarantine.</summary>
    public Task<List<QuarantinedStream>> QuarantineAsync(int generation, CancellationToken cancel) =>
        QuarantineAsync(generation, StreamPart.Whole, cancel);

    /// <summary>Those of some streams.</summary>
    public Task<List<QuarantinedStream>> QuarantineAsync(
        int generation, StreamPart part, CancellationToken cancel) =>
        QueryAsync(s_readQuarantine, r => new QuarantinedStream(r.GetString(0), r.GetInt64(1), r.GetString(2)), cancel,
            tenant, view.Name, generation, part.Index, part.Of);

    /// <summary>Puts a stream into quarantine.</summary>
    public Task QuarantineAsync(int generation, QuarantinedStream poisoned, CancellationToken cancel) =>
        ExecuteAsync(s_writeQuarantine, cancel, tenant, view.Name, generation, poisoned.StreamId, poisoned.Position,
            poisoned.Reason);

    private static Task WriteAsync<T>(
        NpgsqlBinaryImporter copy, T? value, NpgsqlDbType type, CancellationToken cancel) =>
        value is null ? copy.WriteNullAsync(cancel) : copy.WriteAsync((object)value, type, cancel);

    /// <returns>The streams with a row that could not be read, and why.</returns>
    private async Task<Dictionary<string, string>> LoadAsync(
        ViewFold fold, int generation, IReadOnlyList<ReadEvent> events, string[] annulled, CancellationToken cancel)
    {
        var unreadable = new Dictionary<string, string>(StringComparer.Ordinal);
        var wanted = events.SelectMany(e => e.KeysIn(view).Select(key => (e.Stream, key))).Distinct().ToList();
        if (wanted.Count == 0 && annulled.Length == 0)
            return unreadable;
        var rows = await QueryAsync(s_load,
            r => (Stream: r.GetString(0), Key: r.GetString(1), From: r.GetInt64(2), Json: r.GetFieldValue<byte[]>(3)),
            cancel, tenant, view.Name, generation, wanted.Select(w => w.Stream).ToArray(),
            wanted.Select(w => w.key).ToArray(), annulled);
        foreach (var row in rows)
        {
            try
            {
                fold.Load(new(row.Stream, row.Key, row.From, null, view.Read(row.Json)));
            }
            catch (Exception unread)
            {
                // Reading asks nobody: whatever went wrong lies in the row itself.
                unreadable[row.Stream] = $"The stored row '{row.Key}' cannot be read: {unread.Message}";
            }
        }
        return unreadable;
    }

    private async Task EndAsync(int generation, List<ViewRow> ended, CancellationToken cancel)
    {
        if (ended.Count == 0)
            return;
        await ExecuteAsync(s_end, cancel, tenant, view.Name, generation,
            ended.Select(r => r.StreamId).ToArray(), ended.Select(r => r.Key).ToArray(),
            ended.Select(r => r.ValidFrom).ToArray(), ended.Select(r => r.ValidTo!.Value).ToArray());
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params object?[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (object? value in parameters)
            command.Parameters.Add(new() { Value = value ?? DBNull.Value });
        return command;
    }

    private async Task<int> ExecuteAsync(string sql, CancellationToken cancel, params object?[] parameters)
    {
        await using var command = Command(connection, sql, parameters);
        return await command.ExecuteNonQueryAsync(cancel);
    }

    private async Task<List<T>> QueryAsync<T>(
        string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancel, params object?[] parameters)
    {
        await using var command = Command(connection, sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancel))
            rows.Add(read(reader));
        return rows;
    }
}
