using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace CrmLedger.Transparency;

/// <summary>JSON in the one form that can be hashed: the JSON Canonicalization Scheme.</summary>
/// <remarks>
/// RFC 8785. Members are sorted by their names' UTF-16 code units, numbers are written as ECMAScript writes them,
/// strings keep their characters (no Unicode normalization), and there is no white space. Nesting deeper than
/// <see cref="MaxDepth"/> is refused. Input that came from outside is first checked by <see cref="InternetJson"/>,
/// which also refuses numbers that this would round.
/// </remarks>
public static class CanonicalJson
{
    /// <summary>The deepest nesting of arrays and objects that is canonicalized.</summary>
    public const int MaxDepth = 1000;

    private static readonly JsonReaderOptions Strict = new() { MaxDepth = MaxDepth };

    // An element was parsed already, perhaps by a reader that let comments pass: its source text may hold them.
    private static readonly JsonReaderOptions Lenient = new()
    {
        MaxDepth = MaxDepth,
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
    };

    /// <summary>Writes the canonical UTF-8 form of a parsed value.</summary>
    /// <param name="value">A value whose document is still alive.</param>
    /// <param name="output">Receives the bytes only when all of the value was canonicalized.</param>
    /// <exception cref="JsonException">
    /// The value is not I-JSON: a member name twice in one object, a lone surrogate, invalid UTF-8 or a number that
    /// no finite double holds.
    /// </exception>
    public static void Write(JsonElement value, IBufferWriter<byte> output)
    {
        var buffer = CanonicalBuffer.Take();
        buffer.Json(JsonMarshal.GetRawUtf8Value(value), Lenient);
        output.Write(buffer.Written);
        buffer.Return();
    }

    /// <summary>Canonicalizes one JSON text.</summary>
    /// <param name="utf8Json">Exactly one JSON value in UTF-8, without a byte order mark.</param>
    /// <returns>The canonical UTF-8 bytes.</returns>
    /// <exception cref="JsonException">The text is not JSON, or not I-JSON (see <see cref="Write"/>).</exception>
    public static byte[] Canonicalize(ReadOnlySpan<byte> utf8Json)
    {
        var buffer = CanonicalBuffer.Take();
        buffer.Json(utf8Json, Strict);
        var canonical = buffer.Written.ToArray();
        buffer.Return();
        return canonical;
    }

    /// <inheritdoc cref="Canonicalize(ReadOnlySpan{byte})"/>
    public static byte[] Canonicalize(ReadOnlyMemory<byte> utf8Json) => Canonicalize(utf8Json.Span);

    /// <summary>Canonicalizes an object into a buffer that others write to as well.</summary>
    internal static void AppendObject(CanonicalBuffer buffer, ReadOnlySpan<byte> utf8Json)
    {
        var start = buffer.Written.Length;
        buffer.Json(utf8Json, Strict);
        if (buffer.Written[start] != '{')
            throw new JsonException("The JSON text is not an object.");
    }
}
