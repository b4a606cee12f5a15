using System.Buffers;
using System.Text;
using System.Text.Json;
using CrmLedger.Transparency;

namespace CrmLedger.Cli.Import;

/// <summary>
/// Reads CloudEvents 1.0, one JSON object a line, and stamps each with the import that brings it. Pure.
/// </summary>
/// <remarks>
/// A line of an earlier import's file of rejected lines, <c>{"line":…,"reason":…,"event":…}</c>, stands for its event,
/// so that such a file can be corrected and imported as it is.
/// </remarks>
internal static class CloudEventLines
{
    public const string Source = "cloudevents";

    private const string Import = "importid";

    private static readonly (string Name, string Reason)[] s_needed =
    [
        ("id", "There is no id. Together, id and source are what makes sending again safe: give the fact's own id."),
        ("source", "There is no source. Together, id and source are what makes sending again safe: name your system."),
        ("type", "There is no type: the event's name, such as promise_made."),
        ("subject", "There is no subject: customer/ or member/ and your reference."),
    ];

    public static ImportLine Read(FileLine line, Guid importId) => SourceFile.Fault(line) is { } fault
        ? Reject(line.Text(), line.Number, new(fault))
        : Read(line.Text(), line.Utf8, line.Number, importId);

    private static ImportLine Read(string line, ReadOnlyMemory<byte> utf8, long number, Guid importId)
    {
        // Half a surrogate pair or a number that no reader keeps passes a JSON parser and is no text or number.
        if (InternetJson.Check(utf8.Span) is { } violation)
        {
            return Reject(line, number, new($"This is not JSON that can be taken: {violation.Detail}",
                violation.Pointer.Length > 0 ? violation.Pointer : null));
        }
        using var document = JsonDocument.Parse(utf8);
        var root = document.RootElement;
        if (root.ValueKind == JsonValueKind.Object && !root.TryGetProperty("specversion", out _)
            && root.TryGetProperty("reason", out _) && root.TryGetProperty("event", out var inner))
        {
            string original = inner.ValueKind == JsonValueKind.String ? inner.GetString()! : inner.GetRawText();
            return Read(original, Encoding.UTF8.GetBytes(original), number, importId);
        }
        return Fault(root) is { } fault
            ? Reject(line, number, fault)
            : Accept(line, number, root, importId);
    }

    private static LineRejection? Fault(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
            return new("This is not a JSON object.");
        if (root.Text("specversion") != "1.0")
            return new("The specversion must be \"1.0\".", "specversion");
        foreach (var (name, reason) in s_needed)
        {
            if (root.Member(name) is not { } value)
                return new(reason, name);
            if (value.ValueKind != JsonValueKind.String || string.IsNullOrWhiteSpace(value.GetString()))
                return new($"The {name} must be a text that says something.", name);
        }
        return null;
    }

    private static ImportLine Accept(string line, long number, JsonElement root, Guid importId)
    {
        var buffer = new ArrayBufferWriter<byte>(line.Length + 64);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = LedgerJson.Options.Encoder }))
        {
            json.WriteStartObject();
            foreach (var member in root.EnumerateObject())
            {
                if (!member.NameEquals(Import))
                    member.WriteTo(json);
            }
            json.WriteString(Import, importId);
            json.WriteEndObject();
        }
        string subject = root.Text("subject")!;
        bool alone = ImportLine.RestsOnOthers(subject, root.Text("type")!);
        return new ImportLine(number, line, subject, alone, buffer.WrittenMemory);
    }

    private static ImportLine Reject(string line, long number, LineRejection rejection) =>
        new(number, line, "", Alone: false, default) { Rejected = rejection };
}
