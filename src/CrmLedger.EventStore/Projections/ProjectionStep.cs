using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Views;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CrmLedger.EventStore.Projections;

/// <summary>A view that the daemon's next page will not bring to its end.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="View">The view.</param>
/// <param name="IsOutdated">
/// Whether another version of its fold has made it; else it stands behind what the daemon has finished.
/// </param>
public sealed record ViewToMend(string Tenant, View View, bool IsOutdated);

/// <summary>
/// Brings one tenant's views forward: by a page that the daemon has read, or, where they stand behind it, by a batch
/// that they read themselves.
/// </summary>
public sealed class ProjectionStep(LedgerDatabase database, EventReader reader, ILogger<ProjectionStep> log)
{
    /// <summary>Events of one batch.</summary>
    public const int BatchEvents = 2_000;

    private static readonly string s_toMend = Sql.Load("Projections/read_views_to_mend.sql");

    /// <summary>
    /// Folds the next batch into every view, each from where it stands itself: one that is far behind holds up no
    /// other. Views that stand at the same position, as they mostly do, are fed from one reading.
    /// </summary>
    /// <returns>Whether there was anything to do, and room on the disk to do it.</returns>
    public async Task<bool> RunAsync(string tenant, CancellationToken cancel)
    {
        if (database.Reserve.IsReached)
            return false;
        var current = new List<(View View, ViewState State)>();
        await using (var connection = await database.Projecting.OpenConnectionAsync(cancel))
        {
            foreach (var view in LedgerViews.All)
                current.Add((view, await new ViewStore(connection, tenant, view).StateAsync(cancel)));
        }
        current.RemoveAll(v => v.State.ProjectionVersion != v.View.Version); // waits for its rebuild
        bool moved = false;
        foreach (var abreast in current.GroupBy(v => v.State.Position))
        {
            var stored = await reader.ReadLogAsync(tenant, abreast.Key, BatchEvents, cancel);
            if (stored.Count == 0)
                continue;
            var events = stored.ConvertAll(e => new ReadEvent(e));
            foreach (var (view, state) in abreast)
                moved |= await FoldOrRecoverAsync(tenant, view, state, events, cancel);
        }
        return moved;
    }

    /// <summary>The views, of any tenant, that are to be made again or have to catch up.</summary>
    public async Task<IReadOnlyList<ViewToMend>> FindToMendAsync(CancellationToken cancel)
    {
        await using var command = database.Projecting.CreateCommand(s_toMend);
        command.Parameters.Add(new() { Value = LedgerViews.All.Select(v => v.Name).ToArray() });
        command.Parameters.Add(new() { Value = LedgerViews.All.Select(v => v.Version).ToArray() });
        command.Parameters.Add(new() { Value = LedgerProjection.Name });
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var found = new List<ViewToMend>();
        while (await rows.ReadAsync(cancel))
            found.Add(new(rows.GetString(0), LedgerViews.Find(rows.GetString(1))!, rows.GetBoolean(2)));
        return found;
    }

    /// <summary>
    /// Folds a page of the daemon's into every view, within the daemon's transaction. A view that another version has
    /// made, or that stands far behind, is left out.
    /// </summary>
    internal async Task FoldPageAsync(
        NpgsqlConnection connection, string tenant, List<ReadEvent> page, CancellationToken cancel)
    {
        try
        {
            await FoldLockedAsync(connection, tenant, page, cancel);
        }
        catch (Exception failure)
        {
            await RecoverAsync(failure, cancel);
            throw;
        }
    }

    /// <summary>Where a view stands.</summary>
    public async Task<ViewState> StateAsync(string tenant, View view, CancellationToken cancel)
    {
        await using var connection = await database.Projecting.OpenConnectionAsync(cancel);
        return await new ViewStore(connection, tenant, view).StateAsync(cancel);
    }

