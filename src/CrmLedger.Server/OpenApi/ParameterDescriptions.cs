using System.Text.Json.Nodes;
using CrmLedger.People;
using Microsoft.OpenApi;

namespace CrmLedger.Server.OpenApi;

/// <summary>What stands in an operation's address and headers.</summary>
internal static class ParameterDescriptions
{
    private const string IdText = "1 to 100 letters, digits and `. _ ~ : -`, the first no dot";

    /// <summary>The headers that every command takes, in the order in which they are shown.</summary>
    private static readonly (string Name, string Example, string Description)[] s_headers =
    [
        ("Idempotency-Key", "\"7d1c2f4e\"",
            "Makes a retry safe: the same key with the same body is given the first answer again (`replayed`, and the "
            + "header `Idempotent-Replayed`). The same key with another body is refused with 422, and while the first "
            + "request still runs with 409. Quoted or bare, 1 to 255 characters; keys of different credentials do not "
            + "meet."),
        ("If-Match", "\"7\"",
            "The stream's version that you decided on, as an ETag gave it. Refused with 412 when the stream has moved "
            + "on. Left out, the command is decided on the latest state."),
        ("ce-source", "https://desk.example.org",
            "Your system, together with `ce-id`: the same pair is the same event for ever, so sending it again changes "
            + "nothing, and sending it with other content is refused with 409. At most 500 characters."),
        ("ce-id", "case-1042/callback",
            "The event's id in your system; goes with `ce-source`. At most 500 characters."),
        ("Correlation-Id", "case-1042",
            "What the event belongs to, for example a case. Kept with the event; at most 200 characters."),
        ("Causation-Id", "message-88", "What brought the event about. Kept with the event; at most 200 characters."),
    ];

    /// <summary>The headers of a command, as references to the document's components.</summary>
    public static IEnumerable<IOpenApiParameter> CommandHeaders(OpenApiDocument document)
    {
        document.Components ??= new();
        document.Components.Parameters ??= new Dictionary<string, IOpenApiParameter>(StringComparer.Ordinal);
        foreach (var (name, example, description) in s_headers)
        {
            if (!document.Components.Parameters.ContainsKey(name))
            {
                document.AddComponent<IOpenApiParameter>(name, new OpenApiParameter
                {
                    Name = name,
                    In = ParameterLocation.Header,
                    Description = description,
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                    Example = JsonValue.Create(example),
                });
            }
            yield return new OpenApiParameterReference(name, document);
        }
    }

    /// <summary>A parameter of the path.</summary>
    public static OpenApiParameter InPath(string name) => new()
    {
        Name = name,
        In = ParameterLocation.Path,
        Required = true,
        Description = name switch
        {
            "customerId" => "The customer: an id, or `ref:` and your own reference, percent-encoded.",
            "memberId" => "The member: an id, or `ref:` and your own reference, percent-encoded.",
            "importId" => "The import, as its declaration was answered.",
            "eventId" => "The event's id.",
            "view" => "The view's name.",
            _ => $"The {Words(name[..^2])}'s id, unique within its customer: {IdText}.",
        },
        Schema = name switch
        {
            "importId" or "eventId" => new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid" },
            _ => new OpenApiSchema { Type = JsonSchemaType.String },
        },
        Example = JsonValue.Create(ExampleLedger.InAddress(name)),
    };

    /// <summary>A parameter of the query, read by <see cref="Views.Query" />.</summary>
    public static OpenApiParameter InQuery(string name, string description, bool required) => new()
    {
        Name = name,
        In = ParameterLocation.Query,
        Required = required,
        Description = description,
        Schema = QuerySchema(name),
    };

    /// <summary>Describes a parameter that the handler itself binds.</summary>
    public static void DescribeBound(OpenApiParameter parameter)
    {
        (parameter.Description, parameter.Schema) = parameter.Name switch
        {
            "items" => ("Which events the answer lists: all of them, or only the rejected ones.",
                new OpenApiSchema
                {
                    Type = JsonSchemaType.String,
                    Enum = ["all", "rejected"],
                    Default = "all",
                }),
            "atomic" => ("Whether nothing is to be recorded when any event is rejected: then the answer is a problem "
                + "that tells each event's own. Without it every event stands for itself.",
                new OpenApiSchema { Type = JsonSchemaType.Boolean, Default = false }),
            "after" => ("Only events above this position; -1 for all of them.",
                new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64", Default = -1 }),
            "limit" => ("Events of a page.", new OpenApiSchema
            {
                Type = JsonSchemaType.Integer,
                Format = "int32",
                Minimum = "1",
                Maximum = "5000",
                Default = 500,
            }),
            _ => (parameter.Description, parameter.Schema),
        };
    }

    private static OpenApiSchema QuerySchema(string name) => name switch
    {
        "limit" => new() { Type = JsonSchemaType.Integer, Format = "int32", Minimum = "1", Maximum = "1000" },
        "version" or "position" or "atLeast" => new() { Type = JsonSchemaType.Integer, Format = "int64" },
        "find" => new() { Type = JsonSchemaType.String, MinLength = 1, MaxLength = SoughtWords.MostCharacters },
        "overdue" => new() { Type = JsonSchemaType.Boolean },
        // A date alone is taken too, as its midnight in UTC.
        "asOf" or "until" or "from" or "to" or "dueFrom" or "dueTo" => new()
        {
            AnyOf =
            [
                new OpenApiSchema { Type = JsonSchemaType.String, Format = "date-time" },
                new OpenApiSchema { Type = JsonSchemaType.String, Format = "date" },
            ],
        },
        _ => new() { Type = JsonSchemaType.String },
    };

    /// <summary>followUp is "follow-up".</summary>
    private static string Words(string name) =>
        System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(name);
}
