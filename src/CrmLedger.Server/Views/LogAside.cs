using CrmLedger.EventStore.Projections;
using CrmLedger.EventStore.Views;

namespace CrmLedger.Server.Views;

/// <summary>A row of a list that goes by date.</summary>
/// <typeparam name="TRow">The view's row.</typeparam>
/// <param name="Place">Where it stands.</param>
/// <param name="Row">The row.</param>
public sealed record PlacedRow<TRow>(RowPlace Place, TRow Row);

/// <summary>
/// What had happened by a time, or what stood before entries were annulled. Neither stands in any stored row, so that
/// the whole log is folded for every answer; one at a time, since each takes every core and much memory.
/// </summary>
public sealed class LogAside(LogFold log) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1, 1);

    /// <summary>Answers out of a view's rows, as what counts makes them.</summary>
    /// <typeparam name="T">The answer.</typeparam>
    /// <param name="tenant">The tenant.</param>
    /// <param name="view">The view.</param>
    /// <param name="position">The last position that was known.</param>
    /// <param name="counts">What of what was known counts.</param>
    /// <param name="answer">Makes the answer of the rows, which are in no order and gone once it has returned.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<T> AskAsync<T>(
        string tenant, View view, long position, WhatCounts counts, Func<IEnumerable<ViewRow>, T> answer,
        CancellationToken cancel)
    {
        await _one.WaitAsync(cancel);
        try
        {
            return answer((await log.RunAsync(tenant, view, position, counts, cancel)).Fold.Standing());
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>The rows that are wanted, in the order of their dates.</summary>
    /// <typeparam name="TRow">The view's row; each has a date.</typeparam>
    /// <param name="tenant">The tenant.</param>
    /// <param name="view">The view.</param>
    /// <param name="position">The last position that was known.</param>
    /// <param name="counts">What of what was known counts.</param>
    /// <param name="wanted">Whether a row is wanted.</param>
    /// <param name="cancel">Gives up.</param>
    public Task<List<PlacedRow<TRow>>> ListAsync<TRow>(
        string tenant, View view, long position, WhatCounts counts, Func<TRow, bool> wanted,
        CancellationToken cancel)
        where TRow : class =>
        AskAsync(tenant, view, position, counts, standing => standing.Where(r => wanted((TRow)r.Row))
            .Select(r => new PlacedRow<TRow>(
                new(view.IndexOf(r.Row).Due!.Value, r.StreamId, r.Key), (TRow)r.Row))
            .OrderBy(r => r.Place, RowPlace.Order).ToList(), cancel);

    /// <inheritdoc />
    public void Dispose() => _one.Dispose();
}
