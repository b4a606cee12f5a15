using CrmLedger.Annulments;

namespace CrmLedger.Replays;

/// <summary>What an entry made of one state.</summary>
/// <typeparam name="TState">The state.</typeparam>
/// <param name="Key">Whose state.</param>
/// <param name="Before">The state before the entry; null for none.</param>
/// <param name="After">The state after it; null for none.</param>
public sealed record Replaced<TState>(string Key, TState? Before, TState? After)
    where TState : class;

/// <summary>
/// States by key, each the fold of those entries of one stream that are of its key, told entry by entry. An annulment
/// folds again, without the annulled entry, what that entry was of; nothing else can rest on it, since no state looks
/// at the entries of another.
/// </summary>
/// <typeparam name="TState">The state.</typeparam>
/// <param name="keysOf">The keys of the states that an entry may change.</param>
/// <param name="evolve">The state after an entry of its key.</param>
public sealed class KeyedFold<TState>(
    Func<IEvent, IReadOnlyList<string>> keysOf, Func<TState?, Envelope, TState?> evolve)
    where TState : class
{
    private readonly Dictionary<Guid, Envelope> _standing = [];
    private readonly Dictionary<string, List<Envelope>> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TState> _states = new(StringComparer.Ordinal);

    /// <summary>What the entries so far have made.</summary>
    public IReadOnlyDictionary<string, TState> States => _states;

    /// <summary>Takes the stream's next entry.</summary>
    /// <returns>What it made of each state that it may change, changed or not.</returns>
    public IReadOnlyList<Replaced<TState>> Apply(Envelope entry)
    {
        if (entry.Data is EntryAnnulled annulment)
        {
            return _standing.Remove(annulment.EventId, out var annulled)
                ? [.. keysOf(annulled.Data).Select(key => FoldWithout(annulled, key))]
                : [];
        }
        var keys = keysOf(entry.Data);
        if (keys.Count == 0)
            return [];
        _standing[entry.Id] = entry;
        return [.. keys.Select(key => FoldOn(entry, key))];
    }

    private Replaced<TState> FoldOn(Envelope entry, string key)
    {
        if (!_entries.TryGetValue(key, out var its))
            _entries[key] = its = [];
        its.Add(entry);
        return Replace(key, evolve(_states.GetValueOrDefault(key), entry));
    }

    private Replaced<TState> FoldWithout(Envelope annulled, string key)
    {
        var its = _entries[key];
        its.Remove(annulled);
        return Replace(key, its.Aggregate((TState?)null, evolve));
    }

    private Replaced<TState> Replace(string key, TState? after)
    {
        var before = _states.GetValueOrDefault(key);
        if (after is null)
            _states.Remove(key);
        else
            _states[key] = after;
        return new(key, before, after);
    }
}
