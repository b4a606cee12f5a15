using CrmLedger.EventStore.Privacy;
using CrmLedger.Transparency;
using Npgsql;
using NpgsqlTypes;

namespace CrmLedger.EventStore.Appending;

/// <summary>
/// Writes a planned batch in one transaction whose first statement swaps the head. A small batch is one round trip; a
/// large one goes by COPY.
/// </summary>
internal sealed class BatchWriter(LedgerDatabase database, string tenant)
{
    /// <summary>SQLSTATE of a lost swap.</summary>
    public const string LostSwap = "CL001";

    /// <summary>Events from which on COPY's further round trips are worth their time.</summary>
    private const int CopyThreshold = 400;

    private static readonly string s_swapHead = Sql.Load("Appending/swap_head.sql");
    private static readonly string s_holdHead = Sql.Load("Appending/hold_head.sql");
    private static readonly string s_streams = Sql.Load("Appending/write_streams.sql");
    private static readonly string s_events = Sql.Load("Appending/write_events.sql");
    private static readonly string s_copyEvents = Sql.Load("Appending/copy_events.sql");
    private static readonly string s_sequence = Sql.Load("Appending/take_sequence.sql");
    private static readonly string s_subjectKeys = Sql.Load("Appending/write_subject_keys.sql");
    private static readonly string s_idempotencyKeys = Sql.Load("Appending/write_idempotency_keys.sql");
    private static readonly string s_fullTiles = Sql.Load("Appending/write_full_tiles.sql");
    private static readonly string s_tileEdges = Sql.Load("Appending/write_tile_edges.sql");
    private static readonly string s_notify = Sql.Load("Appending/notify_appended.sql");

