using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Views;
using Microsoft.Extensions.Logging;

namespace CrmLedger.EventStore.Projections;

/// <summary>Brings one tenant's views forward, a batch at a time.</summary>
public sealed class ProjectionStep(LedgerDatabase database, EventReader reader, ILogger<ProjectionStep> log)
{
    /// <summary>Events of one batch.</summary>
    public const int BatchEvents = 2_000;

    private static readonly string s_outdated = Sql.Load("Projections/read_outdated_views.sql");

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

    /// <summary>The views, of any tenant, that another version of their fold has made.</summary>
    public async Task<IReadOnlyList<(string Tenant, View View)>> FindOutdatedAsync(CancellationToken cancel)
    {
        await using var command = database.Projecting.CreateCommand(s_outdated);
        command.Parameters.Add(new() { Value = LedgerViews.All.Select(v => v.Name).ToArray() });
        command.Parameters.Add(new() { Value = LedgerViews.All.Select(v => v.Version).ToArray() });
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var outdated = new List<(string, View)>();
        while (await rows.ReadAsync(cancel))
            outdated.Add((rows.GetString(0), LedgerViews.Find(rows.GetString(1))!));
        return outdated;
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
            // Somebody, maybe this step, is stuck with the view in hand and keeps the next step from it.
            if (LedgerDatabase.GiveUpIfTimedOut(database.Projecting, failure))
                await database.EndStuckStepsAsync(cancel);
            throw;
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
        foreach (var poisoned in await store.FoldAsync(state.Generation, events, reader, cancel))
        {
            log.LogError("View {View} of {Tenant} set {Stream} aside at position {Position}: {Reason}",
                view.Name, tenant, poisoned.StreamId, poisoned.Position, poisoned.Reason);
        }
        await transaction.CommitAsync(cancel);
        return true;
    }
}
