using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace CrmLedger.Cli;

/// <summary>
/// Speaks HTTP to a running server and turns everything that goes wrong into a <see cref="CliFailure"/>.
/// </summary>
internal sealed class LedgerClient : IDisposable
{
    /// <summary>How long an import goes on trying when the server is away or busy.</summary>
    public static readonly TimeSpan ImportPatience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(15);

    private readonly Settings _settings;
    private readonly TimeProvider _clock;
    private readonly HttpClient _http;

    public LedgerClient(Settings settings, HttpMessageHandler network, TimeProvider clock)
    {
        _settings = settings;
        _clock = clock;
        _http = new HttpClient(network) { BaseAddress = settings.Url, Timeout = TimeSpan.FromMinutes(5) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", settings.Key);
        _http.DefaultRequestHeaders.Accept.ParseAdd("application/json");
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("crmledger");
    }

    public Uri Url => _settings.Url;

    public void Dispose() => _http.Dispose();

    /// <summary>Joins a path and its query; parameters without a value are left out.</summary>
    public static string Address(string path, params ReadOnlySpan<(string Name, string? Value)> query)
    {
        var address = new StringBuilder(path);
        char joint = '?';
        foreach (var (name, value) in query)
        {
            if (value is null)
                continue;
            address.Append(joint).Append(name).Append('=').Append(Uri.EscapeDataString(value));
            joint = '&';
        }
        return address.ToString();
    }

    public Task<JsonElement> GetAsync(string address, CancellationToken ct) =>
        SendAsync(() => new HttpRequestMessage(HttpMethod.Get, address), TimeSpan.Zero, ct);

    /// <param name="address">Path and query.</param>
    /// <param name="body">The JSON to send, or null for none.</param>
    /// <param name="patience">How long to go on trying while the server is away or busy.</param>
    /// <param name="ct">Stops waiting.</param>
    public Task<JsonElement> PostAsync(string address, string? body, TimeSpan patience, CancellationToken ct) =>
        SendAsync(() => Post(address, body is null ? null : JsonBody(body)), patience, ct);

    /// <summary>
    /// Appends events, one JSON object a line. Sending them again is safe: an event is known by its source and id.
    /// </summary>
    public Task<JsonElement> AppendAsync(ReadOnlyMemory<byte> lines, CancellationToken ct) => SendAsync(
        () =>
        {
            var content = new ReadOnlyMemoryContent(lines);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/jsonl");
            return Post("v1/events?items=rejected", content);
        },
        ImportPatience,
        ct);

    /// <summary>Waits before something is tried again, longer each time.</summary>
    public Task PauseAsync(int attempt, CancellationToken ct) => PauseAsync(Backoff(attempt), ct);

    public Task PauseAsync(TimeSpan pause, CancellationToken ct) => Task.Delay(pause, _clock, ct);

    private static StringContent JsonBody(string json) => new(json, Encoding.UTF8, "application/json");

    private static HttpRequestMessage Post(string address, HttpContent? content) =>
        new(HttpMethod.Post, address) { Content = content };

    private async Task<JsonElement> SendAsync(Func<HttpRequestMessage> make, TimeSpan patience, CancellationToken ct)
    {
        long started = _clock.GetTimestamp();
        for (int attempt = 0; ; attempt++)
        {
            CliFailure trouble;
            TimeSpan? asked = null;
            try
            {
                using var request = make();
                using var response = await _http.SendAsync(request, ct);
                string body = await response.Content.ReadAsStringAsync(ct);
                if (response.IsSuccessStatusCode)
                    return Parse(body);
                trouble = ProblemText.Failure(response.StatusCode, body, _settings);
                if (!IsPassing(response.StatusCode))
                    throw trouble;
                asked = response.Headers.RetryAfter?.Delta;
            }
            catch (HttpRequestException away)
            {
                trouble = NotReachable(away);
            }
            catch (OperationCanceledException slow) when (!ct.IsCancellationRequested)
            {
                trouble = NotReachable(slow);
            }
            var pause = asked ?? Backoff(attempt);
            if (_clock.GetElapsedTime(started) + pause > patience)
                throw trouble;
            await Task.Delay(pause, _clock, ct);
        }
    }

    private static bool IsPassing(HttpStatusCode status) => status is HttpStatusCode.TooManyRequests
        or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    private static TimeSpan Backoff(int attempt)
    {
        var pause = TimeSpan.FromMilliseconds(250 * Math.Pow(2, Math.Min(attempt, 10)));
        return pause < s_longestPause ? pause : s_longestPause;
    }

    private CliFailure NotReachable(Exception cause) => new(
        ExitCode.NotReachable,
        $"The server at {Url} cannot be reached: {Sentences.Ended(cause.GetBaseException().Message)} Start it with "
        + $"`crmledger serve`, or give the right address with --url or {Settings.UrlVariable}.",
        cause);

    private JsonElement Parse(string body)
    {
        try
        {
            return JsonElement.Parse(body);
        }
        catch (JsonException notJson)
        {
            throw new CliFailure(ExitCode.Failed,
                $"{Url} answered with something that is not JSON. Is a CrmLedger server at this address?", notJson);
        }
    }
}
