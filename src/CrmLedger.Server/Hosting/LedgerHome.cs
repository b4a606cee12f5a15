using CrmLedger.EventStore;
using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Schema;
using CrmLedger.Postgres;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CrmLedger.Server.Hosting;

/// <summary>
/// What the data folder and the environment settle: which PostgreSQL, and with which master key. Where no PostgreSQL is
/// named, the ledger brings its own.
/// </summary>
public sealed class LedgerHome : IAsyncDisposable
{
    private const string Server = "ConnectionStrings__Ledger";
    private static readonly string s_power = Sql.Load("Hosting/read_power.sql", typeof(LedgerHome).Assembly);

    private LedgerHome(string folder, EmbeddedPostgres? embedded, LedgerConnections connections, MasterKey master) =>
        (Folder, Embedded, Connections, Master) = (folder, embedded, connections, master);

    /// <summary>The data folder.</summary>
    public string Folder { get; }

    /// <summary>Where the last checkpoint of each log is kept outside the database.</summary>
    public string CheckpointFolder => CheckpointFolderIn(Folder);

    /// <summary>Where the command line finds the server and a key.</summary>
    public SettingsFile Settings => new(Path.Combine(Folder, "settings.json"));

    /// <summary>The embedded PostgreSQL, or null where another one is named.</summary>
    public EmbeddedPostgres? Embedded { get; }

    /// <summary>How to reach PostgreSQL.</summary>
    public LedgerConnections Connections { get; }

    /// <summary>Opens the tenants' keys.</summary>
    public MasterKey Master { get; }

    /// <summary>
    /// Opens the data folder to serve from it, or for a short command beside a running server. Afterwards the database
    /// has this version's schema, and the master key is its own.
    /// </summary>
    /// <param name="folder">The data folder; made when it is not there.</param>
    /// <param name="postgresPort">The embedded PostgreSQL's port, or null.</param>
    /// <param name="toServe">Whether this process is to own the embedded PostgreSQL.</param>
    /// <param name="log">Where to tell of its doings.</param>
    /// <param name="cancel">Stops the wait.</param>
    public static async Task<LedgerHome> OpenAsync(
        string folder, int? postgresPort, bool toServe, ILogger log, CancellationToken cancel)
    {
        folder = Path.GetFullPath(folder);
        var (embedded, connections) = await ConnectAsync(folder, postgresPort, toServe, log, cancel);
        try
        {
            await using var database = new LedgerDatabase(connections);
            // A server whose database is at this version's step needs no owner.
            if (await Migration.LookAsync(database, cancel) is { IsDone: false } plan)
            {
                await MigrateAsync(database, plan, told => log.LogWarning("{Told}", told),
                    embedded is null ? null : ct => CopyAsync(connections, folder, log, ct), cancel);
            }
            await WarnOfPowerAsync(database, log, cancel);
            var master = await MasterKeyCheck.LoadAsync(
                database, folder, Environment.GetEnvironmentVariable(MasterKey.Variable), cancel);
            if (master.Settled is { } settled)
                log.LogWarning("{Settled}", settled.What);
            return new(folder, embedded, connections, master);
        }
        catch
        {
            if (embedded is not null)
                await embedded.DisposeAsync();
            throw;
        }
    }

    /// <summary>Brings the database to this version's schema, and does nothing else.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="copy">
    /// Sees to a checked copy where events are to be moved; null for the one that the data folder keeps of its own
    /// database.
    /// </param>
    /// <param name="tell">Is told what takes long.</param>
    /// <param name="checks">Whether to look only.</param>
    /// <param name="cancel">Stops it; the next run goes on.</param>
    /// <returns>What there was to do.</returns>
    public static async Task<MigrationPlan> MigrateAsync(
        string folder, Func<LedgerConnections, CancellationToken, Task>? copy, Action<string> tell, bool checks,
        CancellationToken cancel)
    {
        folder = Path.GetFullPath(folder);
        var (embedded, connections) = await ConnectAsync(folder, null, toServe: false, NullLogger.Instance, cancel);
        await using var cluster = embedded;
        await using var database = new LedgerDatabase(connections);
        var plan = await Migration.LookAsync(database, cancel);
        if (copy is null && embedded is not null)
            copy = (c, ct) => CopyAsync(c, folder, NullLogger.Instance, ct);
        if (!checks && !plan.IsDone)
        {
            await MigrateAsync(
                database, plan, tell, copy is null ? null : ct => copy(connections, ct), cancel);
        }
        return plan;
    }

