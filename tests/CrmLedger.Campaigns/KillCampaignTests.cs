using System.Runtime.Versioning;
using CrmLedger.PostgresTests;
using CrmLedger.PostgresTests.Embedded;
using Xunit.Abstractions;

namespace CrmLedger.Campaigns;

/// <summary>kill -9, again and again, under 32 writers: what was acknowledged is there, once, in its place.</summary>
[UnsupportedOSPlatform("windows")]
[Collection(nameof(KillCampaignTests))]
public sealed class KillCampaignTests(ITestOutputHelper output)
{
    private const string Tenant = "campaign";

    [Fact]
    public async Task No_acknowledged_event_is_lost_or_doubled_when_the_server_or_PostgreSQL_is_killed()
    {
        var campaign = new Campaign("KillCampaign", output);
        int serverKills = Campaign.Size(small: 2, full: 300);
        int postgresKills = Campaign.Size(small: 2, full: 100);
        using var home = new TemporaryHome();
        await using var server = new ServerProcess(home.Path, new Dictionary<string, string>());
        string key = await server.CreateKeyAsync(Tenant);
        await server.StartAsync();
        using var writers = new Writers([server.Url], key, 32);
        await writers.MoreAsync(100);

        var kills = Enumerable.Repeat(true, serverKills).Concat(Enumerable.Repeat(false, postgresKills)).ToArray();
        campaign.Random.Shuffle(kills);
        foreach (bool killsServer in kills)
        {
            await Task.Delay(campaign.Random.Next(300));
            if (killsServer)
            {
                await server.KillAsync();
                await server.StartAsync();
            }
            else
            {
                KillPostgres(home, campaign.Random);
            }
            await writers.MoreAsync(50);
        }
        var acknowledged = await writers.FinishAsync();
        await server.StopAsync();

        int events = await ClusterOracle.CheckAsync(home.Path, Tenant, acknowledged);
        campaign.Say("killed",
            $"the server {serverKills} times, PostgreSQL's postmaster or a backend {postgresKills} times");
        campaign.Say("events", $"{events:N0} acknowledged to 32 writers, who sent {writers.Retries:N0} of them again");
        campaign.Say("longest wait for one event", $"{writers.LongestWait.TotalSeconds:0.0} s, restarts included");
        campaign.SayBound("kills", kills.Length);
        await campaign.WriteAsync("""
            Are acknowledged events lost or doubled, are there gaps in positions or versions, does the tree recomputed
            from the rows differ from the head or a tile, or a view from a fresh fold, when processes are killed with
            SIGKILL under load?

            A killed process says nothing about a loss of power: what the operating system had taken, it still has.
            """);
    }

    private static void KillPostgres(TemporaryHome home, Random random)
    {
        try
        {
            int postmaster = home.PostmasterId;
            int[] backends = Processes.ChildrenOf(postmaster);
            TemporaryHome.Kill(random.Next(2) == 0 || backends.Length == 0
                ? postmaster
                : backends[random.Next(backends.Length)]);
        }
        catch (Exception gone) when (gone is IOException or ArgumentException or InvalidOperationException)
        {
            // It was just being restarted: that kill came too late to hit anything.
        }
    }
}
