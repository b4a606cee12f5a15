using System.Text;
using CrmLedger.Transparency;

namespace CrmLedger.PostgresTests.Checkpoints;

/// <summary>A tenant's log as anybody sees it, without a key.</summary>
internal sealed class PublishedLog : IDisposable
{
    private readonly HttpClient _http;

    public PublishedLog(Uri server, string tenant)
        : this(new HttpClient { BaseAddress = server }, tenant)
    {
    }

    public PublishedLog(HttpClient anybody, string tenant)
    {
        _http = anybody;
        _http.BaseAddress = new(anybody.BaseAddress!, $"/log/{tenant}/");
    }

    public void Dispose() => _http.Dispose();

    public Task<HttpResponseMessage> GetAsync(string path) => _http.GetAsync(path);

    public async Task<SignedCheckpoint> CheckpointAsync() =>
        SignedCheckpoint.Parse(await _http.GetByteArrayAsync("checkpoint"));

    /// <summary>Whom to trust: the log under the name of its last key, by all its keys of that name.</summary>
    public async Task<LogPolicy> PolicyAsync()
    {
        var keys = await KeysAsync();
        return new(keys[^1].Name, [.. keys.Where(k => k.Name == keys[^1].Name)], [], 0);
    }

    public async Task<VerifierKey[]> KeysAsync() =>
        [.. (await _http.GetStringAsync("key")).TrimEnd('\n').Split('\n').Select(VerifierKey.Parse)];

    /// <summary>The hashes of a tile.</summary>
    public async Task<byte[]> TileAsync(int level, long index, int width)
    {
        string path = $"{index % 1_000:000}";
        for (long rest = index / 1_000; rest > 0; rest /= 1_000)
            path = $"x{rest % 1_000:000}/{path}";
        return await _http.GetByteArrayAsync($"tile/{level}/{path}{(width < 256 ? $".p/{width}" : "")}");
    }

    public static string Text(SignedCheckpoint checkpoint) => Encoding.UTF8.GetString(checkpoint.ToUtf8());
}
