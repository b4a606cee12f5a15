using System.Text;
using System.Text.Json;

namespace CrmLedger.Cli.Import;

/// <summary>
/// The file of lines that were not taken, each with its line number and reason and its event as it was, so that it can
/// be corrected and imported. It is made only when there is something to write.
/// </summary>
internal sealed class RejectedLines(string path) : IDisposable
{
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private StreamWriter? _file;

    public void Add(long line, LineRejection rejection, string original)
    {
        _file ??= Create();
        _file.WriteLine(Line(line, rejection, original));
    }

    public void Dispose() => _file?.Dispose();

    private StreamWriter Create()
    {
        try
        {
            return new StreamWriter(path, append: false, s_utf8);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new CliFailure(ExitCode.Usage,
                $"The file for rejected lines, {path}, cannot be written: {refused.Message} "
                + "Name another one with --rejected.",
                refused);
        }
    }

    /// <summary>One rejected line as it is written.</summary>
    public static string Line(long line, LineRejection rejection, string original)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = LedgerJson.Options.Encoder }))
        {
            json.WriteStartObject();
            json.WriteNumber("line", line);
            json.WriteString("reason", rejection.Reason);
            if (rejection.Field is { } field)
                json.WriteString("field", field);
            json.WritePropertyName("event");
            if (IsObject(original))
                json.WriteRawValue(original);
            else
                json.WriteStringValue(original);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static bool IsObject(string text)
    {
        try
        {
            return JsonElement.Parse(text).ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
