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

    private readonly byte[] _key;

    private MasterKey(byte[] key) => _key = key;

    /// <summary>Takes the environment's key, else the file's; makes the file (mode 0600) when there is none.</summary>
    /// <param name="home">The data folder.</param>
    /// <param name="environment">The value of <see cref="Variable" />, or null.</param>
    /// <exception cref="MasterKeyException">The key is not 32 bytes in base64, or others may read the file.</exception>
    public static MasterKey Load(string home, string? environment)
    {
        if (!string.IsNullOrEmpty(environment))
            return new(Parse(environment, $"the environment variable {Variable}"));
        string file = Path.Combine(home, "master.key");
        if (!File.Exists(file))
            Make(file);
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
                $"The master key does not open tenant '{tenant}'. The database was made with another master key: put "
                + $"that one into master.key of the data folder, or into {Variable}.", wrong);
        }
    }

    private static void Make(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        string draft = $"{file}.{Guid.CreateVersion7():N}";
        try
        {
            using var stream = UnixFiles.Create(draft, FileMode.CreateNew, FileShare.None);
            stream.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(KeyWrap.NewKey()) + "\n"));
            stream.Flush(flushToDisk: true);
            // When another process was first, its key is the one, and this one has wrapped nothing yet.
            if (UnixFiles.TryLink(draft, file))
                stream.Flush(flushToDisk: true); // the journal carries the new name with it
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
