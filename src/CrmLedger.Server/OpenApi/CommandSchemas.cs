using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using CrmLedger.Server.Commands;
using Microsoft.OpenApi;

namespace CrmLedger.Server.OpenApi;

/// <summary>The schema of a command's body, from the same shape that reads it.</summary>
internal static class CommandSchemas
{
    // JSON Schema's $ is the end of the text; .NET's also stands before a last line break.
    private const string IdPattern = $"^{FieldReader.IdText}$";

    /// <summary>The body of a command.</summary>
    /// <param name="command">The command's record.</param>
    /// <param name="inAddress">Fields that the address names and that the body need not repeat.</param>
    /// <param name="takesTime">Whether the body may say when it happened.</param>
    public static OpenApiSchema Body(Type command, IReadOnlyCollection<string> inAddress, bool takesTime)
    {
        var properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal);
        var required = new HashSet<string>(StringComparer.Ordinal);
        foreach (var field in CommandShape.Of(command).Fields.Where(f => !inAddress.Contains(f.Name)))
        {
            properties[field.Name] = Field(field);
            if (field.Required)
                required.Add(field.Name);
        }
        if (takesTime)
        {
            properties["occurredAt"] = new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                Format = "date-time",
                Description = "When it happened, with its offset; now when left out. At most 5 minutes ahead of the "
                    + "server's clock. It counts from then when it is recorded within 24 hours, else from when it is "
                    + "recorded.",
            };
        }
        return new()
        {
            Type = JsonSchemaType.Object,
            Description = XmlDocs.Of(command),
            Properties = properties,
            Required = required,
            AdditionalPropertiesAllowed = false,
        };
    }

    /// <summary>One field.</summary>
    public static OpenApiSchema Field(CommandField field)
    {
        var schema = Value(field, field.Type);
        schema.Description = Description(field);
        if (field.IsSealed)
        {
            schema.Extensions = new Dictionary<string, IOpenApiExtension>(StringComparer.Ordinal)
            {
                ["x-personal"] = new JsonNodeExtension(JsonValue.Create(true)),
            };
        }
        return schema;
    }

    private static OpenApiSchema Value(CommandField field, Type type)
    {
        if (type == typeof(Sealed) || type == typeof(string))
            return Text(field);
        if (type == typeof(DateTimeOffset))
            return new() { Type = JsonSchemaType.String, Format = "date-time" };
        if (type == typeof(bool))
            return new() { Type = JsonSchemaType.Boolean };
        if (type.IsEnum)
            return Words(type);
        if (type == typeof(int) || type == typeof(long))
            return Number(field, type);
        if (type == typeof(decimal))
            return Decimal(field);
        if (type == typeof(Guid))
            return Id(field);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
            return List(field, type);
        throw new NotSupportedException($"A command's field cannot be a {type}.");
    }

    private static OpenApiSchema Text(CommandField field) => new()
    {
        Type = JsonSchemaType.String,
        MinLength = 1,
        MaxLength = field.MaxLength,
        Pattern = field.Pattern?.Pattern
            ?? (field.Name.EndsWith("Id", StringComparison.Ordinal) ? IdPattern : null),
    };

    /// <summary>The words of an enum as they are written in JSON.</summary>
    public static OpenApiSchema Words(Type type) => new()
    {
        Type = JsonSchemaType.String,
        Enum = [.. FieldReader.WordsOf(type).Select(w => JsonValue.Create(w))],
    };

    private static OpenApiSchema Number(CommandField field, Type type) => new()
    {
        Type = JsonSchemaType.Integer,
        Format = type == typeof(int) ? "int32" : "int64",
        Minimum = Bound(field.Range?.Minimum ?? 0),
        Maximum = Bound(field.Range?.Maximum ?? int.MaxValue),
    };

    private static OpenApiSchema Decimal(CommandField field) => new()
    {
        Type = JsonSchemaType.Number,
        Minimum = Convert.ToString(field.Range!.Minimum, CultureInfo.InvariantCulture),
        Maximum = Convert.ToString(field.Range.Maximum, CultureInfo.InvariantCulture),
        MultipleOf = 0.001m,
    };

    private static string Bound(object value) => Convert.ToInt64(value, CultureInfo.InvariantCulture).ToString();

    private static OpenApiSchema Id(CommandField field) => field.Member is not null || field.IsCustomer
        ? new() { Type = JsonSchemaType.String, MinLength = 5 }
        : new() { Type = JsonSchemaType.String, Format = "uuid" };

    private static OpenApiSchema List(CommandField field, Type type)
    {
        var words = field.Property.GetCustomAttribute<WordsAttribute>();
        var entry = field with { Name = "entry", MaxLength = words?.MaxLength ?? 100, Pattern = null };
        return new()
        {
            Type = JsonSchemaType.Array,
            Items = Value(entry, type.GetGenericArguments()[0]),
            MaxItems = words?.MaxCount ?? 100,
        };
    }

    private static string Description(CommandField field)
    {
        string text = XmlDocs.Of(field.Property) ?? "";
        if (field.IsSealed)
        {
            text = text.Replace("Personal data, sealed.", "", StringComparison.Ordinal).Trim()
                + " Personal data: sealed before it is stored.";
        }
        if (!field.Type.IsEnum)
            return text.Trim();
        var words = Enum.GetNames(field.Type)
            .Zip(FieldReader.WordsOf(field.Type), (name, word) => (Word: word, Meaning: XmlDocs.Of(field.Type, name)))
            .Where(w => w.Meaning is not null)
            .Select(w => $"`{w.Word}`: {w.Meaning}")
            .ToList();
        return words.Count == 0 ? text : $"{text}\n\n- {string.Join("\n- ", words)}";
    }
}
