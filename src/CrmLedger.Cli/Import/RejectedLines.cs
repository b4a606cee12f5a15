using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace CrmLedger.Cli.Import;

/// <summary>
/// The file of lines that were not taken, each with its line number and reason and its event as it was, so that it can
/// be corrected and imported. It holds personal data, so that nobody else may read it, and comes to its place whole,
/// when the import is over.
/// </summary>
/// <param name="path">Its place.</param>
internal sealed class RejectedLines(string path) : IDisposable
{
    private const string Number = "line", Reason = "reason", Event = "event";

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly string _draft = $"{path}.{Environment.ProcessId}.partial";
    private StreamWriter? _file;

    public void Add(long line, LineRejection rejection, string original) => OnDisk(() =>
    {
        _file ??= Create();
        _file.WriteLine(Line(line, rejection, original));
        return 0;
    });

    /// <summary>
    /// Brings the file to its place. One that is there may hold corrections, so it is kept beside it; when nothing was
    /// rejected, it has nothing left to say and goes.
    /// </summary>
    /// <returns>What became of the earlier one, or null when there was none.</returns>
    public string? Finish() => OnDisk(() =>
    {
        if (_file is null)
        {
            if (!IsOurs())
                return null;
            File.Delete(path);
            return $"Nothing was rejected, so {path} of an earlier run was removed.";
        }
        _file.Dispose();
        string? kept = KeepEarlier();
        File.Move(_draft, path, overwrite: true);
        return kept is null ? null : $"The earlier {path} is kept as {kept}.";
    });

    /// <summary>An import that failed leaves no file: running it again finds the same lines.</summary>
    public void Dispose()
    {
        if (_file is null)
            return;
        try
        {
            _file.Dispose();
            File.Delete(_draft);
        }
        catch (IOException)
        {
            // The disk may be full, which the import has said by now.
        }
    }

    private StreamWriter Create()
    {
        File.Delete(_draft);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new StreamWriter(_draft, s_utf8, options);
    }

    /// <summary>Only a file that looks like ours is taken away: --rejected may name anything.</summary>
    private bool IsOurs()
    {
        if (!File.Exists(path) || File.ReadLines(path).FirstOrDefault() is not { } first)
            return false;
        try
        {
            var json = JsonElement.Parse(first);
            return json.Member(Number) is not null && json.Member(Reason) is not null && json.Member(Event) is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private string? KeepEarlier()
    {
        if (!File.Exists(path) || Hash(path).AsSpan().SequenceEqual(Hash(_draft)))
            return null;
        string place = path + ".previous";
        for (int n = 2; File.Exists(place); n++)
            place = $"{path}.previous-{n}";
        File.Move(path, place);
        return place;
    }

    private static byte[] Hash(string file)
    {
        using var bytes = File.OpenRead(file);
        return SHA256.HashData(bytes);
    }

    private TResult OnDisk<TResult>(Func<TResult> work)
    {
        try
        {
            return work();
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new CliFailure(ExitCode.Usage,
                $"The file for rejected lines, {path}, cannot be written: {Sentences.Ended(refused.Message)} "
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
            json.WriteNumber(Number, line);
            json.WriteString(Reason, rejection.Reason);
            if (rejection.Field is { } field)
                json.WriteString("field", field);
            json.WritePropertyName(Event);
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
