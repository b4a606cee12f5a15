using CrmLedger.EventStore.Projections;
using CrmLedger.EventStore.Reading;
using CrmLedger.Postgres;
using JasperFx.Events.Projections;
using Marten;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using NpgsqlTypes;

namespace CrmLedger.EventStore;

/// <summary>How the ledger reaches PostgreSQL: one connection string for each role of Schema/roles.sql.</summary>
/// <param name="Owner">Migrates.</param>
/// <param name="Server">Serves: inserts and reads.</param>
/// <param name="Loader">Bulk COPY and projections.</param>
/// <param name="DataFolder">The cluster's folder if it is on this machine: to see how full its disk is.</param>
public sealed record LedgerConnections(string Owner, string Server, string Loader, string? DataFolder = null)
{
    /// <summary>One connection string for all: its user must be able to take each of the three roles.</summary>
    public static LedgerConnections Of(string connectionString) =>
        new(connectionString, connectionString, connectionString);
}

/// <summary>The ledger's database, one pool for each role and use.</summary>
/// <remarks>
/// A connection may stay open though nothing comes through it any more: a host that vanished, a firewall that forgot
/// it, a frozen process at the other end. Nobody is told, so whoever waits must stop waiting, on either side. Each pool
/// has a limit for one round trip that is far above what it takes, and sessions that hold what others need are ended
/// by PostgreSQL itself.
/// </remarks>
public sealed class LedgerDatabase : IAsyncDisposable
{
    /// <summary>
    /// Seconds for which an append may keep the log's head, which it needs for milliseconds: a server that is frozen in
    /// the middle of one must not keep the others from it for longer. PostgreSQL counts them. It is less than the
    /// append's own patience, so that who waits for the head is told so, and knows that nothing was written.
    /// </summary>
    private const int HoldsHead = 3;

    /// <summary>The same for batches that go by COPY.</summary>
    private const int HoldsHeadInBulk = 6;

    /// <summary>Seconds for which a step of the views may leave its transaction waiting.</summary>
    private const int HoldsViews = 8;

    /// <summary>Seconds for a round trip that takes milliseconds.</summary>
    private const int ShortPatience = 5;

    /// <summary>Seconds for a round trip that may have to go through many rows.</summary>
    private const int LongPatience = 30;

    private const string AppendingName = "ledger_appending";
    private const string BulkAppendingName = "ledger_bulk_appending";
    private const string ProjectingName = "ledger_projecting";

    private static readonly string s_endStuck = Sql.Load("end_stuck_sessions.sql");

    private readonly LedgerProjection _projection;

    /// <summary>
    /// Views are written row by row, each found by its key; of a table that was empty when it looked, the planner would
    /// think that reading all of it is as good.
    /// </summary>
    private const string LookingUp = "-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off";

    /// <summary>Opens the pools; connects to nothing yet.</summary>
    /// <param name="connections">How to reach it.</param>
    /// <param name="loggers">Where to tell what the projections set aside; null for nowhere.</param>
    public LedgerDatabase(LedgerConnections connections, ILoggerFactory? loggers = null)
    {
        Owner = Source(connections.Owner, "ledger_owner", poolSize: 4, LongPatience);
        Server = Source(connections.Server, "ledger_server", poolSize: 30, ShortPatience);
        Questions = Source(connections.Server, "ledger_server", poolSize: 10, ShortPatience,
            "-c plan_cache_mode=force_custom_plan");
        Appending = Source(connections.Server, "ledger_server", poolSize: 10, patience: 4,
            Holding(HoldsHead), AppendingName);
        BulkAppending = Source(connections.Loader, "ledger_loader", poolSize: 10, patience: 8,
            Holding(HoldsHeadInBulk), BulkAppendingName);
        Projecting = Source(connections.Loader, "ledger_loader", poolSize: 10, patience: 10,
            $"-c synchronous_commit=off -c idle_in_transaction_session_timeout={HoldsViews}s {LookingUp}",
            ProjectingName);
        ProjectingLock = Source(connections.Loader, "ledger_loader", poolSize: 0, ShortPatience,
            "-c idle_session_timeout=15s");
        Loader = Source(connections.Loader, "ledger_loader", poolSize: 20, LongPatience,
            $"-c idle_in_transaction_session_timeout=30s {LookingUp}");
        Verifying = Source(connections.Loader, "ledger_loader", poolSize: 2, patience: 0);
        OwnerWithoutRole = NpgsqlDataSource.Create(connections.Owner);
        Reserve = new(connections.DataFolder);
        _projection = new(this, new(this, new EventReader(this),
            (loggers ?? NullLoggerFactory.Instance).CreateLogger<ProjectionStep>()));
        Store = DocumentStore.For(options =>
        {
            options.Connection(Projecting);
            // A write of unknown outcome is looked up by its events' ids, never just sent again.
            options.ReadsLedger().ConfigureWritePolly(_ => { });
            options.Projects(_projection);
        });
    }

