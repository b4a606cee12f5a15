using System.Data;
using System.Runtime.ExceptionServices;
using CrmLedger.EventStore.Privacy;
using CrmLedger.Transparency;
using Marten;
using Marten.Services;
using Npgsql;
using NpgsqlTypes;

namespace CrmLedger.EventStore.Appending;

/// <summary>
/// Writes a planned batch in one Marten session, which is one transaction: first what swaps the head and writes the
/// events, then what goes with them. The events of a large batch come by COPY.
/// </summary>
internal sealed class BatchWriter(LedgerDatabase database, string tenant)
{
    /// <summary>SQLSTATE of a lost swap.</summary>
    public const string LostSwap = "CL001";

    /// <summary>Events from which on COPY's further round trips are worth their time.</summary>
    private const int CopyThreshold = 400;

    private static readonly string[] s_appendBatch = LedgerOperation.Text(Sql.Load("Appending/write_batch.sql"));
    private static readonly string[] s_appendByCopy =
        LedgerOperation.Text(Sql.Load("Appending/write_large_batch.sql"));
    private static readonly string[] s_subjectKeys =
        LedgerOperation.Text(Sql.Load("Appending/write_subject_keys.sql"));
    private static readonly string[] s_idempotencyKeys =
        LedgerOperation.Text(Sql.Load("Appending/write_idempotency_keys.sql"));