    /// <summary>
    /// Takes the head's lock. Whoever reads the log after that reads what it will be when the lock's holder writes.
    /// </summary>
    public async Task<WriteTransaction> HoldAsync(CancellationToken cancel)
    {
        var begun = await BeginAsync(cancel);
        try
        {
            await ExecuteAsync(begun.Connection, [LedgerDatabase.Command(s_holdHead, tenant)], cancel);
            return begun;
        }
        catch
        {
            await begun.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// After a write that waited in vain, for an answer or for the head: gives up connections that may be as dead, and
    /// ends the sessions that are stuck half-way through an append, this server's or another's.
    /// </summary>
    public async Task RecoverAsync(Exception failure, CancellationToken cancel)
    {
        bool waited = failure is PostgresException { SqlState: PostgresErrorCodes.QueryCanceled };
        foreach (var pool in new[] { database.Appending, database.BulkAppending })
            waited |= LedgerDatabase.GiveUpIfTimedOut(pool, failure);
        if (waited)
            await database.EndStuckAppendsAsync(cancel);
    }

    /// <summary>Writes and commits.</summary>
    /// <param name="head">The head that the plan was made on.</param>
    /// <param name="plan">With its leaves hashed.</param>
    /// <param name="growth">What the leaves add to the tree.</param>
    /// <param name="requests">All requests that the plan's numbers refer to.</param>
    /// <param name="held">The head's lock when it was taken before, or null.</param>
    /// <param name="cancel">Stops the wait; the outcome is then unknown.</param>
    public async Task WriteAsync(
        LogHead head, BatchPlan plan, TreeGrowth growth, IReadOnlyList<AppendRequest> requests, WriteTransaction? held,
        CancellationToken cancel)
    {
        var swap = LedgerDatabase.Command(
            s_swapHead, tenant, head.Size, growth.Edge.Size, plan.RecordedAt, growth.Root);
        var rest = Rest(head, plan, growth, requests);
        if (held is null && plan.Events.Count < CopyThreshold)
        {
            // Without an explicit transaction a batch is one: PostgreSQL commits at its single Sync, or not at all.
            await using var connection = await database.Appending.OpenConnectionAsync(cancel);
            await using var batch = new NpgsqlBatch(connection);
            batch.BatchCommands.Add(swap);
            batch.BatchCommands.Add(Events(head, plan));
            foreach (var command in rest)
                batch.BatchCommands.Add(command);
            await batch.ExecuteNonQueryAsync(cancel);
            return;
        }
        await using var own = held is null ? await BeginAsync(cancel) : null;
        var (loader, transaction) = held ?? own!;
        if (plan.Events.Count < CopyThreshold)
        {
            await ExecuteAsync(loader, [swap, Events(head, plan), .. rest], cancel);
        }
        else
        {
            await ExecuteAsync(loader, [swap], cancel);
            await CopyEventsAsync(loader, head, plan, cancel);
            await ExecuteAsync(loader, rest, cancel);
        }
        await transaction.CommitAsync(cancel);
    }

    private async Task<WriteTransaction> BeginAsync(CancellationToken cancel)
    {
        var connection = await database.BulkAppending.OpenConnectionAsync(cancel);
        try
        {
            return new(connection, await connection.BeginTransactionAsync(cancel));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task ExecuteAsync(
        NpgsqlConnection connection, IEnumerable<NpgsqlBatchCommand> commands, CancellationToken cancel)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var command in commands)
            batch.BatchCommands.Add(command);
        await batch.ExecuteNonQueryAsync(cancel);
    }

    private NpgsqlBatchCommand Events(LogHead head, BatchPlan plan) => LedgerDatabase.Command(s_events,
        tenant, plan.RecordedAt, head.Size,
        Array(NpgsqlDbType.Uuid, plan.Events.Select(e => e.Event.Id)),
        Array(NpgsqlDbType.Varchar, plan.Events.Select(e => e.StreamId)),
        Array(NpgsqlDbType.Bigint, plan.Events.Select(e => e.Version)),
        Array(NpgsqlDbType.Jsonb, plan.Events.Select(e => e.Event.DataUtf8)),
        Array(NpgsqlDbType.Varchar, plan.Events.Select(e => e.Type)),
        Array(NpgsqlDbType.Varchar, plan.Events.Select(e => LedgerEvents.ClrNameOf(e.Event.Data.GetType()))),
        Array(NpgsqlDbType.Varchar, plan.Events.Select(e => e.Event.CorrelationId)),
        Array(NpgsqlDbType.Varchar, plan.Events.Select(e => e.Event.CausationId)),
        Array(NpgsqlDbType.Jsonb, plan.Events.Select(e => e.Event.HeadersUtf8)),
        Array(NpgsqlDbType.Bytea, plan.LeafHashes));

    private List<NpgsqlBatchCommand> Rest(
        LogHead head, BatchPlan plan, TreeGrowth growth, IReadOnlyList<AppendRequest> requests)
    {
        var commands = new List<NpgsqlBatchCommand>
        {
            LedgerDatabase.Command(s_streams, tenant, Array(NpgsqlDbType.Varchar, plan.NewVersions.Keys),
                Array(NpgsqlDbType.Bigint, plan.NewVersions.Values), plan.RecordedAt),
        };
        var keys = plan.Placed.SelectMany(p => requests[p.Request].NewKeys).ToList<NewSubjectKey>();
        if (keys.Count > 0)
        {
            commands.Add(LedgerDatabase.Command(s_subjectKeys, tenant,
                Array(NpgsqlDbType.Uuid, keys.Select(k => k.SubjectId)),
                Array(NpgsqlDbType.Bytea, keys.Select(k => k.Wrapped.Bytes)),
                Array(NpgsqlDbType.Integer, keys.Select(k => k.Wrapped.KeyNumber))));
        }
        if (plan.Erased is { Count: > 0 } erased)
            commands.Add(ErasedSubjects.Write(tenant, erased));
        var marked = plan.Placed.Where(p => requests[p.Request].Idempotency is not null).ToList();
        if (marked.Count > 0)
        {
            commands.Add(LedgerDatabase.Command(s_idempotencyKeys, tenant,
                Array(NpgsqlDbType.Bytea, marked.Select(p => requests[p.Request].Idempotency!.KeyHash)),
                Array(NpgsqlDbType.Bytea, marked.Select(p => requests[p.Request].Idempotency!.RequestHash)),
                Array(NpgsqlDbType.Bigint, marked.Select(p => head.Size + p.FirstEvent)),
                Array(NpgsqlDbType.Integer, marked.Select(p => p.EventCount))));
        }
        if (growth.FullTiles.Count > 0)
        {
            commands.Add(LedgerDatabase.Command(s_fullTiles, tenant,
                Array(NpgsqlDbType.Smallint, growth.FullTiles.Select(t => (short)t.Level)),
                Array(NpgsqlDbType.Bigint, growth.FullTiles.Select(t => t.Index)),
                Array(NpgsqlDbType.Bytea, growth.FullTiles.Select(t => t.Hashes))));
        }
        commands.Add(LedgerDatabase.Command(s_tileEdges, tenant,
            Array(NpgsqlDbType.Smallint, growth.ChangedEdges.Select(t => (short)t.Level)),
            Array(NpgsqlDbType.Bigint, growth.ChangedEdges.Select(t => t.Index)),
            Array(NpgsqlDbType.Bytea, growth.ChangedEdges.Select(t => t.Hashes))));
        commands.Add(LedgerDatabase.Command(s_notify, tenant, growth.Edge.Size.ToString()));
        return commands;
    }

    private async Task CopyEventsAsync(NpgsqlConnection loader, LogHead head, BatchPlan plan, CancellationToken cancel)
    {
        var sequence = new List<long>(plan.Events.Count);
        await using (var take = new NpgsqlCommand(s_sequence, loader))
        {
            take.Parameters.Add(new() { Value = plan.Events.Count });
            await using var reader = await take.ExecuteReaderAsync(cancel);
            while (await reader.ReadAsync(cancel))
                sequence.Add(reader.GetInt64(0));
        }
        await using var copy = await loader.BeginBinaryImportAsync(s_copyEvents, cancel);
        for (int i = 0; i < plan.Events.Count; i++)
        {
            var placed = plan.Events[i];
            await copy.StartRowAsync(cancel);
            await copy.WriteAsync(sequence[i], NpgsqlDbType.Bigint, cancel);
            await copy.WriteAsync(placed.Event.Id, NpgsqlDbType.Uuid, cancel);
            await copy.WriteAsync(placed.StreamId, NpgsqlDbType.Varchar, cancel);
            await copy.WriteAsync(placed.Version, NpgsqlDbType.Bigint, cancel);
            await copy.WriteAsync(placed.Event.DataUtf8, NpgsqlDbType.Jsonb, cancel);
            await copy.WriteAsync(placed.Type, NpgsqlDbType.Varchar, cancel);
            await copy.WriteAsync(plan.RecordedAt, NpgsqlDbType.TimestampTz, cancel);
            await copy.WriteAsync(tenant, NpgsqlDbType.Varchar, cancel);
            await copy.WriteAsync(LedgerEvents.ClrNameOf(placed.Event.Data.GetType()), NpgsqlDbType.Varchar, cancel);
            await WriteTextAsync(copy, placed.Event.CorrelationId, cancel);
            await WriteTextAsync(copy, placed.Event.CausationId, cancel);
            await copy.WriteAsync(placed.Event.HeadersUtf8, NpgsqlDbType.Jsonb, cancel);
            await copy.WriteAsync(head.Size + i, NpgsqlDbType.Bigint, cancel);
            await copy.WriteAsync(plan.LeafHashes[i], NpgsqlDbType.Bytea, cancel);
        }
        await copy.CompleteAsync(cancel);
    }

    private static Task WriteTextAsync(NpgsqlBinaryImporter copy, string? text, CancellationToken cancel) =>
        text is null ? copy.WriteNullAsync(cancel) : copy.WriteAsync(text, NpgsqlDbType.Varchar, cancel);

    private static NpgsqlParameter Array<T>(NpgsqlDbType element, IEnumerable<T> values) =>
        new() { NpgsqlDbType = NpgsqlDbType.Array | element, Value = values.ToArray() };
}

/// <summary>A transaction of several round trips, rolled back unless it is committed.</summary>
/// <param name="Connection">The connection.</param>
/// <param name="Transaction">Its transaction.</param>
internal sealed record WriteTransaction(NpgsqlConnection Connection, NpgsqlTransaction Transaction) : IAsyncDisposable
{
    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Transaction.DisposeAsync();
        await Connection.DisposeAsync();
    }
}
