using System.Net.Sockets;

namespace CrmLedger.PostgresTests.Appending;

/// <summary>One connection through a <see cref="FaultyLink" />.</summary>
internal sealed class FaultyConnection(FaultyLink link, TcpClient opener, TcpClient target)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Fault? _fault;
    private int _left;
    private bool _struck;
    private bool _swallowsRequests;
    private bool _swallowsAnswers;

    /// <summary>Carries bytes until either end closes it or a fault does.</summary>
    public async Task CarryAsync()
    {
        (opener.NoDelay, target.NoDelay) = (true, true);
        var requests = PumpAsync(opener.GetStream(), target.GetStream(), areRequests: true);
        var answers = PumpAsync(target.GetStream(), opener.GetStream(), areRequests: false);
        await Task.WhenAny(requests, answers, _ended.Task, Task.Delay(Timeout.Infinite, link.Ending));
        if (_struck && _fault!.Kind is FaultKind.Swallow or FaultKind.SwallowAfterCommit)
        {
            await Task.Delay(link.DeadFor, link.Ending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Reset();
        }
        else if (_struck && _fault!.Kind is FaultKind.Reset or FaultKind.ResetAfterCommit)
        {
            Reset();
        }
        opener.Close();
        target.Close();
        await Task.WhenAll(requests, answers);
        Fault? missed;
        lock (_gate)
        {
            missed = _struck ? null : _fault;
            _struck = true; // nothing strikes any more
        }
        if (missed is not null)
            link.GiveBack(missed);
    }

    private async Task PumpAsync(NetworkStream from, NetworkStream to, bool areRequests)
    {
        byte[] buffer = new byte[65_536];
        try
        {
            int read;
            while ((read = await from.ReadAsync(buffer)) > 0)
            {
                if (!await PassAsync(buffer.AsMemory(0, read), to, areRequests))
                    return;
            }
        }
        catch (Exception closed) when (closed is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // One end was closed, and the other with it.
        }
    }

    /// <returns>Whether the connection goes on.</returns>
    private async Task<bool> PassAsync(ReadOnlyMemory<byte> bytes, NetworkStream to, bool areRequests)
    {
        if (areRequests ? _swallowsRequests : _swallowsAnswers)
            return true;
        int passes = Passing(bytes.Span, areRequests);
        if (passes < 0)
        {
            await to.WriteAsync(bytes);
            return true;
        }
        await to.WriteAsync(bytes[..passes]);
        link.Note(_fault!);
        switch (_fault!.Kind)
        {
            case FaultKind.Delay:
                await Task.Delay(_fault.Delay, link.Ending);
                await to.WriteAsync(bytes[passes..]);
                Forget();
                return true;
            case FaultKind.Swallow or FaultKind.SwallowAfterCommit:
                _swallowsRequests = areRequests || _fault.BothWays;
                _swallowsAnswers = !areRequests || _fault.BothWays;
                _ended.TrySetResult(); // so that its time runs
                return true;
            default:
                _ended.TrySetResult();
                return false;
        }
    }

    /// <returns>How many of the bytes pass before the fault strikes; -1 when it does not strike now.</returns>
    private int Passing(ReadOnlySpan<byte> bytes, bool areRequests)
    {
        lock (_gate)
        {
            if (_struck)
                return -1;
            if (_fault is null)
            {
                // Only what records events names their types.
                bool commits = areRequests && bytes.IndexOf(", CrmLedger"u8) >= 0;
                _fault = link.Take(commits);
                _left = _fault?.Offset ?? 0;
                if (_fault is { } taken)
                    _ = PassOnAsync(taken);
                if (commits && _fault is { AfterCommit: true })
                    return -1;
            }
            if (_fault is null)
                return -1;
            if (_fault.AfterCommit)
                return areRequests ? -1 : StrikeAnswer(bytes);
            if (areRequests != _fault.OnRequests)
                return -1;
            if (_left >= bytes.Length)
            {
                _left -= bytes.Length;
                return -1;
            }
            _struck = true;
            return _left;
        }
    }

    /// <summary>
    /// PostgreSQL answers a batch when it has committed it, so that the first bytes of the answer come after that;
    /// unless they say that it has not.
    /// </summary>
    private int StrikeAnswer(ReadOnlySpan<byte> answer)
    {
        if (answer.IndexOf("SERROR\0"u8) >= 0)
        {
            link.GiveBack(_fault!);
            _fault = null;
            return -1;
        }
        _struck = true;
        return 0;
    }

    /// <summary>
    /// Connections that carry a few bytes now and then, such as those that hold a lock or listen, are struck at the
    /// next of them; one that carries nothing leaves the fault to another.
    /// </summary>
    private async Task PassOnAsync(Fault taken)
    {
        await Task.Delay(s_patience, link.Ending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_gate)
            _left = Math.Min(_left, 8);
        await Task.Delay(s_patience, link.Ending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_gate)
        {
            if (_struck || !ReferenceEquals(_fault, taken))
                return;
            _fault = null;
        }
        link.GiveBack(taken);
    }

    private void Forget()
    {
        lock (_gate)
            (_fault, _struck) = (null, false);
    }

    private void Reset()
    {
        foreach (var end in new[] { opener, target })
            end.Client.LingerState = new(enable: true, seconds: 0);
    }
}
