using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CrmLedger.Campaigns;

/// <summary>
/// Spoils the JSON of one request. The fields of its <paramref name="target" />, which is the body or an object in it,
/// are those that the <paramref name="schema" /> describes.
/// </summary>
internal sealed class BadBodies(Random random, JsonNode body, JsonObject target, JsonObject schema, string pointer)
{
    private const int LargeBytes = 10 * 1024 * 1024;
    private const string RawMark = "@raw@";

    private static readonly JsonSerializerOptions s_asItIs =
        new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Made once: ten megabytes a request would be the campaign's memory and not the server's.</summary>
    private static readonly byte[][] s_large =
    [
        [.. "{\"conditions\":\""u8, .. Enumerable.Repeat((byte)'x', LargeBytes), .. "\"}"u8],
        [.. Enumerable.Repeat((byte)' ', LargeBytes), .. "{}"u8],
        [.. Enumerable.Repeat((byte)'[', LargeBytes)],
        Encoding.UTF8.GetBytes(
            "{" + string.Join(',', Enumerable.Range(0, LargeBytes / 12).Select(i => $"\"f{i}\":1")) + "}"),
    ];

    private readonly JsonObject _properties = schema["properties"]?.AsObject() ?? [];
    private string? _raw;
    private string? _doubled;

    /// <summary>What was done to it.</summary>
    public string Wrong { get; private set; } = "nothing";

    /// <summary>What must come of it.</summary>
    public Foreseen? Foreseen { get; private set; }

    /// <summary>Whether its bytes are to be sent again and again.</summary>
    public bool IsEndless { get; private set; }

    /// <summary>Spoils it in one way.</summary>
    /// <param name="rarely">Whether it may be one of the bodies that cost megabytes.</param>
    public byte[] Spoil(bool rarely)
    {
        if (rarely)
            return Huge();
        int way = random.Next(100);
        if (way < 18)
            Odd();
        else if (way < 34)
            OfAnotherType();
        else if (way < 44)
            Unasked();
        else if (way < 52)
            Missing();
        else if (way < 60)
            Token(OddValues.NotInternetJson, atField: true);
        else if (way < 67)
            Token(OddValues.NotJson, atField: false);
        else if (way < 71)
            Double();
        else if (way < 75)
            Deep();
        else if (way < 85)
            return Bytes(Written());
        else
            Wrong = "nothing in the body";
        return Written();
    }

    /// <summary>The body as it stands.</summary>
    public byte[] Written()
    {
        string text = body.ToJsonString(s_asItIs);
        if (_raw is not null)
            text = text.Replace($"\"{RawMark}\"", _raw);
        if (_doubled is not null)
        {
            int at = text.IndexOf($"\"{_doubled}\":", StringComparison.Ordinal);
            text = text.Insert(Math.Max(1, at), $"\"{_doubled}\":null,");
        }
        return Encoding.UTF8.GetBytes(text);
    }

    private byte[] Huge()
    {
        int way = random.Next(s_large.Length + 2);
        (Wrong, Foreseen) = ("a body of 10 MB", new("too_large"));
        if (way < s_large.Length)
            return s_large[way];
        (Wrong, IsEndless) = ("an endless body", true);
        return [.. Enumerable.Repeat(way == s_large.Length ? (byte)' ' : (byte)'{', 64 * 1024)];
    }

    private string? AnyField() =>
        _properties.Count == 0 ? null : _properties.ElementAt(random.Next(_properties.Count)).Key;

    private T AnyOf<T>(T[] values) => values[random.Next(values.Length)];

    private void Odd()
    {
        if (AnyField() is not { } field)
        {
            Wrong = "nothing: it takes no field";
            return;
        }
        JsonNode value = TypesOf(field) switch
        {
            [.., "integer" or "number"] => JsonNode.Parse(AnyOf(OddValues.Numbers))!,
            [.., "array"] => new JsonArray([.. Enumerable.Range(0, random.Next(150))
                .Select(_ => (JsonNode)AnyOf(OddValues.Texts))]),
            _ when _properties[field]!["format"]?.GetValue<string>() == "date-time" => AnyOf(OddValues.Times),
            _ => AnyOf(OddValues.Texts),
        };
        target[field] = value;
        string shown = value.ToJsonString(s_asItIs);
        Wrong = $"odd {field}: {shown[..Math.Min(100, shown.Length)]}";
    }

    private void OfAnotherType()
    {
        if (AnyField() is not { } field || TypesOf(field) is not [var type])
        {
            Wrong = "nothing: it takes no field";
            return;
        }
        string[] others = type switch
        {
            "string" => ["7", "true", "[]", "{}", "1.5", "[\"a\"]", "-1e300"],
            "integer" => ["\"7\"", "1.5", "true", "[]", "{}", "1e300"],
            "number" => ["\"7\"", "0.0001", "true", "[]", "{}", "1e300"],
            "boolean" => ["\"true\"", "1", "[]", "{}"],
            "array" => ["\"a\"", "1", "{}", "[{}]", "[[]]", "[null]", "[1]"],
            _ => ["1"],
        };
        string other = AnyOf(others);
        target[field] = JsonNode.Parse(other);
        (Wrong, Foreseen) = ($"{field} is {other}", new("invalid_request", $"{pointer}/{field}"));
    }

