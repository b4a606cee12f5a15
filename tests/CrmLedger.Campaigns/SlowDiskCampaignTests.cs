using System.Diagnostics;
using System.Runtime.Versioning;
using CrmLedger.PostgresTests;
using CrmLedger.PostgresTests.Embedded;
using Xunit.Abstractions;

namespace CrmLedger.Campaigns;

/// <summary>The disk becomes so slow under 32 writers that nothing is acknowledged in time, again and again.</summary>
[UnsupportedOSPlatform("windows")]
[Collection(nameof(KillCampaignTests))]
public sealed class SlowDiskCampaignTests(ITestOutputHelper output)
{
    private const string Tenant = "campaign";
    private static readonly double[] s_delays = [0.1, 1, 6, 20];
    private static readonly TimeSpan s_slow = TimeSpan.FromSeconds(8);

    [SlowDiskFact]
    public async Task A_slow_disk_makes_writes_wait_or_be_refused_holds_up_no_reads_and_loses_nothing()
    {
        var campaign = new Campaign("SlowDiskCampaign", output);
        int rounds = Campaign.Size(small: 2, full: 20);
        using var home = new TemporaryHome();
        await using var server = new ServerProcess(home.Path, new Dictionary<string, string>());
        string key = await server.CreateKeyAsync(Tenant);
        string readersKey = await server.CreateKeyAsync(Tenant, "read");
        await server.StartAsync();
        using var http = new LedgerHttp(server.Url, key, "campaign");
        using var reader = new LedgerHttp(server.Url, readersKey, "campaign");
        using var writers = new Writers([server.Url], key, 32);
        await writers.MoreAsync(200);
        var answers = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var sent = new List<string>();
        var longestRead = TimeSpan.Zero;
        int kills = 0;
        for (int round = 0; round < rounds; round++)
        {
            // Small runs see one that answers late and one that is given up.
            double delay = s_delays[(round + 1) % s_delays.Length];
            await using (await SlowDisk.StartAsync(home.PostmasterId, TimeSpan.FromSeconds(delay)))
            {
                var slow = Stopwatch.StartNew();
                for (int attempt = 0; slow.Elapsed < s_slow; attempt++)
                {
                    sent.Add($"slow-{round}-{attempt}");
                    string told = (await WriteAsync(http, sent[^1])).Problem ?? "acknowledged";
                    answers[told] = answers.GetValueOrDefault(told) + 1;
                    var read = await ReadsGoOnAsync(http, reader, server);
                    longestRead = read > longestRead ? read : longestRead;
                }
                if (campaign.Random.Next(3) == 0)
                {
                    await server.KillAsync();
                    kills++;
                }
            }
            if (!server.IsRunning)
                await server.StartAsync();
            await writers.MoreAsync(200);
        }
        var acknowledged = (await writers.FinishAsync()).ToList();
        // Nobody knows what became of one that was given up; sent again, it is acknowledged, once.
        foreach (string id in sent)
            acknowledged.Add(Acknowledged.In((await WriteAsync(http, id)).Json));
        await server.StopAsync();
        int events = await ClusterOracle.CheckAsync(home.Path, Tenant, acknowledged);

        campaign.Say("slowed down", $"{rounds} times for {s_slow.TotalSeconds:0} s, each flush held up for "
            + $"{string.Join(", ", s_delays)} s in turn; the server was killed {kills} times meanwhile");
        campaign.Say("writes meanwhile", string.Join(", ", answers.Select(a => $"{a.Key} {a.Value:N0}")));
        campaign.Say("longest read meanwhile", $"{longestRead.TotalSeconds:0.0} s");
        campaign.Say("events", $"{events:N0} acknowledged to 32 writers, who sent {writers.Retries:N0} of them again");
        campaign.Say("longest wait for one event", $"{writers.LongestWait.TotalSeconds:0.0} s");
        campaign.SayBound("slow disks", rounds);
        await campaign.WriteAsync("""
            Every flush (fdatasync, fsync) of every process of the embedded PostgreSQL is held up, while 32 writers
            append. Is a write acknowledged late or refused with a 503 that says why, do reads go on, does everything
            go on by itself once the disk is quick again, and is nothing lost or doubled?
            """);
    }

    private static async Task<Answer> WriteAsync(LedgerHttp http, string id)
    {
        var answer = await http.PostAsync("/v1/customers", """{"name":"Nobody"}""", ("Idempotency-Key", id));
        answer.Status.ShouldBeOneOf([200, 201, 503], answer.Text);
        if (answer.Status == 503)
            answer.Problem.ShouldBeOneOf(["unavailable", "busy"], answer.Text);
        return answer;
    }

    private static async Task<TimeSpan> ReadsGoOnAsync(LedgerHttp http, LedgerHttp reader, ServerProcess server)
    {
        var longest = TimeSpan.Zero;
        foreach (var (client, path) in new[] { (reader, "/v1/customers/ref:shared/history"), (http, "/v1/kept-rate") })
        {
            var waited = Stopwatch.StartNew();
            var answer = await client.GetAsync(path);
            answer.Status.ShouldBe(200, $"{path}: {answer.Text}\n{server.LastLines}");
            longest = waited.Elapsed > longest ? waited.Elapsed : longest;
        }
        return longest;
    }
}
