using System.Runtime.Versioning;
using CrmLedger.EventStore;
using CrmLedger.PostgresTests;
using CrmLedger.PostgresTests.Appending;
using CrmLedger.PostgresTests.Embedded;
using CrmLedger.PostgresTests.Projections;
using Xunit.Abstractions;

namespace CrmLedger.Campaigns;

/// <summary>Two servers on one database write to one tenant while they are killed and frozen.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class RaceCampaignTests(ITestOutputHelper output)
{
    private const string Tenant = "campaign";

    [Fact]
    public async Task Two_servers_on_one_tenant_lose_and_double_nothing_and_nobody_starves()
    {
        var campaign = new Campaign("RaceCampaign", output);
        int kills = Campaign.Size(small: 2, full: 60);
        int freezes = Campaign.Size(small: 2, full: 20);
        var connections = await PostgresCluster.NewDatabaseAsync();
        using var home = new TemporaryHome();
        await using var one = ServerProcess.On(home, connections);
        await using var other = ServerProcess.On(home, connections);
        string key = await one.CreateKeyAsync(Tenant);
        await one.StartAsync();
        await other.StartAsync();
        using var writers = new Writers([one.Url, other.Url], key, 32);
        await writers.MoreAsync(2_000);
        output.WriteLine($"{writers.CountOf(one.Url)} and {writers.CountOf(other.Url)}");
        foreach (var server in new[] { one, other })
            writers.CountOf(server.Url).ShouldBeGreaterThan(writers.Count / 4, "a server starves beside the other");

        bool[] strikes = [.. Enumerable.Repeat(true, kills), .. Enumerable.Repeat(false, freezes)];
        campaign.Random.Shuffle(strikes);
        int frozenBefore = 0;
        foreach (bool kill in strikes)
        {
            await Task.Delay(campaign.Random.Next(200));
            var struck = campaign.Random.Next(2) == 0 ? one : other;
            if (kill)
                await KillAsync(struck, writers);
            else
                await FreezeAsync(struck, Seconds(frozenBefore++), writers);
            await writers.MoreAsync(100);
        }
        var acknowledged = await writers.FinishAsync();
        await one.StopAsync();
        await other.StopAsync();

        writers.LongestWait.ShouldBeLessThan(TimeSpan.FromSeconds(60));
        var rows = await WholeLog.CheckAsync(connections, Tenant);
        rows.Select(r => new Acknowledged(r.Event.Id, r.Event.Stream, r.Event.Version, r.Event.Position))
            .ShouldBe(acknowledged.OrderBy(a => a.Position));
        await using var database = new LedgerDatabase(connections);
        await new StoredViews(database, await PostgresCluster.AdminOfAsync(connections), Tenant)
            .ShouldBeFreshFoldsAsync();
        campaign.Say("struck", $"{kills} kills and {freezes} freezes, of 60 s the first and of 5 s the others, of one "
            + "of two servers at a time");
        campaign.Say("events", $"{rows.Count:N0} acknowledged to 32 writers, {writers.CountOf(one.Url):N0} by one "
            + $"server and {writers.CountOf(other.Url):N0} by the other; {writers.Retries:N0} times something was sent "
            + "again");
        campaign.Say("longest wait for one event", $"{writers.LongestWait.TotalSeconds:0.0} s; a client gives up a "
            + "server after 10 s");
        campaign.SayBound("strikes", strikes.Length);
        await campaign.WriteAsync("""
            Two server processes write to one tenant of one database, 16 writers each, while one of them is killed with
            SIGKILL or frozen with SIGSTOP and let go. Is anything lost or doubled, is there a gap, does the tree, a
            tile or a view differ from what the rows give, does anybody starve?

            A killed process says nothing about a loss of power: what the operating system had taken, it still has.
            """);
    }

    private static int Seconds(int frozenBefore) => Campaign.IsFull ? frozenBefore == 0 ? 60 : 5 : 3;

    private static async Task KillAsync(ServerProcess struck, Writers writers)
    {
        await struck.KillAsync();
        await writers.MoreAsync(50); // the other one goes on
        await struck.StartAsync();
    }

    private static async Task FreezeAsync(ServerProcess struck, int seconds, Writers writers)
    {
        await struck.SignalAsync("STOP");
        var thaw = Task.Delay(TimeSpan.FromSeconds(seconds));
        await writers.MoreAsync(20); // also when it froze while it held the head
        await thaw;
        await struck.SignalAsync("CONT");
    }
}
