using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CrmLedger.EventStore.Tenants;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Events;
using CrmLedger.Server.Security;
using CrmLedger.Server.Views;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace CrmLedger.Server.OpenApi;

/// <summary>Completes an operation from what its endpoint carries: scopes, the command, the query.</summary>
internal sealed partial class OperationDescription : IOpenApiOperationTransformer
{
    /// <summary>The name of the security scheme.</summary>
    public const string Bearer = "bearer";

    private const int TimeoutMs = 1000;

    /// <inheritdoc />
    public async Task TransformAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var document = context.Document
            ?? throw new InvalidOperationException("An operation is described within a document.");
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        string address = context.Description.RelativePath ?? "";
        string[] inPath = [.. InBraces().Matches(address).Select(m => m.Groups["name"].Value)];
        var answer = context.Description.SupportedResponseTypes.Select(r => r.Type).FirstOrDefault(t => t is not null);
        var command = metadata.OfType<CommandMetadata>().LastOrDefault();
        var query = metadata.OfType<QueryMetadata>().LastOrDefault();

        // As the server does it: an operation that does not say what it needs is an administrator's.
        var scopes = (metadata.OfType<NeededScopes>().LastOrDefault()?.AnyOf ?? []).Append(Scopes.Admin)
            .Distinct(StringComparer.Ordinal).ToList();
        // The endpoint's own words, not the handler's XML documentation, which is written for us.
        operation.Summary = metadata.OfType<IEndpointSummaryMetadata>().LastOrDefault()?.Summary;
        operation.Description = metadata.OfType<IEndpointDescriptionMetadata>().LastOrDefault()?.Description;
        Secure(operation, scopes, document);
        operation.Parameters =
        [
            .. inPath.Select(ParameterDescriptions.InPath),
            .. query?.Parameters.Select(p => ParameterDescriptions.InQuery(
                p.Name, p.Description, query.Required.Contains(p.Name))) ?? [],
            .. Bound(operation.Parameters ?? [], query),
            .. answer == typeof(CommandAnswer) ? ParameterDescriptions.CommandHeaders(document) : [],
        ];
        if (command is not null)
            operation.RequestBody = CommandBody(command, inPath, answer == typeof(CommandAnswer), document);
        else if (answer == typeof(BulkAnswer))
            operation.RequestBody = CloudEventDescription.Body(document);

        var problem = await context.GetOrCreateSchemaAsync(typeof(Problems.ProblemBody), null, cancellationToken);
        var batch = await context.GetOrCreateSchemaAsync(typeof(RefusedBatch), null, cancellationToken);
        var responses = new ResponseDescriptions(document, problem, batch)
        {
            Answer = answer,
            Command = command,
            InPath = inPath,
            Scopes = scopes,
            Query = [.. operation.Parameters.Where(p => p.In == ParameterLocation.Query).Select(p => p.Name!)],
        };
        responses.Describe(operation);
    }

    private static void Secure(OpenApiOperation operation, IReadOnlyList<string> scopes, OpenApiDocument document)
    {
        operation.Description = $"{operation.Description}\n\nNeeds scope: {string.Join(" or ", scopes)}.";
        operation.Security =
        [
            new() { [new OpenApiSecuritySchemeReference(Bearer, document)] = [] },
        ];
    }

    /// <summary>The parameters that the framework found: those of the query that the handler itself binds.</summary>
    private static IEnumerable<IOpenApiParameter> Bound(IEnumerable<IOpenApiParameter> found, QueryMetadata? query)
    {
        foreach (var parameter in found.OfType<OpenApiParameter>().Where(p => p.In == ParameterLocation.Query))
        {
            if (query?.Parameters.Any(p => p.Name == parameter.Name) == true)
                continue;
            ParameterDescriptions.DescribeBound(parameter);
            yield return parameter;
        }
    }

    private static OpenApiRequestBody CommandBody(
        CommandMetadata command, string[] inPath, bool takesTime, OpenApiDocument document)
    {
        // The customer or member of an address is whose stream it is; a field of that name means another one.
        string[] inAddress = [.. inPath.Except(["customerId", "memberId"], StringComparer.Ordinal)];
        var schema = CommandSchemas.Body(command.Command, inAddress, takesTime);
        string name = command.Command.Name;
        document.Components ??= new();
        document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal);
        if (!document.Components.Schemas.ContainsKey(name))
            document.AddComponent<IOpenApiSchema>(name, schema);
        // A command that needs no field is shown with the one that every command takes; an empty example is left out.
        var example = JsonNode.Parse(command.Example)!.AsObject();
        if (example.Count == 0 && takesTime)
            example["occurredAt"] = "2027-03-03T15:10:00Z";
        return new()
        {
            Required = schema.Required!.Count > 0,
            Description = schema.Required.Count > 0 ? null : "May be left out.",
            Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
            {
                ["application/json"] = new()
                {
                    Schema = new OpenApiSchemaReference(name, document),
                    Example = example,
                },
            },
        };
    }

    [GeneratedRegex(@"\{\**(?<name>[^}:?=]+)[^}]*\}",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, TimeoutMs)]
    private static partial Regex InBraces();
}
