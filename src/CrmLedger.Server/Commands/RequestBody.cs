using System.Text.Json;
using CrmLedger.Server.Problems;
using CrmLedger.Transparency;
using Microsoft.AspNetCore.Http;

namespace CrmLedger.Server.Commands;

/// <summary>Reads bodies: bounded, I-JSON, and with a problem instead of an exception.</summary>
public static class RequestBody
{
    /// <summary>Bytes of one command's body.</summary>
    public const int CommandBytes = 256 * 1024;

    /// <summary>Bytes of a batch.</summary>
    public const int BatchBytes = 8 * 1024 * 1024;

    /// <summary>Reads the whole body, up to a limit.</summary>
    public static async Task<(byte[] Body, Problem? Problem)> ReadAsync(
        HttpRequest request, int limit, CancellationToken cancel)
    {
        if (request.ContentLength > limit)
            return ([], TooLarge(limit));
        using var body = new MemoryStream((int)(request.ContentLength ?? 1024));
        byte[] buffer = new byte[16 * 1024];
        try
        {
            int read;
            while ((read = await request.Body.ReadAsync(buffer, cancel)) > 0)
            {
                if (body.Length + read > limit)
                    return ([], TooLarge(limit));
                body.Write(buffer.AsSpan(0, read));
            }
        }
        catch (IOException bad)
        {
            // Kestrel tells of a chunk whose size no number holds by a plain IOException.
            int status = (bad as BadHttpRequestException)?.StatusCode ?? StatusCodes.Status400BadRequest;
            bool tooLarge = status == StatusCodes.Status413PayloadTooLarge;
            return ([], tooLarge ? TooLarge(limit) : FailureHandling.OfHttp(status));
        }
        return (body.ToArray(), null);
    }

    /// <summary>Reads one command's body, a JSON object; an empty one is an empty object.</summary>
    public static async Task<(JsonElement Json, Problem? Problem)> ReadCommandAsync(
        HttpRequest request, CancellationToken cancel)
    {
        var (body, unread) = await ReadAsync(request, CommandBytes, cancel);
        return unread is null ? ParseObject(body) : (default, unread);
    }

    /// <summary>Parses one JSON object; an empty body is an empty object.</summary>
    public static (JsonElement Json, Problem? Problem) ParseObject(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty)
            return (JsonElement.Parse("{}"u8), null);
        if (InternetJson.Check(utf8) is { } violation)
            return (default, NotJson(violation));
        var json = JsonElement.Parse(utf8);
        return json.ValueKind == JsonValueKind.Object
            ? (json, null)
            : (default, new(ProblemCodes.NotJson, "The body must be a JSON object.", [new("", "must be an object.")]));
    }

    /// <summary>What to answer to a body that is not I-JSON.</summary>
    public static Problem NotJson(InternetJsonViolation violation) => new(ProblemCodes.NotJson,
        $"{violation.Detail} (at '{violation.Pointer}')", [new(violation.Pointer, violation.Detail)]);

    private static Problem TooLarge(int limit) =>
        new(ProblemCodes.TooLarge, $"The body has more than {limit:N0} bytes. Send less at a time.");
}
