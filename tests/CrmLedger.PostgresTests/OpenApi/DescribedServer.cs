using System.Text;
using System.Text.Json.Nodes;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Privacy;
using CrmLedger.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace CrmLedger.PostgresTests.OpenApi;

/// <summary>
/// The whole server as it is built, asked in memory: it is never started and listens nowhere, so that it needs no
/// database.
/// </summary>
public sealed class DescribedServer : IAsyncLifetime
{
    private readonly WebApplication _app = LedgerApp
        .CreateBuilder(LedgerConnections.Of("Host=127.0.0.1;Port=1;Username=nobody"), MasterKey.Of(new byte[32]))
        .BuildToListen("http://127.0.0.1:0");

    private RequestDelegate? _pipeline;

    public JsonObject Document { get; private set; } = [];

    public IEnumerable<Operation> Operations =>
        from path in Document["paths"]!.AsObject()
        from method in path.Value!.AsObject()
        where method.Key is "get" or "post" or "put" or "delete" or "patch"
        select new Operation(path.Key, method.Key, method.Value!.AsObject(), Document);

    public async Task InitializeAsync()
    {
        // A server that starts does this for itself.
        _app.UseEndpoints(_ => { });
        _pipeline = ((IApplicationBuilder)_app).Build();
        var (status, body) = await GetAsync("/openapi/v1.json");
        status.ShouldBe(200, body);
        Document = JsonNode.Parse(body)!.AsObject();
    }

    public async Task DisposeAsync() => await _app.DisposeAsync();

    public async Task<(int Status, string Body)> GetAsync(string path)
    {
        await using var scope = _app.Services.CreateAsyncScope();
        using var body = new MemoryStream();
        var http = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
        http.Request.Method = "GET";
        http.Request.Scheme = "http";
        http.Request.Host = new("ledger.test");
        http.Request.Path = path;
        http.Response.Body = body;
        await _pipeline!(http);
        await http.Response.CompleteAsync();
        return (http.Response.StatusCode, Encoding.UTF8.GetString(body.ToArray()));
    }
}

/// <summary>One operation of the document.</summary>
public sealed record Operation(string Path, string Method, JsonObject Json, JsonObject Document)
{
    public string Id => Text("operationId");

    public IEnumerable<JsonObject> Parameters =>
        (Json["parameters"]?.AsArray() ?? []).Select(p => SchemaCheck.Resolve(Document, p!.AsObject()));

    /// <summary>Content type, schema and example of each form of the request.</summary>
    public IEnumerable<(string Name, JsonObject Media)> RequestContents => ContentsOf(Json["requestBody"], "request");

    /// <summary>The same of each response.</summary>
    public IEnumerable<(string Name, JsonObject Media)> ResponseContents =>
        Json["responses"]!.AsObject()
            .SelectMany(r => ContentsOf(SchemaCheck.Resolve(Document, r.Value!.AsObject()), r.Key));

    public IEnumerable<(string Name, JsonObject Media)> Contents => RequestContents.Concat(ResponseContents);

    /// <summary>The example of each parameter of the path.</summary>
    public IReadOnlyDictionary<string, string> InPath => Parameters.Where(p => p["in"]!.GetValue<string>() == "path")
        .ToDictionary(p => p["name"]!.GetValue<string>(), p => p["example"]!.GetValue<string>());

    public string Text(string field) => Json[field]?.GetValue<string>() ?? "";

    public override string ToString() => $"{Method.ToUpperInvariant()} {Path}";

    private static IEnumerable<(string Name, JsonObject Media)> ContentsOf(JsonNode? of, string name) =>
        (of?["content"]?.AsObject() ?? []).Select(c => ($"{name} {c.Key}", c.Value!.AsObject()));
}
