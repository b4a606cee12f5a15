using System.Text.Json;
using System.Text.Json.Serialization;

namespace CrmLedger;

/// <summary>
/// Personal text as the core sees it: sealed, never in clear. The edge encrypts it under its subject's own key before
/// a command is decided and decrypts it only when somebody with the right to read asks.
/// </summary>
/// <param name="Ciphertext">The sealed text as it stands in JSON, one string.</param>
[JsonConverter(typeof(SealedJsonConverter))]
public readonly record struct Sealed(string Ciphertext)
{
    /// <inheritdoc />
    public override string ToString() => Ciphertext;
}

internal sealed class SealedJsonConverter : JsonConverter<Sealed>
{
    public override Sealed Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.GetString() ?? throw new JsonException("A sealed text is a string."));

    public override void Write(Utf8JsonWriter writer, Sealed value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Ciphertext);
}
