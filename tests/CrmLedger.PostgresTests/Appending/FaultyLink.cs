using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using CrmLedger.EventStore;
using Npgsql;

namespace CrmLedger.PostgresTests.Appending;

/// <summary>
/// A proxy on the loopback address whose connections go wrong when they are told to. A fault waits until bytes pass
/// through some connection, which it strikes after so many of them; it counts only once it has struck.
/// </summary>
internal sealed class FaultyLink : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly IPEndPoint _target;
    private readonly CancellationTokenSource _ending = new();
    private readonly ConcurrentQueue<Fault> _waiting = new();
    private readonly ConcurrentQueue<Fault> _waitingForCommits = new();
    private readonly ConcurrentDictionary<FaultKind, int> _struck = new();
    private readonly Task _accepting;
    private int _pending;
    private int _open;
    private long _lastStrike = Stopwatch.GetTimestamp();

    /// <summary>Listens.</summary>
    /// <param name="targetPort">Where the connections lead, on the loopback address.</param>
    /// <param name="deadFor">
    /// How long a connection that swallows seems open. In a real network keepalives find out within about 25 seconds;
    /// until then nothing tells either end, not even that the other one has closed.
    /// </param>
    public FaultyLink(int targetPort, TimeSpan deadFor)
    {
        (_target, DeadFor) = (new(IPAddress.Loopback, targetPort), deadFor);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public TimeSpan DeadFor { get; }

    /// <summary>Ends when the link does.</summary>
    public CancellationToken Ending => _ending.Token;

    /// <summary>Faults that have not struck yet.</summary>
    public int Pending => Volatile.Read(ref _pending);

    /// <summary>How many of a kind have struck.</summary>
    public int Struck(FaultKind kind) => _struck.GetValueOrDefault(kind);

    /// <summary>Since the last one struck.</summary>
    public TimeSpan SinceLastStrike => Stopwatch.GetElapsedTime(Interlocked.Read(ref _lastStrike));

    /// <summary>The same database, reached through here.</summary>
    public LedgerConnections Through(LedgerConnections connections)
    {
        string Through(string direct) => new NpgsqlConnectionStringBuilder(direct)
        {
            Host = "127.0.0.1",
            Port = Port,
            SslMode = SslMode.Disable,
        }.ConnectionString;
        return new(Through(connections.Owner), Through(connections.Server), Through(connections.Loader));
    }

    /// <summary>Lets a fault strike, soon.</summary>
    public void Strike(Fault fault)
    {
        Interlocked.Increment(ref _pending);
        GiveBack(fault);
    }

    /// <summary>A fault for a connection through which bytes pass, or null.</summary>
    public Fault? Take(bool commits) =>
        commits && _waitingForCommits.TryDequeue(out var commit) ? commit
        // Not always whoever is busiest.
        : (_open <= 1 || Random.Shared.Next(4) == 0) && _waiting.TryDequeue(out var fault) ? fault
        : null;

    /// <summary>The connection ended before the fault could strike: another one will do.</summary>
    public void GiveBack(Fault fault) => (fault.AfterCommit ? _waitingForCommits : _waiting).Enqueue(fault);

    /// <summary>Notes that a fault has struck.</summary>
    public void Note(Fault fault)
    {
        Interlocked.Exchange(ref _lastStrike, Stopwatch.GetTimestamp());
        _struck.AddOrUpdate(fault.Kind, 1, (_, before) => before + 1);
        Interlocked.Decrement(ref _pending);
    }

    public async ValueTask DisposeAsync()
    {
        if (_ending.IsCancellationRequested)
            return;
        _listener.Stop();
        await _ending.CancelAsync();
        await _accepting;
        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        var open = new List<Task>();
        try
        {
            while (true)
            {
                var opener = await _listener.AcceptTcpClientAsync();
                open.RemoveAll(c => c.IsCompleted);
                open.Add(CarryAsync(opener));
            }
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task CarryAsync(TcpClient opener)
    {
        using var ours = opener;
        using var theirs = new TcpClient();
        try
        {
            await theirs.ConnectAsync(_target);
        }
        catch (SocketException)
        {
            return; // nobody is there: the opener sees its connection closed
        }
        Interlocked.Increment(ref _open);
        await new FaultyConnection(this, ours, theirs).CarryAsync();
        Interlocked.Decrement(ref _open);
    }
}
