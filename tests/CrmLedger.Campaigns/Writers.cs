using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace CrmLedger.Campaigns;

/// <summary>What a writer was told of its event.</summary>
internal sealed record Acknowledged(Guid Id, string Stream, long Version, long Position)
{
    /// <summary>The first event of an answer.</summary>
    public static Acknowledged In(JsonElement answer)
    {
        var told = answer.GetProperty("events")[0];
        return new(told.GetProperty("id").GetGuid(), told.GetProperty("stream").GetString()!,
            told.GetProperty("version").GetInt64(), told.GetProperty("position").GetInt64());
    }
}

/// <summary>
/// Clients that make and keep promises, half of them to one shared customer, each waiting for its answer. Whatever goes
/// wrong, they send the same event again, to the next server, until it is acknowledged.
/// </summary>
internal sealed class Writers : IDisposable
{
    private readonly IReadOnlyList<Uri> _servers;
    private readonly HttpClient _http;
    private readonly ConcurrentDictionary<Guid, Acknowledged> _acknowledged = new();
    private readonly ConcurrentDictionary<int, TimeSpan> _longestWaits = new();
    private readonly ConcurrentDictionary<Uri, int> _countOfServer = new();
    private readonly CancellationTokenSource _enough = new();
    private readonly string _run = Guid.CreateVersion7().ToString("N");
    private readonly Task _writing;
    private long _retries;

    public Writers(IReadOnlyList<Uri> servers, string key, int count)
    {
        _servers = servers;
        var handler = new SocketsHttpHandler
        {
            MaxConnectionsPerServer = count,
            ConnectTimeout = TimeSpan.FromSeconds(2),
        };
        _http = new(handler)
        {
            Timeout = TimeSpan.FromSeconds(10),
        };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        _writing = WriteAsync(count);
    }

    /// <summary>Events acknowledged until now.</summary>
    public int Count => _acknowledged.Count;

    /// <summary>Those of them that this server acknowledged.</summary>
    public int CountOf(Uri server) => _countOfServer.GetValueOrDefault(server);

    /// <summary>How often something was sent again.</summary>
    public long Retries => Interlocked.Read(ref _retries);

    /// <summary>The longest that anyone waited for one event, from the first sending to the answer.</summary>
    public TimeSpan LongestWait => _longestWaits.Values.Max();

    /// <summary>Waits until so many more are acknowledged.</summary>
    public async Task MoreAsync(int events)
    {
        int goal = Count + events;
        while (Count < goal && !_writing.IsCompleted)
            await Task.Delay(10);
        if (_writing.IsCompleted)
            await _writing;
    }

    /// <summary>Lets each writer finish what it has begun.</summary>
    /// <returns>Everything that was acknowledged.</returns>
    public async Task<IReadOnlyCollection<Acknowledged>> FinishAsync()
    {
        await _enough.CancelAsync();
        await _writing;
        return [.. _acknowledged.Values];
    }

    public void Dispose()
    {
        _enough.Dispose();
        _http.Dispose();
    }

    private async Task WriteAsync(int count)
    {
        await SendAsync(0, "members", "member", """{"reference":"erik","name":"Erik Berg","team":"support"}""");
        await Task.WhenAll(Enumerable.Range(0, count).Select(WriteAsOneAsync));
    }

    private async Task WriteAsOneAsync(int writer)
    {
        string customer = writer % 2 == 0 ? "shared" : $"c{writer}";
        if (writer != 0 && customer == "shared")
            await Task.Delay(200);
        if (writer == 0 || customer != "shared")
            await SendAsync(writer, "customers", $"customer-{writer}", $$"""{"reference":"{{customer}}","name":"A"}""");
        for (int turn = 0; !_enough.IsCancellationRequested; turn++)
        {
            string promise = $"p-{writer}-{turn}";
            await SendAsync(writer, $"customers/ref:{customer}/promises", $"{promise}-made", $$"""
                {"promiseId":"{{promise}}","kind":"callback","memberId":"ref:erik","conditions":"called back",
                 "dueAt":"2040-01-31T16:00:00Z"}
                """);
            await SendAsync(
                writer, $"customers/ref:{customer}/promises/{promise}/declare-kept", $"{promise}-kept", "{}");
        }
    }

    private async Task SendAsync(int writer, string path, string id, string body)
    {
        var waited = Stopwatch.StartNew();
        for (int attempt = 0; ; attempt++)
        {
            // By pairs, so that each server has as many writers to the shared customer as the other.
            if (await TrySendAsync(_servers[(writer / 2 + attempt) % _servers.Count], path, id, body))
                break;
            Interlocked.Increment(ref _retries);
            waited.Elapsed.ShouldBeLessThan(TimeSpan.FromMinutes(3), $"{id} is never acknowledged");
            await Task.Delay(50);
        }
        _longestWaits.AddOrUpdate(
            writer, waited.Elapsed, (_, before) => before > waited.Elapsed ? before : waited.Elapsed);
    }

    private async Task<bool> TrySendAsync(Uri server, string path, string id, string body)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server, "/v1/" + path))
            {
                Content = new StringContent(body, Encoding.UTF8, "application/json"),
            };
            request.Headers.Add("ce-source", _run);
            request.Headers.Add("ce-id", id);
            using var response = await _http.SendAsync(request);
            string text = await response.Content.ReadAsStringAsync();
            int status = (int)response.StatusCode;
            // 408: what was sent came too slowly, or not at all.
            if (status is 408 or 503 or 504 || (status == 409 && text.Contains(":contended", StringComparison.Ordinal)))
                return false;
            status.ShouldBeOneOf([200, 201], string.Create(CultureInfo.InvariantCulture, $"{id} at {server}: {text}"));
            var acknowledged = Acknowledged.In(JsonDocument.Parse(text).RootElement);
            _acknowledged.TryAdd(acknowledged.Id, acknowledged).ShouldBeTrue($"{id} was acknowledged before");
            _countOfServer.AddOrUpdate(server, 1, (_, before) => before + 1);
            return true;
        }
        catch (Exception broken) when (broken is HttpRequestException or TaskCanceledException or IOException)
        {
            return false; // nobody knows what became of it: the same again
        }
    }
}
