using System.Text;
using System.Text.Json.Nodes;
using CrmLedger.Annulments;
using CrmLedger.Server.Commands;
using Microsoft.OpenApi;

namespace CrmLedger.Server.OpenApi;

/// <summary>CloudEvents as <c>POST /v1/events</c> takes them.</summary>
internal static class CloudEventDescription
{
    private const string SchemaName = "CloudEvent";

    private const string Registered =
        """
        {"specversion":"1.0","id":"anna","source":"https://desk.example.org","type":"customer_registered",
         "subject":"customer/anna@example.org","time":"2027-03-01T09:00:00Z",
         "data":{"name":"Anna Lind","segment":"retail"}}
        """;

    private const string Promised =
        """
        {"specversion":"1.0","id":"case-1042/callback","source":"https://desk.example.org","type":"promise_made",
         "subject":"customer/anna@example.org","time":"2027-03-01T09:30:00Z","correlationid":"case-1042",
         "data":{"promiseId":"INC-1042","kind":"callback","conditions":"Anna has called about the invoice.",
                 "dueAt":"2027-03-03T16:00:00Z","memberId":"ref:erik","channel":"phone"}}
        """;

    /// <summary>
    /// The events that can be asked for there: all but those of imports, which are declared at addresses of their own.
    /// </summary>
    public static IEnumerable<(string Name, Type Command)> Events => LedgerCommands.EventNames
        .Order(StringComparer.Ordinal)
        .Select(name => (Name: name, Command: LedgerCommands.ForEvent(name)!))
        .Where(e => StreamKind.Of(e.Command).HasSubject);

    /// <summary>The body in its three content types.</summary>
    public static OpenApiRequestBody Body(OpenApiDocument document)
    {
        document.Components ??= new();
        document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal);
        if (!document.Components.Schemas.ContainsKey(SchemaName))
            document.AddComponent<IOpenApiSchema>(SchemaName, Schema());
        IOpenApiSchema one = new OpenApiSchemaReference(SchemaName, document);
        return new()
        {
            Required = true,
            Description = "At most 5,000 events and 8 MB. `application/json` is taken too, for one event or a list.",
            Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
            {
                ["application/cloudevents+json"] = new() { Schema = one, Example = JsonNode.Parse(Promised) },
                ["application/cloudevents-batch+json"] = new()
                {
                    Schema = new OpenApiSchema { Type = JsonSchemaType.Array, Items = one, MaxItems = 5_000 },
                    Example = new JsonArray(JsonNode.Parse(Registered), JsonNode.Parse(Promised)),
                },
                ["application/jsonl"] = new()
                {
                    Schema = new OpenApiSchema
                    {
                        Type = JsonSchemaType.String,
                        Description = "One CloudEvent a line, UTF-8.",
                    },
                    Example = JsonValue.Create($"{OneLine(Registered)}\n{OneLine(Promised)}\n"),
                },
            },
        };
    }

    /// <summary>A Markdown table of each event's name, subject and fields; those in bold must be sent.</summary>
    public static string Table()
    {
        var table = new StringBuilder("| `type` | `subject` | `data` (**required**) |\n|---|---|---|\n");
        foreach (var (name, command) in Events)
        {
            string subject = command == typeof(AnnulEntry) ? "`customer/…` or `member/…`"
                : StreamKind.Of(command) == StreamKind.Customer ? "`customer/…`" : "`member/…`";
            var fields = CommandShape.Of(command).Fields.Select(f => f.Required ? $"**{f.Name}**" : f.Name).ToList();
            table.Append($"| `{name}` | {subject} | {(fields.Count == 0 ? "none" : string.Join(", ", fields))} |\n");
        }
        return table.ToString();
    }

    private static OpenApiSchema Schema()
    {
        var type = Text(
            "The event's name; what `data` holds for each stands in the table of this document's description.");
        type.Enum = [.. Events.Select(e => JsonValue.Create(e.Name))];
        var properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
        {
            ["specversion"] = new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                Const = "1.0",
                Description = "CloudEvents 1.0.",
            },
            ["id"] = Text("The event's id in your system. With source it names the event for ever: sent again, it "
                + "changes nothing."),
            ["source"] = Text("Your system, a URI reference."),
            ["type"] = type,
            ["subject"] = Text("`customer/` or `member/` and your own reference or an id."),
            ["time"] = new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                Format = "date-time",
                Description = "When it happened, with its offset; now when left out.",
            },
            ["data"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Description = "The fields of the command that asks for the event. Personal ones are sealed before they "
                    + "are stored.",
            },
            ["importid"] = new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                Format = "uuid",
                Description = "The declared import that brings it: then it counts from when it happened.",
            },
            ["correlationid"] = Text("What it belongs to, for example a case."),
            ["causationid"] = Text("What brought it about."),
        };
        return new()
        {
            Type = JsonSchemaType.Object,
            Description = "An event as CloudEvents 1.0 writes it. At most 20 extension attributes are kept with it: "
                + "names of 1 to 20 of a–z and 0–9, values of at most 256 characters.",
            Properties = properties,
            Required = new HashSet<string>(StringComparer.Ordinal) { "specversion", "id", "source", "type", "subject" },
        };
    }

    private static OpenApiSchema Text(string description) =>
        new() { Type = JsonSchemaType.String, MinLength = 1, MaxLength = 512, Description = description };

    private static string OneLine(string json) => JsonNode.Parse(json)!.ToJsonString(LedgerJson.Options);
}