    /// <summary>The same store for Marten's own tools, which the owner uses.</summary>
    public void ConfigureOwnersStore(StoreOptions options)
    {
        options.Connection(Owner);
        options.ReadsLedger().Projects(_projection);
    }

    /// <summary>
    /// Marten's store. Its own connections are those that project; whoever else works for a tenant gives its session a
    /// connection of the pool for that use.
    /// </summary>
    public DocumentStore Store { get; }

    /// <summary>Connections that migrate.</summary>
    public NpgsqlDataSource Owner { get; }

    /// <summary>Connections that serve.</summary>
    public NpgsqlDataSource Server { get; }

    /// <summary>
    /// The same for questions with many filters, most of which are absent: each is planned for what it asks. A plan for
    /// all of them, which PostgreSQL makes after the fifth, can use none of the indexes.
    /// </summary>
    public NpgsqlDataSource Questions { get; }

    /// <summary>The same for the sequencers, who must not wait behind slow reads.</summary>
    public NpgsqlDataSource Appending { get; }

    /// <summary>The same for their batches that go by COPY, or that take the head's lock before they read.</summary>
    public NpgsqlDataSource BulkAppending { get; }

    /// <summary>
    /// Connections that bring views forward, a batch at a time. They wait for no disk: rows and the position that they
    /// reflect are lost together or not at all, and folded again.
    /// </summary>
    public NpgsqlDataSource Projecting { get; }

    /// <summary>
    /// Connections that hold the lock of who projects. Each is a session of its own, which ends when it is closed, and
    /// which PostgreSQL ends, the lock with it, when its holder has said nothing for 15 seconds.
    /// </summary>
    public NpgsqlDataSource ProjectingLock { get; }

    /// <summary>Connections for bulk COPY and rebuilds, which row-level security does not hold back.</summary>
    public NpgsqlDataSource Loader { get; }

    /// <summary>The same for statements that go through everything, for which nothing is too long.</summary>
    internal NpgsqlDataSource Verifying { get; }

    /// <summary>Room on the disk into which nothing is written.</summary>
    public DiskReserve Reserve { get; }

    /// <summary>Connections of the migrating user before it takes its role: only to make the roles.</summary>
    internal NpgsqlDataSource OwnerWithoutRole { get; }

    /// <summary>
    /// Whether somebody waited in vain. Where one connection has gone dead the idle ones beside it mostly have too, and
    /// each would have to be waited for: they are given up, so that what comes next connects anew.
    /// </summary>
    /// <param name="pool">Where the connection was from.</param>
    /// <param name="failure">How it ended.</param>
    internal static bool GiveUpIfTimedOut(NpgsqlDataSource pool, Exception failure)
    {
        bool timedOut = failure is TimeoutException || failure is NpgsqlException { InnerException: TimeoutException };
        if (timedOut)
            pool.Clear();
        return timedOut;
    }

