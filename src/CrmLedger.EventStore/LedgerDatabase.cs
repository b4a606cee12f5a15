using Npgsql;
using NpgsqlTypes;

namespace CrmLedger.EventStore;

/// <summary>How the ledger reaches PostgreSQL: one connection string for each role (DESIGN section 6, Roles).</summary>
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

/// <summary>The ledger's database, one pool for each role.</summary>
public sealed class LedgerDatabase : IAsyncDisposable
{
    /// <summary>
    /// An append holds the log's head for milliseconds. A server that is frozen in the middle of one must not keep the
    /// others from it for longer than this.
    /// </summary>
    private const string HoldsTheHead = "-c statement_timeout=10000 -c idle_in_transaction_session_timeout=10000";

    /// <summary>Opens the pools; connects to nothing yet.</summary>
    public LedgerDatabase(LedgerConnections connections)
    {
        Owner = Source(connections.Owner, "ledger_owner", poolSize: 4);
        Server = Source(connections.Server, "ledger_server", poolSize: 30);
        Questions = Source(connections.Server, "ledger_server", poolSize: 10, "-c plan_cache_mode=force_custom_plan");
        Appending = Source(connections.Server, "ledger_server", poolSize: 10, HoldsTheHead);
        BulkAppending = Source(connections.Loader, "ledger_loader", poolSize: 10, HoldsTheHead);
        Loader = Source(connections.Loader, "ledger_loader", poolSize: 20);
        OwnerWithoutRole = NpgsqlDataSource.Create(connections.Owner);
        Reserve = new(connections.DataFolder);
    }

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

    /// <summary>Connections for bulk COPY and projections, which row-level security does not hold back.</summary>
    public NpgsqlDataSource Loader { get; }

    /// <summary>Room on the disk into which nothing is written.</summary>
    public DiskReserve Reserve { get; }

    /// <summary>Connections of the migrating user before it takes its role: only to make the roles.</summary>
    internal NpgsqlDataSource OwnerWithoutRole { get; }

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
        await using var connection = await pool.OpenConnectionAsync(cancel);
        await using var batch = ForTenant(connection, tenant, sql, parameters);
        await using var reader = await ReadAsync(batch, cancel);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancel))
            rows.Add(read(reader));
        return rows;
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
        await Owner.DisposeAsync();
        await Server.DisposeAsync();
        await Questions.DisposeAsync();
        await Appending.DisposeAsync();
        await BulkAppending.DisposeAsync();
        await Loader.DisposeAsync();
        await OwnerWithoutRole.DisposeAsync();
    }

    private static NpgsqlDataSource Source(string connectionString, string role, int poolSize, string options = "")
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
            ApplicationName = role,
            MaxAutoPrepare = 60,
            AutoPrepareMinUsages = 2,
            NoResetOnClose = true,
            MaxPoolSize = poolSize,
            ReadBufferSize = 65_536,
            WriteBufferSize = 65_536,
            IncludeErrorDetail = false,
        };
        return new NpgsqlDataSourceBuilder(builder.ConnectionString).Build();
    }
}
