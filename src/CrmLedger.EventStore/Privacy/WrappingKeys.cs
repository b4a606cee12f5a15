using System.Security.Cryptography;
using Npgsql;

namespace CrmLedger.EventStore.Privacy;

/// <summary>A key as it is stored.</summary>
/// <param name="KeyNumber">Which of the tenant's keys wraps it.</param>
/// <param name="Bytes"><see cref="KeyWrap" />'s.</param>
public readonly record struct WrappedKey(int KeyNumber, byte[] Bytes);

/// <summary>
/// The key that wraps a tenant's other keys, and for as long as it is being replaced the older one, too. What a server
/// has in memory may have been replaced since: then the database refuses what is wrapped with it, or gives out keys
/// that name another one, and it is read again.
/// </summary>
public sealed class WrappingKeys
{
    /// <summary>None at all: for whoever derives ids alone.</summary>
    public static WrappingKeys None { get; } = new(new Dictionary<int, byte[]>(), _ => Task.FromResult(
        (IReadOnlyDictionary<int, byte[]>)new Dictionary<int, byte[]>()));

    private const int Attempts = 5;
    private const string Constraint = "wrapped_by";

    private readonly Func<CancellationToken, Task<IReadOnlyDictionary<int, byte[]>>> _read;
    private volatile IReadOnlyDictionary<int, byte[]> _known;

    internal WrappingKeys(
        IReadOnlyDictionary<int, byte[]> known, Func<CancellationToken, Task<IReadOnlyDictionary<int, byte[]>>> read) =>
        (_known, _read) = (known, read);

    /// <summary>The number of the one that wraps what is new, as far as is known here.</summary>
    internal int Newest => _known.Keys.Max();

    /// <summary>Whether an older one is being replaced.</summary>
    internal bool IsBeingReplaced => _known.Count > 1;

    /// <summary>Whether the database refused what was wrapped by a key that is gone.</summary>
    internal static bool IsRefusal(Exception failure) => failure is PostgresException
    {
        SqlState: PostgresErrorCodes.ForeignKeyViolation, ConstraintName: Constraint,
    };

    /// <summary>Reads the keys again, unless that has been done since one of a number was the newest.</summary>
    internal async Task ReadAgainAsync(int newestThen, CancellationToken cancel)
    {
        if (Newest == newestThen)
            _known = await _read(cancel);
    }

    internal WrappedKey Wrap(ReadOnlySpan<byte> secret, string label)
    {
        var known = _known;
        int newest = known.Keys.Max();
        return new(newest, KeyWrap.Wrap(known[newest], secret, label));
    }

    /// <exception cref="CryptographicException">Altered bytes, or wrapped by a key that is not there.</exception>
    internal byte[] Unwrap(WrappedKey wrapped, string label) => _known.TryGetValue(wrapped.KeyNumber, out byte[]? key)
        ? KeyWrap.Unwrap(key, wrapped.Bytes, label)
        : throw new CryptographicException($"It is wrapped by key {wrapped.KeyNumber}, which is not there.");

    /// <summary>
    /// Reads rows that hold wrapped keys, until all that wraps them is known, or is known not to be there.
    /// </summary>
    internal async Task<List<TRow>> ReadAsync<TRow>(
        Func<Task<List<TRow>>> read, Func<TRow, int?> keyNumber, CancellationToken cancel)
    {
        for (int attempt = 1; ; attempt++)
        {
            var rows = await read();
            bool knowsAll = rows.TrueForAll(r => keyNumber(r) is not { } number || _known.ContainsKey(number));
            if (knowsAll || attempt == Attempts)
                return rows;
            _known = await _read(cancel);
        }
    }

    /// <summary>Wraps a key and has it written, with another key where the one that is known here is gone.</summary>
    internal async Task<T> WriteAsync<T>(
        byte[] secret, string label, Func<WrappedKey, Task<T>> write, CancellationToken cancel)
    {
        for (int attempt = 1; ; attempt++)
        {
            var wrapped = Wrap(secret, label);
            try
            {
                return await write(wrapped);
            }
            catch (PostgresException refused) when (IsRefusal(refused) && attempt < Attempts)
            {
                await ReadAgainAsync(wrapped.KeyNumber, cancel);
            }
        }
    }
}
