using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;

namespace CrmLedger.EventStore.Privacy;

/// <summary>
/// The data keys of one tenant's subjects, each wrapped by the tenant's key. Destroying one erases its subject: servers
/// that hold it in memory are told by NOTIFY. Should the notice be lost, none uses it for longer than two seconds:
/// whether anybody was erased must have been asked so lately when a key from memory is used.
/// </summary>
public sealed class SubjectKeys(LedgerDatabase database, TenantKeys keys)
{
    /// <summary>
    /// Stands for the key of somebody who was not erased and yet has none that can be opened, or was never registered.
    /// </summary>
    public static readonly byte[] Lost = [];

    private const int CacheSize = 200_000;
    private static readonly TimeSpan s_trusted = TimeSpan.FromSeconds(2);
    private static readonly string s_read = Sql.Load("Privacy/read_subject_keys.sql");

    private readonly ErasedSubjects _erased = new(database);
    private readonly ConcurrentDictionary<Guid, byte[]> _known = new();
    private readonly Lock _changing = new();

    /// <summary>Rises whenever keys are forgotten: what was read before is not remembered after.</summary>
    private long _generation;
    private long _erasedCount = -1;
    private long _askedAt = -1;

    /// <summary>A new key, to be stored with the subject's first event.</summary>
    public NewSubjectKey Make(Guid subjectId)
    {
        long generation = Volatile.Read(ref _generation);
        return new(subjectId, KeyWrap.NewKey(), keys.Wrapping, LabelOf(keys.Tenant, subjectId), generation);
    }

    /// <summary>Remembers a key that was made here and has been stored, so that it need not be read.</summary>
    public void Remember(NewSubjectKey stored) => Remember(stored.SubjectId, stored.Key, stored.Generation);

    /// <summary>Forgets a key, on this server; to be called when it was destroyed.</summary>
    public void Forget(Guid subjectId)
    {
        lock (_changing)
        {
            _generation++;
            _known.TryRemove(subjectId, out _);
        }
    }

    /// <summary>
    /// The key; null when the subject was erased, and <see cref="Lost" /> when there is none for no such reason.
    /// </summary>
    public async ValueTask<byte[]?> FindAsync(Guid subjectId, CancellationToken cancel)
    {
        await AskAsync(cancel);
        if (!_known.TryGetValue(subjectId, out byte[]? key))
            key = (await ReadAsync([subjectId], cancel)).GetValueOrDefault(subjectId);
        if (key is { Length: > 0 })
            await UsedKeys.RecordAsync([subjectId], cancel);
        return key;
    }

    /// <summary>Whether the subject was erased, as the database says.</summary>
    public Task<bool> IsErasedAsync(Guid subjectId, CancellationToken cancel) =>
        _erased.HoldsAsync(keys.Tenant, subjectId, cancel);

    /// <summary>
    /// The keys of many subjects. Who was erased is left out; who has none for no such reason has <see cref="Lost" />.
    /// </summary>
    public async Task<IReadOnlyDictionary<Guid, byte[]>> FindAsync(
        IReadOnlyCollection<Guid> subjectIds, CancellationToken cancel)
    {
        var found = await ToCompareAsync(subjectIds, cancel);
        await UsedKeys.RecordAsync([.. found.Where(f => f.Value.Length > 0).Select(f => f.Key)], cancel);
        return found;
    }

    /// <summary>
    /// The same for text that is compared with what somebody looks for and then thrown away. That is no reading, and is
    /// not recorded as one; of whoever is shown, the key must be found again by
    /// <see cref="FindAsync(IReadOnlyCollection{Guid}, CancellationToken)" />.
    /// </summary>
    public async Task<IReadOnlyDictionary<Guid, byte[]>> ToCompareAsync(
        IReadOnlyCollection<Guid> subjectIds, CancellationToken cancel)
    {
        await AskAsync(cancel);
        var found = new Dictionary<Guid, byte[]>();
        var missing = new List<Guid>();
        foreach (var id in subjectIds)
        {
            if (_known.TryGetValue(id, out byte[]? key))
                found[id] = key;
            else
                missing.Add(id);
        }
        if (missing.Count > 0)
        {
            foreach (var (id, key) in await ReadAsync([.. missing], cancel))
                found[id] = key;
        }
        return found;
    }

