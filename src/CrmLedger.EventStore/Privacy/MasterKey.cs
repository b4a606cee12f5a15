using System.Security.Cryptography;
using Npgsql;

namespace CrmLedger.EventStore.Privacy;

/// <summary>
/// The key that wraps every tenant's key: from the environment, or from a file made on the first start. Who holds it
/// while it is replaced looks into the file again when it opens a tenant's key no more.
/// </summary>
public sealed class MasterKey
{
    /// <summary>The environment variable that holds it: 32 bytes in base64.</summary>
    public const string Variable = "CRMLEDGER_MASTER_KEY";

    /// <summary>The environment variable that holds the one that is to replace it.</summary>
    public const string NewVariable = "CRMLEDGER_NEW_MASTER_KEY";

    /// <summary>What to do where the key is not the database's.</summary>
    internal const string Remedy =
        $"put that one into master.key of the data folder, or into the environment variable {Variable}.";

    private const string CheckLabel = "master key check";
    private const string Constraint = "wrapped_by_master";

    private volatile Held _held;

    private MasterKey(byte[] key, MasterKeyFile? file) => (_held, File) = (new(key, 1), file);

    /// <param name="Key">In clear.</param>
    /// <param name="Number">Which it is of those that the database has had, from 1.</param>
    private sealed record Held(byte[] Key, int Number);

    /// <summary>What was done about a replacement that had been interrupted; null for nothing.</summary>
    public SettledReplacement? Settled { get; internal set; }

    /// <summary>Which it is of those that the database has had, from 1, as far as is known here.</summary>
    public int Number => _held.Number;

    /// <summary>The file that it is from; null when it is from elsewhere.</summary>
    internal MasterKeyFile? File { get; }

    /// <summary>Takes the environment's key, else the file's; makes the file (mode 0600) when there is none.</summary>
    /// <param name="home">The data folder.</param>
    /// <param name="environment">The value of <see cref="Variable" />, or null.</param>
    /// <exception cref="MasterKeyException">
    /// The key is not 32 bytes in base64, others may read the file, or it cannot be made.
    /// </exception>
    public static MasterKey Load(string home, string? environment) =>
        Load(home, environment, MasterKeyFile.GiveName);

    // link gives a file a second name, or answers that the name is taken.
    internal static MasterKey Load(string home, string? environment, Func<string, string, bool> link)
    {
        if (!string.IsNullOrEmpty(environment))
            return new(MasterKeyFile.Parse(environment, $"the environment variable {Variable}"), null);
        var file = new MasterKeyFile(home);
        return new(file.ReadOrMake(link), file);
    }

    /// <summary>Reads a key that is to replace this one from a file that is nobody else's to use.</summary>
    /// <exception cref="MasterKeyException">There is none, or others may use it.</exception>
    public static byte[] ReadNew(string file) => System.IO.File.Exists(file)
        ? MasterKeyFile.Read(file)
        : throw new MasterKeyException($"There is no file {file} with a new master key.");

    /// <summary>Reads a key that is to replace this one from the environment.</summary>
    /// <param name="text">The value of <see cref="NewVariable" />.</param>
    /// <exception cref="MasterKeyException">It is none.</exception>
    public static byte[] ParseNew(string text) =>
        MasterKeyFile.Parse(text, $"the environment variable {NewVariable}");

    /// <summary>A key for tests and tools that bring their own.</summary>
    public static MasterKey Of(byte[] key) => new(key, null);

    /// <summary>Wraps a tenant's key, and answers with which of the master keys.</summary>
    internal (byte[] Wrapped, int Number) WrapTenantKey(string tenant, byte[] key)
    {
        var held = _held;
        return (KeyWrap.Wrap(held.Key, key, LabelOf(tenant)), held.Number);
    }

    /// <summary>Opens a tenant's key, with a key that has replaced this one where there is one in the file.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="wrapped">The key as it is stored.</param>
    /// <param name="number">Which of the master keys wraps it.</param>
    /// <exception cref="MasterKeyException">None that is known opens it.</exception>
    internal byte[] UnwrapTenantKey(string tenant, byte[] wrapped, int number)
    {
        var held = _held;
        if (TryUnwrap(held.Key, wrapped, LabelOf(tenant), out byte[] key) || TryTake(wrapped, LabelOf(tenant), number,
            out key))
        {
            return key;
        }
        throw new MasterKeyException(number == held.Number
            ? $"The master key does not open tenant '{tenant}'. The database was made with another master key: {Remedy}"
            : $"The master key does not open tenant '{tenant}'. {Replaced(held.Number, number)}");
    }

    /// <summary>What a database keeps to know its master key by.</summary>
    internal byte[] WrapCheck() => KeyWrap.Wrap(_held.Key, [], CheckLabel);

    /// <summary>Whether this is the key that a database knows.</summary>
    internal bool Opens(byte[] check) => TryUnwrap(_held.Key, check, CheckLabel, out _);

    /// <summary>Sees to it that this is the database's key, and learns which one that is.</summary>
    /// <exception cref="MasterKeyException">Another key made the check.</exception>
    internal void Require(MasterKeyInForce known)
    {
        if (!Opens(known.Check!) && !TryTake(known.Check!, CheckLabel, known.Number, out _))
        {
            throw new MasterKeyException("The master key is not this database's, which was made with another one, "
                + $"{known}; a restored backup needs the one of its time: {Remedy}");
        }
        _held = _held with { Number = known.Number };
    }

    /// <summary>Takes the key that is in force from the file if this one is no more.</summary>
    /// <returns>What to tell the operator where that is nowhere; null when all is well.</returns>
    internal string? Follow(MasterKeyInForce known)
    {
        var held = _held;
        return known.Check is not { } check || held.Number == known.Number || TryTake(check, CheckLabel, known.Number,
            out _)
            ? null
            : Replaced(held.Number, known.Number);
    }

    /// <summary>Writes what was wrapped by a master key.</summary>
    /// <exception cref="MasterKeyException">That key has been replaced; nothing was written.</exception>
    internal static async Task WritingAsync(Func<Task> write)
    {
        try
        {
            await write();
        }
        catch (PostgresException refused)
            when (refused.SqlState == PostgresErrorCodes.ForeignKeyViolation && refused.ConstraintName == Constraint)
        {
            throw new MasterKeyException("The master key was replaced at this moment; nothing was written. Do it "
                + "again, with the one that is in force now.", refused);
        }
    }

    private bool TryTake(byte[] wrapped, string label, int number, out byte[] secret)
    {
        foreach (byte[] there in File?.ReadAll() ?? [])
        {
            if (!TryUnwrap(there, wrapped, label, out secret))
                continue;
            _held = new(there, number);
            return true;
        }
        secret = [];
        return false;
    }

    private static bool TryUnwrap(byte[] key, byte[] wrapped, string label, out byte[] secret)
    {
        try
        {
            secret = KeyWrap.Unwrap(key, wrapped, label);
            return true;
        }
        catch (CryptographicException)
        {
            secret = [];
            return false;
        }
    }

    private static string Replaced(int held, int inForce) => $"It was replaced: this process holds number {held}, and "
        + $"the database has number {inForce}. Stop it and start it again with number {inForce}: {Remedy}";

    private static string LabelOf(string tenant) => $"tenant {tenant}";
}

/// <summary>What was done about a replacement of the master key that had been interrupted.</summary>
/// <param name="Completed">Whether the new key took the old one's place; else the old one stayed.</param>
/// <param name="What">The same in words.</param>
public sealed record SettledReplacement(bool Completed, string What);

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
