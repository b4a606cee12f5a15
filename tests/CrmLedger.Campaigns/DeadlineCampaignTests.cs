using System.Net.Http.Headers;
using System.Runtime.Versioning;
using System.Text;
using CrmLedger.EventStore;
using CrmLedger.FollowUps;
using CrmLedger.PostgresTests;
using CrmLedger.PostgresTests.Appending;
using CrmLedger.PostgresTests.Embedded;
using CrmLedger.PostgresTests.Projections;
using CrmLedger.Promises;
using Xunit.Abstractions;

namespace CrmLedger.Campaigns;

/// <summary>Deadlines pass while two servers run, while one is dead, and while both are.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class DeadlineCampaignTests(ITestOutputHelper output)
{
    private const string Tenant = "campaign";
    private const int Customers = 50;
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);
    private readonly Dictionary<string, DateTimeOffset> _due = [];
    private readonly HashSet<string> _settled = [];

    [Fact]
    public async Task Every_deadline_is_judged_once_at_its_own_time_whoever_was_alive_then()
    {
        var campaign = new Campaign("DeadlineCampaign", output);
        int commitments = Campaign.Size(small: 300, full: 5_000);
        var window = TimeSpan.FromSeconds(Campaign.Size(small: 8, full: 60));
        var connections = await PostgresCluster.NewDatabaseAsync();
        using var home = new TemporaryHome();
        await using var one = ServerProcess.On(home, connections);
        await using var other = ServerProcess.On(home, connections);
        string key = await one.CreateKeyAsync(Tenant);
        await one.StartAsync();
        await other.StartAsync();
        using var http = new HttpClient { BaseAddress = one.Url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        await OweAsync(http, campaign.Random, commitments, window);

        // They fall due while both run, while one is dead, while both are, while one is back, and while both are.
        await Task.Delay(window / 5);
        await one.KillAsync();
        await Task.Delay(window / 5);
        await other.KillAsync();
        await Task.Delay(window / 5);
        await other.StartAsync();
        await Task.Delay(window / 5);
        await one.StartAsync();
        var until = TimeProvider.System.GetUtcNow() + window / 5 + s_patience;
        while (await VerdictsAsync(connections) is var found && found.Count < _due.Count - _settled.Count)
            TimeProvider.System.GetUtcNow().ShouldBeLessThan(until, $"{found.Count} of {_due.Count - _settled.Count}");
        await Task.Delay(TimeSpan.FromSeconds(3)); // a second verdict would come now
        await one.StopAsync();
        await other.StopAsync();

        var rows = await WholeLog.CheckAsync(connections, Tenant);
        var verdicts = rows.Where(r => IsVerdict(r.Event.Type)).Select(r => r.Event).ToList();
        verdicts.ConvertAll(KeyOf).ShouldBe(_due.Keys.Except(_settled), ignoreOrder: true);
        foreach (var verdict in verdicts)
        {
            verdict.ReadHeaders().OccurredAt.ShouldBe(_due[KeyOf(verdict)]);
            verdict.RecordedAt.ShouldBeGreaterThan(_due[KeyOf(verdict)]);
        }
        await using var database = new LedgerDatabase(connections);
        await new StoredViews(database, await PostgresCluster.AdminOfAsync(connections), Tenant)
            .ShouldBeFreshFoldsAsync();
        double[] delays = [.. verdicts.Select(v => (v.RecordedAt - _due[KeyOf(v)]).TotalSeconds).Order()];
        campaign.Say("commitments", $"{_due.Count:N0}, due within {window.TotalSeconds:0} s, {_settled.Count:N0} of "
            + "them settled before; two servers, one killed after a fifth of the time, the other after two, started "
            + "again after three and four");
        campaign.Say("verdicts", $"{verdicts.Count:N0}; recorded after their deadline: half within "
            + $"{delays[delays.Length / 2]:0.0} s, all within {delays[^1]:0.0} s");
        campaign.SayBound("deadlines", _due.Count);
        await campaign.WriteAsync("""
            Promises and follow-ups fall due while two servers run, while one of them is dead, and while both are. Is
            every one that nobody settled judged exactly once, with the deadline as its time, and no other one? Does a
            view differ from a fresh fold?
            """);
    }

    private async Task OweAsync(HttpClient http, Random random, int commitments, TimeSpan window)
    {
        await PostAsync(http, "members", """{"reference":"erik","name":"Erik","team":"support"}""", "application/json");
        var now = LedgerJson.ToMicroseconds(TimeProvider.System.GetUtcNow().AddSeconds(3));
        var lines = new StringBuilder();
        for (int i = 0; i < Customers; i++)
            lines.AppendLine(Line($"c{i}", "customer_registered", i, $$"""{"reference":"c{{i}}","name":"A"}"""));
        for (int i = 0; i < commitments; i++)
        {
            var due = now + TimeSpan.FromMicroseconds(random.NextInt64((long)window.TotalMicroseconds));
            bool isPromise = random.Next(3) > 0;
            string id = $"k{i}", at = LedgerJson.Format(due);
            _due.Add(id, due);
            lines.AppendLine(isPromise
                ? Line($"m{i}", "promise_made", i, $$"""
                    {"promiseId":"{{id}}","kind":"call","conditions":"Called.","dueAt":"{{at}}","memberId":"ref:erik"}
                    """)
                : Line($"m{i}", "follow_up_scheduled", i,
                    $$"""{"followUpId":"{{id}}","dueAt":"{{at}}","purpose":"answer","memberId":"ref:erik"}"""));
            if (random.Next(10) > 0)
                continue;
            _settled.Add(id);
            lines.AppendLine(isPromise
                ? Line($"s{i}", "promise_declared_kept", i, $$"""{"promiseId":"{{id}}"}""")
                : Line($"s{i}", "follow_up_completed", i, $$"""{"followUpId":"{{id}}"}"""));
        }
        foreach (string[] batch in lines.ToString().Trim().Split('\n').Chunk(2_000))
            await PostAsync(http, "events?atomic=true", string.Join('\n', batch), "application/jsonl");
    }

    private static string Line(string id, string type, int customer, string data) =>
        $$"""
        {"specversion":"1.0","id":"{{id}}","source":"campaign","type":"{{type}}",
        """ + $$"""
        "subject":"customer/c{{customer % Customers}}","data":{{data.ReplaceLineEndings("")}}}
        """;

    private static async Task PostAsync(HttpClient http, string path, string body, string type)
    {
        using var content = new StringContent(body, Encoding.UTF8, type);
        using var answer = await http.PostAsync($"/v1/{path}", content);
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
    }

    private static async Task<List<string>> VerdictsAsync(LedgerConnections connections)
    {
        await Task.Delay(250);
        var rows = await WholeLog.CheckAsync(connections, Tenant);
        return [.. rows.Where(r => IsVerdict(r.Event.Type)).Select(r => KeyOf(r.Event))];
    }

    private static bool IsVerdict(string type) => type is "promise_lapsed" or "follow_up_missed";

    private static string KeyOf(EventStore.Reading.StoredEvent stored) => stored.ToEnvelope().Data switch
    {
        IPromiseEvent e => e.PromiseId,
        IFollowUpEvent e => e.FollowUpId,
        var other => throw new InvalidOperationException($"{other} is no verdict."),
    };
}
