using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CrmLedger.PostgresTests.OpenApi;

/// <summary>
/// Checks an example against its schema: the part of JSON Schema that our document uses, and stricter than it in that a
/// field that the schema does not name is always an error.
/// </summary>
internal static class SchemaCheck
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(1);

    public static JsonObject Resolve(JsonObject document, JsonObject node)
    {
        while (node["$ref"]?.GetValue<string>() is { } reference)
        {
            JsonNode at = document;
            foreach (string part in reference.Split('/').Skip(1))
                at = at[part] ?? throw new InvalidDataException($"{reference} leads nowhere.");
            node = at.AsObject();
        }
        return node;
    }

    /// <summary>What does not fit, by the place in the example.</summary>
    public static IEnumerable<string> Errors(JsonObject document, JsonNode? schema, JsonNode? value, string at = "")
    {
        if (schema is not JsonObject unresolved)
            return [$"{at}: there is no schema"];
        var s = Resolve(document, unresolved);
        if ((s["oneOf"] ?? s["anyOf"]) is JsonArray choices)
        {
            var tried = choices.Select(c => Errors(document, c, value, at).ToList()).ToList();
            return tried.Exists(e => e.Count == 0) ? [] : tried.MaxBy(e => e.Count)!;
        }
        string type = TypeOf(value);
        if ((s["type"] ?? s["enum"] ?? s["const"]) is null)
            return [$"{at}: its schema says nothing of it"];
        if (s["type"] is { } expected && !Types(expected).Any(t => t == type || (t == "number" && type == "integer")))
            return [$"{at}: is {type}, not {expected.ToJsonString()}"];
        return value switch
        {
            JsonObject o => ObjectErrors(document, s, o, at),
            JsonArray a => a.SelectMany((item, i) => Errors(document, s["items"], item, $"{at}/{i}")),
            null => [],
            _ => ValueErrors(s, value, at),
        };
    }

    private static IEnumerable<string> ObjectErrors(JsonObject document, JsonObject schema, JsonObject value, string at)
    {
        var named = schema["properties"]?.AsObject();
        foreach (string? name in schema["required"]?.AsArray().Select(r => r!.GetValue<string>()) ?? [])
        {
            if (!value.ContainsKey(name))
                yield return $"{at}/{name}: is missing";
        }
        foreach (var (name, item) in value)
        {
            var its = named?[name] ?? schema["additionalProperties"] as JsonObject;
            if (its is not null)
            {
                foreach (string error in Errors(document, its, item, $"{at}/{name}"))
                    yield return error;
            }
            else if (named is not null)
            {
                yield return $"{at}/{name}: there is no such field";
            }
        }
    }

    private static IEnumerable<string> ValueErrors(JsonObject schema, JsonNode value, string at)
    {
        if (schema["enum"] is JsonArray words && !words.Any(w => JsonNode.DeepEquals(w, value)))
            yield return $"{at}: {value} is not one of {words.ToJsonString()}";
        if (schema["const"] is { } only && !JsonNode.DeepEquals(only, value))
            yield return $"{at}: {value} is not {only}";
        if (value.GetValueKind() == JsonValueKind.Number)
        {
            double number = value.GetValue<JsonElement>().GetDouble();
            if (number < schema["minimum"]?.GetValue<double>() || number > schema["maximum"]?.GetValue<double>())
                yield return $"{at}: {number} is out of bounds";
        }
        if (value.GetValueKind() != JsonValueKind.String)
            yield break;
        string text = value.GetValue<string>();
        if (text.Length < schema["minLength"]?.GetValue<int>() || text.Length > schema["maxLength"]?.GetValue<int>())
            yield return $"{at}: has {text.Length} characters";
        if (schema["pattern"]?.GetValue<string>() is { } pattern
            && !Regex.IsMatch(text, pattern, RegexOptions.CultureInvariant, s_timeout))
        {
            yield return $"{at}: {text} does not match {pattern}";
        }
        bool fits = schema["format"]?.GetValue<string>() switch
        {
            "uuid" => Guid.TryParseExact(text, "D", out _),
            "date-time" => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _),
            _ => true,
        };
        if (!fits)
            yield return $"{at}: {text} is no {schema["format"]}";
    }

    private static IEnumerable<string> Types(JsonNode type) =>
        type is JsonArray several ? several.Select(t => t!.GetValue<string>()) : [type.GetValue<string>()];

    private static string TypeOf(JsonNode? value) => value?.GetValueKind() switch
    {
        null or JsonValueKind.Null => "null",
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => value.GetValue<JsonElement>().TryGetInt64(out _) ? "integer" : "number",
        _ => "boolean",
    };
}
