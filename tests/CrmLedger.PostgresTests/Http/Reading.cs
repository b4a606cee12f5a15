using System.Text.Json;

namespace CrmLedger.PostgresTests.Http;

/// <summary>Reads answers by the names of members, as <c>promise.bindingDue</c>.</summary>
internal static class Reading
{
    /// <summary>The member, or null when it or one on the way is not there or null.</summary>
    public static JsonElement? At(this JsonElement json, string path)
    {
        foreach (string name in path.Split('.'))
        {
            if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty(name, out json)
                || json.ValueKind == JsonValueKind.Null)
            {
                return null;
            }
        }
        return json;
    }

    public static string? Text(this JsonElement json, string path) => json.At(path)?.ToString();

    public static string? Text(this Answer answer, string path) => answer.Json.Text(path);

    public static long? Number(this JsonElement json, string path) => json.At(path)?.GetInt64();

    public static long? Number(this Answer answer, string path) => answer.Json.Number(path);

    public static decimal? Decimal(this JsonElement json, string path) => json.At(path)?.GetDecimal();

    public static DateTimeOffset? Time(this JsonElement json, string path) => json.At(path)?.GetDateTimeOffset();

    public static IReadOnlyList<JsonElement> Items(this JsonElement json, string path) =>
        [.. json.At(path)!.Value.EnumerateArray()];

    public static IReadOnlyList<JsonElement> Items(this Answer answer, string path) => answer.Json.Items(path);

    /// <summary>The fields that a problem names.</summary>
    public static IReadOnlyList<string> Pointers(this JsonElement problem) =>
        problem.At("errors") is { } errors ? [.. errors.EnumerateArray().Select(e => e.Text("pointer")!)] : [];

    public static IReadOnlyList<string> Pointers(this Answer answer) => answer.Json.Pointers();
}
