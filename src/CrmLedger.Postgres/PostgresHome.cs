using System.Security.Cryptography;
using System.Text;

namespace CrmLedger.Postgres;

/// <summary>The folders of one home, and the checks that they can be what they must be.</summary>
internal sealed class PostgresHome
{
    /// <summary>A socket's address holds 107 bytes on Linux and 103 on macOS, terminator included.</summary>
    private const int LongestSocketPath = 100;

    private PostgresHome(string root)
    {
        Root = root;
        Data = Path.Combine(root, "postgres");
        Secrets = Path.Combine(root, "secrets");
        SecretsFile = Path.Combine(Secrets, "postgres.json");
        Logs = Path.Combine(root, "logs");
        LogFile = Path.Combine(Logs, "postgresql.log");
        LockFile = Path.Combine(root, "postgres.lock");
        ConfigurationFile = Path.Combine(root, "crmledger.conf");
        Sockets = SocketFolder(root);
    }

    public string Root { get; }
    public string Data { get; }
    public string Secrets { get; }
    public string SecretsFile { get; }
    public string Logs { get; }
    public string LogFile { get; }
    public string LockFile { get; }
    public string ConfigurationFile { get; }
    public string Sockets { get; }

    /// <summary>The major version that made the data folder, or null when there is none yet.</summary>
    public string? DataVersion
    {
        get
        {
            string file = Path.Combine(Data, "PG_VERSION");
            return File.Exists(file) ? File.ReadAllText(file).Trim() : null;
        }
    }

    public static PostgresHome At(string path)
    {
        if (!Path.IsPathFullyQualified(path))
            throw new EmbeddedPostgresException($"The home '{path}' is not an absolute path. Give one with --home.");
        string root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (File.Exists(root))
        {
            throw new EmbeddedPostgresException(
                $"The home {root} is a file and has to be a folder. Move the file away or use another --home.");
        }
        return new PostgresHome(root);
    }

    /// <summary>Makes what is missing, after checking that the account can get there.</summary>
    public async Task PrepareAsync(ServerAccount account, CancellationToken cancel)
    {
        await RequirePassageAsync(account, cancel);
        // Root's cluster runs as somebody else, who must pass through these on the way to its own folders.
        UnixFileMode shared = account.Owner is null ? UnixFiles.OwnerOnlyFolder : UnixFiles.PassThroughFolder;
        try
        {
            UnixFiles.CreateFolder(Root, shared);
            UnixFiles.CreateFolder(Secrets, UnixFiles.OwnerOnlyFolder);
            await account.CreateFolderAsync(Logs, UnixFiles.OwnerOnlyFolder, cancel);
            await PrepareSocketsAsync(account, shared, cancel);
        }
        catch (Exception failure) when (failure is UnauthorizedAccessException or IOException)
        {
            throw NotWritable(failure);
        }
        await RequirePassageAsync(account, cancel);
    }

    public EmbeddedPostgresException NotWritable(Exception failure) =>
        new($"The home {Root} cannot be written by user {Environment.UserName}: "
            + $"{failure.Message} Use another --home, or start crmledger as the user whose folder it is.", failure);

    /// <summary>
    /// The first folder on the way that the account may not enter stops PostgreSQL with an error that names only the
    /// last one; so we look for it ourselves.
    /// </summary>
    private async Task RequirePassageAsync(ServerAccount account, CancellationToken cancel)
    {
        var folders = new Stack<string>();
        for (string? folder = Root; folder is not null; folder = Path.GetDirectoryName(folder))
            folders.Push(folder);
        const string script = """
            for folder; do
              [ -e "$folder" ] || exit 0
              [ -x "$folder" ] || { printf '%s' "$folder"; exit 3; }
            done
            """;
        ChildResult result = await account.ShellAsync(script, folders, input: null, cancel);
        if (result.ExitCode == 3)
        {
            throw new EmbeddedPostgresException($"PostgreSQL runs as user {account.Name}, who may not pass through "
                + $"{result.Output} on the way to the home {Root}. Use a home that it can reach (--home "
                + $"/var/lib/crmledger), or open that folder for passing through: chmod o+x {result.Output}");
        }
        if (!result.Succeeded)
        {
            throw new EmbeddedPostgresException(
                $"PostgreSQL cannot be run as user {account.Name}: {result.Tail()}");
        }
    }

    private async Task PrepareSocketsAsync(
        ServerAccount account, UnixFileMode mode, CancellationToken cancel)
    {
        if (Sockets.StartsWith(Root + "/", StringComparison.Ordinal))
        {
            await account.CreateFolderAsync(Sockets, mode, cancel);
            return;
        }
        // In /tmp anybody could have made the folder first to put a socket of his own into it.
        const string script = """
            mkdir -m 0711 -- "$1" 2>/dev/null
            [ -d "$1" ] && [ ! -L "$1" ] && [ -O "$1" ] && chmod 0711 -- "$1"
            """;
        ChildResult result = await account.ShellAsync(script, [Sockets], input: null, cancel);
        if (!result.Succeeded)
        {
            throw new EmbeddedPostgresException($"The path of the home {Root} is too long (or too unusual) for a unix "
                + $"socket, and the folder {Sockets} that would stand in for it is not user {account.Name}'s own. "
                + "Remove it, or use a shorter --home.");
        }
    }

    /// <summary>
    /// Npgsql reads a comma or a colon in a host as a list or a port, so such a home gets the short path as well.
    /// </summary>
    private static string SocketFolder(string root)
    {
        string inside = Path.Combine(root, "run");
        bool plain = inside.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '_' or '-');
        if (plain && inside.Length + "/.s.PGSQL.65535".Length <= LongestSocketPath)
            return inside;
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(root));
        return $"/tmp/crmledger-{Convert.ToHexStringLower(hash.AsSpan(0, 10))}";
    }
}
