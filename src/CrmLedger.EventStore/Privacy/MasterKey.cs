using System.Security.Cryptography;
using System.Text;
using CrmLedger.EventStore.Embedded;

namespace CrmLedger.EventStore.Privacy;

/// <summary>
/// The key that wraps every tenant's key: from the environment, or from a file made on the first start.
/// </summary>
public sealed class MasterKey
{
    /// <summary>The environment variable that holds it: 32 bytes in base64.</summary>
    public const string Variable = "CRMLEDGER_MASTER_KEY";

    /// <summary>What to do where the key is not the database's.</summary>
    internal const string Remedy =
        $"put that one into master.key of the data folder, or into the environment variable {Variable}.";

    private const string CheckLabel = "master key check";

    private readonly byte[] _key;

    private MasterKey(byte[] key) => _key = key;

    /// <summary>Takes the environment's key, else the file's; makes the file (mode 0600) when there is none.</summary>
    /// <param name="home">The data folder.</param>
    /// <param name="environment">The value of <see cref="Variable" />, or null.</param>
    /// <exception cref="MasterKeyException">
    /// The key is not 32 bytes in base64, others may read the file, or it cannot be made.
    /// </exception>
    public static MasterKey Load(string home, string? environment) => Load(home, environment, GiveName);

    // link gives a file a second name, or answers that the name is taken.
    internal static MasterKey Load(string home, string? environment, Func<string, string, bool> link)
    {
        if (!string.IsNullOrEmpty(environment))
            return new(Parse(environment, $"the environment variable {Variable}"));
        string file = FileIn(home);
        if (!File.Exists(file))
            Make(file, link);
        if (!OperatingSystem.IsWindows())
        {
            var open = File.GetUnixFileMode(file) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            if (open != UnixFileMode.None)
                throw new MasterKeyException($"Others may use the master key {file} ({open}). Run: chmod 600 {file}");
        }
        return new(Parse(File.ReadAllText(file).Trim(), file));
    }

    /// <summary>A key for tests and tools that bring their own.</summary>
    public static MasterKey Of(byte[] key) => new(key);

    internal byte[] WrapTenantKey(string tenant, byte[] key) => KeyWrap.Wrap(_key, key, $"tenant {tenant}");

    internal byte[] UnwrapTenantKey(string tenant, byte[] wrapped)
    {
        try
        {
            return KeyWrap.Unwrap(_key, wrapped, $"tenant {tenant}");
        }
        catch (CryptographicException wrong)
        {
            throw new MasterKeyException(
                $"The master key does not open tenant '{tenant}'. The database was made with another master key: "
                + Remedy, wrong);
        }
    }

    /// <summary>What a database keeps to know its master key by.</summary>
    internal byte[] WrapCheck() => KeyWrap.Wrap(_key, [], CheckLabel);

    /// <exception cref="MasterKeyException">Another key made the check.</exception>
    internal void RequireOpens(byte[] check)
    {
        try
        {
            KeyWrap.Unwrap(_key, check, CheckLabel);
        }
        catch (CryptographicException wrong)
        {
            throw new MasterKeyException(
                "The master key is not this database's, which was made with another one: " + Remedy, wrong);
        }
    }

    internal static bool IsThere(string home, string? environment) =>
        !string.IsNullOrEmpty(environment) || File.Exists(FileIn(home));

    private static string FileIn(string home) => Path.Combine(home, "master.key");

    private static bool GiveName(string draft, string file)
    {
        if (!OperatingSystem.IsWindows())
            return UnixFiles.TryLink(draft, file);
        try
        {
            File.Move(draft, file, overwrite: false); // one step there; elsewhere .NET may have to copy
            return true;
        }
        catch (IOException) when (File.Exists(file))
        {
            return false;
        }
    }

    /// <summary>
    /// The key is on disk before it has its name, and has it in one step: whoever finds the file finds a whole key, and
    /// what it seals can be opened after a crash. Of several processes that make one, all take the first one's.
    /// </summary>
    private static void Make(string file, Func<string, string, bool> link)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        string draft = $"{file}.{Guid.CreateVersion7():N}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            using (var stream = new FileStream(draft, options))
            {
                stream.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(KeyWrap.NewKey()) + "\n"));
                stream.Flush(flushToDisk: true);
            }
            link(draft, file);
        }
        catch (IOException failure)
        {
            throw new MasterKeyException($"The master key {file} cannot be made: {failure.Message} Use a data folder "
                + "on a file system that knows hard links; or make a key with head -c 32 /dev/urandom | base64, keep "
                + $"it well, and start with it in {Variable}.", failure);
        }
        finally
        {
            File.Delete(draft);
        }
    }

    private static byte[] Parse(string text, string where)
    {
        byte[] key = new byte[KeyWrap.KeyBytes + 1];
        return Convert.TryFromBase64String(text, key, out int written) && written == KeyWrap.KeyBytes
            ? key[..KeyWrap.KeyBytes]
            : throw new MasterKeyException($"The master key in {where} is not {KeyWrap.KeyBytes} bytes in base64.");
    }
}

/// <summary>The master key is missing, malformed, open to others or another database's.</summary>
public sealed class MasterKeyException : Exception
{
    /// <inheritdoc />
    public MasterKeyException(string message) : base(message)
    {
    }

    /// <inheritdoc />
    public MasterKeyException(string message, Exception inner) : base(message, inner)
    {
    }

    /// <inheritdoc />
    public MasterKeyException()
    {
    }
}
