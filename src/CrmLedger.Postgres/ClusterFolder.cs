using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace CrmLedger.Postgres;

/// <summary>Makes the data folder, once, and writes its configuration, at every start.</summary>
internal static partial class ClusterFolder
{
    public const string Superuser = "crmledger_admin";
    private const string Marker = ".unfinished";
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
    /// its caller writes into a folder that nobody will use. A marker beside it (initdb wants its folder empty) says
    /// that it may be thrown away, and goes before the cluster gets its name: what is in use is never marked.
    /// </summary>
    public static async Task CreateAsync(
        PostgresHome home, ServerAccount account, PostgresBinaries binaries, string password, ILogger log,
        CancellationToken cancel)
    {
        string fresh = $"{home.Data}.new-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        await File.WriteAllTextAsync(fresh + Marker, "", cancel);
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
        File.Delete(fresh + Marker);
        UnixFiles.FlushFolder(home.Root);
        Directory.Move(fresh, home.Data);
        UnixFiles.FlushFolder(home.Root);
    }

    /// <summary>Removes what interrupted attempts left, as their markers say, and nothing else.</summary>
    public static void RemoveUnfinished(PostgresHome home, ILogger log)
    {
        foreach (string unfinished in Fresh(home).Where(folder => File.Exists(folder + Marker)))
        {
            try
            {
                if (Directory.Exists(unfinished))
                    Directory.Delete(unfinished, recursive: true);
                File.Delete(unfinished + Marker);
                log.LogInformation("Removed the unfinished cluster {Folder}", unfinished);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                log.LogWarning("The unfinished cluster {Folder} could not be removed now: {Reason}",
                    unfinished, failure.Message);
            }
        }
    }

    /// <summary>
    /// Refuses to make a cluster where one stands that has not got its name: a start that ended between the two, or
    /// somebody who moved it there, and whose ledger would seem to be empty.
    /// </summary>
    public static void RefuseNameless(PostgresHome home)
    {
        string? whole = Fresh(home).FirstOrDefault(folder => !File.Exists(folder + Marker)
            && File.Exists(Path.Combine(folder, "PG_VERSION"))
            && File.Exists(Path.Combine(folder, "global", "pg_control")));
        if (whole is not null)
        {
            throw new EmbeddedPostgresException($"The cluster's folder {home.Data} is missing, and {whole} holds a "
                + $"whole cluster. To use that one: mv {whole} {home.Data}. To have a new one made, move it out of "
                + $"{home.Root}.");
        }
    }

    public static async Task ConfigureAsync(
        PostgresHome home, ServerAccount account, PostgresBinaries binaries, int port,
        IReadOnlyDictionary<string, string> further, CancellationToken cancel)
    {
        string content = Configuration(home, binaries, port, further);
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

    /// <summary>
    /// Keeps the log small: the end of one that has grown is put aside, where the one before it was, and the log itself
    /// is emptied. It is not moved, because PostgreSQL goes on writing (appending) to the file that it has open; a line
    /// written in between is lost, which a log can bear.
    /// </summary>
    public static void BoundLog(PostgresHome home)
    {
        if (!File.Exists(home.LogFile) || new FileInfo(home.LogFile).Length < LogLimit)
            return;
        if (File.Exists(home.LogFile + ".1"))
            File.Move(home.LogFile + ".1", home.LogFile + ".2", overwrite: true);
        using var log = new FileStream(home.LogFile, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        using (FileStream aside = UnixFiles.Create(home.LogFile + ".1", FileMode.Create, FileShare.Read))
        {
            log.Seek(-LogLimit, SeekOrigin.End);
            log.CopyTo(aside);
        }
        log.SetLength(0);
    }

    /// <summary>The folders that bear, or whose markers bear, a name that <see cref="CreateAsync" /> gives.</summary>
    private static List<string> Fresh(PostgresHome home) => Directory
        .EnumerateFileSystemEntries(home.Root, "postgres.new-*")
        .Select(entry => entry.EndsWith(Marker, StringComparison.Ordinal) ? entry[..^Marker.Length] : entry)
        .Where(folder => FreshName().IsMatch(Path.GetFileName(folder)))
        .Distinct()
        .ToList();

    [GeneratedRegex(@"^postgres\.new-[0-9a-f]{8}\z", RegexOptions.None, 1000)]
    private static partial Regex FreshName();

    private static string Configuration(
        PostgresHome home, PostgresBinaries binaries, int port, IReadOnlyDictionary<string, string> further)
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
            wal_compression = {(binaries.HasLz4 ? "lz4" : "on")}
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
