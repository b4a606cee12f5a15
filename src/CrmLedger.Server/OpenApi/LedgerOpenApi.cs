using System.Text;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using CrmLedger.EventStore;
using CrmLedger.EventStore.Privacy;
using CrmLedger.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace CrmLedger.Server.OpenApi;

/// <summary>
/// The API's description at <c>/openapi/v1.json</c> and a page that shows it at <c>/docs</c>. The page and all that it
/// loads come out of the assembly: nothing is fetched from elsewhere, and the document is sent to no validator.
/// </summary>
public static class LedgerOpenApi
{
    private const string DocumentName = "v1";
    private const string Page = "docs";

    /// <summary>Adds what describes the operations.</summary>
    public static IServiceCollection AddLedgerOpenApi(this IServiceCollection services)
    {
        // Schemas are made with these options; they must say what LedgerJson writes.
        services.ConfigureHttpJsonOptions(http =>
        {
            var json = http.SerializerOptions;
            json.PropertyNamingPolicy = LedgerJson.Options.PropertyNamingPolicy;
            json.DefaultIgnoreCondition = LedgerJson.Options.DefaultIgnoreCondition;
            json.RespectNullableAnnotations = LedgerJson.Options.RespectNullableAnnotations;
            json.RespectRequiredConstructorParameters = LedgerJson.Options.RespectRequiredConstructorParameters;
            json.NumberHandling = JsonNumberHandling.Strict;
            json.PropertyNameCaseInsensitive = false;
            json.Encoder = LedgerJson.Options.Encoder;
            foreach (var converter in LedgerJson.Options.Converters)
                json.Converters.Add(converter);
        });
        return services.AddOpenApi(DocumentName, options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.CreateSchemaReferenceId = type => type.Type == typeof(JsonObject)
                ? null
                : OpenApiOptions.CreateDefaultSchemaReferenceId(type);
            options.AddSchemaTransformer<AnswerSchemas>();
            options.AddOperationTransformer<OperationDescription>();
            options.AddDocumentTransformer<DocumentDescription>();
        });
    }

    /// <summary>Maps the document and the page; both are open to everybody and hold no data.</summary>
    public static void MapLedgerOpenApi(this WebApplication app)
    {
        // The document says the same to everybody for as long as the server runs, so it is written once.
        var document = new Lazy<Task<byte[]>>(() => WriteAsync(app.Services));
        app.MapGet($"/openapi/{DocumentName}.json", async () => Results.Bytes(await document.Value, "application/json"))
            .ExcludeFromDescription();
        app.UseSwaggerUI(page =>
        {
            page.RoutePrefix = Page;
            page.DocumentTitle = "CrmLedger API";
            page.SwaggerEndpoint($"/openapi/{DocumentName}.json", "CrmLedger");
            page.ConfigObject.ShowExtensions = true;
            page.ConfigObject.ValidatorUrl = null;
            page.EnableDeepLinking();
            page.DisplayRequestDuration();
            page.DefaultModelsExpandDepth(0);
            page.DocExpansion(Swashbuckle.AspNetCore.SwaggerUI.DocExpansion.List);
        });
    }

    /// <summary>
    /// The document that a server serves, with no server and no database: one is built, never started, and connects to
    /// nothing.
    /// </summary>
    /// <returns>UTF-8 JSON.</returns>
    public static async Task<byte[]> WriteAsync()
    {
        await using var app = LedgerApp
            .CreateBuilder(LedgerConnections.Of("Host=localhost"), MasterKey.Of(new byte[KeyWrap.KeyBytes]))
            .BuildToListen(LedgerHost.DefaultUrls);
        // Only then are the operations known; a server that starts does this for itself.
        app.UseEndpoints(_ => { });
        return await WriteAsync(app.Services);
    }

    private static async Task<byte[]> WriteAsync(IServiceProvider services)
    {
        var document = await services.GetRequiredKeyedService<IOpenApiDocumentProvider>(DocumentName)
            .GetOpenApiDocumentAsync();
        return Encoding.UTF8.GetBytes(await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1));
    }
}
