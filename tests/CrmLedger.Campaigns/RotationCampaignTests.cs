using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.Json;
using CrmLedger.PostgresTests;
using CrmLedger.PostgresTests.Embedded;
using CrmLedger.PostgresTests.Http;
using CrmLedger.PostgresTests.Imports;
using Xunit.Abstractions;

namespace CrmLedger.Campaigns;

/// <summary>
/// Commands that replace a tenant's key or the master key are killed at random moments, beside a server that goes on.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class RotationCampaignTests(ITestOutputHelper output)
{
    private const string Tenant = "acme";

    [Fact]
    public async Task Whenever_a_replacement_is_killed_everything_can_be_read_and_written()
    {
        var campaign = new Campaign("RotationCampaign", output);
        int kills = Campaign.Size(small: 6, full: 200);
        using var home = new TemporaryHome();
        var connections = await PostgresCluster.NewLedgerAsync();
        var variables = new Dictionary<string, string>
        {
            ["ConnectionStrings__Ledger"] = connections.Server,
            ["ConnectionStrings__LedgerOwner"] = connections.Owner,
            ["ConnectionStrings__LedgerLoader"] = connections.Loader,
        };
        await using var server = new ServerProcess(home.Path, variables);
        await server.StartAsync();
        using var http = new LedgerHttp(server.Url, await server.CreateKeyAsync(Tenant), "");
        await RegisterAsync(http, Enumerable.Range(0, 2_500).Select(i => $"c{i}"));
        string[][] commands = [["keys", "rotate", "--tenant", Tenant], ["keys", "rotate-master", "--yes"]];
        var whole = new double[2];
        for (int kind = 0; kind < 2; kind++)
            whole[kind] = await RunAsync(variables, [.. commands[kind], "--home", home.Path]);
        int ended = 0, settled = 0;
        for (int kill = 0; kill < kills; kill++)
        {
            int kind = kill % 2;
            // Most of a command's time is its start.
            double at = whole[kind] * (0.4 + campaign.Random.NextDouble() * 0.6);
            using (var running = CommandLineOf.Start(variables, [.. commands[kind], "--home", home.Path]))
            {
                await Task.Delay(TimeSpan.FromSeconds(at));
                ended += running.HasExited ? 1 : 0;
                running.Kill();
                await running.WaitForExitAsync();
            }
            settled += File.Exists(Path.Combine(home.Path, "master.key.next")) ? 1 : 0;
            await RegisterAsync(http, [$"k{kill}"]);
            await ReadableAsync(http, $"c{campaign.Random.Next(2_500)}", $"k{kill}");
            (await CommandLineOf.RunProgramAsync(variables, "keys", "list", "--tenant", Tenant, "--home", home.Path))
                .ExitCode.ShouldBe(0, $"after kill {kill}");
            Directory.GetFiles(home.Path, "master.key.next").ShouldBeEmpty();
        }
        for (int kind = 0; kind < 2; kind++)
            await RunAsync(variables, [.. commands[kind], "--home", home.Path]);
        await server.StopAsync();
        await server.StartAsync();
        await ReadableAsync(http, [.. Enumerable.Range(0, kills).Select(k => $"k{k}")]);
        var verified = await CommandLineOf.RunProgramAsync(variables, "verify", "database", "--home", home.Path);
        verified.ExitCode.ShouldBe(0, verified.Out + verified.Error);
        campaign.Say("killed", $"{kills - ended} before their end, {settled} of them with both master keys on disk");
        campaign.SayBound("kills, after each of which all could be read and written", kills);
        await campaign.WriteAsync("""
            `crmledger keys rotate` and `keys rotate-master` are killed at random moments while a server goes on. Is
            anything unreadable afterwards, is anything refused, and does the next command go on where that one ended?
            """);
    }

    /// <returns>How long it took, seconds.</returns>
    private static async Task<double> RunAsync(IReadOnlyDictionary<string, string> variables, string[] args)
    {
        long started = Stopwatch.GetTimestamp();
        var ran = await CommandLineOf.RunProgramAsync(variables, args);
        ran.ExitCode.ShouldBe(0, ran.Error);
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task RegisterAsync(LedgerHttp http, IEnumerable<string> references)
    {
        string lines = string.Join('\n', references.Select(r => JsonSerializer.Serialize(new
        {
            specversion = "1.0",
            id = r,
            source = "test",
            type = "customer_registered",
            subject = $"customer/{r}",
            data = new { name = $"Name of {r}" },
        })));
        var answer = await http.PostAsync("/v1/events", lines, ("Content-Type", "application/jsonl"));
        answer.Status.ShouldBe(200, answer.Text);
        answer.Number("rejected").ShouldBe(0, answer.Text);
    }

    private static async Task ReadableAsync(LedgerHttp http, params string[] references)
    {
        foreach (string reference in references)
        {
            var answer = await http.GetAsync($"/v1/customers/ref:{reference}/history");
            answer.Text("customer.name").ShouldBe($"Name of {reference}", answer.Text);
        }
    }
}
