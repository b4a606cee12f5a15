using System.Runtime.Versioning;
using System.Security.Cryptography;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Tenants;
using CrmLedger.PostgresTests;
using CrmLedger.PostgresTests.Appending;
using CrmLedger.PostgresTests.Embedded;
using CrmLedger.PostgresTests.Projections;
using Xunit.Abstractions;

namespace CrmLedger.Campaigns;

/// <summary>Whatever is sent, the server says what was wrong with it, records nothing of it, and goes on.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class BadInputCampaignTests(ITestOutputHelper output)
{
    private const string Tenant = "campaign";
    private const int BatchSize = 250;

    /// <summary>
    /// How much memory the server may have come to hold since the first batch: some garbage that was not worth
    /// collecting yet, and not the bodies of a campaign.
    /// </summary>
    private const int MostMegabytes = 256;

    [Fact]
    public async Task Bad_input_is_refused_with_a_reason_and_never_breaks_or_records_anything()
    {
        var campaign = new Campaign("BadInputCampaign", output);
        int requests = Campaign.Size(small: 1_500, full: 50_000);
        int raw = Campaign.Size(small: 200, full: 10_000);
        var connections = await PostgresCluster.NewDatabaseAsync();
        using var home = new TemporaryHome();
        await using var server = ServerProcess.On(home, connections);
        string key = await server.CreateKeyAsync(Tenant, string.Join(',', Scopes.All));
        await server.StartAsync();
        await using var database = new LedgerDatabase(connections);
        using var throwing = new BadInput(server, key, Tenant, new EventReader(database));
        var ground = await throwing.PrepareAsync(customers: Campaign.Size(small: 2, full: 10));
        var operations = await throwing.OperationsAsync();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        var bad = new BadRequests(operations, ground, campaign.Random);
        long? before = null;
        for (int done = 0; done < requests; done += BatchSize)
        {
            BadRequest[] batch = [.. Enumerable.Range(done, Math.Min(BatchSize, requests - done)).Select(bad.Next)];
            foreach (var request in batch)
                request.AddTo(hash);
            await throwing.SendAsync(batch);
            before ??= server.WorkingSet;
        }
        var rawBad = new RawRequests(key, new Random(campaign.Seed));
        for (int done = 0; done < raw; done += BatchSize)
            await throwing.SendAsync([.. Enumerable.Range(done, Math.Min(BatchSize, raw - done)).Select(rawBad.Next)]);

        long grown = (server.WorkingSet - before!.Value) / 1024 / 1024;
        grown.ShouldBeLessThan(MostMegabytes, "megabytes that the server came to hold");
        await throwing.ShouldHaveFoldedAllAsync();
        await server.StopAsync();
        var rows = await WholeLog.CheckAsync(connections, Tenant);
        await new StoredViews(database, await PostgresCluster.AdminOfAsync(connections), Tenant)
            .ShouldBeFreshFoldsAsync();
        campaign.Say("requests", $"{requests:N0} of {operations.Count} operations, 8 at a time, and {raw:N0} raw ones; "
            + $"SHA-256 of the former {Convert.ToHexStringLower(hash.GetHashAndReset())[..16]}…");
        campaign.Say("answers", throwing.Answers);
        campaign.Say("recorded", $"{rows.Count:N0} events, each told to who sent it; no other one");
        campaign.Say("memory", $"{before.Value / 1024 / 1024:N0} MB after the first batch, {grown:+0;-0;0} MB at the "
            + $"end (at most {MostMegabytes} more are allowed, garbage included)");
        campaign.SayBound("requests", requests + raw);
        await campaign.WriteAsync("""
            Requests made of the OpenAPI document's examples are spoiled, field by field and byte by byte, and bytes are
            sent that are not quite HTTP. Is anything answered with 5xx, refused without a known reason, recorded though
            it was refused, or left so that the next good request, the log or a view suffers from it?
            """);
    }
}