    /// <summary>The streams that a view has set aside.</summary>
    public async Task<IReadOnlyList<QuarantinedStream>> QuarantineAsync(
        string tenant, View view, CancellationToken cancel)
    {
        await using var connection = await database.Projecting.OpenConnectionAsync(cancel);
        var store = new ViewStore(connection, tenant, view);
        return await store.QuarantineAsync((await store.StateAsync(cancel)).Generation, cancel);
    }

    private async Task<bool> FoldOrRecoverAsync(
        string tenant, View view, ViewState state, List<ReadEvent> events, CancellationToken cancel)
    {
        try
        {
            return await FoldAsync(tenant, view, state, events, cancel);
        }
        catch (Exception failure)
        {
            await RecoverAsync(failure, cancel);
            throw;
        }
    }

    /// <summary>Somebody, maybe this step, is stuck with the views in hand and keeps the next step from them.</summary>
    private async Task RecoverAsync(Exception failure, CancellationToken cancel)
    {
        if (LedgerDatabase.GiveUpIfTimedOut(database.Projecting, failure))
            await database.EndStuckStepsAsync(cancel);
    }

    private async Task FoldLockedAsync(
        NpgsqlConnection connection, string tenant, List<ReadEvent> page, CancellationToken cancel)
    {
        long last = page[^1].Position;
        var misnamed = await ViewStore.FindMisnamedAsync(connection, tenant, page[0].Position, last, cancel);
        page = page.FindAll(e => !misnamed.Contains(e.Position));
        var states = await ViewStore.LockAllAsync(connection, tenant, cancel);
        var moved = new List<(View View, ViewState State, List<ReadEvent> Events)>();
        foreach (var abreast in LedgerViews.All.Where(v => states[v.Name].ProjectionVersion == v.Version)
            .GroupBy(v => states[v.Name].Position).Where(g => g.Key < last))
        {
            if (await EventsAfterAsync(tenant, abreast.Key, last, page, cancel) is { } events)
                moved.AddRange(abreast.Select(view => (view, states[view.Name], events)));
        }
        await ViewStore.AdvanceAllAsync(connection, tenant, [.. moved.Select(m => m.View.Name)], last, cancel);
        foreach (var (view, state, events) in moved)
            await FoldAsync(new(connection, tenant, view), tenant, view, state, events, cancel);
    }

    /// <summary>
    /// What a view that stands at a position has yet to see of the log, up to the page's last event; null when that is
    /// much more than the page. Positions are dense: one that is missing from the page could not be read by Marten, and
    /// is poison.
    /// </summary>
    private async Task<List<ReadEvent>?> EventsAfterAsync(
        string tenant, long position, long last, List<ReadEvent> page, CancellationToken cancel)
    {
        long missing = last - position;
        var readable = page.FindAll(e => e.Position > position);
        if (readable.Count == missing)
            return readable;
        return missing > 2 * BatchEvents
            ? null
            : (await reader.ReadLogAsync(tenant, position, (int)missing, cancel)).ConvertAll(e => new ReadEvent(e));
    }

    private async Task FoldAsync(
        ViewStore store, string tenant, View view, ViewState state, List<ReadEvent> events, CancellationToken cancel)
    {
        foreach (var poisoned in await store.FoldAsync(state.Generation, events, reader, cancel))
        {
            log.LogError("View {View} of {Tenant} set {Stream} aside at position {Position}: {Reason}",
                view.Name, tenant, poisoned.StreamId, poisoned.Position, poisoned.Reason);
        }
    }

    private async Task<bool> FoldAsync(
        string tenant, View view, ViewState state, List<ReadEvent> events, CancellationToken cancel)
    {
        await using var connection = await database.Projecting.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var store = new ViewStore(connection, tenant, view);
        if (!await store.AdvanceAsync(state.Generation, state.Position, events[^1].Position, cancel))
            return true; // another projector or a rebuild was quicker: look again
        await FoldAsync(store, tenant, view, state, events, cancel);
        await transaction.CommitAsync(cancel);
        return true;
    }
}
