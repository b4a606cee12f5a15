using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text.Json;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Privacy;
using CrmLedger.PostgresTests.Embedded;

namespace CrmLedger.PostgresTests;

/// <summary>The real server as a process of its own, for killing and freezing; it keeps its address.</summary>
/// <param name="home">Its data folder.</param>
/// <param name="environment">Variables of its environment.</param>
/// <param name="within">
/// A command that runs another one where it is to run, such as a small or slow disk's.
/// </param>
[UnsupportedOSPlatform("windows")]
internal sealed class ServerProcess(
    string home, IReadOnlyDictionary<string, string> environment, IReadOnlyList<string>? within = null)
    : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(2) };
    private readonly Queue<string> _lines = new();
    private Process? _process;

    /// <summary>A server on a database; all on one database have one master key.</summary>
    public static ServerProcess On(TemporaryHome home, LedgerConnections connections) => new(
        home.Path, new Dictionary<string, string>
        {
            ["ConnectionStrings__Ledger"] = connections.Server,
            ["ConnectionStrings__LedgerOwner"] = connections.Owner,
            ["ConnectionStrings__LedgerLoader"] = connections.Loader,
            [MasterKey.Variable] = Convert.ToBase64String(SHA256.HashData("the campaign's"u8)),
        });

    /// <summary>What it wrote last, for the failures that it does not tell its clients.</summary>
    public string LastLines
    {
        get
        {
            lock (_lines)
                return string.Join('\n', _lines);
        }
    }

    /// <summary>Bytes of memory that it holds.</summary>
    public long WorkingSet
    {
        get
        {
            _process!.Refresh();
            return _process.WorkingSet64;
        }
    }

    public Uri Url { get; } = new($"http://127.0.0.1:{FreePort()}");

    /// <summary>Makes a key beside the server or before it runs, as an administrator does.</summary>
    public async Task<string> CreateKeyAsync(string tenant, string scopes = "append,read,lead,audit")
    {
        using var process = Start("keys", "create", "--home", home, "--tenant", tenant, "--scopes",
            scopes, "--json");
        string answer = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, await process.StandardError.ReadToEndAsync());
        return JsonDocument.Parse(answer).RootElement.GetProperty("key").GetString()!;
    }

    /// <summary>The process, while it runs.</summary>
    public int Id => _process!.Id;

    /// <summary>Whether it was started and neither stopped nor killed since.</summary>
    public bool IsRunning => _process is not null;

    /// <summary>Starts it and waits until it says that it is ready.</summary>
    /// <returns>How long that took.</returns>
    public async Task<TimeSpan> StartAsync()
    {
        var waited = Stopwatch.StartNew();
        _process = Start("serve", "--home", home, "--urls", Url.ToString(), "--no-demo");
        // A pipe that nobody reads fills up and stops who writes.
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        while (!await IsReadyAsync())
        {
            _process.HasExited.ShouldBeFalse("the server ended by itself");
            waited.Elapsed.ShouldBeLessThan(s_patience, "the server does not become ready");
            await Task.Delay(25);
        }
        return waited.Elapsed;
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Waits until somebody else has killed it.</summary>
    public async Task WaitForDeathAsync()
    {
        await _process!.WaitForExitAsync().WaitAsync(s_patience);
        _process.Dispose();
        _process = null;
    }

    /// <summary>SIGSTOP or SIGCONT.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, $"{_process!.Id}"]);
        await kill.WaitForExitAsync();
        kill.ExitCode.ShouldBe(0);
    }

    /// <summary>Stops it as its operator would, and its PostgreSQL with it.</summary>
    public async Task StopAsync()
    {
        await SignalAsync("TERM");
        await _process!.WaitForExitAsync().WaitAsync(s_patience);
        _process.ExitCode.ShouldBe(0);
        _process.Dispose();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await SignalAsync("CONT");
            await KillAsync();
        }
        _http.Dispose();
    }

    private void Keep(string? line)
    {
        const int kept = 100;
        if (line is null)
            return;
        lock (_lines)
        {
            _lines.Enqueue(line);
            if (_lines.Count > kept)
                _lines.Dequeue();
        }
    }

    private Process Start(params IEnumerable<string> args)
    {
        string[] command =
            [.. within ?? [], "dotnet", Path.Combine(AppContext.BaseDirectory, "CrmLedger.Cli.dll"), .. args];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("ConnectionStrings__Ledger");
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri(Url, "/health/ready"));
            return answer.IsSuccessStatusCode;
        }
        catch (Exception down) when (down is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
