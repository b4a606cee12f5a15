using System.Diagnostics;

namespace CrmLedger.Benchmarks;

/// <summary>One way of doing something that is measured.</summary>
/// <param name="Name">What the report calls it.</param>
/// <param name="IsOurs">Whether it is the ledger; else it is bare PostgreSQL, beside it for comparison.</param>
/// <param name="RunAsync">Does it once: with all of the volume (1) or, to warm up, with a part of it.</param>
internal sealed record Contender(
    string Name, bool IsOurs, Func<double, CancellationToken, Task<Sample>> RunAsync);

/// <summary>What one round of one contender came to.</summary>
/// <param name="Events">Events.</param>
/// <param name="Seconds">Time on the wall.</param>
/// <param name="OurCpuSeconds">CPU time of this process: client and ledger.</param>
/// <param name="PostgresCpuSeconds">CPU time of all of PostgreSQL's processes.</param>
/// <param name="P50">Half of the operations took at most so many milliseconds; null where none is timed.</param>
/// <param name="P99">99 of 100 operations took at most so many milliseconds; null where none is timed.</param>
internal sealed record Sample(
    long Events, double Seconds, double OurCpuSeconds, double PostgresCpuSeconds, double? P50, double? P99)
{
    /// <summary>Events of a second.</summary>
    public double Rate => Events / Seconds;
}

/// <summary>All rounds of one contender.</summary>
/// <param name="Contender">Which.</param>
/// <param name="Samples">One for each round.</param>
internal sealed record Outcome(Contender Contender, IReadOnlyList<Sample> Samples)
{
    /// <summary>The median over the rounds of something measured in each; null where it was not measured.</summary>
    public double? Median(Func<Sample, double?> of)
    {
        double[] sorted = [.. Samples.Select(of).OfType<double>().Order()];
        int middle = sorted.Length / 2;
        return sorted.Length == 0 ? null
            : sorted.Length % 2 == 1 ? sorted[middle]
            : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>The median rate.</summary>
    public double Rate => Median(s => s.Rate) ?? 0;
}

/// <summary>Runs contenders in turn, so that what else the machine does meanwhile falls on all of them.</summary>
internal static class Rounds
{
    /// <summary>One round with a tenth of the volume to warm up, not counted, then the rounds.</summary>
    public static async Task<IReadOnlyList<Outcome>> RunAsync(
        IReadOnlyList<Contender> contenders, int rounds, CancellationToken cancel)
    {
        foreach (var contender in contenders)
            await contender.RunAsync(0.1, cancel);
        var samples = contenders.ToDictionary(c => c, _ => new List<Sample>());
        for (int round = 1; round <= rounds; round++)
        {
            foreach (var contender in contenders)
            {
                var sample = await contender.RunAsync(1, cancel);
                samples[contender].Add(sample);
                await Console.Error.WriteLineAsync($"  round {round}: {contender.Name}: {sample.Rate:N0}/s");
            }
        }
        return [.. contenders.Select(c => new Outcome(c, samples[c]))];
    }
}

/// <summary>The times of many operations, gathered by several writers, each into a list of its own.</summary>
internal sealed class Latencies
{
    private readonly List<List<long>> _writers = [];

    /// <summary>The list of one more writer, in ticks of the stopwatch.</summary>
    public List<long> OfWriter()
    {
        var ticks = new List<long>(65_536);
        _writers.Add(ticks);
        return ticks;
    }

    /// <summary>The milliseconds that a share of all operations took at most.</summary>
    public double? Milliseconds(double share)
    {
        long[] sorted = [.. _writers.SelectMany(w => w).Order()];
        return sorted.Length == 0
            ? null
            : sorted[(int)Math.Min(sorted.Length - 1, sorted.Length * share)] * 1000.0 / Stopwatch.Frequency;
    }
}
