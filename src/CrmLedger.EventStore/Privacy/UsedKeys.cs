using System.Collections.Concurrent;

namespace CrmLedger.EventStore.Privacy;

/// <summary>
/// Whose keys are found while an answer is made. Personal text can be opened with nothing else, so that no answer need
/// say itself whose it holds; and what cannot be recorded cannot be opened. What a search opens only to compare it is
/// left out: it finds keys by <see cref="SubjectKeys.ToCompareAsync" />.
/// </summary>
public sealed class UsedKeys
{
    private static readonly AsyncLocal<UsedKeys?> s_watching = new();

    private readonly ConcurrentDictionary<Guid, byte> _recorded = new();
    private readonly Func<IReadOnlyCollection<Guid>, CancellationToken, Task> _record;

    private UsedKeys(Func<IReadOnlyCollection<Guid>, CancellationToken, Task> record) => _record = record;

    /// <summary>Watches whatever the caller does from now on, and whatever that waits for.</summary>
    /// <param name="record">Records subjects, each once, before their keys are given out.</param>
    public static void Watch(Func<IReadOnlyCollection<Guid>, CancellationToken, Task> record) =>
        s_watching.Value = new(record);

    internal static async ValueTask RecordAsync(IReadOnlyCollection<Guid> subjectIds, CancellationToken cancel)
    {
        if (s_watching.Value is not { } watching)
            return;
        var first = subjectIds.Where(id => watching._recorded.TryAdd(id, 0)).ToList();
        if (first.Count > 0)
            await watching._record(first, cancel);
    }
}
