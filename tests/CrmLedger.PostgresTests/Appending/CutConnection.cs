using System.Net;
using System.Net.Sockets;
using System.Text;
using CrmLedger.EventStore;
using Npgsql;

namespace CrmLedger.PostgresTests.Appending;

/// <summary>When a connection breaks, as seen from the statement that it breaks at.</summary>
public enum CutAt
{
    /// <summary>PostgreSQL never hears of the statement.</summary>
    Request,

    /// <summary>PostgreSQL has done it, and its answer is lost.</summary>
    Answer,
}

/// <summary>
/// Stands between the ledger and PostgreSQL and breaks one connection at the first statement that holds a text: so an
/// append's outcome becomes unknown on purpose, where killing a backend only does so by luck.
/// </summary>
internal sealed class CutConnection : IAsyncDisposable
{
    /// <summary>The statement that commits; its end tells it from READ COMMITTED.</summary>
    public const string Commit = "COMMIT\0";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly IPEndPoint _postgres;
    private readonly byte[] _text;
    private readonly CutAt _at;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _accepting;
    private int _cuts;

    private CutConnection(IPEndPoint postgres, string text, CutAt at)
    {
        (_postgres, _text, _at) = (postgres, Encoding.ASCII.GetBytes(text), at);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Whether the connection was cut, so that a test does not pass for nothing.</summary>
    public bool WasCut => Volatile.Read(ref _cuts) > 0;

    /// <summary>The same database, reached through here.</summary>
    public static (CutConnection Cut, LedgerConnections Through) Of(
        LedgerConnections connections, string text, CutAt at)
    {
        int port = new NpgsqlConnectionStringBuilder(connections.Server).Port;
        var cut = new CutConnection(new(IPAddress.Loopback, port), text, at);
        string Through(string direct) => new NpgsqlConnectionStringBuilder(direct)
        {
            Host = "127.0.0.1",
            Port = ((IPEndPoint)cut._listener.LocalEndpoint).Port,
            SslMode = SslMode.Disable,
        }.ConnectionString;
        return (cut, new(Through(connections.Owner), Through(connections.Server), Through(connections.Loader)));
    }

    public async ValueTask DisposeAsync()
    {
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
                open.Add(CarryAsync(await _listener.AcceptTcpClientAsync()));
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task CarryAsync(TcpClient client)
    {
        using var ours = client;
        using var theirs = new TcpClient();
        await theirs.ConnectAsync(_postgres);
        bool cutting = false;
        var requests = PumpAsync(client.GetStream(), theirs.GetStream(), chunk =>
        {
            if (chunk.IndexOf(_text) >= 0 && Interlocked.Increment(ref _cuts) == 1)
                cutting = true;
            return cutting && _at == CutAt.Request;
        });
        // PostgreSQL answers a batch when it has committed it, so the first bytes of the answer come after that.
        var answers = PumpAsync(theirs.GetStream(), client.GetStream(), _ => cutting);
        await Task.WhenAny(requests, answers, Task.Delay(Timeout.Infinite, _ending.Token));
        ours.Close();
        theirs.Close();
        await Task.WhenAll(requests, answers);
    }

    private delegate bool Stops(ReadOnlySpan<byte> chunk);

    private static async Task PumpAsync(NetworkStream from, NetworkStream to, Stops stops)
    {
        byte[] buffer = new byte[65_536];
        try
        {
            int read;
            while ((read = await from.ReadAsync(buffer)) > 0 && !stops(buffer.AsSpan(0, read)))
                await to.WriteAsync(buffer.AsMemory(0, read));
        }
        catch (Exception closed) when (closed is IOException or ObjectDisposedException)
        {
            // The other direction was closed, and this one with it.
        }
    }
}
