using System.Text.Json.Nodes;
using Alba;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Privacy;
using CrmLedger.Server.Hosting;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace CrmLedger.PostgresTests.OpenApi;

/// <summary>The whole server in memory, but for what looks after a database: it has none.</summary>
public sealed class DescribedServer : IAsyncLifetime
{
    private IAlbaHost _host = null!;

    public JsonObject Document { get; private set; } = [];

    public IEnumerable<Operation> Operations =>
        from path in Document["paths"]!.AsObject()
        from method in path.Value!.AsObject()
        where method.Key is "get" or "post" or "put" or "delete" or "patch"
        select new Operation(path.Key, method.Key, method.Value!.AsObject(), Document);

    public async Task InitializeAsync()
    {
        var builder = LedgerApp.CreateBuilder(
            LedgerConnections.Of("Host=127.0.0.1;Port=1;Username=nobody"), MasterKey.Of(new byte[32]));
        builder.Services.RemoveAll<IHostedService>();
        _host = await AlbaLedger.HostAsync(builder);
        Document = JsonNode.Parse(await ReadAsync("/openapi/v1.json"))!.AsObject();
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    /// <summary>What there is for everybody to read.</summary>
    public async Task<string> ReadAsync(string path) =>
        (await AlbaLedger.AskAsync(_host, s => s.Get.Url(path))).Text;
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
