using System.Net;
using CrmLedger.Transparency;

namespace CrmLedger.Cli.Witnessing;

/// <summary>A log as anybody can read it (C2SP tlog-tiles), without a key.</summary>
internal sealed class LogClient : IDisposable
{
    private static readonly TimeSpan s_answersWithin = TimeSpan.FromSeconds(30);

    private readonly Uri _address;
    private readonly HttpClient _http;

    /// <param name="address">The log's prefix; its resources lie below it.</param>
    /// <param name="network">The way there.</param>
    public LogClient(Uri address, HttpMessageHandler network)
    {
        _address = address;
        _http = new HttpClient(network)
        {
            BaseAddress = new Uri($"{address.AbsoluteUri}/"),
            Timeout = s_answersWithin,
            MaxResponseContentBufferSize = SignedNote.MaxBytes,
        };
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("crmledger");
    }

    public void Dispose() => _http.Dispose();

    /// <summary>The log's checkpoint, of which nothing is checked yet.</summary>
    /// <exception cref="CliFailure">It cannot be had, or is none.</exception>
    public async Task<SignedCheckpoint> CheckpointAsync(CancellationToken ct)
    {
        using var answer = await GetAsync("checkpoint", ct);
        byte[] note = await ReadAsync(answer, ct);
        try
        {
            return SignedCheckpoint.Parse(note);
        }
        catch (FormatException unreadable)
        {
            throw new CliFailure(ExitCode.Failed,
                $"What {_address}/checkpoint answers is no checkpoint: {unreadable.Message}", unreadable);
        }
    }

    /// <summary>Reads the tiles that a computation needs, and computes.</summary>
    /// <typeparam name="T">What is computed.</typeparam>
    /// <param name="treeSize">Of the log's checkpoint: it says how many hashes each tile has at least.</param>
    /// <param name="compute">Given readTile, as the methods of <see cref="TileTree" /> take it.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="CliFailure">A tile cannot be had, or is none.</exception>
    public async Task<T> ComputeAsync<T>(
        long treeSize, Func<Func<int, long, byte[]>, T> compute, CancellationToken ct)
    {
        var tiles = new Dictionary<(int, long), byte[]>();
        foreach (var (level, index) in TileTree.Needed(compute))
        {
            tiles[(level, index)] = await TileAsync(level, index, TileTree.Width(treeSize, level, index), ct);
        }
        return compute((level, index) => tiles[(level, index)]);
    }

    private async Task<byte[]> TileAsync(int level, long index, int width, CancellationToken ct)
    {
        string full = $"tile/{level}/{PathOf(index)}";
        string path = width == TreeEdge.TileWidth ? full : $"{full}.p/{width}";
        using var answer = await GetAsync(path, ct);
        // A log may drop a partial tile once the full one is there.
        if (answer.StatusCode == HttpStatusCode.NotFound && path != full)
            return await TileAsync(level, index, TreeEdge.TileWidth, ct);
        byte[] tile = await ReadAsync(answer, ct);
        return tile.Length == width * MerkleTree.HashLength
            ? tile
            : throw new CliFailure(ExitCode.Failed,
                $"{_address}/{path} answers {tile.Length} bytes, which is no tile of {width} hashes.");
    }

    /// <summary>An index in groups of three digits, all but the last one with an x before it.</summary>
    private static string PathOf(long index)
    {
        string path = $"{index % 1_000:000}";
        for (long rest = index / 1_000; rest > 0; rest /= 1_000)
            path = $"x{rest % 1_000:000}/{path}";
        return path;
    }

    private Task<HttpResponseMessage> GetAsync(string path, CancellationToken ct) =>
        AnsweredAsync(() => _http.GetAsync(new Uri(path, UriKind.Relative), ct), ct);

    private async Task<byte[]> ReadAsync(HttpResponseMessage answer, CancellationToken ct)
    {
        if (answer.IsSuccessStatusCode)
            return await AnsweredAsync(() => answer.Content.ReadAsByteArrayAsync(ct), ct);
        string body = await AnsweredAsync(() => answer.Content.ReadAsStringAsync(ct), ct);
        var failure = ProblemText.Failure(answer.StatusCode, body, new Settings(_address, Key: "", KeyFrom: "nobody"));
        // A log that fails may be up again in a moment; what it refuses, it will refuse then.
        throw answer.StatusCode >= HttpStatusCode.InternalServerError
            ? new CliFailure(ExitCode.NotReachable, failure.Message)
            : failure;
    }

    private async Task<T> AnsweredAsync<T>(Func<Task<T>> ask, CancellationToken ct)
    {
        try
        {
            return await ask();
        }
        catch (Exception away) when (away is HttpRequestException or OperationCanceledException
            && !ct.IsCancellationRequested)
        {
            throw new CliFailure(ExitCode.NotReachable,
                $"The log at {_address} cannot be reached: {Sentences.Ended(away.GetBaseException().Message)}", away);
        }
    }
}
