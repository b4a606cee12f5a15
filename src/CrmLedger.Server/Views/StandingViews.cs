using System.Collections.Concurrent;

namespace CrmLedger.Server.Views;

/// <summary>
/// The rows that are kept in memory because somebody asks about them: of each tenant's view one set, brought up to date
/// before every answer, dropped when nobody has asked for ten minutes, and the longest unasked first when there are
/// too many.
/// </summary>
public sealed class StandingViews : IDisposable
{
    /// <summary>Of all tenants together; about 60 bytes each.</summary>
    private const long MostRows = 8_000_000;

    private static readonly TimeSpan s_unasked = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<(string Tenant, Type Rows), Kept> _kept = new();
    private readonly Timer _sweep;
    private readonly LogAside _log;

    /// <summary>Starts to look every minute for what nobody asks about any more.</summary>
    public StandingViews(LogAside log)
    {
        _log = log;
        _sweep = new(_ => DropUnasked(), null, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
    }

    private sealed class Kept : IDisposable
    {
        public SemaphoreSlim Gate { get; } = new(1, 1);

        public object? Rows { get; set; }

        public long Count { get; set; }

        public long AskedAt { get; set; } = Environment.TickCount64;

        public void Dispose() => Gate.Dispose();
    }

    /// <summary>Answers out of the rows as they stand now, one question about them at a time.</summary>
    /// <typeparam name="TRows">Which rows.</typeparam>
    /// <typeparam name="TRow">What is counted of one of them.</typeparam>
    /// <typeparam name="TAnswer">The answer.</typeparam>
    /// <param name="tenant">The tenant.</param>
    /// <param name="start">Makes an empty set, when none is kept.</param>
    /// <param name="answer">Makes the answer; the rows change once it has returned.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<TAnswer> AskAsync<TRows, TRow, TAnswer>(
        string tenant, Func<TRows> start, Func<TRows, TAnswer> answer, CancellationToken cancel)
        where TRows : StandingRows<TRow>
        where TRow : struct
    {
        var kept = _kept.GetOrAdd((tenant, typeof(TRows)), _ => new());
        await kept.Gate.WaitAsync(cancel);
        try
        {
            kept.AskedAt = Environment.TickCount64;
            var rows = kept.Rows as TRows ?? start();
            kept.Rows = rows;
            await rows.CatchUpAsync(cancel);
            kept.Count = rows.Count;
            return answer(rows);
        }
        finally
        {
            kept.Gate.Release();
            DropSurplus();
        }
    }

    /// <summary>
    /// Answers out of the rows as they stand now where that is what was asked about, or else as they stood then, which
    /// are read for this one answer; where not everything counts, they are folded for it.
    /// </summary>
    /// <inheritdoc cref="AskAsync" path="/typeparam" />
    /// <param name="tenant">The tenant.</param>
    /// <param name="asked">The knowledge asked about, and what of it counts.</param>
    /// <param name="start">Makes an empty set.</param>
    /// <param name="answer">Makes the answer; the rows change once it has returned.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>The answer, and the position that it reflects.</returns>
    public async Task<(TAnswer Answer, long Position)> AskAtAsync<TRows, TRow, TAnswer>(
        string tenant, Clocks asked, Func<TRows> start, Func<TRows, TAnswer> answer, CancellationToken cancel)
        where TRows : StandingRows<TRow>
        where TRow : struct
    {
        var known = asked.Known;
        if (asked.IsFolded)
        {
            var folded = start();
            await folded.FoldAsync(_log, known.Position!.Value, asked.Counts, cancel);
            return (answer(folded), known.Position.Value);
        }
        if (known.Provisional)
        {
            var now = await AskAsync<TRows, TRow, (TAnswer, long)?>(tenant, start,
                all => known.Position is null || known.Position == all.Position ? (answer(all), all.Position) : null,
                cancel);
            if (now is { } answered)
                return answered;
        }
        var then = start();
        await then.ReadAsync(known.Position!.Value, cancel);
        return (answer(then), known.Position.Value);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _sweep.Dispose();
        foreach (var kept in _kept.Values)
            kept.Dispose();
    }

    private void DropUnasked()
    {
        long oldest = Environment.TickCount64 - (long)s_unasked.TotalMilliseconds;
        foreach (var kept in _kept.Values.Where(k => k.AskedAt < oldest))
            Drop(kept);
    }

    private void DropSurplus()
    {
        long count = _kept.Values.Sum(k => k.Count);
        foreach (var kept in _kept.Values.Where(k => k.Count > 0).OrderBy(k => k.AskedAt).ToList())
        {
            if (count <= MostRows)
                return;
            count -= kept.Count;
            Drop(kept);
        }
    }

    /// <summary>Unless somebody asks at this moment.</summary>
    private static void Drop(Kept kept)
    {
        if (!kept.Gate.Wait(0))
            return;
        (kept.Rows, kept.Count) = (null, 0);
        kept.Gate.Release();
    }
}
