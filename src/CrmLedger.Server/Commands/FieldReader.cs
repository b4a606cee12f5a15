using System.Collections;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace CrmLedger.Server.Commands;

/// <summary>Reads one JSON value as a field's type, or says in plain words what was wrong with it.</summary>
internal static partial class FieldReader
{
    /// <summary>Reads a value; on failure the error says what to send instead.</summary>
    public static (object? Value, string? Error) Read(CommandField field, JsonElement json)
    {
        if (field.Type == typeof(Sealed) || field.Type == typeof(string))
            return Text(field, json);
        if (field.Type == typeof(DateTimeOffset))
            return json.ValueKind == JsonValueKind.String ? Time(json.GetString()!) : (null, TimeExpected);
        if (field.Type == typeof(bool))
        {
            return json.ValueKind is JsonValueKind.True or JsonValueKind.False
                ? (json.GetBoolean(), null)
                : (null, "must be true or false.");
        }
        if (field.Type.IsEnum)
            return Word(field.Type, json);
        if (field.Type == typeof(int) || field.Type == typeof(long))
            return Number(field, json);
        if (field.Type == typeof(decimal))
            return Decimal(field, json);
        if (field.Type == typeof(Guid))
            return Id(json);
        if (field.Type.IsGenericType && field.Type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
            return List(field, json);
        throw new NotSupportedException($"A command's field cannot be a {field.Type}.");
    }

    /// <summary>Reads a time: RFC 3339 with its offset, cut to microseconds.</summary>
    public static (object? Value, string? Error) Time(string text) =>
        Rfc3339().IsMatch(text)
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? (LedgerJson.ToMicroseconds(time), null)
            : (null, TimeExpected);

    /// <summary>
    /// What an id may be, as a regular expression of the whole text. No dot comes first: <c>.</c> and <c>..</c> could
    /// not stand in an address.
    /// </summary>
    public const string IdText = "[A-Za-z0-9_~:-][A-Za-z0-9._~:-]{0,99}";

    private const string TimeExpected = "must be a time with its offset, for example \"2026-03-02T09:30:00Z\".";

    private static (object?, string?) Text(CommandField field, JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.String)
            return (null, "must be a text.");
        string text = json.GetString()!;
        if (string.IsNullOrWhiteSpace(text))
            return (null, "must not be empty.");
        if (text.Length > field.MaxLength)
            return (null, $"must have at most {field.MaxLength} characters; it has {text.Length}.");
        if (field.Pattern is { } pattern && !pattern.IsValid(text))
            return (null, $"must match {pattern.Pattern}.");
        return field.Name.EndsWith("Id", StringComparison.Ordinal) && !IdPattern().IsMatch(text)
            ? (null, "must be an id: 1 to 100 letters, digits and . _ ~ : -, the first no dot.")
            : (text, null);
    }

    private static (object?, string?) Word(Type type, JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.String)
        {
            string word = json.GetString()!;
            foreach (object value in Enum.GetValues(type))
            {
                if (JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()!) == word)
                    return (value, null);
            }
        }
        return (null, $"must be one of {string.Join(", ", WordsOf(type))}.");
    }

    /// <summary>The names of an enum as clients write them.</summary>
    public static IEnumerable<string> WordsOf(Type type) =>
        Enum.GetNames(type).Select(JsonNamingPolicy.SnakeCaseLower.ConvertName);

    private static (object?, string?) Number(CommandField field, JsonElement json)
    {
        long least = Convert.ToInt64(field.Range?.Minimum ?? 0L, CultureInfo.InvariantCulture);
        long most = Convert.ToInt64(field.Range?.Maximum ?? int.MaxValue, CultureInfo.InvariantCulture);
        if (json.ValueKind != JsonValueKind.Number || !json.TryGetInt64(out long number)
            || number < least || number > most)
            return (null, $"must be a whole number from {least} to {most}.");
        return (field.Type == typeof(int) ? (object)(int)number : number, null);
    }

    /// <summary>A number with at most three digits after the point, as all of ours are.</summary>
    private static (object?, string?) Decimal(CommandField field, JsonElement json)
    {
        decimal least = Convert.ToDecimal(field.Range!.Minimum, CultureInfo.InvariantCulture);
        decimal most = Convert.ToDecimal(field.Range.Maximum, CultureInfo.InvariantCulture);
        return json.ValueKind == JsonValueKind.Number && json.TryGetDecimal(out decimal number)
            && number >= least && number <= most && decimal.Round(number, 3) == number
            ? (decimal.Round(number, 3), null)
            : (null, string.Create(CultureInfo.InvariantCulture,
                $"must be a number from {least} to {most} with at most three digits after the point."));
    }

    private static (object?, string?) Id(JsonElement json) =>
        json.ValueKind == JsonValueKind.String && Guid.TryParseExact(json.GetString(), "D", out var id)
            ? (id, null)
            : (null, "must be an id such as 3f2b8c1e-5d4a-8f00-9c3d-2a1b0c9d8e7f.");

    private static (object?, string?) List(CommandField field, JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Array)
            return (null, "must be a list.");
        var words = field.Property.GetCustomAttributes(typeof(WordsAttribute), false).OfType<WordsAttribute>()
            .FirstOrDefault();
        int most = words?.MaxCount ?? 100;
        if (json.GetArrayLength() > most)
            return (null, $"must have at most {most} entries.");
        var element = field.Type.GetGenericArguments()[0];
        var entry = field with { Name = "entry", Type = element, MaxLength = words?.MaxLength ?? 100, Pattern = null };
        var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(element))!;
        foreach (var item in json.EnumerateArray())
        {
            var (value, error) = Read(entry, item);
            if (error is not null)
                return (null, $"entry {list.Count}: {error}");
            list.Add(value);
        }
        return (list, null);
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Rfc3339();

    [GeneratedRegex(@"\A" + IdText + @"\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex IdPattern();
}
