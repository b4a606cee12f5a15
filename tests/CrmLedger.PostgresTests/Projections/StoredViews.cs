using System.Text;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Projections;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Views;
using CrmLedger.PostgresTests.Appending;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CrmLedger.PostgresTests.Projections;

/// <summary>The stored rows of a tenant's views, looked at from outside.</summary>
internal sealed class StoredViews(LedgerDatabase database, string adminConnection, string tenant)
{
    private static readonly CancellationToken s_cancel = CancellationToken.None;

    public StoredViews(TestStore store, string tenant) : this(store.Database, store.Admin, tenant)
    {
    }

    /// <summary>The tenant.</summary>
    public string Tenant => tenant;

    public ProjectionStep Step { get; } = StepOf(database);

    public Rebuild Rebuild { get; } = new(database, new EventReader(database));

    /// <summary>A projector with connections of its own, as another server has it.</summary>
    public static ProjectionStep StepOf(LedgerDatabase database) =>
        new(database, new EventReader(database), NullLogger<ProjectionStep>.Instance);

    /// <summary>Projects until there is nothing more to do.</summary>
    public async Task CatchUpAsync()
    {
        while (await Step.RunAsync(tenant, s_cancel))
        {
        }
    }

    public Task<ViewState> StateAsync(View view) => Step.StateAsync(tenant, view, s_cancel);

    /// <summary>
    /// Every view's rows, ended ones too, with every column but the generation; and where the view stands.
    /// </summary>
    public async Task<string[]> DumpAsync()
    {
        var lines = new List<string>();
        foreach (var view in LedgerViews.All)
            lines.AddRange(await DumpAsync(view));
        return [.. lines];
    }

    /// <summary>One view's rows.</summary>
    public async Task<string[]> DumpAsync(View view)
    {
        var state = await StateAsync(view);
        var rows = await QueryAsync("""
            select concat_ws(' | ', r.tenant_id, r.view, r.stream_id, r.key, r.valid_from,
              coalesce(r.valid_to::text, '∞'), coalesce(r.due::text, '-'), coalesce(r.member_id::text, '-'),
              coalesce(r.team, '-'), r.row, coalesce(encode(r.summary, 'hex'), '-'))
            from ledger.view_rows r where r.tenant_id = $1 and r.view = $2 and r.generation = $3
            order by r.stream_id, r.key, r.valid_from
            """, r => r.GetString(0), view.Name, state.Generation);
        return [$"{view.Name} at {state.Position}", .. rows];
    }

    /// <summary>The generations of which a view has rows.</summary>
    public async Task<int[]> GenerationsAsync(View view) => [.. await QueryAsync("""
        select distinct generation from ledger.view_rows where tenant_id = $1 and view = $2 order by 1
        """, r => r.GetInt32(0), view.Name)];

    /// <summary>The rows that were true at a position, as <c>stream/key json</c>.</summary>
    public async Task<string[]> AsKnownAtAsync(View view, long position)
    {
        var state = await StateAsync(view);
        var rows = await QueryAsync("""
            select stream_id, key, row::text from ledger.view_rows
            where tenant_id = $1 and view = $2 and generation = $3 and valid_from <= $4
              and (valid_to is null or $4 < valid_to)
            """, r => Line(view, r.GetString(0), r.GetString(1), view.Read(Encoding.UTF8.GetBytes(r.GetString(2)))),
            view.Name, state.Generation, position);
        return [.. rows.Order(StringComparer.Ordinal)];
    }

    /// <summary>The same, folded from the log up to the position and no further.</summary>
    public static string[] Fold(View view, IReadOnlyList<Envelope> log, long position)
    {
        List<Envelope> known = [.. log.TakeWhile(e => e.Position <= position)];
        var fold = new ViewFold(view, (stream, upTo) =>
            [.. known.Where(e => e.Stream == stream && e.Position <= upTo)]);
        foreach (var entry in known)
            fold.Apply(entry);
        return [.. fold.Standing().Select(r => Line(view, r.StreamId, r.Key, r.Row)).Order(StringComparer.Ordinal)];
    }

    /// <summary>Forgets everything that was projected.</summary>
    public Task ForgetAsync() => QueryAsync("""
        with v as (delete from ledger.views where tenant_id = $1),
          q as (delete from ledger.quarantine where tenant_id = $1)
        delete from ledger.view_rows where tenant_id = $1
        """, _ => 0);

    /// <summary>
    /// Every view is what a fresh fold of the whole log gives, and so is a rebuild of it; a consistency check agrees.
    /// </summary>
    public async Task ShouldBeFreshFoldsAsync()
    {
        await CatchUpAsync();
        var log = await LogAsync();
        string[] live = await DumpAsync();
        foreach (var view in LedgerViews.All)
        {
            (await Step.QuarantineAsync(tenant, view, s_cancel)).ShouldBeEmpty();
            (await AsKnownAtAsync(view, log.Count - 1)).ShouldBe(Fold(view, log, log.Count - 1));
            var check = new ConsistencyCheck(database, new(database));
            (await check.RunAsync(tenant, view, s_cancel)).Differences.ShouldBe(0);
            await Rebuild.RunAsync(tenant, view, s_cancel);
            (await GenerationsAsync(view)).Length.ShouldBeLessThanOrEqualTo(1);
        }
        (await DumpAsync()).ShouldBe(live);
    }

    public async Task<IReadOnlyList<Envelope>> LogAsync() =>
        (await new EventReader(database).ReadLogAsync(tenant, -1, int.MaxValue, s_cancel))
        .ConvertAll(e => e.ToEnvelope());

    private static string Line(View view, string stream, string key, object row) =>
        $"{stream}/{key} {Encoding.UTF8.GetString(view.Write(row))}";

    private async Task<List<T>> QueryAsync<T>(string sql, Func<NpgsqlDataReader, T> read, params object[] parameters)
    {
        await using var admin = NpgsqlDataSource.Create(adminConnection);
        await using var command = admin.CreateCommand(sql);
        command.Parameters.Add(new() { Value = tenant });
        foreach (object value in parameters)
            command.Parameters.Add(new() { Value = value });
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync())
            rows.Add(read(reader));
        return rows;
    }
}
