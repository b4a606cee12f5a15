using System.Diagnostics;
using System.Globalization;

namespace CrmLedger.Benchmarks;

/// <summary>How soon does a server answer after its start, and what memory does it hold when nobody asks?</summary>
internal static class StartBenchmark
{
    private static readonly Uri s_url = new("http://127.0.0.1:5479");

    /// <summary>Measures.</summary>
    public static async Task<Section> RunAsync(Stage stage, Size size, CancellationToken cancel)
    {
        var rest = TimeSpan.FromSeconds(size == Size.Full ? 30 : 2);
        string home = Path.Combine(Path.GetTempPath(), $"crmledger-start-{Environment.ProcessId}");
        var memory = new List<double>();
        await OnceAsync(home, TimeSpan.Zero, memory, cancel); // makes the cluster
        memory.Clear();
        var outcomes = await Rounds.RunAsync(
        [
            new("ledger, started, asked once, stopped", true, (_, ct) => stage.MeasureAsync(
                () => OnceAsync(home, rest, memory, ct), s_started)),
        ], size == Size.Full ? 5 : 2, cancel);
        Directory.Delete(home, recursive: true);
        memory.Sort();
        return new("start: a server at rest",
            "How long does it take from `crmledger serve`, with the cluster already made, until the first request is "
            + $"answered, and how much memory does the server's process hold after {rest.TotalSeconds:0} s in which "
            + "nobody asked anything?",
            [
                Budget.AtMost("ms to the first answer (p50)", 3_000, s_started.Milliseconds(0.5) ?? double.NaN),
                Budget.AtMost("MB at rest", 150, memory[memory.Count / 2]),
            ],
            outcomes,
            ["PostgreSQL's own memory is not counted: it is shared_buffers and what its processes need."], "starts");
    }

    private static readonly Latencies s_started = new();

    private static async Task<long> OnceAsync(
        string home, TimeSpan rest, List<double> memory, CancellationToken cancel)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "CrmLedger.Cli.dll");
        long before = Stopwatch.GetTimestamp();
        using var server = Process.Start(new ProcessStartInfo(
            "dotnet", [program, "serve", "--home", home, "--urls", s_url.ToString(), "--no-demo"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        })!;
        server.OutputDataReceived += (_, _) => { }; // a pipe that nobody reads fills up
        server.BeginOutputReadLine();
        using var http = new HttpClient();
        while (!await AnswersAsync(http, cancel))
        {
            if (server.HasExited)
                throw new InvalidOperationException("The server ended by itself.");
            await Task.Delay(5, cancel);
        }
        if (rest > TimeSpan.Zero)
            s_started.OfWriter().Add(Stopwatch.GetTimestamp() - before);
        await Task.Delay(rest, cancel);
        server.Refresh();
        memory.Add(server.WorkingSet64 / 1e6);
        using (var stop = Process.Start("kill", ["-TERM", server.Id.ToString(CultureInfo.InvariantCulture)]))
            await stop.WaitForExitAsync(cancel);
        await server.WaitForExitAsync(cancel);
        return 1;
    }

    private static async Task<bool> AnswersAsync(HttpClient http, CancellationToken cancel)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri(s_url, "/health/ready"), cancel);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
