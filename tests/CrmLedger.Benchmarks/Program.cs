using System.CommandLine;

namespace CrmLedger.Benchmarks;

/// <summary>How much is measured.</summary>
public enum Size
{
    /// <summary>Enough to see that everything runs; all questions in a few minutes.</summary>
    Small,

    /// <summary>What the budgets speak of.</summary>
    Full,
}

/// <summary>Measures the ledger beside bare PostgreSQL and writes what it finds as Markdown.</summary>
internal static class Program
{
    private const string Description =
        "Measures the ledger beside bare PostgreSQL, in turn, on a private cluster with durable settings.";

    private static readonly Dictionary<string, Func<Stage, Size, CancellationToken, Task<Section>>> s_questions = new()
    {
        ["append"] = AppendBenchmark.RunAsync,
        ["growth"] = GrowthBenchmark.RunAsync,
        ["http"] = HttpBenchmark.RunAsync,
        ["import"] = ImportBenchmark.RunAsync,
        ["rebuild"] = RebuildBenchmark.RunAsync,
        ["verify"] = VerifyBenchmark.RunAsync,
        ["questions"] = QuestionsBenchmark.RunAsync,
        ["leaders"] = LeadersBenchmark.RunAsync,
        ["freshness"] = FreshnessBenchmark.RunAsync,
        ["pages"] = PagesBenchmark.RunAsync,
        ["start"] = StartBenchmark.RunAsync,
    };

    private static Task<int> Main(string[] args)
    {
        var question = new Argument<string>("QUESTION")
        {
            Description = $"{string.Join(", ", s_questions.Keys)} or all.",
            DefaultValueFactory = _ => "all",
        };
        question.AcceptOnlyFromAmong([.. s_questions.Keys, "all"]);
        var size = new Option<Size>("--size")
        {
            Description = "small sees that all of it runs, full is what the budgets speak of.",
            DefaultValueFactory = _ => Size.Small,
        };
        var file = new Option<FileInfo?>("--out") { Description = "Where to write; the terminal if not given." };
        var root = new RootCommand(Description) { question, size, file };
        root.SetAction((parse, cancel) => RunAsync(
            parse.GetRequiredValue(question), parse.GetValue(size), parse.GetValue(file), cancel));
        return root.Parse(args).InvokeAsync(
            new() { ProcessTerminationTimeout = TimeSpan.FromSeconds(60) }, CancellationToken.None);
    }

    private static async Task<int> RunAsync(string question, Size size, FileInfo? file, CancellationToken cancel)
    {
        string loadBefore = Machine.Load();
        var sections = new List<Section>();
        await using var stage = await Stage.StartAsync(cancel);
        foreach (var (name, run) in s_questions.Where(q => question == "all" || q.Key == question))
        {
            await Console.Error.WriteLineAsync($"{name} …");
            sections.Add(await run(stage, size, cancel));
        }
        string report = Report.Write(sections, size, stage.PostgresVersion, loadBefore);
        if (file is null)
            await Console.Out.WriteAsync(report);
        else
            await File.WriteAllTextAsync(file.FullName, report, cancel);
        return 0;
    }
}
