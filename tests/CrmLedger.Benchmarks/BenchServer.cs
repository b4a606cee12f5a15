using System.Net.Http.Headers;
using System.Reflection;
using System.Text.Json;
using CrmLedger.EventStore.Tenants;
using CrmLedger.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace CrmLedger.Benchmarks;

/// <summary>The server, in this process, on a ledger of one measurement, and a client that holds its key.</summary>
internal sealed class BenchServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly SocketsHttpHandler _handler;

    private BenchServer(WebApplication app, string key, int connections)
    {
        (_app, Key) = (app, key);
        _handler = new() { MaxConnectionsPerServer = connections };
        Http = new(_handler) { BaseAddress = new(app.Urls.First()), Timeout = TimeSpan.FromMinutes(5) };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    /// <summary>The repository that this was built from.</summary>
    public static string Checkout { get; } = typeof(BenchServer).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryRoot").Value!;

    /// <summary>The client's key, with every scope.</summary>
    public string Key { get; }

    /// <summary>The client.</summary>
    public HttpClient Http { get; }

    /// <summary>Starts it.</summary>
    /// <param name="ledger">What it serves.</param>
    /// <param name="connections">The client's.</param>
    /// <param name="cancel">Gives up.</param>
    /// <param name="watchesDeadlines">Whether it records what has passed, which takes a while after an import.</param>
    public static async Task<BenchServer> StartAsync(
        BenchLedger ledger, int connections, CancellationToken cancel, bool watchesDeadlines = true)
    {
        var app = LedgerApp
            .CreateBuilder(ledger.Connections, BenchLedger.Master, watchesDeadlines: watchesDeadlines)
            .BuildToListen("http://127.0.0.1:0", Path.Combine(Checkout, "src", "CrmLedger.Web", "dist"));
        await app.StartAsync(cancel);
        var key = await app.Services.GetRequiredService<ApiKeys>().CreateAsync(
            BenchLedger.Tenant, "bench", Scopes.All, cancel);
        return new(app, key.Key, connections);
    }

    /// <summary>Registers the member <c>erik</c> and the customers <c>c0</c> and so on.</summary>
    public async Task RegisterAsync(int customers, CancellationToken cancel)
    {
        await SendAsync("members", """{"reference":"erik","name":"Erik Berg","team":"support"}""", cancel);
        for (int customer = 0; customer < customers; customer++)
            await SendAsync("customers", $$"""{"reference":"c{{customer}}","name":"Anna Lind"}""", cancel);
    }

    /// <summary>Sends a command and gives the position of its first event.</summary>
    public async Task<long> SendAsync(string path, string json, CancellationToken cancel)
    {
        using var body = new StringContent(json, MediaTypeHeaderValue.Parse("application/json"));
        using var response = await Http.PostAsync(new Uri($"/v1/{path}", UriKind.Relative), body, cancel);
        byte[] answer = await response.Content.ReadAsByteArrayAsync(cancel);
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException(System.Text.Encoding.UTF8.GetString(answer));
        using var told = JsonDocument.Parse(answer);
        return told.RootElement.GetProperty("events")[0].GetProperty("position").GetInt64();
    }

    /// <summary>A touchpoint or a promise, in turn, with a personal text.</summary>
    public Task<long> CommandAsync(int customer, int turn, CancellationToken cancel) => turn % 2 == 0
        ? SendAsync($"customers/ref:c{customer}/touchpoints", """
            {"channel":"phone","direction":"inbound","memberId":"ref:erik","tone":"positive",
             "practices":["listened_actively","checked_understanding"],"durationSeconds":240,
             "summary":"The order will be delivered and checked with the customer on the day itself."}
            """, cancel)
        : SendAsync($"customers/ref:c{customer}/promises", """
            {"kind":"call_back","memberId":"ref:erik","dueAt":"2040-01-31T16:00:00Z",
             "conditions":"The customer has been called about the delivery of the order."}
            """, cancel);

    /// <summary>Asks something and reads the answer to its end.</summary>
    public async Task<byte[]> AskAsync(string path, CancellationToken cancel)
    {
        using var response = await Http.GetAsync(new Uri(path, UriKind.Relative), cancel);
        byte[] answer = await response.Content.ReadAsByteArrayAsync(cancel);
        return response.IsSuccessStatusCode
            ? answer
            : throw new InvalidOperationException(System.Text.Encoding.UTF8.GetString(answer));
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        _handler.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
