using System.Buffers;
using System.Text.Json;

namespace CrmLedger.Cli.Import;

/// <summary>What is to be sent for one line of a file, or why nothing is.</summary>
/// <param name="Number">The line of the file, from 1.</param>
/// <param name="Original">
/// The line as it stands in the file, to be given back when rejected; null where that is what is sent.
/// </param>
/// <param name="Subject">Whose stream it goes to; lines of one subject stay in order.</param>
/// <param name="Alone">Whether others may rest on it, or it on others, whatever their subject.</param>
/// <param name="Utf8">One line of JSON to send; empty when it is rejected.</param>
/// <param name="Rejected">Why it is not sent, or null.</param>
internal sealed record ImportLine(
    long Number, string? Original, string Subject, bool Alone, ReadOnlyMemory<byte> Utf8,
    LineRejection? Rejected = null)
{
    public static ImportLine Of(CloudEvent mapped, Guid importId) =>
        new(mapped.Row, null, mapped.Subject, RestsOnOthers(mapped.Subject, mapped.Type), mapped.ToUtf8(importId));

    /// <summary>
    /// Members join before a customer's events name them, and a merge names another customer: such events keep their
    /// place among those of every other subject.
    /// </summary>
    public static bool RestsOnOthers(string subject, string type) =>
        !subject.StartsWith(CloudEvent.CustomerSubject, StringComparison.Ordinal) || type == "customer_merged_into";
}

/// <summary>Why a line was not taken.</summary>
/// <param name="Reason">In words.</param>
/// <param name="Field">Which member it is about, or null.</param>
internal sealed record LineRejection(string Reason, string? Field = null);

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

    /// <summary>More than this cannot be one event.</summary>
    public const int LongestLine = 1 << 20;

    private const string Import = "importid";

    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false };

    private static readonly (string Name, string Reason)[] s_needed =
    [
        ("id", "There is no id. Together, id and source are what makes sending again safe: give the fact's own id."),
        ("source", "There is no source. Together, id and source are what makes sending again safe: name your system."),
        ("type", "There is no type: the event's name, such as promise_made."),
        ("subject", "There is no subject: customer/ or member/ and your reference."),
    ];

    public static ImportLine Read(string line, long number, Guid importId)
    {
        if (line.Length > LongestLine)
            return Reject(line, number, new($"The line is longer than {LongestLine} characters."));
        try
        {
            using var document = JsonDocument.Parse(line, s_strict);
            var root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object && !root.TryGetProperty("specversion", out _)
                && root.TryGetProperty("reason", out _) && root.TryGetProperty("event", out var inner))
            {
                string original = inner.ValueKind == JsonValueKind.String ? inner.GetString()! : inner.GetRawText();
                return Read(original, number, importId);
            }
            return Fault(root) is { } fault
                ? Reject(line, number, fault)
                : Accept(line, number, root, importId);
        }
        catch (JsonException broken)
        {
            return Reject(line, number, new($"This is not JSON: {broken.Message.Split(" LineNumber:")[0]}"));
        }
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
        new(number, line, "", Alone: false, default, rejection);
}
