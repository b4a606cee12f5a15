using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;

namespace CrmLedger.EventStore.Embedded;

/// <summary>Makes the data folder, once, and writes its configuration, at every start.</summary>
internal static class ClusterFolder
{
    public const string Superuser = "crmledger_admin";
    private const long LogLimit = 4 << 20;

    /// <summary>
    /// The password goes through a pipe that the account's own shell makes: it is never in a file or a command line,
    /// and the account may open its own pipe again as /dev/stdin, which it may not do with ours.
    /// </summary>
    private const string InitScript = """
        cat | "$1" -D "$2" --username="$3" --pwfile=/dev/stdin --auth=scram-sha-256 \
          --encoding=UTF8 --locale=C --data-checksums --no-instructions
        """;

    /// <summary>
    /// The path is relative, so that the home can be moved, and optional, so that a base backup of the cluster starts
    /// elsewhere.
    /// </summary>
    private const string IncludeScript = """
        grep -q "^include_if_exists = '../crmledger.conf'" "$1/postgresql.conf" ||
          printf "\ninclude_if_exists = '../crmledger.conf'\n" >>"$1/postgresql.conf"
        """;

    /// <summary>
    /// Whatever is being made carries another name until it is whole, and each attempt its own: an initdb that outlived
    /// its caller writes into a folder that nobody will use.
    /// </summary>
    public static async Task CreateAsync(
        PostgresHome home, ServerAccount account, PostgresBinaries binaries, string password, ILogger log,
        CancellationToken cancel)
    {
        string fresh = $"{home.Data}.new-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        await account.CreateFolderAsync(fresh, UnixFiles.OwnerOnlyFolder, cancel);
        log.LogInformation("Making the ledger's PostgreSQL cluster in {Data} (version {Major})",
            home.Data, binaries.Major);
        ChildResult result = await account.ShellAsync(
            InitScript, [binaries.Initdb, fresh, Superuser], password + "\n", cancel);
        if (!result.Succeeded)
        {
            RemoveUnfinished(home, log);
            throw new EmbeddedPostgresException($"PostgreSQL's initdb could not make the cluster in {home.Data} "
                + $"(exit code {result.ExitCode}). It said:\n{result.Tail()}\nMend what it names (a full disk, most "
                + "often) and start again; nothing was left behind.");
        }
        Directory.Move(fresh, home.Data);
    }

    /// <summary>Removes what interrupted attempts left.</summary>
    public static void RemoveUnfinished(PostgresHome home, ILogger log)
    {
        foreach (string unfinished in Directory.EnumerateDirectories(home.Root, "postgres.new*"))
        {
            try
            {
                Directory.Delete(unfinished, recursive: true);
                log.LogInformation("Removed the unfinished cluster {Folder}", unfinished);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                log.LogWarning("The unfinished cluster {Folder} could not be removed now: {Reason}",
                    unfinished, failure.Message);
            }
        }
    }

    public static async Task ConfigureAsync(
        PostgresHome home, ServerAccount account, int port, IReadOnlyDictionary<string, string> further,
        CancellationToken cancel)
    {
        string content = Configuration(home, port, further);
        if (!File.Exists(home.ConfigurationFile) || await File.ReadAllTextAsync(
            home.ConfigurationFile, cancel) != content)
        {
            UnixFiles.Replace(home.ConfigurationFile, content, UnixFiles.ReadableFile);
        }
        ChildResult result = await account.ShellAsync(IncludeScript, [home.Data], input: null, cancel);
        if (!result.Succeeded)
        {
            throw new EmbeddedPostgresException(
                $"The cluster in {home.Data} could not be configured by user {account.Name}: {result.Tail()}");
        }
    }

    /// <summary>
    /// The home's passwords were lost: sets the superuser's in single-user mode, which needs none. The other roles get
    /// theirs at every start.
    /// </summary>
    public static async Task ResetPasswordAsync(
        PostgresHome home, ServerAccount account, PostgresBinaries binaries, string password,
        CancellationToken cancel)
    {
        ChildResult result = await ChildProcess.RunAsync(
            account.Command(binaries.Postgres, "--single", "-D", home.Data, "postgres"),
            $"alter role {Superuser} password '{password}';\n", cancel);
        if (!result.Succeeded)
        {
            throw new EmbeddedPostgresException($"The passwords in {home.SecretsFile} were missing, and new ones could "
                + $"not be set in the cluster {home.Data}. PostgreSQL said:\n{result.Tail()}");
        }
    }

    /// <summary>Moves a log that has grown aside; this one and two older ones are kept.</summary>
    public static void RotateLog(PostgresHome home)
    {
        if (!File.Exists(home.LogFile) || new FileInfo(home.LogFile).Length < LogLimit)
            return;
        if (File.Exists(home.LogFile + ".1"))
            File.Move(home.LogFile + ".1", home.LogFile + ".2", overwrite: true);
        File.Move(home.LogFile, home.LogFile + ".1", overwrite: true);
    }

    private static string Configuration(PostgresHome home, int port, IReadOnlyDictionary<string, string> further)
    {
        var text = new StringBuilder($"""
            # Written by crmledger at every start; changes here are lost. Put yours into postgres/postgresql.conf,
            # below the line that includes this file, or use ALTER SYSTEM.
            cluster_name = 'crmledger'
            listen_addresses = '127.0.0.1'
            port = {port.ToString(CultureInfo.InvariantCulture)}
            unix_socket_directories = '{home.Sockets}'
            unix_socket_permissions = 0777      # the password guards it
            max_connections = 100
            shared_buffers = 256MB
            max_wal_size = 2GB
            wal_compression = on
            wal_level = replica                 # pg_basebackup needs it
            synchronous_commit = on             # acknowledged means on disk
            jit = off                           # compiling takes longer than our queries
            timezone = 'UTC'

            # No data in the log: neither statements nor their parameters, nor the details of an error (which
            # quote keys).
            logging_collector = off
            log_timezone = 'UTC'
            log_statement = none
            log_min_duration_statement = -1
            log_min_error_statement = panic
            log_error_verbosity = terse
            log_parameter_max_length = 0
            log_parameter_max_length_on_error = 0
            log_checkpoints = off

            """);
        foreach ((string name, string value) in further)
        {
            if (!name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.') || value.Contains('\n'))
                throw new ArgumentException($"'{name}' = '{value}' is not a PostgreSQL setting.", nameof(further));
            string quoted = value.Replace("'", "''", StringComparison.Ordinal);
            text.Append(CultureInfo.InvariantCulture, $"{name} = '{quoted}'\n");
        }
        return text.ToString();
    }
}
