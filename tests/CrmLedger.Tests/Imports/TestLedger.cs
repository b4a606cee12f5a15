using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CrmLedger.Cli;

namespace CrmLedger.Tests.Imports;

/// <summary>
/// The server's side of an import, in memory: known events are duplicates, each item stands for itself.
/// </summary>
internal sealed class TestLedger : HttpMessageHandler
{
    private const string NoSuchCustomer =
        """{"type":"urn:crmledger:problem:customer_unknown","detail":"There is no such customer."}""";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _byId = [];
    private int _underWay;

    public List<(string Subject, string Id)> Appended { get; } = [];

    public int MostUnderWay { get; private set; }

    public int Batches { get; private set; }

    public bool Declared { get; private set; }

    public (long Rows, long Events)? Completed { get; private set; }

    /// <summary>Answers that come instead of the real one, in order, for requests to append.</summary>
    public Queue<HttpStatusCode> Troubles { get; } = new();

    /// <summary>How many batches are taken before every further one is refused; null for all.</summary>
    public int? StopsAfter { get; set; }

    public Func<JsonElement, bool> Rejects { get; set; } = _ => false;

    /// <summary>The status that rejected items carry.</summary>
    public int RejectedStatus { get; set; } = 409;

    /// <summary>The name of the problem that rejected items have.</summary>
    public string RejectedCode { get; set; } = "promise_unknown";

    /// <summary>What the status answers, each time it is asked; as if there were no views when there is none.</summary>
    public Queue<(HttpStatusCode Code, string Json)> Statuses { get; } = new();

    /// <summary>Called before a batch is taken.</summary>
    public Action BeforeBatch { get; set; } = () => { };

    /// <summary>What any other address answers.</summary>
    public Dictionary<string, string> Answers { get; } = [];

    public List<string> Asked { get; } = [];

    public string? Key { get; private set; }

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        int underWay = Interlocked.Increment(ref _underWay);
        await Task.Delay(1, cancellationToken);
        lock (_lock)
        {
            MostUnderWay = Math.Max(MostUnderWay, underWay);
            Key = request.Headers.Authorization?.Parameter;
            Asked.Add(request.RequestUri!.PathAndQuery);
            Interlocked.Decrement(ref _underWay);
            return request.RequestUri.AbsolutePath switch
            {
                "/v1/imports" => Declare(),
                "/v1/events" => Append(body),
                "/v1/status" when Statuses.TryDequeue(out var status) => Answer(status.Code, status.Json),
                "/v1/status" when !Answers.ContainsKey("/v1/status") =>
                    Answer(HttpStatusCode.OK, """{"views":[]}"""),
                var path when path.EndsWith("/complete", StringComparison.Ordinal) => Complete(body),
                var path => Answers.TryGetValue(path, out string? answer)
                    ? Answer(HttpStatusCode.OK, answer)
                    : Answer(HttpStatusCode.NotFound, NoSuchCustomer),
            };
        }
    }

    private HttpResponseMessage Declare()
    {
        Declared = true;
        var answer = new JsonObject
        {
            ["importId"] = new Guid("00000000-0000-0000-0000-0000000000aa"),
            ["completed"] = Completed is not null,
        };
        if (Completed is { } done)
        {
            answer["rows"] = done.Rows;
            answer["events"] = done.Events;
            answer["completedAt"] = "2026-07-01T09:30:00.000000Z";
        }
        return Answer(HttpStatusCode.OK, answer.ToJsonString());
    }

    private HttpResponseMessage Complete(string body)
    {
        var json = JsonElement.Parse(body);
        Completed = (json.GetProperty("rows").GetInt64(), json.GetProperty("events").GetInt64());
        return Answer(HttpStatusCode.OK, "{}");
    }

    private HttpResponseMessage Append(string body)
    {
        if (Troubles.TryDequeue(out var trouble))
            return Answer(trouble, """{"type":"urn:crmledger:problem:busy","detail":"The ledger is busy."}""");
        if (Batches >= StopsAfter)
            return Answer(HttpStatusCode.Forbidden, """{"detail":"Stopped."}""");
        BeforeBatch();
        Batches++;
        int appended = 0, duplicates = 0;
        var rejected = new JsonArray();
        string[] lines = body.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBeLessThanOrEqualTo(5000);
        for (int i = 0; i < lines.Length; i++)
        {
            var line = JsonElement.Parse(lines[i]);
            string id = line.GetProperty("source").GetString() + " " + line.GetProperty("id").GetString();
            if (Rejects(line))
                rejected.Add(Rejection(i, id));
            else if (!_byId.TryAdd(id, lines[i]))
                duplicates++;
            else
            {
                Appended.Add((line.GetProperty("subject").GetString()!, line.GetProperty("id").GetString()!));
                appended++;
            }
        }
        return Answer(HttpStatusCode.OK, new JsonObject
        {
            ["appended"] = appended,
            ["duplicates"] = duplicates,
            ["rejected"] = rejected.Count,
            ["lastPosition"] = _byId.Count - 1,
            ["items"] = rejected,
        }.ToJsonString());
    }

    private JsonObject Rejection(int index, string id) => new()
    {
        ["index"] = index,
        ["id"] = id,
        ["status"] = "rejected",
        ["problem"] = new JsonObject
        {
            ["type"] = "urn:crmledger:problem:" + RejectedCode,
            ["status"] = RejectedStatus,
            ["detail"] = "This cannot be.",
            ["errors"] = new JsonArray(
                new JsonObject { ["pointer"] = "/data/promiseId", ["detail"] = "This cannot be." }),
        },
    };

    private static HttpResponseMessage Answer(HttpStatusCode status, string json) =>
        new(status) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
}

