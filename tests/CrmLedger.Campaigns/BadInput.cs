using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Json.Nodes;
using CrmLedger.EventStore.Reading;
using CrmLedger.PostgresTests;
using CrmLedger.PostgresTests.Http;
using CrmLedger.PostgresTests.OpenApi;
using CrmLedger.Server.Commands;

namespace CrmLedger.Campaigns;

/// <summary>Sends batches of bad requests to a server and looks after each whether all is as it should be.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class BadInput : IDisposable
{
    private const int AtOnce = 8;
    private const int FailuresShown = 5;

    private readonly ServerProcess _server;
    private readonly string _key;
    private readonly string _tenant;
    private readonly EventReader _log;
    private readonly AnswerOracle _oracle = new();
    private readonly HashSet<string> _seen = [];
    private readonly List<string> _notNamed = [];
    private readonly HttpClient _http;
    private int _good;
    private long _size;

    public BadInput(ServerProcess server, string key, string tenant, EventReader log)
    {
        (_server, _key, _tenant, _log) = (server, key, tenant, log);
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8,
        };
        _http = new(handler) { Timeout = TimeSpan.FromSeconds(30) };
    }

    /// <summary>How often there was which answer.</summary>
    public string Answers => string.Join(", ", _oracle.Counts.OrderByDescending(c => c.Value)
        .Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Key} {c.Value:N0}")));

    /// <summary>Lets customers live through every command, so that there is something of each kind.</summary>
    public async Task<Ground> PrepareAsync(int customers)
    {
        string[] references = [.. Enumerable.Range(0, customers).Select(i => $"c{i}")];
        var events = new List<Guid>();
        foreach (var row in CommandTable.Walk)
            await TakeAsync(row.Path, row.Body, events);
        foreach (string reference in references)
        {
            await TakeAsync("customers", $$"""{"reference":"{{reference}}","name":"A"}""", events);
            const string anna = "customers/ref:anna/";
            foreach (var row in CommandTable.Walk.Where(r => r.Path.StartsWith(anna, StringComparison.Ordinal)))
                await TakeAsync($"customers/ref:{reference}/{row.Path[anna.Length..]}", row.Body, events);
        }
        await CheckLogAsync([]);
        return new(references, events, _key);
    }

    /// <summary>The operations that the server describes.</summary>
    public async Task<IReadOnlyList<Operation>> OperationsAsync()
    {
        var document = JsonNode.Parse(await _http.GetStringAsync(new Uri(_server.Url, "/openapi/v1.json")))!.AsObject();
        return [.. from path in document["paths"]!.AsObject()
            from method in path.Value!.AsObject()
            where method.Key is "get" or "post"
            select new Operation(path.Key, method.Key, method.Value!.AsObject(), document)];
    }

    /// <summary>Sends a batch and judges it, one by one and as a whole.</summary>
    public Task SendAsync(IReadOnlyList<BadRequest> batch) => SendAsync(batch, async request =>
    {
        using var message = request.ToMessage(_server.Url);
        try
        {
            using var response = await _http.SendAsync(message);
            var answer = await Answer.OfAsync(response);
            _oracle.Judge(answer, request.Foreseen, request.Target);
        }
        catch (HttpRequestException) when (request.MayBeCut)
        {
            _oracle.Note("cut off while sending");
        }
    });

    /// <summary>The same of raw ones.</summary>
    public Task SendAsync(IReadOnlyList<RawRequest> batch) => SendAsync(batch, async request =>
    {
        var answers = await RawConnection.SendAsync(_server.Url, request);
        if (answers.Count == 0)
            _oracle.Note("closed without an answer");
        foreach (var answer in answers)
        {
            if (RawConnection.IsBare(answer))
                _oracle.Note($"{answer.Status} of the web server itself");
            else if (RawConnection.IsOfPages(answer))
                _oracle.Note($"{answer.Status} of the pages, which are not built here");
            else
                _oracle.Judge(answer, null, "?%ff", isHead: request.Wrong.Contains("HEAD"));
        }
    });

    /// <summary>Nothing that was taken broke a view, which would set its stream aside.</summary>
    public async Task ShouldHaveFoldedAllAsync()
    {
        for (int attempt = 0; ; attempt++)
        {
            var status = await GetAsync("/v1/status");
            var views = status.Items("views");
            views.SelectMany(v => v.Items("quarantined")).ShouldBeEmpty(status.Text);
            if (views.All(v => v.Number("lag") == 0))
                return;
            attempt.ShouldBeLessThan(200, status.Text);
            await Task.Delay(100);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task SendAsync<T>(IReadOnlyList<T> batch, Func<T, Task> send)
        where T : class
    {
        var failures = new ConcurrentQueue<string>();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce };
        await Parallel.ForEachAsync(batch, parallel, async (request, _) =>
        {
            try
            {
                await send(request);
            }
#pragma warning disable CA1031 // whatever goes wrong is told with the request that it came of
            catch (Exception wrong)
#pragma warning restore CA1031
            {
                failures.Enqueue($"{request}\n→ {wrong.GetType().Name}: {wrong.Message}");
            }
        });
        if (!failures.IsEmpty)
        {
            Assert.Fail(string.Create(CultureInfo.InvariantCulture, $"{failures.Count} of {batch.Count} went wrong\n\n")
                + string.Join("\n\n----\n", failures.Take(FailuresShown))
                + $"\n\nThe server said last:\n{_server.LastLines}");
        }
        await CheckLogAsync(batch);
        await TakeAsync("members", $$"""{"reference":"good-{{_good}}","name":"A","team":"good"}""", []);
    }

    /// <summary>What came into the log is what answers said and the clock found, and nothing else.</summary>
    private async Task CheckLogAsync(IReadOnlyList<object> batch)
    {
        var recorded = await _log.ReadLogAsync(_tenant, _size - 1, int.MaxValue, CancellationToken.None);
        foreach (var e in recorded.Where(e => e.ReadHeaders().Actor != "system"))
        {
            string told = e.Type == "import_declared" ? e.Stream : e.Id.ToString();
            if (_oracle.WasTold(told))
                _seen.Add(told);
            else
                _notNamed.Add($"{e.Type} in {e.Stream}, of {RequestOf(e, batch)}");
        }
        _notNamed.Count.ShouldBe(_oracle.OnlyCounted,
            $"events that nobody was told of:\n{string.Join("\n----\n", _notNamed.TakeLast(FailuresShown))}");
        _size += recorded.Count;
        _oracle.Recorded.Except(_seen).ShouldBeEmpty("told as recorded, and not in the log");
    }

    private static string RequestOf(StoredEvent e, IReadOnlyList<object> batch) =>
        batch.OfType<BadRequest>().FirstOrDefault(r => $"request-{r.Number}" == e.CorrelationId)?.ToString()
            ?? $"a request that named itself {e.CorrelationId ?? "nothing"}";

    private async Task TakeAsync(string path, string body, List<Guid> events)
    {
        string id = $"good-{_good++}";
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_server.Url, $"/v1/{path}"))
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _key);
        request.Headers.Add("ce-source", "good");
        request.Headers.Add("ce-id", id);
        using var response = await _http.SendAsync(request);
        var answer = await Answer.OfAsync(response);
        answer.Status.ShouldBeOneOf([200, 201], $"a good request: {answer.Text}");
        _oracle.Judge(answer, null, "");
        events.Add(ClientEventId.Of("good", id));
    }

    private async Task<Answer> GetAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_server.Url, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _key);
        using var response = await _http.SendAsync(request);
        return await Answer.OfAsync(response);
    }
}
