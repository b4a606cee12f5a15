using System.Collections.Concurrent;
using System.Diagnostics;
using CrmLedger.EventStore.Tenants;
using CrmLedger.PostgresTests.Appending;
using CrmLedger.Server.Log;
using CrmLedger.Server.Tenants;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CrmLedger.PostgresTests.Tenants;

public sealed class TenantLedgersTests(TestStore store) : IClassFixture<TestStore>
{
    [Fact]
    public async Task Callers_who_come_at_once_open_a_tenant_once()
    {
        string database = new NpgsqlConnectionStringBuilder(store.Connections.Server).Database!;
        var openings = new ConcurrentQueue<object>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = command =>
            {
                var tags = command.TagObjects.Select(t => t.Value?.ToString() ?? "").ToList();
                if (tags.Contains(database) && tags.Exists(t => t.Contains("from ledger.tenant_keys")))
                    openings.Enqueue(command);
            },
        };
        string[] tenants = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => store.NewTenantAsync()));
        var directory = new TenantDirectory(store.Database, store.Master);
        await using var ledgers = new TenantLedgers(
            store.Database, directory, store.Reader, TimeProvider.System,
            new(store.Database, new(store.Database), new(store.Reader), new(null)),
            new(NullLogger<LogStops>.Instance), NullLogger<TenantLedgers>.Instance);
        ActivitySource.AddActivityListener(listener);

        foreach (string tenant in tenants)
        {
            using var together = new Barrier(4);
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(() =>
            {
                together.SignalAndWait();
                return ledgers.GetAsync(tenant);
            }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap()));
        }

        openings.Count.ShouldBe(tenants.Length);
    }

    [Fact]
    public async Task An_opening_that_failed_is_tried_again()
    {
        var directory = new TenantDirectory(store.Database, store.Master);
        await using var ledgers = new TenantLedgers(
            store.Database, directory, store.Reader, TimeProvider.System,
            new(store.Database, new(store.Database), new(store.Reader), new(null)),
            new(NullLogger<LogStops>.Instance), NullLogger<TenantLedgers>.Instance);
        await Should.ThrowAsync<InvalidOperationException>(() => ledgers.GetAsync("late"));
        await directory.FindOrCreateAsync("late", CancellationToken.None);

        (await ledgers.GetAsync("late")).Tenant.ShouldBe("late");
        (await ledgers.GetAsync("late")).ShouldBeSameAs(await ledgers.GetAsync("late"));
    }
}
