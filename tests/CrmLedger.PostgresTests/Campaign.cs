using System.Globalization;
using System.Text;
using CrmLedger.Tests;
using Xunit.Abstractions;

namespace CrmLedger.PostgresTests;

/// <summary>
/// A campaign throws many random faults at the real thing and asks an oracle afterwards. It runs small with the other
/// tests; <c>CRMLEDGER_CAMPAIGN=full ops/test --filter Campaigns</c> runs it whole and writes down what came of it.
/// <c>CRMLEDGER_SEED</c> repeats the choices of an earlier run, though not its timing.
/// </summary>
internal sealed class Campaign
{
    private readonly string _name;
    private readonly ITestOutputHelper _output;
    private readonly StringBuilder _facts = new();

    public Campaign(string name, ITestOutputHelper output)
    {
        (_name, _output) = (name, output);
        Seed = int.TryParse(
            Environment.GetEnvironmentVariable("CRMLEDGER_SEED"), CultureInfo.InvariantCulture, out int seed)
            ? seed
            : Random.Shared.Next(1_000_000);
        Random = new(Seed);
        Say("seed", $"{Seed}");
    }

    /// <summary>Whether it runs whole.</summary>
    public static bool IsFull => Environment.GetEnvironmentVariable("CRMLEDGER_CAMPAIGN") == "full";

    public int Seed { get; }

    /// <summary>The campaign's choices; writers take their own from the seed.</summary>
    public Random Random { get; }

    /// <summary>How much of something, small or whole.</summary>
    public static int Size(int small, int full) => IsFull ? full : small;

    /// <summary>Notes a figure.</summary>
    public void Say(string what, string value)
    {
        _output.WriteLine($"{what}: {value}");
        _facts.AppendLine(CultureInfo.InvariantCulture, $"| {what} | {value} |");
    }

    /// <summary>The upper bound, at 95 %, of the rate of a failure that n trials did not show: 3/n.</summary>
    public void SayBound(string trials, int count) =>
        Say("failures", $"0 in {count:N0} {trials}: the rate is below {3.0 / count:G2} at 95 % (3/n)");

    /// <summary>Writes the whole run's figures beside the benchmarks' results.</summary>
    public async Task WriteAsync(string question)
    {
        if (!IsFull)
            return;
        var today = TimeProvider.System.GetUtcNow();
        string file = Checkout.PathTo(
            "tests", "CrmLedger.Benchmarks", "results", $"{today:yyyy-MM-dd}-campaign-{_name}.md");
        var cluster = await PostgresCluster.RunningAsync();
        string command = $"CRMLEDGER_CAMPAIGN=full CRMLEDGER_SEED={Seed} ops/test --filter {_name}";
        string kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        await File.WriteAllTextAsync(file, $"""
            # Campaign: {_name}

            {question}

            | | |
            | --- | --- |
            | run | {today:yyyy-MM-dd HH:mm} UTC, `{command}` |
            | machine | {Environment.ProcessorCount} cores, Linux {kernel} |
            | PostgreSQL | {cluster.ServerVersion}, settings of the embedded cluster: fsync and synchronous_commit on |
            {_facts.ToString().TrimEnd()}

            """);
    }
}
