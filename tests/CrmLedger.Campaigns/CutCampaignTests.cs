using System.Runtime.Versioning;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Views;
using CrmLedger.PostgresTests;
using CrmLedger.PostgresTests.Appending;
using CrmLedger.PostgresTests.Embedded;
using CrmLedger.PostgresTests.Projections;
using Npgsql;
using Xunit.Abstractions;

namespace CrmLedger.Campaigns;

/// <summary>
/// Connections are cut, held up and left for dead, between clients and server and between server and PostgreSQL.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class CutCampaignTests(ITestOutputHelper output)
{
    private const string Tenant = "campaign";
    private const int AtOnce = 8;
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Nothing_is_lost_or_doubled_and_nobody_is_stuck_when_connections_break()
    {
        var campaign = new Campaign("CutCampaign", output);
        var deadFor = TimeSpan.FromSeconds(Campaign.Size(small: 3, full: 25));
        var connections = await PostgresCluster.NewDatabaseAsync();
        string admin = await PostgresCluster.AdminOfAsync(connections);
        using var home = new TemporaryHome();
        await using var toPostgres = new FaultyLink(
            new NpgsqlConnectionStringBuilder(connections.Server).Port, deadFor);
        await using var server = ServerProcess.On(home, toPostgres.Through(connections));
        string key = await server.CreateKeyAsync(Tenant);
        await server.StartAsync();
        await using var toServer = new FaultyLink(server.Url.Port, deadFor);
        using var writers = new Writers([new($"http://127.0.0.1:{toServer.Port}")], key, 32);
        await writers.MoreAsync(100);

        FaultyLink[] links = [toPostgres, toServer];
        int faults = await StrikeAsync(campaign, writers, toPostgres, toServer);
        var acknowledged = await writers.FinishAsync();
        await Eventually.TrueAsync(async () => await LagAsync(admin) == 0, "the views reflect the whole log again");
        var recovered = links.Min(l => l.SinceLastStrike);
        await server.StopAsync();

        writers.LongestWait.ShouldBeLessThan(s_longest, server.LastLines);
        recovered.ShouldBeLessThan(s_longest, server.LastLines);
        var rows = await WholeLog.CheckAsync(connections, Tenant);
        rows.Select(r => new Acknowledged(r.Event.Id, r.Event.Stream, r.Event.Version, r.Event.Position))
            .ShouldBe(acknowledged.OrderBy(a => a.Position));
        await using var database = new LedgerDatabase(connections);
        await new StoredViews(database, admin, Tenant).ShouldBeFreshFoldsAsync();
        foreach (var kind in Enum.GetValues<FaultKind>())
        {
            campaign.Say(Name(kind),
                $"{toPostgres.Struck(kind)} between server and PostgreSQL, {toServer.Struck(kind)} before the server");
        }
        campaign.Say(
            "events", $"{rows.Count:N0} acknowledged to 32 writers, who sent {writers.Retries:N0} of them again");
        campaign.Say("longest wait for one event", $"{writers.LongestWait.TotalSeconds:0.0} s; a client gives up an "
            + "attempt after 10 s");
        campaign.Say("views whole again", $"{recovered.TotalSeconds:0.0} s after the last fault");
        campaign.SayBound("faults", faults);
        await campaign.WriteAsync("""
            Connections between 32 clients and the server, and between the server and PostgreSQL, are reset, closed,
            held up, or go dead while they seem open, at random bytes; some exactly between PostgreSQL's commit and its
            answer. Is anything lost or doubled, does the tree, a tile or a view differ from what the rows give, does
            anybody wait for more than 30 seconds?

            A fault counts only when it struck a connection through which bytes passed.
            """);
    }

    /// <returns>How many struck.</returns>
    private static async Task<int> StrikeAsync(
        Campaign campaign, Writers writers, FaultyLink toPostgres, FaultyLink toServer)
    {
        FaultKind[] kinds =
        [
            .. Enumerable.Repeat(FaultKind.ResetAfterCommit, Campaign.Size(small: 5, full: 490)),
            .. Enumerable.Repeat(FaultKind.SwallowAfterCommit, Campaign.Size(small: 0, full: 10)),
            .. Enumerable.Repeat(FaultKind.Reset, Campaign.Size(small: 6, full: 530)),
            .. Enumerable.Repeat(FaultKind.Close, Campaign.Size(small: 6, full: 530)),
            .. Enumerable.Repeat(FaultKind.Delay, Campaign.Size(small: 4, full: 390)),
            .. Enumerable.Repeat(FaultKind.Swallow, Campaign.Size(small: 2, full: 50)),
        ];
        campaign.Random.Shuffle(kinds);
        foreach (var kind in kinds)
        {
            var fault = Fault.Of(kind, campaign.Random);
            (fault.AfterCommit || campaign.Random.Next(2) == 0 ? toPostgres : toServer).Strike(fault);
            await Task.Delay(campaign.Random.Next(50));
            do
                await writers.MoreAsync(10); // faults strike what runs, and not what another one has just struck down
            while (toPostgres.Pending + toServer.Pending > AtOnce);
        }
        while (toPostgres.Pending + toServer.Pending > 0)
            await writers.MoreAsync(1);
        return kinds.Length;
    }

    /// <summary>How far the view that is furthest behind is behind.</summary>
    private static async Task<long> LagAsync(string admin)
    {
        await using var direct = NpgsqlDataSource.Create(admin);
        await using var lag = direct.CreateCommand("""
            select h.size - 1 - min(v.position) from ledger.heads h join ledger.views v using (tenant_id)
            where h.tenant_id = $1 and v.view = any($2) group by h.size having count(*) = cardinality($2)
            """);
        lag.Parameters.Add(new() { Value = Tenant });
        lag.Parameters.Add(new() { Value = LedgerViews.All.Select(v => v.Name).ToArray() });
        return await lag.ExecuteScalarAsync() as long? ?? long.MaxValue;
    }

    private static string Name(FaultKind kind) => kind switch
    {
        FaultKind.Reset => "reset (RST)",
        FaultKind.Close => "closed (FIN)",
        FaultKind.Delay => "held up for up to 0.6 s",
        FaultKind.Swallow => "dead while it seems open",
        FaultKind.ResetAfterCommit => "reset between commit and answer",
        _ => "dead between commit and answer",
    };
}
