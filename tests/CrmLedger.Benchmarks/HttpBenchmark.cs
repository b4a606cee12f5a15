using System.Net.Http.Headers;
using CrmLedger.EventStore.Tenants;
using CrmLedger.Server.Hosting;
using Microsoft.Extensions.DependencyInjection;

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
        Contender Of(string name, bool ours, Func<HttpClient, int, int, CancellationToken, Task> turn) =>
            new(name, ours, (share, ct) => OnceAsync(stage, length * share, turn, ct));
        var outcomes = await Rounds.RunAsync(
        [
            Of("ledger, commands over HTTP", true, CommandAsync),
            Of("the same server and clients, a request that does nothing", false, AliveAsync),
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
        Stage stage, TimeSpan time, Func<HttpClient, int, int, CancellationToken, Task> turn, CancellationToken cancel)
    {
        await using var ledger = await stage.NewLedgerAsync(cancel);
        await using var app = LedgerApp.Build(ledger.Connections, BenchLedger.Master, "http://127.0.0.1:0");
        await app.StartAsync(cancel);
        var key = await app.Services.GetRequiredService<ApiKeys>().CreateAsync(
            BenchLedger.Tenant, "bench", [Scopes.Append], cancel);
        using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = Clients };
        using var http = new HttpClient(handler) { BaseAddress = new(app.Urls.First()) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.Key);
        await SendAsync(http, "members", """{"reference":"erik","name":"Erik Berg","team":"support"}""", cancel);
        for (int customer = 0; customer < Clients * CustomersOfClient; customer++)
            await SendAsync(http, "customers", $$"""{"reference":"c{{customer}}","name":"Anna Lind"}""", cancel);
        var latencies = new Latencies();
        var sample = await stage.MeasureAsync(
            () => AppendBenchmark.TogetherAsync(Clients, time, latencies, async (client, number) =>
            {
                await turn(http, client, number, cancel);
                return 1;
            }), latencies);
        await app.StopAsync(cancel);
        return sample;
    }

    private static Task CommandAsync(HttpClient http, int client, int turn, CancellationToken cancel)
    {
        string customer = $"customers/ref:c{client * CustomersOfClient + turn % CustomersOfClient}";
        return turn % 2 == 0
            ? SendAsync(http, $"{customer}/touchpoints", """
                {"channel":"phone","direction":"inbound","memberId":"ref:erik","tone":"positive",
                 "practices":["listened_actively","checked_understanding"],"durationSeconds":240,
                 "summary":"The order will be delivered and checked with the customer on the day itself."}
                """, cancel)
            : SendAsync(http, $"{customer}/promises", """
                {"kind":"call_back","memberId":"ref:erik","dueAt":"2040-01-31T16:00:00Z",
                 "conditions":"The customer has been called about the delivery of the order."}
                """, cancel);
    }

    private static async Task SendAsync(HttpClient http, string path, string json, CancellationToken cancel)
    {
        using var body = new StringContent(json, MediaTypeHeaderValue.Parse("application/json"));
        using var response = await http.PostAsync(new Uri($"/v1/{path}", UriKind.Relative), body, cancel);
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException(await response.Content.ReadAsStringAsync(cancel));
    }

    private static async Task AliveAsync(HttpClient http, int client, int turn, CancellationToken cancel)
    {
        using var response = await http.GetAsync(new Uri("/health/live", UriKind.Relative), cancel);
        response.EnsureSuccessStatusCode();
    }
}
