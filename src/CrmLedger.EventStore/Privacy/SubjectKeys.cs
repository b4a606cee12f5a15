using System.Collections.Concurrent;

namespace CrmLedger.EventStore.Privacy;

/// <summary>
/// The data keys of one tenant's subjects, each wrapped by the tenant's key. Destroying one erases its subject.
/// </summary>
public sealed class SubjectKeys(LedgerDatabase database, TenantKeys keys)
{
    private const int CacheSize = 200_000;
    private static readonly string s_read = Sql.Load("Privacy/read_subject_keys.sql");

    private readonly ConcurrentDictionary<Guid, byte[]> _known = new();

    /// <summary>A new key, to be stored with the subject's first event.</summary>
    public NewSubjectKey Make(Guid subjectId)
    {
        byte[] key = KeyWrap.NewKey();
        return new(subjectId, key, KeyWrap.Wrap(keys.Key, key, Label(subjectId)));
    }

    /// <summary>Remembers a key that was stored, so that it need not be read.</summary>
    public void Remember(Guid subjectId, byte[] key)
    {
        if (_known.Count >= CacheSize)
            _known.Clear();
        _known[subjectId] = key;
    }

    /// <summary>Forgets a key, on this server; to be called when it was destroyed.</summary>
    public void Forget(Guid subjectId) => _known.TryRemove(subjectId, out _);

    /// <summary>The key, or null when the subject has none: never registered, or erased.</summary>
    public async ValueTask<byte[]?> FindAsync(Guid subjectId, CancellationToken cancel) =>
        _known.TryGetValue(subjectId, out byte[]? key)
            ? key
            : (await ReadAsync([subjectId], cancel)).GetValueOrDefault(subjectId);

    /// <summary>The keys of many subjects; those without one are left out.</summary>
    public async Task<IReadOnlyDictionary<Guid, byte[]>> FindAsync(
        IReadOnlyCollection<Guid> subjectIds, CancellationToken cancel)
    {
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

    private async Task<Dictionary<Guid, byte[]>> ReadAsync(Guid[] subjectIds, CancellationToken cancel)
    {
        var rows = await database.QueryAsync(keys.Tenant, s_read,
            r => (Id: r.GetGuid(0), Wrapped: r.GetFieldValue<byte[]>(1)), cancel, keys.Tenant, subjectIds);
        var read = new Dictionary<Guid, byte[]>(rows.Count);
        foreach (var (id, wrapped) in rows)
        {
            byte[] key = KeyWrap.Unwrap(keys.Key, wrapped, Label(id));
            read[id] = key;
            Remember(id, key);
        }
        return read;
    }

    private string Label(Guid subjectId) => $"subject {keys.Tenant} {subjectId:D}";
}

/// <summary>A subject's new data key.</summary>
/// <param name="SubjectId">Whose.</param>
/// <param name="Key">In clear; never leaves the process.</param>
/// <param name="Wrapped">As it is stored.</param>
public sealed record NewSubjectKey(Guid SubjectId, byte[] Key, byte[] Wrapped);
