using System.Diagnostics;
using System.Runtime.Versioning;
using CrmLedger.PostgresTests.Checkpoints;
using CrmLedger.PostgresTests.Embedded;
using CrmLedger.PostgresTests.Imports;
using CrmLedger.Transparency;

namespace CrmLedger.PostgresTests.Witnessing;

/// <summary>The real program follows the log of a real server, which is killed and started again.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class FollowingTests
{
    private static readonly Dictionary<string, string> s_noVariables = [];

    [Fact]
    public async Task A_witness_follows_quietly_says_once_that_the_log_is_away_and_goes_on_when_it_is_back()
    {
        using var home = new TemporaryHome();
        await using var server = ServerProcess.On(home, await PostgresCluster.NewDatabaseAsync());
        string key = await server.CreateKeyAsync("t");
        await server.StartAsync();
        using var client = new LedgerHttp(server.Url, key, "");
        using var log = new PublishedLog(server.Url, "t");
        using var logKeys = await log.GetAsync("key");
        string state = Path.Combine(home.Path, "witness");
        using var witness = CommandLineOf.Start(s_noVariables, "witness",
            new Uri(server.Url, "/log/t").AbsoluteUri, "--state", state, "--every", "1",
            "--key", (await logKeys.Content.ReadAsStringAsync()).TrimEnd('\n'));
        var errors = new List<string>();
        witness.ErrorDataReceived += (_, line) => errors.Add(line.Data ?? "");
        witness.BeginErrorReadLine();
        try
        {
            await RegisterAsync(client, 5);
            await CosignedAsync(state, 5);
            await RegisterAsync(client, 2);
            await CosignedAsync(state, 7);
            await server.KillAsync();
            await EventuallyAsync(() => errors.Count > 0);
            await Task.Delay(TimeSpan.FromSeconds(3));
            await server.StartAsync();
            await RegisterAsync(client, 1);
            await CosignedAsync(state, 8);
            witness.HasExited.ShouldBeFalse();
        }
        finally
        {
            using (var stop = Process.Start("kill", ["-TERM", $"{witness.Id}"]))
                await stop.WaitForExitAsync();
            await witness.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
        }
        witness.ExitCode.ShouldBe(0);
        errors.Count(e => e.Contains("cannot be reached", StringComparison.Ordinal)).ShouldBeInRange(1, 2);
        (await witness.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .ShouldHaveSingleItem().ShouldContain("key: ");
    }

    private static async Task RegisterAsync(LedgerHttp client, int customers)
    {
        for (int i = 0; i < customers; i++)
            (await client.PostAsync("/v1/customers", """{"name":"Anna"}""")).Status.ShouldBe(201);
    }

    private static Task CosignedAsync(string state, long size) => EventuallyAsync(() =>
        Directory.Exists(state) && Directory.GetFiles(state, "*.checkpoint") is [var file]
        && SignedCheckpoint.Parse(File.ReadAllBytes(file)).Checkpoint.Size == size);

    private static async Task EventuallyAsync(Func<bool> holds)
    {
        long started = Stopwatch.GetTimestamp();
        while (!holds())
        {
            Stopwatch.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(30));
            await Task.Delay(50);
        }
    }
}
