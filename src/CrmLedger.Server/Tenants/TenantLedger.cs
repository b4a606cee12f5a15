using System.Collections.Concurrent;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Appending;
using CrmLedger.EventStore.Checkpoints;
using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Tenants;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Log;
using Microsoft.Extensions.Logging;

namespace CrmLedger.Server.Tenants;

/// <summary>
/// What the server keeps of one tenant while it runs: keys, the log, and the states of busy streams.
/// </summary>
public sealed class TenantLedger : IAsyncDisposable
{
    internal TenantLedger(
        LedgerDatabase database, TenantKeys keys, EventReader reader, TimeProvider clock, ILogger log,
        Func<string?> stopped)
    {
        Keys = keys;
        Subjects = new(database, keys);
        Log = new Sequencer(database, keys.Tenant, clock, log, stopped);
        States = new(reader, keys.Tenant);
        WriteLoop = new(Log, States, Subjects, clock);
    }

    /// <summary>The tenant's name.</summary>
    public string Tenant => Keys.Tenant;

    /// <summary>The tenant's keys.</summary>
    public TenantKeys Keys { get; }

    /// <summary>The data keys of its customers and members.</summary>
    public SubjectKeys Subjects { get; }

    /// <summary>Its log.</summary>
    public IEventLog Log { get; }

    /// <summary>The folded states of its streams.</summary>
    public StreamStates States { get; }

    /// <summary>The way of everything that is decided into its log.</summary>
    public WriteLoop WriteLoop { get; }

    /// <summary>
    /// Idempotency-Keys of requests that are running on this server, by the hexadecimal of their hash.
    /// </summary>
    public ConcurrentDictionary<string, byte> RunningKeys { get; } = new(StringComparer.Ordinal);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => Log.DisposeAsync();
}

/// <summary>The tenants that this server has met since it started.</summary>
public sealed class TenantLedgers(
    LedgerDatabase database, TenantDirectory directory, EventReader reader, TimeProvider clock,
    CheckpointSigner signer, LogStops stops, ILogger<TenantLedgers> log)
    : IAsyncDisposable
{
    // Lazy: of callers who come at once, one opens, and no sequencer runs that nobody knows of.
    private readonly ConcurrentDictionary<string, Lazy<Task<TenantLedger>>> _open = new(StringComparer.Ordinal);

    /// <summary>The tenant's ledger.</summary>
    /// <exception cref="InvalidOperationException">There is no such tenant; no credential names one.</exception>
    public async Task<TenantLedger> GetAsync(string tenant)
    {
        var opening = _open.GetOrAdd(tenant, name => new(() => OpenAsync(name)));
        try
        {
            return await opening.Value;
        }
        catch
        {
            _open.TryRemove(new(tenant, opening)); // this one, and not a later one that went well
            throw;
        }
    }

    /// <summary>The tenant's ledger if this server has opened it, else null.</summary>
    public TenantLedger? FindOpen(string tenant) =>
        _open.TryGetValue(tenant, out var opened)
        && opened is { IsValueCreated: true, Value.IsCompletedSuccessfully: true }
            ? opened.Value.Result
            : null;

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var opened in _open.Values.Where(o => o.IsValueCreated && o.Value.IsCompletedSuccessfully))
            await (await opened.Value).DisposeAsync();
    }

    private async Task<TenantLedger> OpenAsync(string tenant)
    {
        var keys = await directory.FindAsync(tenant, CancellationToken.None)
            ?? throw new InvalidOperationException($"There is no tenant '{tenant}'.");
        // A database that was set back is found out before it takes its first event.
        await stops.WatchAsync(tenant, () => signer.CheckAsync(keys, CancellationToken.None));
        return new(database, keys, reader, clock, log, () => stops.Find(tenant));
    }
}
