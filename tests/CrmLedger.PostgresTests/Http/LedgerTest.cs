using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using CrmLedger.PostgresTests.Appending;

namespace CrmLedger.PostgresTests.Http;

/// <summary>A test against a running ledger, with a tenant and a key of its own.</summary>
public abstract class LedgerTest(RunningLedger ledger) : IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private static int s_tenants;

    /// <summary>The server's clock and ours: they are the same machine's.</summary>
    protected static DateTimeOffset Now => LedgerJson.ToMicroseconds(TimeProvider.System.GetUtcNow());

    protected RunningLedger Ledger => ledger;

    protected string Tenant { get; } = $"t{Interlocked.Increment(ref s_tenants)}";

    /// <summary>A client with every scope but administration.</summary>
    protected LedgerHttp Http { get; private set; } = null!;

    /// <summary>The highest position that an answer told: what a view must reflect to be asked about it.</summary>
    protected long LastPosition { get; private set; } = -1;

    public virtual async Task InitializeAsync() => Http = await ledger.ClientAsync(Tenant);

    /// <summary>Whatever a test did, the log is whole after it.</summary>
    public virtual async Task DisposeAsync()
    {
        Http.Dispose();
        await WholeLog.CheckAsync(ledger.Connections, Tenant);
    }

    /// <summary>Sends a command that must be accepted.</summary>
    protected async Task<Answer> DoAsync(string path, object body, params (string, string)[] headers)
    {
        var answer = await Http.PostAsync(path, Json(body), headers);
        answer.Status.ShouldBeOneOf([200, 201], $"{path}: {answer.Text}");
        LastPosition = Math.Max(LastPosition, answer.Number("position") ?? answer.Number("lastPosition") ?? -1);
        return answer;
    }

    /// <summary>Sends a command that must be refused, and not with a failure of ours.</summary>
    protected async Task<Answer> RefusedAsync(
        string path, object body, int status, string code, params (string, string)[] headers)
    {
        var answer = await Http.PostAsync(path, body as string ?? Json(body), headers);
        (answer.Status, answer.Problem).ShouldBe((status, code), $"{path}: {answer.Text}");
        return answer;
    }

    /// <summary>Reads what must be there.</summary>
    protected async Task<Answer> ReadAsync(string path)
    {
        var answer = await Http.GetAsync(path);
        answer.Status.ShouldBe(200, $"{path}: {answer.Text}");
        return answer;
    }

    protected Task<Answer> JoinAsync(string reference, string team) =>
        DoAsync("/v1/members", new { reference, name = $"Name of {reference}", team });

    protected Task<Answer> RegisterAsync(string reference) =>
        DoAsync("/v1/customers", new { reference, name = $"Name of {reference}" });

    /// <summary>Appends CloudEvents, one a line.</summary>
    protected async Task<Answer> AppendAsync(params IEnumerable<string> lines)
    {
        var answer = await Http.PostAsync(
            "/v1/events", string.Join('\n', lines), ("Content-Type", "application/jsonl"));
        answer.Status.ShouldBe(200, answer.Text);
        LastPosition = Math.Max(LastPosition, answer.Number("lastPosition") ?? -1);
        return answer;
    }

    /// <summary>Declares an import and answers with its id.</summary>
    protected async Task<string> DeclareImportAsync(string file = "past.jsonl")
    {
        string sha256 = string.Concat(file.Select(c => ((int)c % 16).ToString("x"))).PadRight(64, '0');
        return (await DoAsync("/v1/imports", new { source = "test", fileName = file, sha256 })).Text("importId")!;
    }

    /// <summary>Looks until what is there is what was waited for.</summary>
    protected static async Task<T> EventuallyAsync<T>(Func<Task<T>> look, Func<T, bool> until)
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            var there = await look();
            if (until(there))
                return there;
            Stopwatch.GetElapsedTime(started).ShouldBeLessThan(s_patience, $"still {there}");
            await Task.Delay(20);
        }
    }

    /// <summary>How many events the tenant's log has.</summary>
    protected async Task<long> LogSizeAsync() => (await ReadAsync("/v1/events?limit=1")).Number("size")!.Value;

    /// <summary>The whole log of the tenant.</summary>
    protected async Task<IReadOnlyList<JsonElement>> LogAsync() =>
        [.. (await ReadAsync("/v1/events?limit=5000")).Items("events")];

    protected static string Json(object body) => JsonSerializer.Serialize(body, LedgerJson.Options);

    /// <summary>A CloudEvent as one line.</summary>
    protected static string CloudEvent(
        string id, string type, string subject, object? data = null, DateTimeOffset? time = null,
        string? importId = null, string source = "test")
    {
        var json = new JsonObject
        {
            ["specversion"] = "1.0",
            ["id"] = id,
            ["source"] = source,
            ["type"] = type,
            ["subject"] = subject,
        };
        if (time is { } at)
            json["time"] = LedgerJson.Format(at);
        if (importId is not null)
            json["importid"] = importId;
        json["data"] = JsonSerializer.SerializeToNode(data ?? new { }, LedgerJson.Options);
        return json.ToJsonString(LedgerJson.Options);
    }
}