    /// <summary>Begins a transaction of several round trips.</summary>
    public Task<WriteTransaction> BeginAsync(CancellationToken cancel) => BeginAsync(database.BulkAppending, cancel);

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
        bool copies = plan.Events.Count >= CopyThreshold;
        await using var own = held is null
            ? await BeginAsync(copies ? database.BulkAppending : database.Appending, cancel)
            : null;
        var begun = held ?? own!;
        var options = SessionOptions.ForTransaction(begun.Transaction, shouldAutoCommit: true);
        options.TenantId = tenant;
        await using var session = database.Store.LightweightSession(options);
        session.QueueOperation(copies ? ByCopy(head, plan, growth) : Batch(head, plan, growth));
        foreach (var write in Rest(head, plan, requests))
            session.QueueOperation(write);
        if (copies)
            ((ITransactionParticipantRegistrar)session).AddTransactionParticipant(new EventCopy(tenant, head, plan));
        try
        {
            await session.SaveChangesAsync(cancel);
        }
        catch (Exception wrapped) when (OfPostgres(wrapped) is { } failure)
        {
            begun.WasRefused = failure is PostgresException { SqlState: ['2', '2', ..] };
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    private static async Task<WriteTransaction> BeginAsync(NpgsqlDataSource pool, CancellationToken cancel)
    {
        var connection = await pool.OpenConnectionAsync(cancel);
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

    /// <summary>What PostgreSQL or the way to it said, whatever Marten has wrapped it in.</summary>
    private static Exception? OfPostgres(Exception failure)
    {
        for (var inner = failure.InnerException; inner is not null; inner = inner.InnerException)
        {
            if (inner is NpgsqlException)
                return inner;
        }
        return null;
    }

    private AppendBatch Batch(LogHead head, BatchPlan plan, TreeGrowth growth) => new(s_appendBatch,
    [
        Of(NpgsqlDbType.Varchar, tenant),
        Of(NpgsqlDbType.Bigint, head.Size),
        Of(NpgsqlDbType.TimestampTz, plan.RecordedAt),
        Of(NpgsqlDbType.Bytea, growth.Root),
        Array(NpgsqlDbType.Uuid, plan.Events, e => e.Event.Id),
        Array(NpgsqlDbType.Varchar, plan.Events, e => e.StreamId),
        Array(NpgsqlDbType.Bigint, plan.Events, e => e.Version),
        Array(NpgsqlDbType.Jsonb, plan.Events, e => e.Event.DataUtf8),
        Array(NpgsqlDbType.Varchar, plan.Events, e => e.Type),
        Array(NpgsqlDbType.Varchar, plan.Events, e => LedgerEvents.ClrNameOf(e.Event.Data.GetType())),
        Array(NpgsqlDbType.Varchar, plan.Events, e => e.Event.CorrelationId),
        Array(NpgsqlDbType.Varchar, plan.Events, e => e.Event.CausationId),
        Array(NpgsqlDbType.Jsonb, plan.Events, e => e.Event.HeadersUtf8),
        .. Growth(plan, growth),
    ]);

    private AppendBatch ByCopy(LogHead head, BatchPlan plan, TreeGrowth growth) => new(s_appendByCopy,
    [
        Of(NpgsqlDbType.Varchar, tenant),
        Of(NpgsqlDbType.Bigint, head.Size),
        Of(NpgsqlDbType.Bigint, (long)plan.Events.Count),
        Of(NpgsqlDbType.TimestampTz, plan.RecordedAt),
        Of(NpgsqlDbType.Bytea, growth.Root),
        .. Growth(plan, growth),
    ]);

    private static NpgsqlParameter[] Growth(BatchPlan plan, TreeGrowth growth)
    {
        List<(int Level, long Index, byte[] Hashes)> tiles =
        [
            .. growth.FullTiles.Select(t => (t.Level, t.Index, t.Hashes)),
            .. growth.ChangedEdges.Select(t => (t.Level, t.Index, t.Hashes)),
        ];
        return
        [
            Array(NpgsqlDbType.Varchar, plan.NewVersions, s => s.Key),
            Array(NpgsqlDbType.Bigint, plan.NewVersions, s => s.Value),
            Array(NpgsqlDbType.Smallint, tiles, t => (short)t.Level),
            Array(NpgsqlDbType.Bigint, tiles, t => t.Index),
            Array(NpgsqlDbType.Bytea, tiles, t => t.Hashes),
        ];
    }

    private List<LedgerWrite> Rest(LogHead head, BatchPlan plan, IReadOnlyList<AppendRequest> requests)
    {
        var writes = new List<LedgerWrite>();
        var keys = plan.Placed.SelectMany(p => requests[p.Request].NewKeys).ToList();
        if (keys.Count > 0)
        {
            writes.Add(new(s_subjectKeys,
            [
                Of(NpgsqlDbType.Varchar, tenant),
                Array(NpgsqlDbType.Uuid, keys, k => k.SubjectId),
                Array(NpgsqlDbType.Bytea, keys, k => k.Wrapped.Bytes),
                Array(NpgsqlDbType.Integer, keys, k => k.Wrapped.KeyNumber),
            ]));
        }
        if (plan.Erased is { Count: > 0 } erased)
            writes.Add(ErasedSubjects.Write(tenant, erased));
        var marked = plan.Placed.Where(p => requests[p.Request].Idempotency is not null).ToList();
        if (marked.Count > 0)
        {
            writes.Add(new(s_idempotencyKeys,
            [
                Of(NpgsqlDbType.Varchar, tenant),
                Array(NpgsqlDbType.Bytea, marked, p => requests[p.Request].Idempotency!.KeyHash),
                Array(NpgsqlDbType.Bytea, marked, p => requests[p.Request].Idempotency!.RequestHash),
                Array(NpgsqlDbType.Bigint, marked, p => head.Size + p.FirstEvent),
                Array(NpgsqlDbType.Integer, marked, p => p.EventCount),
            ]));
        }
        return writes;
    }

    private static NpgsqlParameter Of(NpgsqlDbType type, object value) => new() { NpgsqlDbType = type, Value = value };

    private static NpgsqlParameter Array<TItem, T>(
        NpgsqlDbType element, IReadOnlyCollection<TItem> items, Func<TItem, T> value)
    {
        var values = new T[items.Count];
        int i = 0;
        foreach (var item in items)
            values[i++] = value(item);
        return Of(NpgsqlDbType.Array | element, values);
    }
}

/// <summary>A transaction of several round trips, rolled back unless it is committed.</summary>
/// <param name="Connection">The connection.</param>
/// <param name="Transaction">Its transaction.</param>
internal sealed record WriteTransaction(NpgsqlConnection Connection, NpgsqlTransaction Transaction) : IAsyncDisposable
{
    /// <summary>Whether PostgreSQL refused a value.</summary>
    /// <remarks>
    /// It may have done so before it described the statement's answer, and Npgsql would then take the statement, once
    /// prepared, for one that has none: the next append on this connection would break.
    /// </remarks>
    public bool WasRefused { get; set; }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Transaction.DisposeAsync();
        if (WasRefused && Connection.State == ConnectionState.Open)
            Connection.UnprepareAll();
        await Connection.DisposeAsync();
    }
}
