using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CrmLedger.Cli;

/// <summary>
/// Reads a server's answer leniently: what is missing is null, so that an older CLI can show a newer answer.
/// </summary>
internal static class Json
{
    public static JsonElement? Member(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value)
        && value.ValueKind != JsonValueKind.Null
            ? value
            : null;

    /// <summary>A member's text; numbers and booleans as they are written.</summary>
    public static string? Text(this JsonElement json, string name) => json.Member(name) is not { } value
        ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText();

    public static long? Whole(this JsonElement json, string name) =>
        json.Member(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out long number)
            ? number
            : null;

    public static double? Number(this JsonElement json, string name) =>
        json.Member(name) is { ValueKind: JsonValueKind.Number } value ? value.GetDouble() : null;

    public static bool Flag(this JsonElement json, string name) =>
        json.Member(name) is { ValueKind: JsonValueKind.True };

    public static DateTimeOffset? Time(this JsonElement json, string name) =>
        json.Member(name) is { ValueKind: JsonValueKind.String } value && value.TryGetDateTimeOffset(out var time)
            ? time.ToUniversalTime()
            : null;

    public static IEnumerable<JsonElement> Items(this JsonElement json, string name) =>
        json.Member(name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    /// <summary>
    /// The answer's pages as one answer: the first page with everybody's items and the last page's cursor.
    /// </summary>
    public static string Joined(IReadOnlyList<JsonElement> pages, string itemsName, IEnumerable<JsonElement> items)
    {
        if (pages is [var only] && only.Items(itemsName).Count() == items.Count())
            return only.GetRawText();
        var joined = JsonObject.Create(pages[0])!;
        joined[itemsName] = new JsonArray([.. items.Select(i => JsonNode.Parse(i.GetRawText()))]);
        joined["next"] = pages[^1].Text("next");
        return joined.ToJsonString(LedgerJson.Options);
    }
}

/// <summary>Values as a person reads them.</summary>
internal static class Sentences
{
    /// <summary>Minutes are enough to read; UTC.</summary>
    public static string Minute(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? "";

    public static string Percent(double? share) =>
        share?.ToString("0.0 %", CultureInfo.InvariantCulture) ?? "–";

    /// <summary>Percentage points, with their sign and a true minus.</summary>
    public static string Points(double? share) =>
        (share * 100)?.ToString("+0.0;−0.0;0.0", CultureInfo.InvariantCulture) ?? "–";

    public static string Count(long? number) => number?.ToString("#,0", CultureInfo.InvariantCulture) ?? "";

    /// <summary>A length of time by its two largest units: 3 d 4 h.</summary>
    public static string Duration(double? seconds) => seconds is not { } s ? "" : TimeSpan.FromSeconds(s) switch
    {
        { TotalDays: >= 1 } t => $"{(int)t.TotalDays} d {t.Hours} h",
        { TotalHours: >= 1 } t => $"{(int)t.TotalHours} h {t.Minutes} min",
        { TotalMinutes: >= 1 } t => $"{(int)t.TotalMinutes} min",
        var t => $"{(int)t.TotalSeconds} s",
    };

    public static string Ended(string sentence) => sentence is [.., '.' or '!' or '?'] ? sentence : sentence + ".";
}