    /// <summary>
    /// Ends appends, of this server or of another, that have waited for the rest of their request for longer than they
    /// may keep the head.
    /// </summary>
    internal async Task EndStuckAppendsAsync(CancellationToken cancel)
    {
        await EndStuckAsync(Appending, AppendingName, HoldsHead, cancel);
        await EndStuckAsync(BulkAppending, BulkAppendingName, HoldsHeadInBulk, cancel);
    }

    /// <summary>The name of a tenant's agent in Marten's daemon.</summary>
    public static ShardName ShardOf(string tenant) => ShardName.Compose(LedgerProjection.Name, tenantId: tenant);

    /// <summary>
    /// After a page of the views that failed: gives up idle connections, which may be as dead as the one that failed,
    /// and ends the steps that are stuck.
    /// </summary>
    public async Task GiveUpProjectingAsync(CancellationToken cancel)
    {
        Projecting.Clear();
        await EndStuckStepsAsync(cancel);
    }

    /// <summary>Ends steps of the views that have waited so long.</summary>
    internal Task EndStuckStepsAsync(CancellationToken cancel) =>
        EndStuckAsync(Projecting, ProjectingName, HoldsViews, cancel);

    private static async Task EndStuckAsync(
        NpgsqlDataSource pool, string name, int seconds, CancellationToken cancel)
    {
        await using var connection = await pool.OpenConnectionAsync(cancel);
        await using var batch = new NpgsqlBatch(connection);
        // A user may end his own sessions; the role that he works in may not.
        batch.BatchCommands.Add(Command("select set_config('role', 'none', true)"));
        batch.BatchCommands.Add(Command(s_endStuck, name, seconds));
        await batch.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>
    /// A command that sees one tenant's rows only: the tenant is set for the batch's own transaction, and the whole
    /// batch is one round trip. Read its result with <see cref="ReadAsync" />.
    /// </summary>
    public static NpgsqlBatch ForTenant(
        NpgsqlConnection connection, string tenant, string sql, params object?[] parameters)
    {
        var batch = new NpgsqlBatch(connection);
        var set = new NpgsqlBatchCommand("select set_config('ledger.tenant', $1, true)");
        set.Parameters.Add(new NpgsqlParameter<string> { TypedValue = tenant });
        batch.BatchCommands.Add(set);
        batch.BatchCommands.Add(Command(sql, parameters));
        return batch;
    }

    /// <summary>
    /// A batch command with positional parameters; a <see cref="NpgsqlParameter" /> is taken as it is.
    /// </summary>
    public static NpgsqlBatchCommand Command(string sql, params object?[] parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (object? value in parameters)
            command.Parameters.Add(value as NpgsqlParameter ?? new NpgsqlParameter { Value = value ?? DBNull.Value });
        return command;
    }

    /// <summary>A parameter that may be null, with its type.</summary>
    public static NpgsqlParameter Typed(NpgsqlDbType type, object? value) =>
        new() { NpgsqlDbType = type, Value = value ?? DBNull.Value };

    /// <summary>Runs a batch made by <see cref="ForTenant" /> and moves to the rows of its own command.</summary>
    public static async Task<NpgsqlDataReader> ReadAsync(NpgsqlBatch batch, CancellationToken cancel)
    {
        var reader = await batch.ExecuteReaderAsync(cancel);
        await reader.NextResultAsync(cancel);
        return reader;
    }

    /// <summary>Reads every row of one tenant's query.</summary>
    public Task<List<T>> QueryAsync<T>(
        string tenant, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancel,
        params object?[] parameters) => QueryAsync(Server, tenant, sql, read, cancel, parameters);

    /// <summary>Reads every row of one tenant's query through one of the pools.</summary>
    public static async Task<List<T>> QueryAsync<T>(
        NpgsqlDataSource pool, string tenant, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancel,
        params object?[] parameters)
    {
        try
        {
            await using var connection = await pool.OpenConnectionAsync(cancel);
            await using var batch = ForTenant(connection, tenant, sql, parameters);
            await using var reader = await ReadAsync(batch, cancel);
            var rows = new List<T>();
            while (await reader.ReadAsync(cancel))
                rows.Add(read(reader));
            return rows;
        }
        catch (Exception failure)
        {
            GiveUpIfTimedOut(pool, failure);
            throw;
        }
    }

    /// <summary>Runs one tenant's statement and answers how many rows it touched.</summary>
    public async Task<int> ExecuteAsync(
        string tenant, string sql, CancellationToken cancel, params object?[] parameters)
    {
        await using var connection = await Server.OpenConnectionAsync(cancel);
        await using var batch = ForTenant(connection, tenant, sql, parameters);
        await using var reader = await batch.ExecuteReaderAsync(cancel);
        await reader.NextResultAsync(cancel);
        return batch.BatchCommands[1].RecordsAffected < 0 ? 0 : (int)batch.BatchCommands[1].RecordsAffected;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        await Owner.DisposeAsync();
        await Server.DisposeAsync();
        await Questions.DisposeAsync();
        await Appending.DisposeAsync();
        await BulkAppending.DisposeAsync();
        await Projecting.DisposeAsync();
        await ProjectingLock.DisposeAsync();
        await Loader.DisposeAsync();
        await Verifying.DisposeAsync();
        await OwnerWithoutRole.DisposeAsync();
    }

    private static string Holding(int seconds) =>
        $"-c statement_timeout={seconds}s -c idle_in_transaction_session_timeout={seconds}s";

    /// <param name="connectionString">As it was given.</param>
    /// <param name="role">The role that the sessions take.</param>
    /// <param name="poolSize">The most connections; 0 for sessions that end when they are closed.</param>
    /// <param name="patience">Seconds to wait for one answer; 0 for ever.</param>
    /// <param name="options">Settings of the sessions.</param>
    /// <param name="name">What they are called; as their role when nothing is given.</param>
    private static NpgsqlDataSource Source(
        string connectionString, string role, int poolSize, int patience, string options = "", string? name = null)
    {
        var given = new NpgsqlConnectionStringBuilder(connectionString);
        var builder = new NpgsqlConnectionStringBuilder(connectionString)
        {
            // Start-up settings of the session, so that nothing is run before they hold: acknowledged means flushed,
            // whatever the database's default is, and the connections of a host that died are closed within half a
            // minute. The role is last, since a role may not be able to set the others.
            Options = $"{given.Options} -c synchronous_commit=on -c tcp_keepalives_idle=10 "
                + "-c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c tcp_user_timeout=20000 "
                + $"{options} -c role={role}",
            ApplicationName = name ?? role,
            MaxAutoPrepare = 60,
            AutoPrepareMinUsages = 2,
            NoResetOnClose = true,
            ReadBufferSize = 65_536,
            WriteBufferSize = 65_536,
            IncludeErrorDetail = false,
            Timeout = 4,
            CommandTimeout = given.CommandTimeout > 0 && patience > 0
                ? Math.Min(given.CommandTimeout, patience)
                : patience,
            CancellationTimeout = 500, // milliseconds to wait for PostgreSQL to say that it stopped
            Pooling = poolSize > 0,
        };
        if (given.Host is { } host && !host.Contains('/') && !host.Contains('@'))
        {
            // The same on this side, for whoever waits without a limit; a Unix socket has no other host to lose.
            (builder.TcpKeepAlive, builder.TcpKeepAliveTime, builder.TcpKeepAliveInterval) = (true, 10, 5);
        }
        if (poolSize > 0)
            builder.MaxPoolSize = poolSize;
        return new NpgsqlDataSourceBuilder(builder.ConnectionString).Build();
    }
}
