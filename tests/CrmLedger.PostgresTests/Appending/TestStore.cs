using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using CrmLedger.Customers;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Appending;
using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Tenants;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CrmLedger.PostgresTests.Appending;

/// <summary>The event store on a database of its own, without a server around it. One for each test class.</summary>
public class TestStore : IAsyncLifetime
{
    private readonly ConcurrentBag<IEventLog> _logs = [];
    private int _tenants;

    /// <summary>How to reach the database.</summary>
    public LedgerConnections Connections { get; private set; } = null!;

    /// <summary>The superuser's connection string.</summary>
    internal string Admin { get; private set; } = "";

    internal LedgerDatabase Database { get; private set; } = null!;

    internal EventReader Reader { get; private set; } = null!;

    internal MasterKey Master { get; } = MasterKey.Of(KeyWrap.NewKey());

    public async Task InitializeAsync()
    {
        Connections = await PostgresCluster.NewLedgerAsync();
        Admin = await PostgresCluster.AdminOfAsync(Connections);
        Database = new(Connections);
        Reader = new(Database);
    }

    public async Task DisposeAsync()
    {
        foreach (var log in _logs)
            await log.DisposeAsync();
        await Database.DisposeAsync();
    }

    /// <summary>A new tenant's name; its log is empty.</summary>
    internal async Task<string> NewTenantAsync()
    {
        string tenant = $"tenant-{Interlocked.Increment(ref _tenants)}";
        Database.Server.Clear(); // a test before this one may have killed what the pool still holds
        await new TenantDirectory(Database, Master).FindOrCreateAsync(tenant, CancellationToken.None);
        return tenant;
    }

    /// <summary>A tenant's log as one server has it; several for one tenant are several servers.</summary>
    internal IEventLog NewLog(
        string tenant, TimeProvider? clock = null, LedgerDatabase? database = null, ILogger? failures = null)
    {
        var log = Open(database ?? Database, tenant, clock ?? TimeProvider.System, failures ?? NullLogger.Instance);
        _logs.Add(log);
        return log;
    }

    /// <summary>Opens what is under test.</summary>
    private protected virtual IEventLog Open(
        LedgerDatabase database, string tenant, TimeProvider clock, ILogger failures) =>
        new Sequencer(database, tenant, clock, failures);

    /// <summary>Runs a statement as the superuser, who may do what the ledger's roles may not.</summary>
    internal async Task<object?> AsAdminAsync(string sql, params object?[] parameters)
    {
        await using var admin = NpgsqlDataSource.Create(Admin);
        await using var command = admin.CreateCommand(sql);
        foreach (object? value in parameters)
            command.Parameters.Add(new() { Value = value ?? DBNull.Value });
        return await command.ExecuteScalarAsync();
    }

    internal Task<IReadOnlyList<LogRow>> CheckAsync(string tenant) => WholeLog.CheckAsync(Connections, tenant);
}

/// <summary>Events and requests, short to write.</summary>
internal static class Given
{
    private static readonly EventHeaders s_headers = new("system", new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero));

    /// <summary>A stream that no other test knows.</summary>
    public static string NewStream() => $"customer-{Guid.CreateVersion7():D}";

    public static EventToAppend Event(string purpose = "newsletter", DateTimeOffset? occurredAt = null) =>
        EventToAppend.Of(Guid.CreateVersion7(), idFromClient: false, new ConsentRecorded(purpose, Given: true),
            s_headers with { OccurredAt = occurredAt ?? s_headers.OccurredAt });

    /// <summary>An event whose id the client gave.</summary>
    public static EventToAppend ClientEvent(Guid id, string purpose = "newsletter") => EventToAppend.Of(
        id, idFromClient: true, new ConsentRecorded(purpose, Given: true), s_headers with { Fingerprint = purpose });

    /// <summary>An event whose stored text is given, whatever its record would write.</summary>
    public static EventToAppend RawEvent(string json) => Event() with { DataUtf8 = Encoding.UTF8.GetBytes(json) };

    public static EventToAppend[] Events(int count) =>
        [.. Enumerable.Range(1, count).Select(i => Event($"purpose {i}"))];

    /// <summary>Appends events to a stream of their own.</summary>
    public static AppendRequest NewStreamOf(params IReadOnlyList<EventToAppend> events) =>
        AppendRequest.Of(NewStream(), 0, events);

    /// <summary>The events that an append answered to have written.</summary>
    public static IReadOnlyList<AppendedEvent> ShouldBeAppended(this AppendOutcome outcome) =>
        outcome.ShouldBeOfType<AppendOutcome.Appended>().Events;

    public static JsonElement DataOf(StoredEvent stored) => JsonElement.Parse(stored.Data);
}

/// <summary>Waits for things to become true, never for time to pass.</summary>
internal static class Eventually
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    public static async Task TrueAsync(Func<Task<bool>> condition, string what)
    {
        using var patience = new CancellationTokenSource(s_patience);
        while (!await condition())
        {
            patience.IsCancellationRequested.ShouldBeFalse(what);
            await Task.Delay(10, CancellationToken.None);
        }
    }
}
