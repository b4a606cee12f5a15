using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CrmLedger.Postgres;

/// <summary>
/// A private PostgreSQL cluster under a data folder: made on the first start, kept running, and stopped with us, also
/// when we are killed.
/// </summary>
/// <remarks>It listens on a unix socket and on 127.0.0.1, both guarded by passwords that only the home's owner can
/// read.</remarks>
public sealed class EmbeddedPostgres : IAsyncDisposable
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(50);
    private static readonly Task<EmbeddedPostgresException> s_never =
        new TaskCompletionSource<EmbeddedPostgresException>().Task;

    private readonly Supervision? _supervision;
    private readonly HomeLock? _held;
    private int _disposed;

    private EmbeddedPostgres(
        PostgresHome home, PostgresSecrets secrets, Version version, Supervision? supervision, HomeLock? held)
    {
        _supervision = supervision;
        _held = held;
        Port = secrets.Port;
        ServerVersion = version;
        AdminConnectionString = Connection(
            home, secrets.Port, "postgres", ClusterFolder.Superuser, secrets.AdminPassword);
        OwnerConnectionString = Ledger(ClusterRoles.Owner, secrets.OwnerPassword);
        ServerConnectionString = Ledger(ClusterRoles.Server, secrets.ServerPassword);
        LoaderConnectionString = Ledger(ClusterRoles.Loader, secrets.LoaderPassword);

        string Ledger(string role, string password) =>
            Connection(home, secrets.Port, ClusterRoles.Database, role, password);
    }

    /// <summary>
    /// The superuser in the database <c>postgres</c>: for tests and for making further databases. The ledger itself
    /// never uses it.
    /// </summary>
    public string AdminConnectionString { get; }

    /// <summary>The role <c>ledger_owner</c>, which owns the database <c>crmledger</c> and migrates it.</summary>
    public string OwnerConnectionString { get; }

    /// <summary>The role <c>ledger_server</c>, subject to row-level security.</summary>
    public string ServerConnectionString { get; }

    /// <summary>The role <c>ledger_loader</c>, which row-level security does not bind.</summary>
    public string LoaderConnectionString { get; }

    /// <summary>The TCP port on 127.0.0.1. The connection strings go through the unix socket.</summary>
    public int Port { get; }

    /// <summary>PostgreSQL's version.</summary>
    public Version ServerVersion { get; }

    /// <summary>Whether disposing this stops the cluster; false when another process serves it.</summary>
    public bool IsOwner => _held is not null;

    /// <summary>
    /// Ends, with the reason, when PostgreSQL ended and ten attempts in a row to start it again failed. Until then it
    /// never ends; nor ever when another process serves the cluster.
    /// </summary>
    public Task<EmbeddedPostgresException> Failed => _supervision?.Failed ?? s_never;

    /// <summary>
    /// Starts the cluster for as long as the caller serves it, and makes it first where there is none.
    /// </summary>
    /// <exception cref="EmbeddedPostgresException">It cannot be had; the message says why and what to do.</exception>
    public static async Task<EmbeddedPostgres> StartAsync(
        EmbeddedPostgresOptions options, ILogger log, CancellationToken cancel)
    {
        (PostgresHome home, ServerAccount account) = await PrepareHomeAsync(options, cancel);
        HomeLock taken = await HomeLock.TakeAsync(home, OwnerKind.Server, options.OwnerPatience, cancel);
        return await OwnAsync(home, account, taken, options, log, cancel);
    }

    /// <summary>
    /// For a short command: uses the cluster that a server is running, or starts it and stops it again when disposed.
    /// Commands without a server wait for each other.
    /// </summary>
    /// <exception cref="EmbeddedPostgresException">It cannot be had; the message says why and what to do.</exception>
    [SuppressMessage("Reliability", "CA2000", Justification = "OwnAsync takes the lock over, also when it fails.")]
    public static async Task<EmbeddedPostgres> AttachOrStartAsync(
        EmbeddedPostgresOptions options, ILogger log, CancellationToken cancel)
    {
        (PostgresHome home, ServerAccount account) = await PrepareHomeAsync(options, cancel);
        var waited = Stopwatch.StartNew();
        while (true)
        {
            if (HomeLock.TryTake(home, OwnerKind.Command, out HomeLock? taken))
                return await OwnAsync(home, account, taken, options, log, cancel);
            HomeHolder? holder = await HomeLock.ReadHolderAsync(home, cancel);
            bool served = holder is { Kind: OwnerKind.Server };
            if (served && await TryAttachAsync(home, cancel) is { } attached)
                return attached;
            // A server may be recovering from a crash, which takes what it takes; a command should be short.
            if (waited.Elapsed > (served ? options.StartupTimeout : options.OwnerPatience))
                throw HomeLock.StillHeld(home, holder);
            await Task.Delay(s_poll, cancel);
        }
    }

    /// <summary>Stops the cluster if it is ours: clients are disconnected, a checkpoint is written.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        try
        {
            if (_supervision is not null)
                await _supervision.DisposeAsync();
        }
        finally
        {
            _held?.Dispose(); // whatever happened, the next start must not find the home taken
        }
    }

    private static async Task<(PostgresHome Home, ServerAccount Account)> PrepareHomeAsync(
        EmbeddedPostgresOptions options, CancellationToken cancel)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new EmbeddedPostgresException("The embedded PostgreSQL runs on Linux and macOS. Set "
                + "ConnectionStrings__Ledger to a PostgreSQL of your own.");
        }
        PostgresHome home = PostgresHome.At(options.Home);
        ServerAccount account = await ServerAccount.ChooseAsync(home, cancel);
        await home.PrepareAsync(account, cancel);
        return (home, account);
    }

    private static async Task<EmbeddedPostgres> OwnAsync(
        PostgresHome home, ServerAccount account, HomeLock taken, EmbeddedPostgresOptions options, ILogger log,
        CancellationToken cancel)
    {
        Supervision? keeper = null;
        try
        {
            PostgresBinaries binaries = await PostgresBinaries.FindAsync(
                options.BinDirectory, home.DataVersion, cancel);
            PostgresSecrets secrets = await PrepareClusterAsync(
                home, account, binaries, options, log, cancel);
            string admin = Connection(home, secrets.Port, "postgres", ClusterFolder.Superuser, secrets.AdminPassword);
            keeper = new Supervision(home, account, binaries, admin, options, log);
            await keeper.StartAsync(cancel);
            Version version = await ClusterRoles.PrepareAsync(Unpooled(admin), secrets, cancel);
            log.LogInformation("PostgreSQL {Version} serves {Home} on {Sockets} and 127.0.0.1:{Port}",
                version, home.Root, home.Sockets, secrets.Port);
            return new EmbeddedPostgres(home, secrets, version, keeper, taken);
        }
        catch
        {
            try
            {
                if (keeper is not null)
                    await keeper.DisposeAsync();
            }
            finally
            {
                taken.Dispose();
            }
            throw;
        }
    }

    /// <summary>Everything that has to be right before PostgreSQL is started.</summary>
    private static async Task<PostgresSecrets> PrepareClusterAsync(
        PostgresHome home, ServerAccount account, PostgresBinaries binaries, EmbeddedPostgresOptions options,
        ILogger log, CancellationToken cancel)
    {
        ClusterFolder.RemoveUnfinished(home, log);
        ClusterFolder.BoundLog(home);
        bool exists = Directory.Exists(home.Data);
        if (exists && home.DataVersion is null)
        {
            throw new EmbeddedPostgresException($"The folder {home.Data} is not a PostgreSQL cluster (it has no "
                + "PG_VERSION), and the ledger's would have to go there. Move it away, or use another --home.");
        }
        if (!exists)
            ClusterFolder.RefuseNameless(home);
        if (exists)
            await Leftovers.StopAsync(home, account, options.ShutdownTimeout, log, cancel);
        PostgresSecrets? remembered = PostgresSecrets.Load(home);
        PostgresSecrets secrets = (remembered ?? PostgresSecrets.Generate()).WithPort(options.Port);
        if (remembered is { Port: not 0 } && remembered.Port != secrets.Port)
            log.LogInformation("PostgreSQL moves from port {Old} to {New}", remembered.Port, secrets.Port);
        if (exists)
            await ClusterFolder.ConfigureAsync(home, account, binaries, secrets.Port, options.Settings, cancel);
        // Between the new password and the file that remembers it, a crash must leave one of them to start from:
        // without the file, the next start resets the password again; so it is written last.
        if (exists && remembered is null)
        {
            await ClusterFolder.ResetPasswordAsync(home, account, binaries, secrets.AdminPassword, cancel);
            log.LogWarning("The passwords in {File} were missing; new ones were made", home.SecretsFile);
        }
        if (secrets != remembered)
            secrets.Save(home);
        if (!exists)
        {
            await ClusterFolder.CreateAsync(home, account, binaries, secrets.AdminPassword, log, cancel);
            await ClusterFolder.ConfigureAsync(home, account, binaries, secrets.Port, options.Settings, cancel);
        }
        return secrets;
    }

    /// <summary>Null while the cluster does not answer, which it may do soon.</summary>
    private static async Task<EmbeddedPostgres?> TryAttachAsync(
        PostgresHome home, CancellationToken cancel)
    {
        if (PostgresSecrets.Load(home) is not { } secrets)
            return null;
        // As the superuser: while the server is still at its first start, the other roles do not exist.
        string admin = Connection(home, secrets.Port, "postgres", ClusterFolder.Superuser, secrets.AdminPassword);
        string server = Connection(
            home, secrets.Port, ClusterRoles.Database, ClusterRoles.Server, secrets.ServerPassword);
        try
        {
            if (!await Supervision.AnswersAsync(Unpooled(server), cancel))
                return null;
            await using var connection = new NpgsqlConnection(Unpooled(admin));
            await connection.OpenAsync(cancel);
            return new EmbeddedPostgres(home, secrets, connection.PostgreSqlVersion, supervision: null, held: null);
        }
        catch (NpgsqlException)
        {
            // Its first start is not over (no roles, no database), or it is just ending.
            return null;
        }
    }

    private static string Connection(PostgresHome home, int port, string database, string role, string password) =>
        new NpgsqlConnectionStringBuilder
        {
            Host = home.Sockets,
            Port = port,
            Database = database,
            Username = role,
            Password = password,
        }.ConnectionString;

    /// <summary>A pool would keep a connection that nobody uses again.</summary>
    private static string Unpooled(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString;
}
