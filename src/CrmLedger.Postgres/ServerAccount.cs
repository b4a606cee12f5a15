using System.Globalization;

namespace CrmLedger.Postgres;

/// <summary>
/// The user that PostgreSQL runs as, which is never root: ourselves, or for root the owner of an existing data folder,
/// else <c>postgres</c>, else <c>nobody</c>.
/// </summary>
internal sealed class ServerAccount
{
    private readonly string[] _prefix;

    private ServerAccount(string name, string? owner, string[] prefix)
    {
        Name = name;
        Owner = owner;
        _prefix = prefix;
    }

    /// <summary>For messages.</summary>
    public string Name { get; }

    /// <summary><c>uid:gid</c> that its files must be given to; null when that is ourselves.</summary>
    public string? Owner { get; }

    public static async Task<ServerAccount> ChooseAsync(PostgresHome home, CancellationToken cancel)
    {
        if (!Environment.IsPrivilegedProcess)
            return new ServerAccount(Environment.UserName, owner: null, []);
        if (!OperatingSystem.IsLinux() || FindProgram("setpriv") is null)
        {
            throw new EmbeddedPostgresException("PostgreSQL refuses to run as root, and this system has no setpriv "
                + "with which to start it as another user. Start crmledger as an ordinary user, install util-linux, "
                + "or set ConnectionStrings__Ledger to a PostgreSQL of your own.");
        }
        (string name, string owner) = await OwnerOfDataAsync(home, cancel)
            ?? await LookUpAsync("postgres", cancel)
            ?? await LookUpAsync("nobody", cancel)
            ?? throw new EmbeddedPostgresException("PostgreSQL refuses to run as root, and this system has neither a "
                + "user 'postgres' nor a user 'nobody' to start it as. Make one (useradd --system postgres) or start "
                + "crmledger as an ordinary user.");
        string[] ids = owner.Split(':');
        // No groups but its own: whatever else the account may do, the cluster does not need it.
        return new ServerAccount(
            name, owner, ["setpriv", "--reuid=" + ids[0], "--regid=" + ids[1], "--clear-groups", "--inh-caps=-all"]);
    }

    /// <summary>The command line that runs this program as the account.</summary>
    public IEnumerable<string> Command(params IEnumerable<string> command) => [.. _prefix, .. command];

    /// <summary>Runs a POSIX shell script as the account; the arguments are its <c>$1</c> and on.</summary>
    public Task<ChildResult> ShellAsync(
        string script, IEnumerable<string> arguments, string? input, CancellationToken cancel)
    {
        return ChildProcess.RunAsync(
            Command(["sh", "-c", script, "crmledger", .. arguments]), input, cancel);
    }

    /// <summary>Makes the folder with this mode and gives it to the account, if it is not there.</summary>
    public async Task CreateFolderAsync(string path, UnixFileMode mode, CancellationToken cancel)
    {
        if (Directory.Exists(path))
            return;
        UnixFiles.CreateFolder(path, mode);
        if (Owner is null)
            return;
        ChildResult result = await ChildProcess.RunAsync(["chown", Owner, path], input: null, cancel);
        if (!result.Succeeded)
        {
            Directory.Delete(path);
            throw new EmbeddedPostgresException(
                $"The folder {path} could not be given to user {Name}, whom PostgreSQL runs as: {result.Tail()}");
        }
    }

    internal static string? FindProgram(string name)
    {
        string path = Environment.GetEnvironmentVariable("PATH") + ":/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";
        return path.Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
    }

    private static async Task<(string Name, string Owner)?> OwnerOfDataAsync(
        PostgresHome home, CancellationToken cancel)
    {
        if (!Directory.Exists(home.Data))
            return null;
        ChildResult result = await ChildProcess.RunAsync(
            ["stat", "-c", "%U %u:%g", home.Data], input: null, cancel);
        string[] words = result.Output.Split(' ', StringSplitOptions.TrimEntries);
        if (!result.Succeeded || words is not [var name, var owner])
            return null;
        if (owner.StartsWith("0:", StringComparison.Ordinal))
        {
            throw new EmbeddedPostgresException($"The cluster's folder {home.Data} belongs to root, whom PostgreSQL "
                + $"refuses to run as. Give it to the user that should serve it: chown -R postgres: {home.Data}");
        }
        return (name, owner);
    }

    private static async Task<(string Name, string Owner)?> LookUpAsync(
        string name, CancellationToken cancel)
    {
        ChildResult user = await ChildProcess.RunAsync(["id", "-u", name], input: null, cancel);
        ChildResult group = await ChildProcess.RunAsync(["id", "-g", name], input: null, cancel);
        return user.Succeeded && group.Succeeded && IsId(user.Output) && IsId(group.Output)
            ? (name, $"{user.Output.Trim()}:{group.Output.Trim()}")
            : null;
    }

    private static bool IsId(string text) =>
        uint.TryParse(text, NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out _);
}
