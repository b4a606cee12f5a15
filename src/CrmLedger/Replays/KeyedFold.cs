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
/// at the entries of another. What nobody asks about is not folded.
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
    private readonly Dictionary<string, TState?> _states = new(StringComparer.Ordinal);

    /// <summary>What the entries so far have made, in no order.</summary>
    public IEnumerable<TState> States
    {
        get
        {
            if (_states.Count < _entries.Count)
            {
                foreach (string key in _entries.Keys)
                    StateOf(key);
            }
            return _states.Values.OfType<TState>();
        }
    }

    /// <summary>Takes the stream's next entry.</summary>
    public void Skip(Envelope entry)
    {
        var its = EntryOf(entry);
        foreach (string key in KeysOf(its))
        {
            Take(entry, its!, key);
            _states.Remove(key);
        }
    }

    /// <summary>Takes the stream's next entry.</summary>
    /// <returns>What it made of each state that it may change, changed or not.</returns>
    public IReadOnlyList<Replaced<TState>> Apply(Envelope entry)
    {
        var its = EntryOf(entry);
        return [.. KeysOf(its).Select(key =>
        {
            var before = StateOf(key);
            Take(entry, its!, key);
            return new Replaced<TState>(
                key, before, _states[key] = ReferenceEquals(its, entry) ? evolve(before, entry) : Fold(key));
        })];
    }

    /// <summary>The entry whose states change: itself, or what it annuls; null when that was not taken.</summary>
    private Envelope? EntryOf(Envelope entry)
    {
        if (entry.Data is EntryAnnulled annulment)
            return _standing.Remove(annulment.EventId, out var annulled) ? annulled : null;
        if (keysOf(entry.Data).Count > 0)
            _standing[entry.Id] = entry;
        return entry;
    }

    private IReadOnlyList<string> KeysOf(Envelope? its) => its is null ? [] : keysOf(its.Data);

    private void Take(Envelope entry, Envelope its, string key)
    {
        if (!_entries.TryGetValue(key, out var standing))
            _entries[key] = standing = [];
        if (ReferenceEquals(its, entry))
            standing.Add(entry);
        else
            standing.Remove(its);
    }

    private TState? StateOf(string key) =>
        _states.TryGetValue(key, out var state) ? state : _states[key] = Fold(key);

    private TState? Fold(string key) =>
        _entries.GetValueOrDefault(key)?.Aggregate((TState?)null, evolve);
}
