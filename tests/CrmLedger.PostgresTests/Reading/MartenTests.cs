using System.Collections.Concurrent;
using System.Text.Json;
using CrmLedger.Annulments;
using CrmLedger.Customers;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Reading;
using CrmLedger.PostgresTests.Appending;
using CrmLedger.PostgresTests.Projections;
using CrmLedger.Promises;
using JasperFx.Events.Projections;
using Marten;
using Marten.Events.Projections;

namespace CrmLedger.PostgresTests.Reading;

/// <summary>A plain Marten store on the ledger's tables, with the ledger's options and nothing else of it.</summary>
public sealed class MartenTests(TestStore store) : IClassFixture<TestStore>
{
    [Fact]
    public async Task A_Marten_store_reads_and_aggregates_every_stream_as_we_do()
    {
        string tenant = await store.NewTenantAsync();
        var history = new RandomHistory(store.NewLog(tenant), null, customers: 6, seed: 20_261_125);
        await history.AddMemberAsync();
        for (int round = 0; round < 30; round++)
            await history.RoundAsync();
        var log = await new StoredViews(store, tenant).LogAsync();
        await using var marten = Plain(store.Connections.Loader);
        await using var session = marten.QuerySession(tenant);

        foreach (var ours in log.GroupBy(e => e.Stream))
        {
            var theirs = await session.Events.FetchStreamAsync(ours.Key);
            theirs.Select(e => (e.Id, e.Version, e.EventTypeName, e.Timestamp))
                .ShouldBe(ours.Select(e => (e.Id, e.Version, e.Type, e.Moment.RecordedAt)));
            theirs.Select(e => Json(e.Data)).ShouldBe(ours.Select(e => Json(e.Data)));
            (await session.Events.FetchStreamStateAsync(ours.Key))!.Version.ShouldBe(ours.Count());
            var aggregate = await session.Events.AggregateStreamAsync<PromisesMade>(ours.Key);
            (aggregate?.Count ?? 0).ShouldBe(ours.Count(e => e.Data is PromiseMade));
            if (ours.Key.StartsWith("customer-", StringComparison.Ordinal))
                await ShouldAggregateAsync(session, ours.Key, [.. ours]);
        }
        log.ShouldContain(e => e.Data is EntryAnnulled);
    }

    [Fact]
    public async Task A_plain_store_queries_the_log_by_positions()
    {
        string tenant = await store.NewTenantAsync();
        var appended = (await store.NewLog(tenant).AppendAsync(
            Given.NewStreamOf(Given.Events(40)), CancellationToken.None)).ShouldBeAppended();
        await using var marten = Plain(store.Connections.Loader);
        await using var session = marten.QuerySession(tenant);

        var range = await session.Events.QueryAllRawEvents()
            .Where(e => e.Sequence > 10 && e.Sequence <= 30).OrderBy(e => e.Sequence).ToListAsync();

        range.Select(e => (e.Id, e.Sequence - 1)).ShouldBe(appended.Skip(10).Take(20).Select(e => (e.Id, e.Position)));
    }

    [Fact]
    public async Task Martens_daemon_projects_and_rebuilds_what_a_host_registers()
    {
        string tenant = await store.NewTenantAsync();
        var sequencer = store.NewLog(tenant);
        (await sequencer.AppendAsync(Given.NewStreamOf(Given.Events(300)), CancellationToken.None)).ShouldBeAppended();
        var seen = new SeenEvents();
        await using var marten = Plain(
            store.Connections.Loader, options => options.Projections.Add(seen, ProjectionLifecycle.Async, "seen"));
        using var daemon = await marten.BuildProjectionDaemonAsync();

        await daemon.RebuildProjectionAsync("seen", tenant, CancellationToken.None);

        seen.Of(tenant).ShouldBe(Enumerable.Range(1, 300).Select(i => (long)i));
        await daemon.RebuildProjectionAsync("seen", tenant, CancellationToken.None);
        seen.Of(tenant).Count.ShouldBe(600);
    }

    [Fact]
    public async Task An_append_by_Martens_own_session_is_refused_and_leaves_nothing()
    {
        string tenant = await store.NewTenantAsync();
        (await store.NewLog(tenant).AppendAsync(Given.NewStreamOf(Given.Events(3)), CancellationToken.None))
            .ShouldBeAppended();
        await using var marten = Plain(store.Connections.Loader);
        await using (var session = marten.LightweightSession(tenant))
        {
            session.Events.Append("customer-x", new ConsentRecorded("newsletter", Given: true));
            (await Should.ThrowAsync<Exception>(() => session.SaveChangesAsync())).ToString()
                .ShouldContain("events come into the ledger through ledger.append_batch alone");
        }

        (await store.CheckAsync(tenant)).Count.ShouldBe(3);
        (await store.AsAdminAsync("select count(*) from ledger.mt_streams where tenant_id = $1", tenant)).ShouldBe(1L);
        (await store.NewLog(tenant).AppendAsync(Given.NewStreamOf(Given.Event()), CancellationToken.None))
            .ShouldBeAppended()[0].Position.ShouldBe(3);
    }

    /// <summary>The product's own projection of a customer, to the stream's end and to a version before.</summary>
    private static async Task ShouldAggregateAsync(IQuerySession session, string stream, List<Envelope> ours)
    {
        foreach (int version in new[] { ours.Count, (ours.Count + 1) / 2 })
        {
            var customer = await session.Events.AggregateStreamAsync<LiveCustomer>(stream, version);
            customer!.Id.ShouldBe(stream);
            var folded = CustomerStream.Fold(ours[..version]);
            Json(customer.State.Customer).ShouldBe(Json(folded.Customer));
            customer.State.Promises.OrderBy(p => p.Key).ShouldBe(folded.Promises.OrderBy(p => p.Key));
            customer.State.FollowUps.OrderBy(f => f.Key).ShouldBe(folded.FollowUps.OrderBy(f => f.Key));
        }
    }

    /// <summary>A store as any host of Marten's opens it: the ledger's options, and nothing else of it.</summary>
    private static DocumentStore Plain(string connectionString, Action<StoreOptions>? more = null) =>
        DocumentStore.For(options =>
        {
            options.Connection(connectionString);
            options.ReadsLedger();
            more?.Invoke(options);
        });

    private static string Json(object data) => JsonSerializer.Serialize(data, data.GetType(), LedgerJson.Options);
}

/// <summary>A projection as a host may register it: it keeps the sequences of what it was given.</summary>
internal sealed class SeenEvents : IProjection
{
    private readonly ConcurrentQueue<(string Tenant, long Sequence)> _seen = new();

    public IReadOnlyList<long> Of(string tenant) =>
        [.. _seen.Where(e => e.Tenant == tenant).Select(e => e.Sequence)];

    public Task ApplyAsync(
        IDocumentOperations operations, IReadOnlyList<JasperFx.Events.IEvent> events, CancellationToken cancellation)
    {
        foreach (var e in events)
            _seen.Enqueue((e.TenantId, e.Sequence));
        return Task.CompletedTask;
    }
}

/// <summary>An aggregate as Marten's users write them.</summary>
public sealed class PromisesMade
{
    public string Id { get; set; } = "";

    public int Count { get; set; }

    public void Apply(PromiseMade _) => Count++;
}
