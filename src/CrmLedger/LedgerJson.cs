using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace CrmLedger;

/// <summary>
/// How events and answers are written as JSON: camelCase, enums as snake_case names, UTC times in microseconds.
/// </summary>
public static class LedgerJson
{
    /// <summary>A UTC time with exactly six digits of a second.</summary>
    public const string TimeFormat = "yyyy-MM-ddTHH:mm:ss.ffffffZ";

    /// <summary>The options for everything that is stored or sent. Nulls are left out.</summary>
    public static JsonSerializerOptions Options { get; } = Make();

    /// <summary>
    /// The time as it is stored: UTC, cut (never rounded up) to microseconds, so that no time lies in the future by
    /// rounding.
    /// </summary>
    public static DateTimeOffset ToMicroseconds(DateTimeOffset time) =>
        new(time.UtcTicks - time.UtcTicks % TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);

    /// <summary>The time as text, in <see cref="TimeFormat" />.</summary>
    public static string Format(DateTimeOffset time) =>
        time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        };
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false));
        options.Converters.Add(new MicrosecondTimeConverter());
        options.MakeReadOnly();
        return options;
    }

    private sealed class MicrosecondTimeConverter : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(
            ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            // As it is stored, which nearly all times are.
            reader is { HasValueSequence: false, ValueSpan: [.., (byte)'Z'] and { Length: 27 } }
                && reader.TryGetDateTimeOffset(out var stored)
            ? ToMicroseconds(stored)
            // A time without an offset would be read in the zone of whatever machine reads it.
            : reader.TryGetDateTime(out var time) && time.Kind != DateTimeKind.Unspecified
                ? ToMicroseconds(reader.GetDateTimeOffset())
                : throw new JsonException("A time needs an offset from UTC, such as Z.");

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
        {
            Span<char> text = stackalloc char[TimeFormat.Length];
            value.UtcDateTime.TryFormat(text, out int written, TimeFormat, CultureInfo.InvariantCulture);
            writer.WriteStringValue(text[..written]);
        }
    }
}
