namespace CrmLedger.Server.Views;

/// <summary>What an answer is counted in: everybody, groups, and each of these over time.</summary>
/// <typeparam name="TTally">Counts.</typeparam>
/// <param name="over">One of <see cref="Periods.Units" />, or null for no periods.</param>
/// <param name="start">Makes an empty tally.</param>
public sealed class Grouping<TTally>(string? over, Func<TTally> start)
    where TTally : class
{
    /// <summary>More numbers than this, of groups and of their periods, are none that anybody reads.</summary>
    private const int MostParts = 50_000;

    private readonly Dictionary<string, Group> _groups = new(StringComparer.Ordinal);
    private int _parts;

    private sealed class Group
    {
        public required TTally Total { get; init; }

        public SortedDictionary<int, TTally> Periods { get; } = [];
    }

    private readonly Group _all = new() { Total = start() };

    /// <summary>Counts something of everybody and of each group that it belongs to.</summary>
    /// <param name="keys">The groups; none when nothing is grouped.</param>
    /// <param name="at">When it counts, UTC.</param>
    /// <param name="count">Counts it.</param>
    public void Count(ReadOnlySpan<string> keys, DateTimeOffset at, Action<TTally> count)
    {
        if (_parts > MostParts)
            return;
        Count(_all, at, count);
        foreach (string key in keys)
        {
            if (!_groups.TryGetValue(key, out var group))
            {
                _groups[key] = group = new() { Total = start() };
                _parts++;
            }
            Count(group, at, count);
        }
    }

    /// <summary>
    /// The answer: everybody first, with the key null, then the groups by key; null when there are too many of them.
    /// </summary>
    /// <typeparam name="TResult">The numbers.</typeparam>
    /// <param name="resultOf">Makes them, once for each tally.</param>
    public IReadOnlyList<CountedGroup<TResult>>? Results<TResult>(Func<TTally, TResult> resultOf)
    {
        if (_parts > MostParts)
            return null;
        CountedGroup<TResult> Of(string? key, Group group) => new(key, key, resultOf(group.Total), over is null
            ? null
            : [.. group.Periods.Select(p => new CountedPeriod<TResult>(
                Periods.NameOf(over, p.Key), Periods.StartOf(over, p.Key), resultOf(p.Value)))]);
        return
        [
            Of(null, _all),
            .. _groups.OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => Of(g.Key, g.Value)),
        ];
    }

    private void Count(Group group, DateTimeOffset at, Action<TTally> count)
    {
        count(group.Total);
        if (over is null)
            return;
        int period = Periods.Of(over, at.UtcTicks);
        if (!group.Periods.TryGetValue(period, out var tally))
        {
            group.Periods[period] = tally = start();
            _parts++;
        }
        count(tally);
    }
}

/// <summary>The numbers of a group.</summary>
/// <typeparam name="TResult">The numbers.</typeparam>
/// <param name="Key">The group; null of everybody, empty of what belongs to none.</param>
/// <param name="Label">The same for people to read.</param>
/// <param name="Numbers">The numbers.</param>
/// <param name="Over">The same of each period in which there is something; null when that was not asked.</param>
public sealed record CountedGroup<TResult>(
    string? Key, string? Label, TResult Numbers, IReadOnlyList<CountedPeriod<TResult>>? Over)
{
    /// <summary>A line for the group, then for each of its periods.</summary>
    public IEnumerable<CountedLine<TResult>> Lines()
    {
        string label = Label ?? "all";
        return
        [
            new(Key, label, null, Numbers),
            .. (Over ?? []).Select(p => new CountedLine<TResult>(Key, label, p.Key, p.Numbers)),
        ];
    }
}

/// <summary>The numbers of a period.</summary>
/// <typeparam name="TResult">The numbers.</typeparam>
/// <param name="Key">The period, for example <c>2026-02</c>.</param>
/// <param name="From">Where it begins, UTC.</param>
/// <param name="Numbers">The numbers.</param>
public sealed record CountedPeriod<TResult>(string Key, DateTimeOffset From, TResult Numbers);

/// <summary>A line of a table.</summary>
/// <typeparam name="TResult">The numbers.</typeparam>
/// <param name="Key">The group; null of everybody.</param>
/// <param name="Label">The same for people to read.</param>
/// <param name="Period">The period; null of the whole time.</param>
/// <param name="Numbers">The numbers.</param>
public sealed record CountedLine<TResult>(string? Key, string Label, string? Period, TResult Numbers)
{
    /// <summary>The columns that say what the line is about.</summary>
    public static IReadOnlyList<CsvColumn<CountedLine<TResult>>> Columns { get; } =
        [new("key", l => l.Key), new("label", l => l.Label), new("period", l => l.Period)];
}