/// <summary>A clock that does not wait: every delay is over at once and counts as having passed.</summary>
internal sealed class SkippingClock : TimeProvider
{
    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public TimeSpan Passed => new(Interlocked.Read(ref _ticks));

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime > TimeSpan.Zero)
            Interlocked.Add(ref _ticks, dueTime.Ticks);
        ThreadPool.QueueUserWorkItem(_ => callback(state));
        return new Spent();
    }

    private sealed class Spent : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

/// <summary>Runs the command line as a user would, against a ledger in memory.</summary>
internal sealed class TestShell : IDisposable
{
    private readonly Dictionary<string, string?> _environment = new()
    {
        ["CRMLEDGER_URL"] = "http://ledger.test",
        ["CRMLEDGER_KEY"] = "secret",
        ["CRMLEDGER_HOME"] = "/nowhere",
    };

    public TestLedger Ledger { get; } = new();

    public SkippingClock Clock { get; } = new();

    public StringWriter Out { get; } = new();

    public StringWriter Error { get; } = new();

    public string Folder { get; } = Directory.CreateTempSubdirectory("crmledger-").FullName;

    public bool ErrorIsTerminal { get; set; }

    /// <summary>Stands in for the ledger, for what a network can do.</summary>
    public HttpMessageHandler? Network { get; set; }

    public TestShell With(string variable, string? value)
    {
        _environment[variable] = value;
        return this;
    }

    public Task<int> RunAsync(params string[] args) => CommandLine.RunAsync(args, new Shell(
        Out, Error, false, ErrorIsTerminal, 1000, _environment.GetValueOrDefault, () => new Kept(Network ?? Ledger),
        Clock));

    public string File(string name, params string[] lines)
    {
        string path = Path.Combine(Folder, name);
        System.IO.File.WriteAllLines(path, lines);
        return path;
    }

    public string FileOf(string name, ReadOnlySpan<byte> bytes)
    {
        string path = Path.Combine(Folder, name);
        System.IO.File.WriteAllBytes(path, bytes);
        return path;
    }

    public void Dispose()
    {
        Ledger.Dispose();
        Out.Dispose();
        Error.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Leaves the ledger standing when a command throws its connection away.</summary>
    private sealed class Kept(HttpMessageHandler inner) : HttpMessageHandler
    {
        private readonly HttpMessageInvoker _inner = new(inner, disposeHandler: false);

        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken) =>
            _inner.SendAsync(request, cancellationToken);

        protected override void Dispose(bool disposing)
        {
            _inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
