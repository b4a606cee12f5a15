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

    /// <summary>For an answer that takes as long as it takes.</summary>
    public static readonly TimeSpan NoLimit = Timeout.InfiniteTimeSpan;

    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(15);

    private readonly Settings _settings;
    private readonly TimeProvider _clock;
    private readonly HttpClient _http;

    public LedgerClient(Settings settings, HttpMessageHandler network, TimeProvider clock)
    {
        _settings = settings;
        _clock = clock;
        _http = new HttpClient(network) { BaseAddress = settings.Url, Timeout = NoLimit };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", settings.Key);
        _http.DefaultRequestHeaders.Accept.ParseAdd("application/json");
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("crmledger");
    }

    public Uri Url => _settings.Url;

    /// <summary>How long an answer may take, unless a request says otherwise.</summary>
    public TimeSpan AnswersWithin { get; init; } = TimeSpan.FromMinutes(5);

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

    /// <param name="address">Path and query.</param>
    /// <param name="member">What every answer of ours has, and hardly anybody else's.</param>
    /// <param name="ct">Stops waiting.</param>
    public Task<JsonElement> GetAsync(string address, string member, CancellationToken ct) => SendAsync(
        () => new HttpRequestMessage(HttpMethod.Get, address), (body, _) => Parse(body, member), TimeSpan.Zero,
        AnswersWithin, ct);

    /// <summary>A table with all its pages, as the header Link of each leads to the next.</summary>
    /// <param name="address">Path and query.</param>
    /// <param name="beginning">What every such table of ours begins with.</param>
    /// <param name="ct">Stops waiting.</param>
    public async Task<string> GetTableAsync(string address, string beginning, CancellationToken ct)
    {
        var table = new StringBuilder();
        for (string? next = address; next is not null;)
        {
            string asked = next;
            (string page, next) = await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, asked),
                (body, response) => body.StartsWith(beginning, StringComparison.Ordinal)
                    ? (body, NextOf(response))
                    : throw Foreign(),
                TimeSpan.Zero, AnswersWithin, ct);
            // Each page begins with the titles; one line of them is enough.
            table.Append(table.Length == 0 ? page : page[(page.IndexOf('\n', StringComparison.Ordinal) + 1)..]);
        }
        return table.ToString().TrimEnd('\r', '\n');
    }

    /// <summary>Writes an answer into a file as it comes; the file is there when all of it has come.</summary>
    /// <param name="address">Path and query.</param>
    /// <param name="beginning">What every such answer of ours begins with.</param>
    /// <param name="file">Where to.</param>
    /// <param name="progress">Is told how many bytes have come.</param>
    /// <param name="ct">Stops waiting.</param>
    /// <returns>How many bytes it is.</returns>
    public async Task<long> DownloadAsync(
        string address, byte[] beginning, FileInfo file, Action<long> progress, CancellationToken ct)
    {
        string aside = file.FullName + ".part";
        try
        {
            using var response = await _http.GetAsync(
                new Uri(address, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, ct);
            if (!response.IsSuccessStatusCode)
            {
                throw ProblemText.Failure(
                    response.StatusCode, await response.Content.ReadAsStringAsync(ct), _settings);
            }
            long bytes = 0;
            await using (var written = File.Create(aside))
            await using (var coming = await response.Content.ReadAsStreamAsync(ct))
            {
                byte[] buffer = new byte[1 << 16];
                int length = await coming.ReadAtLeastAsync(buffer, beginning.Length, throwOnEndOfStream: false, ct);
                if (!buffer.AsSpan(0, length).StartsWith(beginning))
                    throw Foreign();
                for (; length > 0; length = await coming.ReadAsync(buffer, ct))
                {
                    await written.WriteAsync(buffer.AsMemory(0, length), ct);
                    progress(bytes += length);
                }
            }
            File.Move(aside, file.FullName, overwrite: true);
            return bytes;
        }
        catch (Exception broken) when (broken is HttpRequestException or HttpIOException)
        {
            throw NotReachable(broken);
        }
        finally
        {
            File.Delete(aside);
        }
    }

    /// <param name="address">Path and query.</param>
    /// <param name="body">The JSON to send, or null for none.</param>
    /// <param name="member">What every answer of ours has, and hardly anybody else's; null for none.</param>
    /// <param name="patience">How long to go on trying while the server is away or busy.</param>
    /// <param name="ct">Stops waiting.</param>
    /// <param name="answersWithin">How long an answer may take; null for the usual time.</param>
    public Task<JsonElement> PostAsync(
        string address, string? body, string? member, TimeSpan patience, CancellationToken ct,
        TimeSpan? answersWithin = null) => SendAsync(
            () => Post(address, body is null ? null : JsonBody(body)), (answer, _) => Parse(answer, member), patience,
            answersWithin ?? AnswersWithin, ct);

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
        (answer, _) => Parse(answer, "appended"),
        ImportPatience,
        AnswersWithin,
        ct);

    /// <summary>Waits before something is tried again, longer each time.</summary>
    public Task PauseAsync(int attempt, CancellationToken ct) => PauseAsync(Backoff(attempt), ct);

    public Task PauseAsync(TimeSpan pause, CancellationToken ct) => Task.Delay(pause, _clock, ct);

    private static StringContent JsonBody(string json) => new(json, Encoding.UTF8, "application/json");

    private static HttpRequestMessage Post(string address, HttpContent? content) =>
        new(HttpMethod.Post, address) { Content = content };

    private async Task<T> SendAsync<T>(
        Func<HttpRequestMessage> make, Func<string, HttpResponseMessage, T> read, TimeSpan patience,
        TimeSpan answersWithin, CancellationToken ct)
    {
        long started = _clock.GetTimestamp();
        for (int attempt = 0; ; attempt++)
        {
            CliFailure trouble;
            TimeSpan? asked = null;
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
            limit.CancelAfter(answersWithin);
            try
            {
                using var request = make();
                using var response = await _http.SendAsync(request, limit.Token);
                string body = await response.Content.ReadAsStringAsync(limit.Token);
                if (response.IsSuccessStatusCode)
                    return read(body, response);
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
                // Without our limit having passed, it is the connection that could not be made in time.
                trouble = limit.IsCancellationRequested ? Silent(answersWithin, slow) : NotReachable(slow);
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

    private CliFailure Silent(TimeSpan answersWithin, Exception cause) => new(
        ExitCode.NotReachable,
        $"The server at {Url} did not answer within {Sentences.Duration(answersWithin.TotalSeconds)}. Its log may say "
        + "why.",
        cause);

    /// <summary>
    /// Where a page says that the next one is. Nobody but this server is asked: it alone is given the key.
    /// </summary>
    private string? NextOf(HttpResponseMessage response)
    {
        const string next = ">; rel=\"next\"";
        if (!response.Headers.TryGetValues("Link", out var links) || links.FirstOrDefault(l =>
            l.StartsWith('<') && l.EndsWith(next, StringComparison.Ordinal)) is not { } link)
        {
            return null;
        }
        return Uri.TryCreate(response.RequestMessage?.RequestUri, link[1..^next.Length], out var address)
            && Url.IsBaseOf(address) ? address.AbsoluteUri : throw Foreign();
    }

    private JsonElement Parse(string body, string? member)
    {
        try
        {
            var answer = JsonElement.Parse(body);
            if (member is null || answer.Member(member) is not null)
                return answer;
        }
        catch (JsonException)
        {
            // An answer of somebody else's, as one that is JSON and not ours.
        }
        throw Foreign();
    }

    private CliFailure Foreign() => new(ExitCode.Failed,
        $"{Url} answered with something that is not CrmLedger's. Is a CrmLedger server at this address?");
}
