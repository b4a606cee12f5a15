namespace CrmLedger.Benchmarks;

/// <summary>
/// How many commands do 32 clients get acknowledged over HTTP, each waiting for its answer before its next one?
/// </summary>
internal static class HttpBenchmark
{
    private const int Clients = 32;
    private const int CustomersOfClient = 8;

    /// <summary>Measures.</summary>
    public static async Task<Section> RunAsync(Stage stage, Size size, CancellationToken cancel)
    {
        var length = TimeSpan.FromSeconds(size == Size.Full ? 10 : 1);
        Contender Of(string name, bool ours, Func<BenchServer, int, int, CancellationToken, Task> turn) =>
            new(name, ours, (share, ct) => OnceAsync(stage, length * share, turn, ct));
        var outcomes = await Rounds.RunAsync(
        [
            Of("ledger, commands over HTTP", true, (server, client, turn, ct) =>
                server.CommandAsync(client * CustomersOfClient + turn % CustomersOfClient, turn, ct)),
            Of("the same server and clients, a request that does nothing", false,
                (server, _, _, ct) => server.AskAsync("/health/live", ct)),
        ], 3, cancel);
        return new("http: one command a request",
            $"How many commands do {Clients} clients get acknowledged over HTTP, each waiting for the answer before it "
            + "sends its next one? Touchpoints and promises with a personal text, to "
            + $"{Clients * CustomersOfClient} customers: authenticated, read, checked, sealed, decided, committed.",
            [
                Budget.AtLeast("commands a second over HTTP", 4_000, outcomes[0].Rate),
                Budget.AtMost("their p99 in ms", 50, outcomes[0].Median(s => s.P99) ?? double.NaN),
            ],
            outcomes,
            [
                "Clients, server and PostgreSQL share the machine's cores, and the server keeps its views up "
                + "meanwhile. Clients and server are one process here: its CPU time is that of both.",
                "The request that does nothing is what HTTP itself costs the two of them.",
            ]);
    }

    private static async Task<Sample> OnceAsync(
        Stage stage, TimeSpan time, Func<BenchServer, int, int, CancellationToken, Task> turn, CancellationToken cancel)
    {
        await using var ledger = await stage.NewLedgerAsync(cancel);
        await using var server = await BenchServer.StartAsync(ledger, Clients, cancel);
        await server.RegisterAsync(Clients * CustomersOfClient, cancel);
        var latencies = new Latencies();
        return await stage.MeasureAsync(
            () => AppendBenchmark.TogetherAsync(Clients, time, latencies, async (client, number) =>
            {
                await turn(server, client, number, cancel);
                return 1;
            }), latencies);
    }
}
