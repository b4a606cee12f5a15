using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Tenants;
using CrmLedger.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CrmLedger.PostgresTests;

/// <summary>A real server on a real database of its own, reached by real HTTP on the loopback address.</summary>
public class RunningLedger : IAsyncLifetime
{
    private IHost? _host;

    /// <summary>The database.</summary>
    public LedgerConnections Connections { get; private set; } = null!;

    /// <summary>The master key of all its tenants.</summary>
    public MasterKey Master { get; init; } = MasterKey.Of([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);

    /// <summary>The server's clock; the machine's unless a test sets another.</summary>
    public TimeProvider? Clock { get; init; }

    /// <summary>Whether the server records deadlines as they pass.</summary>
    public bool WatchesDeadlines { get; init; } = true;

    /// <summary>Where the last checkpoint of each log is kept outside the database; null for nowhere.</summary>
    public string? CheckpointFolder { get; init; }

    /// <summary>Where the pages for people are; null for none.</summary>
    public string? PagesFolder { get; init; }

    /// <summary>The server's services, for what HTTP does not show.</summary>
    public IServiceProvider Services => _host!.Services;

    /// <summary>The server's address.</summary>
    public Uri Url => new(((WebApplication)_host!).Urls.First());

    /// <summary>A client that has no key.</summary>
    public virtual HttpClient Connect() => new() { BaseAddress = Url };

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        Connections = await PostgresCluster.NewLedgerAsync();
        await StartAsync();
    }

    /// <summary>Another server on the same database.</summary>
    /// <param name="clock">Its clock; the machine's when none is given.</param>
    /// <param name="master">Its master key; this one's when none is given.</param>
    public async Task<RunningLedger> BesideAsync(TimeProvider? clock = null, MasterKey? master = null)
    {
        var other = Another(clock, master ?? Master);
        await other.ServeAsync(Connections);
        return other;
    }

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        await _host!.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }

    /// <summary>Starts it on a database that is there.</summary>
    public Task ServeAsync(LedgerConnections connections)
    {
        Connections = connections;
        return StartAsync();
    }

    /// <summary>Starts it again, on the same database, after it was stopped.</summary>
    public Task RestartAsync() => StartAsync();

    /// <summary>Stops it for a while.</summary>
    /// <returns>Starts it again at the same address.</returns>
    public async Task<Func<Task>> StopAsync()
    {
        string url = Url.ToString();
        await DisposeAsync();
        return () => StartAsync(url);
    }

    /// <summary>A client with a key that it had before.</summary>
    public LedgerHttp ClientOf(string key) => new(Connect(), key, "");

    /// <summary>One like this that serves nothing yet.</summary>
    protected virtual RunningLedger Another(TimeProvider? clock, MasterKey master) =>
        new() { Clock = clock, Master = master, WatchesDeadlines = WatchesDeadlines };

    /// <summary>Builds and starts the server.</summary>
    protected virtual async Task<IHost> StartAsync(WebApplicationBuilder builder, string url)
    {
        var app = builder.BuildToListen(url, PagesFolder);
        await app.StartAsync();
        return app;
    }

    private async Task StartAsync(string url = "http://127.0.0.1:0") => _host = await StartAsync(
        LedgerApp.CreateBuilder(Connections, Master, Clock, WatchesDeadlines, CheckpointFolder), url);

    /// <summary>A client with a new key of a tenant, which is made when there is none.</summary>
    /// <param name="tenant">The tenant; each test uses one of its own.</param>
    /// <param name="scopes">What the key may do; everything but administration when none is given.</param>
    public async Task<LedgerHttp> ClientAsync(string tenant, params string[] scopes)
    {
        await Services.GetRequiredService<TenantDirectory>().FindOrCreateAsync(tenant, CancellationToken.None);
        var key = await Services.GetRequiredService<ApiKeys>().CreateAsync(tenant, "test",
            scopes.Length > 0 ? scopes : [Scopes.Append, Scopes.Read, Scopes.Lead, Scopes.Audit],
            CancellationToken.None);
        return new(Connect(), key.Key, key.KeyId);
    }
}

/// <summary>Sends requests and reads answers as a client would.</summary>
public sealed class LedgerHttp : IDisposable
{
    private readonly HttpClient _http;

    internal LedgerHttp(Uri url, string key, string keyId)
        : this(new HttpClient { BaseAddress = url }, key, keyId)
    {
    }

    internal LedgerHttp(HttpClient http, string key, string keyId)
    {
        (_http, Key, KeyId) = (http, key, keyId);
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    /// <summary>The key.</summary>
    public string Key { get; }

    /// <summary>The key's id.</summary>
    public string KeyId { get; }

    /// <summary>Posts JSON, with headers such as <c>("If-Match", "\"3\"")</c>.</summary>
    public async Task<Answer> PostAsync(string path, string json, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(json, Encoding.UTF8, "application/json"),
        };
        foreach (var (name, value) in headers)
        {
            if (name == "Content-Type")
                request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(value);
            else
                request.Headers.TryAddWithoutValidation(name, value);
        }
        using var response = await _http.SendAsync(request);
        return await Answer.OfAsync(response);
    }

    /// <summary>Gets.</summary>
    public async Task<Answer> GetAsync(string path)
    {
        using var response = await _http.GetAsync(path);
        return await Answer.OfAsync(response);
    }

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();
}

/// <summary>An answer.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Json">The body; undefined when it is not JSON.</param>
/// <param name="Text">The body as text.</param>
/// <param name="Headers">The headers, by name.</param>
public sealed record Answer(int Status, JsonElement Json, string Text, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>The last part of a problem's type, or null.</summary>
    public string? Problem => Json.ValueKind == JsonValueKind.Object && Json.TryGetProperty("type", out var type)
        && type.GetString()!.StartsWith("urn:crmledger:problem:", StringComparison.Ordinal)
            ? type.GetString()!["urn:crmledger:problem:".Length..]
            : null;

    /// <summary>Reads a response.</summary>
    public static async Task<Answer> OfAsync(HttpResponseMessage response) => Of((int)response.StatusCode,
        await response.Content.ReadAsStringAsync(),
        response.Headers.Concat(response.Content.Headers)
            .Select(h => KeyValuePair.Create(h.Key, string.Join(", ", h.Value))));

    /// <summary>What was answered.</summary>
    public static Answer Of(int status, string text, IEnumerable<KeyValuePair<string, string>> headers)
    {
        var byName = new Dictionary<string, string>(headers, StringComparer.OrdinalIgnoreCase);
        bool isJson = MediaTypeHeaderValue.TryParse(byName.GetValueOrDefault("Content-Type"), out var type)
            && type.MediaType!.EndsWith("json", StringComparison.Ordinal);
        return new(status, isJson ? JsonDocument.Parse(text).RootElement : default, text, byName);
    }
}
