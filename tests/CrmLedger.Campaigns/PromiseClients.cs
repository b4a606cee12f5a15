using System.Collections.Concurrent;
using System.Globalization;
using CrmLedger.PostgresTests;

namespace CrmLedger.Campaigns;

/// <summary>An answer, and what the server's clock said around it.</summary>
/// <param name="Asked">The address.</param>
/// <param name="OccurredAt">What the request claimed, or null.</param>
/// <param name="Before">The clock of the server that was asked, before it was.</param>
/// <param name="After">The same after it had answered.</param>
/// <param name="IsSteady">Whether nobody set that clock meanwhile.</param>
/// <param name="Answer">The answer.</param>
internal sealed record Observed(
    string Asked, DateTimeOffset? OccurredAt, DateTimeOffset Before, DateTimeOffset After, bool IsSteady,
    Answer Answer)
{
    public bool IsTaken => Answer.Status < 300;
}

/// <summary>
/// Clients of two servers who make promises that fall due soon and do with them whatever comes to their mind, at times
/// that they claim around the server's now, the promise's date, and the end of the recording grace.
/// </summary>
internal sealed class PromiseClients
{
    private const int Customers = 6;
    private static readonly string[] s_steps =
    [
        "propose-new-date", "propose-new-date", "propose-new-date", "accept-new-date", "accept-new-date",
        "accept-new-date", "accept-new-date", "refuse-new-date", "declare-kept", "declare-kept", "dispute", "confirm",
        "withdraw", "release", "explain-miss",
    ];

    private readonly (LedgerHttp Http, SteppedClock Clock)[] _servers;
    private readonly ConcurrentQueue<(string Path, DateTimeOffset Due)> _recent = new();
    private readonly ConcurrentQueue<Observed> _observed = new();
    private readonly CancellationTokenSource _enough = new();
    private readonly Task _working;
    private int _promises;

    public PromiseClients((LedgerHttp Http, SteppedClock Clock)[] servers, int count, int seed)
    {
        _servers = servers;
        _working = Task.WhenAll(Enumerable.Range(0, count).Select(i => WorkAsync(new(seed + i))));
    }

    /// <summary>Answers until now.</summary>
    public int Count => _observed.Count;

    /// <summary>Waits for so many more answers.</summary>
    public async Task MoreAsync(int answers)
    {
        int goal = Count + answers;
        while (Count < goal && !_working.IsCompleted)
            await Task.Delay(1);
        if (_working.IsCompleted)
            await _working;
    }

    /// <summary>Lets everybody finish.</summary>
    public async Task<IReadOnlyCollection<Observed>> FinishAsync()
    {
        await _enough.CancelAsync();
        await _working;
        _enough.Dispose();
        return _observed;
    }

    /// <summary>The customers and the member that they speak of.</summary>
    public static async Task PrepareAsync(LedgerHttp http)
    {
        var joined = await http.PostAsync("/v1/members", """{"reference":"erik","name":"Erik","team":"support"}""");
        joined.Status.ShouldBe(201, joined.Text);
        for (int i = 0; i < Customers; i++)
        {
            var registered = await http.PostAsync("/v1/customers", $$"""{"reference":"c{{i}}","name":"A"}""");
            registered.Status.ShouldBe(201, registered.Text);
        }
    }

    private async Task WorkAsync(Random random)
    {
        while (!_enough.IsCancellationRequested)
        {
            var (http, clock) = _servers[random.Next(_servers.Length)];
            var now = LedgerJson.ToMicroseconds(clock.GetUtcNow());
            if (random.Next(6) == 0 || !_recent.TryPeek(out _))
                await MakeAsync(http, clock, now, random);
            else
                await StepAsync(http, clock, now, random);
        }
    }

    private async Task MakeAsync(LedgerHttp http, SteppedClock clock, DateTimeOffset now, Random random)
    {
        var due = now.AddSeconds(random.Next(-20, 400));
        string path = $"/v1/customers/ref:c{random.Next(Customers)}/promises";
        string id = "p-" + Interlocked.Increment(ref _promises).ToString(CultureInfo.InvariantCulture);
        var observed = await AskAsync(http, clock, path, Claim(now, due, random), new()
        {
            ["promiseId"] = id,
            ["kind"] = "callback",
            ["memberId"] = "ref:erik",
            ["conditions"] = "called back",
            ["dueAt"] = LedgerJson.Format(due),
        });
        if (!observed.IsTaken)
            return;
        _recent.Enqueue(($"{path}/{id}", due));
        if (_recent.Count > 20)
            _recent.TryDequeue(out _);
    }

    private async Task StepAsync(LedgerHttp http, SteppedClock clock, DateTimeOffset now, Random random)
    {
        var recent = _recent.ToArray();
        var (path, due) = recent[random.Next(recent.Length)];
        string step = s_steps[random.Next(s_steps.Length)];
        var body = new Dictionary<string, string>();
        if (step == "propose-new-date")
            body["newDueAt"] = LedgerJson.Format((random.Next(2) == 0 ? now : due).AddSeconds(random.Next(-20, 400)));
        if (step is "propose-new-date" or "withdraw")
            body["reason"] = "Late part";
        if (step == "explain-miss")
            body["cause"] = "forgotten";
        await AskAsync(http, clock, $"{path}/{step}", Claim(now, due, random), body);
    }

    /// <summary>When a client says that it happened.</summary>
    private static DateTimeOffset? Claim(
        DateTimeOffset now, DateTimeOffset due, Random random) => random.Next(10) switch
    {
        < 3 => null,
        3 or 4 => now.AddSeconds(random.Next(-300, 290)),
        5 => due.AddSeconds(random.Next(-2, 3)),
        6 => now.AddMinutes(5).AddMilliseconds(random.Next(-50, 50)), // as far ahead as may be, or a little further
        7 or 8 => now.AddHours(-24).AddMilliseconds(random.Next(-50, 50)), // as long ago as counts, or a little longer
        _ => now.AddHours(-24).AddSeconds(random.Next(-400, 400)),
    };

    private async Task<Observed> AskAsync(
        LedgerHttp http, SteppedClock clock, string path, DateTimeOffset? occurredAt, Dictionary<string, string> body)
    {
        if (occurredAt is { } claimed)
            body["occurredAt"] = LedgerJson.Format(claimed);
        int steps = clock.Steps;
        var before = LedgerJson.ToMicroseconds(clock.GetUtcNow());
        var answer = await http.PostAsync(path, System.Text.Json.JsonSerializer.Serialize(body));
        var after = LedgerJson.ToMicroseconds(clock.GetUtcNow());
        var observed = new Observed(path, occurredAt, before, after, steps == clock.Steps, answer);
        answer.Status.ShouldBeLessThan(500, answer.Text);
        _observed.Enqueue(observed);
        return observed;
    }
}