    private void Unasked()
    {
        string name = AnyOf(OddValues.ServerOwned);
        if (_properties.ContainsKey(name))
        {
            Wrong = "nothing: the name is asked for";
            return;
        }
        target[name] = AnyOf<JsonNode?>(["x", 1, null, new JsonObject(), new JsonArray(), true]);
        string escaped = name.Replace("~", "~0").Replace("/", "~1");
        (Wrong, Foreseen) = ($"unasked '{name}'", new("invalid_request", $"{pointer}/{escaped}"));
    }

    private void Missing()
    {
        string[] required = [.. schema["required"]?.AsArray().Select(r => r!.GetValue<string>()) ?? []];
        if (required.Length == 0)
        {
            Wrong = "nothing: it needs no field";
            return;
        }
        string field = AnyOf(required);
        if (random.Next(2) == 0)
            target.Remove(field);
        else
            target[field] = null;
        (Wrong, Foreseen) = ($"no {field}", new("invalid_request", $"{pointer}/{field}"));
    }

    private void Token(string[] tokens, bool atField)
    {
        string field = AnyField() ?? "x";
        target[field] = RawMark;
        _raw = AnyOf(tokens);
        (Wrong, Foreseen) = ($"{field} is {_raw}", new("not_json", atField ? $"{pointer}/{field}" : null));
    }

    private void Double()
    {
        string field = target.Count == 0 ? "x" : target.ElementAt(random.Next(target.Count)).Key;
        target.TryAdd(field, 1);
        _doubled = field;
        // Where the name also stands further out, that one is doubled instead.
        string? at = target == body ? $"{pointer}/{field}" : null;
        (Wrong, Foreseen) = ($"{field} stands twice", new("not_json", at));
    }

    private void Deep()
    {
        string field = AnyField() ?? "x";
        int depth = AnyOf([65, 100, 10_000]);
        bool closed = random.Next(4) > 0;
        target[field] = RawMark;
        _raw = random.Next(2) == 0
            ? new string('[', depth) + (closed ? new string(']', depth) : "")
            : string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + (closed ? new string('}', depth) : "");
        (Wrong, Foreseen) = ($"{field} nests {depth:N0} deep", new("not_json"));
    }

    private byte[] Bytes(byte[] utf8)
    {
        string text = Encoding.UTF8.GetString(utf8);
        var (wrong, bytes, refused) = random.Next(16) switch
        {
            0 => ("cut short", utf8[..random.Next(1, utf8.Length)], true),
            1 => ("UTF-16", Encoding.Unicode.GetBytes(text), true),
            2 => ("UTF-16, big end first", Encoding.BigEndianUnicode.GetBytes(text), true),
            3 => ("UTF-32", Encoding.UTF32.GetBytes(text), true),
            4 => ("a byte order mark", [0xEF, 0xBB, 0xBF, .. utf8], true),
            5 => ("compressed", Compressed(utf8), true),
            6 => ("something behind it", [.. utf8, .. "}"u8], true),
            7 => ("another one behind it", [.. utf8, .. utf8], true),
            8 => ("a zero byte behind it", [.. utf8, 0], true),
            9 => ("empty", [], false),
            10 => ("only blanks", "  \r\n\t"u8.ToArray(), false),
            11 => ("a bare value", Encoding.UTF8.GetBytes(AnyOf(["7", "null", "\"x\"", "true", "[]", "[[]]"])), false),
            12 => ("in a list", [.. "["u8, .. utf8, .. "]"u8], false),
            13 => ("one byte another", Flipped(utf8), false),
            14 => ("bytes by chance", ByChance(), false),
            _ => ("not UTF-8", NotUtf8(utf8), true),
        };
        (Wrong, Foreseen) = (wrong, refused ? new("not_json") : null);
        return bytes;
    }

    private byte[] Flipped(byte[] utf8)
    {
        byte[] flipped = [.. utf8];
        flipped[random.Next(flipped.Length)] ^= (byte)(1 << random.Next(8));
        return flipped;
    }

    private byte[] ByChance()
    {
        byte[] bytes = new byte[random.Next(1, 200)];
        random.NextBytes(bytes);
        return bytes;
    }

    private byte[] NotUtf8(byte[] utf8)
    {
        byte[] wrong = AnyOf<byte[]>(
            [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xC3], [0x80]]);
        int quote = utf8.AsSpan().IndexOf((byte)'"');
        int at = quote < 0 ? 1 : quote + 1;
        return [.. utf8[..at], .. wrong, .. utf8[at..]];
    }

    private static byte[] Compressed(byte[] utf8)
    {
        using var to = new MemoryStream();
        using (var gzip = new GZipStream(to, CompressionLevel.Fastest))
            gzip.Write(utf8);
        return to.ToArray();
    }

    private string[] TypesOf(string field) => _properties[field]!["type"] switch
    {
        JsonArray several => [.. several.Select(t => t!.GetValue<string>())],
        JsonValue one => [one.GetValue<string>()],
        _ => [],
    };
}