    /// <summary>
    /// Whether a ledger was made in the folder, or by this environment has its database and its master key elsewhere.
    /// </summary>
    public static bool IsThere(string folder) =>
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Server))
            ? Directory.Exists(Path.Combine(folder, "postgres"))
            : !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(MasterKey.Variable))
                || File.Exists(Path.Combine(folder, "master.key"));

    /// <summary>Where a data folder keeps the last checkpoint of each log.</summary>
    public static string CheckpointFolderIn(string folder) => Path.Combine(Path.GetFullPath(folder), "checkpoints");

    private static async Task MigrateAsync(
        LedgerDatabase database, MigrationPlan plan, Action<string> tell, Func<CancellationToken, Task>? copy,
        CancellationToken cancel)
    {
        try
        {
            await Migration.RunAsync(database, cancel, tell, copy);
        }
        catch (PostgresException refused) when (refused.SqlState is PostgresErrorCodes.InsufficientPrivilege
            or PostgresErrorCodes.InvalidParameterValue)
        {
            // The second is what PostgreSQL says of a role that a session may not begin with.
            throw new SchemaException($"The database has to be brought from step {plan.Number} to step "
                + $"{Migration.Number}, and its user may not do that: {refused.MessageText}. Run crmledger migrate "
                + "with ConnectionStrings__LedgerOwner set to the owner's; the server itself needs no owner.", refused);
        }
    }

    /// <summary>Reaches the PostgreSQL that data folder and environment name; starts it where that is ours.</summary>
    internal static async Task<(EmbeddedPostgres? Embedded, LedgerConnections Connections)> ConnectAsync(
        string folder, int? postgresPort, bool toServe, ILogger log, CancellationToken cancel)
    {
        string? named = Environment.GetEnvironmentVariable(Server);
        if (!string.IsNullOrEmpty(named))
        {
            return (null, new(Connection(Server + "Owner") ?? named, Connection(Server)!,
                Connection(Server + "Loader") ?? named));
        }
        var options = new EmbeddedPostgresOptions { Home = folder, Port = postgresPort };
        var embedded = toServe
            ? await EmbeddedPostgres.StartAsync(options, log, cancel)
            : await EmbeddedPostgres.AttachOrStartAsync(options, log, cancel);
        return (embedded, new(embedded.OwnerConnectionString, embedded.ServerConnectionString,
            embedded.LoaderConnectionString, folder));
    }

    private static async Task CopyAsync(
        LedgerConnections connections, string folder, ILogger log, CancellationToken cancel)
    {
        string file = Path.Combine(folder, "copies", "before-marten.dump");
        await CopyAsync(connections, file, cancel);
        log.LogWarning("What was there is kept in {File}: remove it when you are content with this version", file);
    }

    /// <summary>Makes a copy of the database, and reads it again.</summary>
    /// <exception cref="SchemaException">It could not be made.</exception>
    public static async Task CopyAsync(LedgerConnections connections, string file, CancellationToken cancel)
    {
        try
        {
            await PostgresCopy.MakeAsync(connections.Owner, "ledger_owner", Path.GetFullPath(file), cancel);
        }
        catch (IOException failure)
        {
            throw new SchemaException(
                $"The copy of what is there could not be made, and nothing was changed. {failure.Message}", failure);
        }
    }

    /// <summary>The connection string that a variable holds, or null.</summary>
    /// <exception cref="FormatException">It is none; the message names the variable and not what it holds.</exception>
    private static string? Connection(string variable)
    {
        string? text = Environment.GetEnvironmentVariable(variable);
        if (string.IsNullOrEmpty(text))
            return null;
        try
        {
            _ = new NpgsqlConnectionStringBuilder(text);
            return text;
        }
        catch (Exception malformed) when (malformed is ArgumentException or FormatException or OverflowException)
        {
            throw new FormatException($"{variable} is not a connection string of PostgreSQL: {malformed.Message} "
                + "Write it as Host=localhost;Database=crmledger;Username=NAME;Password=PASSWORD.", malformed);
        }
    }

    /// <summary>
    /// The server works in a role that can change nothing which is recorded; a user who may take another role can undo
    /// that.
    /// </summary>
    internal static async Task WarnOfPowerAsync(LedgerDatabase database, ILogger log, CancellationToken cancel)
    {
        await using var command = database.Server.CreateCommand(s_power);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        if (!await reader.ReadAsync(cancel) || !reader.GetBoolean(2))
            return;
        log.LogWarning("The server's PostgreSQL user {User} {Power}: whoever breaks into the server can undo what the "
            + "role ledger_server forbids, and change what is recorded. Give ConnectionStrings__Ledger, "
            + "ConnectionStrings__LedgerOwner and ConnectionStrings__LedgerLoader a user each, with one role each",
            reader.GetString(0), reader.GetBoolean(1) ? "is a superuser" : "may take the role ledger_owner");
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (Embedded is not null)
            await Embedded.DisposeAsync();
    }
}
