using System.Collections.Concurrent;
using CrmLedger.EventStore.Checkpoints;
using Microsoft.Extensions.Logging;

namespace CrmLedger.Server.Log;

/// <summary>Which logs take nothing at the moment, and why.</summary>
public sealed class LogStops(ILogger<LogStops> log)
{
    private readonly ConcurrentDictionary<string, string> _why = new(StringComparer.Ordinal);

    /// <summary>Why the tenant's log takes nothing; null when it does.</summary>
    public string? Find(string tenant) => _why.GetValueOrDefault(tenant);

    /// <summary>Does what finds out whether a log continues what was signed, and notes it when it does not.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="look">What is done.</param>
    public async Task WatchAsync(string tenant, Func<Task> look)
    {
        try
        {
            await look();
            if (_why.TryRemove(tenant, out _))
                log.LogWarning("The log of {Tenant} goes on", tenant);
        }
        catch (LogStoppedException stopped)
        {
            if (_why.GetValueOrDefault(tenant) != stopped.Message)
                log.LogCritical("The log of {Tenant} is read-only: {Reason}", tenant, stopped.Message);
            _why[tenant] = stopped.Message;
        }
    }
}
