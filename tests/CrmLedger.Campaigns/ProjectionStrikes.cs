using System.Runtime.Versioning;
using CrmLedger.PostgresTests;
using CrmLedger.PostgresTests.Embedded;

namespace CrmLedger.Campaigns;

/// <summary>How far a rebuild has come when it is killed.</summary>
internal enum RebuildPoint
{
    /// <summary>Its rows are written, and it waits for the view's row, which it needs to move the pointer.</summary>
    BeforeSwap,

    /// <summary>The pointer is moved and nothing committed.</summary>
    InSwap,

    /// <summary>It commits.</summary>
    InCommit,

    /// <summary>The pointer has moved for everybody; the old generation is being removed.</summary>
    RemovingRows,

    /// <summary>The old rows are gone, the old quarantine is not.</summary>
    RemovingQuarantine,
}

/// <summary>
/// Stops projectors and rebuilds at a point, by triggers that wait for a lock of ours, and kills them there.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed class ProjectionStrikes(ProjectorStage stage)
{
    /// <summary>The points, and the locks that stop a rebuild there.</summary>
    private const int InSwap = 1, InCommit = 2, RemovingRows = 3, RemovingQuarantine = 4;

    /// <summary>The same for the projector: its checkpoint is moved; its rows are written; it commits.</summary>
    private const int Moved = 5, Written = 6, Committing = 7;

    private const string Advisory = "wait_event = 'advisory'";

    /// <summary>
    /// Makes the triggers. They take their locks shared, so that nothing waits in them but for whom we hold one.
    /// </summary>
    public Task<object?> PrepareAsync() => stage.AskAsync($"""
        create function ledger.pass() returns trigger language plpgsql as
          'begin perform pg_advisory_xact_lock_shared(470239, tg_argv[0]::integer); return new; end';
        create trigger pass_swap after update on ledger.views for each row
          when (old.generation <> new.generation) execute function ledger.pass('{InSwap}');
        create constraint trigger pass_commit after update on ledger.views deferrable initially deferred for each row
          when (old.generation <> new.generation) execute function ledger.pass('{InCommit}');
        create trigger pass_rows before delete on ledger.view_rows execute function ledger.pass('{RemovingRows}');
        create trigger pass_quarantine before delete on ledger.quarantine
          execute function ledger.pass('{RemovingQuarantine}');
        create trigger pass_moved after update on ledger.views for each row
          when (old.generation = new.generation) execute function ledger.pass('{Moved}');
        create trigger pass_written after insert on ledger.view_rows execute function ledger.pass('{Written}');
        create constraint trigger pass_step after update on ledger.views deferrable initially deferred for each row
          when (old.generation = new.generation) execute function ledger.pass('{Committing}')
        """);

    /// <summary>Lets the server begin a rebuild; kills it, or its connection, when it has come to the point.</summary>
    public async Task KillAsync(string view, RebuildPoint point, bool killsServer)
    {
        string hold = point switch
        {
            RebuildPoint.BeforeSwap => $"""
                begin; select from ledger.views where tenant_id = '{stage.Views.Tenant}' and view = '{view}' for update
                """,
            RebuildPoint.InSwap => Lock(InSwap),
            RebuildPoint.InCommit => Lock(InCommit),
            RebuildPoint.RemovingRows => Lock(RemovingRows),
            _ => Lock(RemovingQuarantine),
        };
        Task<Answer> rebuilding;
        await using (await stage.HoldAsync(hold))
        {
            rebuilding = stage.RebuildAsync(view);
            await KillWaitingAsync(
                point == RebuildPoint.BeforeSwap ? "wait_event_type = 'Lock' and query like '%for update%'" : Advisory,
                killsServer);
        }
        await ShouldFailAsync(rebuilding, killsServer);
        if (killsServer)
            await stage.Server.StartAsync();
    }

    /// <summary>
    /// Kills the projector, or the server, in the middle of a step: its checkpoint is moved or its rows are written,
    /// and nothing is committed; or it commits.
    /// </summary>
    public async Task KillStepAsync(int number, bool killsServer)
    {
        await using (await stage.HoldAsync(Lock(Moved + number % 3)))
        {
            await stage.WriteAsync(4);
            await KillWaitingAsync(Advisory, killsServer);
        }
        if (killsServer)
            await stage.Server.StartAsync();
    }

    private async Task KillWaitingAsync(string waiting, bool killsServer)
    {
        string found = $"from pg_stat_activity where datname = current_database() and {waiting}";
        await TemporaryHome.UntilAsync(
            async () => await stage.AskAsync($"select count(*) {found}") is >= 1L, "somebody comes to the point");
        if (killsServer)
            await stage.Server.KillAsync();
        else
            await stage.AskAsync($"select count(pg_terminate_backend(pid)) {found}");
    }

    private static string Lock(int point) => $"select pg_advisory_lock(470239, {point})";

    private static async Task ShouldFailAsync(Task<Answer> rebuilding, bool killsServer)
    {
        if (killsServer)
        {
            await Should.ThrowAsync<HttpRequestException>(rebuilding);
            return;
        }
        var answer = await rebuilding;
        (answer.Status, answer.Problem).ShouldBe((503, "unavailable"), answer.Text);
    }
}
