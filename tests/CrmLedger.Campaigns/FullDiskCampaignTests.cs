using System.Diagnostics;
using System.Runtime.Versioning;
using CrmLedger.PostgresTests;
using CrmLedger.PostgresTests.Embedded;
using Xunit.Abstractions;

namespace CrmLedger.Campaigns;

/// <summary>The disk fills up under 32 writers, to the last byte, again and again.</summary>
[UnsupportedOSPlatform("windows")]
[Collection(nameof(KillCampaignTests))]
public sealed class FullDiskCampaignTests(ITestOutputHelper output)
{
    private const string Tenant = "campaign";
    private const int Mebibytes = 1_500;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [SmallDiskFact]
    public async Task A_full_disk_refuses_writes_clearly_goes_on_reading_and_needs_nothing_but_room()
    {
        var campaign = new Campaign("FullDiskCampaign", output);
        int rounds = Campaign.Size(small: 2, full: 20);
        using var home = new TemporaryHome();
        await using var disk = await SmallDisk.MountAsync(home.Path, Mebibytes);
        await using var server = new ServerProcess(home.Path, new Dictionary<string, string>(), disk.Within);
        string key = await server.CreateKeyAsync(Tenant);
        string readersKey = await server.CreateKeyAsync(Tenant, "read");
        await server.StartAsync();
        using var http = new LedgerHttp(server.Url, key, "campaign");
        using var reader = new LedgerHttp(server.Url, readersKey, "campaign");
        using var writers = new Writers([server.Url], key, 32);
        await writers.MoreAsync(200);
        var refusals = new List<double>();
        int restarts = 0;
        for (int round = 0; round < rounds; round++)
        {
            await Task.Delay(campaign.Random.Next(300));
            // PostgreSQL itself would still write into the little that is left every other time.
            if (round % 2 == 0)
                await disk.FillAsync();
            else
                await disk.FillAsync(leavingMebibytes: 64);
            await Task.Delay(200); // the ledger looks at the disk ten times a second, and may write until it has
            refusals.Add((await RefusalAsync(http, round)).TotalSeconds);
            await ReadsGoOnAsync(http, reader, server);
            bool kill = campaign.Random.Next(2) == 0;
            if (kill)
            {
                await server.KillAsync();
                restarts++;
            }
            await disk.MakeRoomAsync();
            if (kill)
                await server.StartAsync();
            await writers.MoreAsync(200);
        }
        var acknowledged = await writers.FinishAsync();
        await server.StopAsync();
        using var copy = new TemporaryHome();
        await disk.CopyAsync(copy.Path);
        int events = await ClusterOracle.CheckAsync(copy.Path, Tenant, acknowledged);

        campaign.Say("filled", $"{rounds} times, every other time to the last byte and else up to 64 MiB; the server "
            + $"was killed {restarts} times meanwhile");
        campaign.Say("events", $"{events:N0} acknowledged to 32 writers, who sent {writers.Retries:N0} of them again");
        campaign.Say("clear refusal after", $"{refusals.Max():0.0} s at the most");
        campaign.SayBound("full disks", rounds);
        await campaign.WriteAsync("""
            The file system of the embedded PostgreSQL is filled until not a byte goes in, or hardly any, while 32
            writers append. Is every write refused with a 503 that says why, do reads go on, does everything go on by
            itself once there is room (or, half of the time, when the server is killed and started again), and is
            nothing lost or doubled?

            The file system is in memory: what a slow or dying disk does is not asked here.
            """);
    }

    /// <summary>Asks until the refusal says why: what was under way before may end otherwise.</summary>
    /// <returns>How long it took until the refusal said why.</returns>
    private static async Task<TimeSpan> RefusalAsync(LedgerHttp http, int round)
    {
        var waited = Stopwatch.StartNew();
        for (int attempt = 0; ; attempt++)
        {
            var answer = await http.PostAsync(
                "/v1/customers", """{"name":"Nobody"}""", ("Idempotency-Key", $"full-{round}-{attempt}"));
            answer.Status.ShouldBe(503, answer.Text);
            if (answer.Problem == "storage_full")
                return waited.Elapsed;
            waited.Elapsed.ShouldBeLessThan(s_patience, answer.Text);
            await Task.Delay(100);
        }
    }

    private static async Task ReadsGoOnAsync(LedgerHttp http, LedgerHttp reader, ServerProcess server)
    {
        foreach (var (client, path) in new[] { (reader, "/v1/customers/ref:shared/history"), (http, "/v1/kept-rate") })
        {
            var answer = await client.GetAsync(path);
            answer.Status.ShouldBe(200, $"{path}: {answer.Text}\n{server.LastLines}");
        }
        // A leader or an auditor is given no personal text unless it can be recorded that they were.
        var audited = await http.GetAsync("/v1/customers/ref:shared/history");
        (audited.Status == 200 || audited.Problem == "storage_full").ShouldBeTrue(audited.Text);
    }
}