    /// <summary>Forgets every key when somebody was erased since this was asked last, unless it was just now.</summary>
    private async ValueTask AskAsync(CancellationToken cancel)
    {
        long last = Volatile.Read(ref _askedAt);
        if (_known.IsEmpty || (last >= 0 && Stopwatch.GetElapsedTime(last) < s_trusted))
            return;
        long asked = Stopwatch.GetTimestamp();
        long count = await _erased.CountAsync(keys.Tenant, cancel);
        lock (_changing)
        {
            if (count != _erasedCount)
            {
                _generation++;
                _known.Clear();
                _erasedCount = count;
            }
            _askedAt = Math.Max(_askedAt, asked);
        }
    }

    private async Task<Dictionary<Guid, byte[]>> ReadAsync(Guid[] subjectIds, CancellationToken cancel)
    {
        long generation = Volatile.Read(ref _generation);
        var rows = await keys.Wrapping.ReadAsync(() => database.QueryAsync(keys.Tenant, s_read, r => (
            Id: r.GetGuid(0), Wrapped: r.IsDBNull(1) ? (WrappedKey?)null : new(
                r.GetInt32(2), r.GetFieldValue<byte[]>(1)), IsErased: r.GetBoolean(3)),
            cancel, keys.Tenant, subjectIds), r => r.Wrapped?.KeyNumber, cancel);
        var read = new Dictionary<Guid, byte[]>(rows.Count);
        foreach (var (id, wrapped, isErased) in rows)
        {
            if (wrapped is null && isErased)
                continue;
            byte[] key = wrapped is { } there ? Unwrap(id, there) : Lost;
            read[id] = key;
            if (key.Length > 0)
                Remember(id, key, generation);
        }
        return read;
    }

    private byte[] Unwrap(Guid subjectId, WrappedKey wrapped)
    {
        try
        {
            return keys.Wrapping.Unwrap(wrapped, LabelOf(keys.Tenant, subjectId));
        }
        catch (CryptographicException)
        {
            return Lost;
        }
    }

    private void Remember(Guid subjectId, byte[] key, long generation)
    {
        lock (_changing)
        {
            if (generation != _generation)
                return;
            if (_known.Count >= CacheSize)
                _known.Clear();
            _known[subjectId] = key;
        }
    }

    /// <summary>What a subject's key is wrapped for.</summary>
    internal static string LabelOf(string tenant, Guid subjectId) => $"subject {tenant} {subjectId:D}";
}

/// <summary>A subject's new data key.</summary>
public sealed class NewSubjectKey
{
    private readonly WrappingKeys _wrapping;
    private readonly string _label;

    internal NewSubjectKey(Guid subjectId, byte[] key, WrappingKeys wrapping, string label, long generation)
    {
        (SubjectId, Key, _wrapping, _label, Generation) = (subjectId, key, wrapping, label, generation);
        Wrapped = wrapping.Wrap(key, label);
    }

    /// <summary>Whose.</summary>
    public Guid SubjectId { get; }

    /// <summary>In clear; never leaves the process.</summary>
    public byte[] Key { get; }

    /// <summary>As it is stored.</summary>
    public WrappedKey Wrapped { get; private set; }

    /// <summary>When it was made, in forgettings of the server that made it.</summary>
    internal long Generation { get; }

    /// <summary>Wraps it with the tenant's key that is there now.</summary>
    internal async Task WrapAgainAsync(CancellationToken cancel)
    {
        await _wrapping.ReadAgainAsync(Wrapped.KeyNumber, cancel);
        Wrapped = _wrapping.Wrap(Key, _label);
    }
}
