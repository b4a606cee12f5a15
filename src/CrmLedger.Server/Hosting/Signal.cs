namespace CrmLedger.Server.Hosting;

/// <summary>Wakes one that waits; set several times before it looks, it wakes once.</summary>
internal sealed class Signal : IDisposable
{
    private readonly SemaphoreSlim _isSet = new(0, 1);

    /// <summary>Wakes.</summary>
    public void Set()
    {
        try
        {
            _isSet.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is set already.
        }
    }

    /// <summary>Waits until it is set, and takes it back.</summary>
    public Task WaitAsync(CancellationToken cancel) => _isSet.WaitAsync(cancel);

    /// <summary>The same, for so long at most.</summary>
    public Task WaitAsync(TimeSpan longest, CancellationToken cancel) => _isSet.WaitAsync(longest, cancel);

    /// <inheritdoc />
    public void Dispose() => _isSet.Dispose();
}
