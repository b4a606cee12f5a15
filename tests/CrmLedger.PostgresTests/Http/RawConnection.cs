using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace CrmLedger.PostgresTests.Http;

/// <summary>Bytes for a connection.</summary>
/// <param name="Number">Its place among those that are sent.</param>
/// <param name="Bytes">All that is sent.</param>
/// <param name="Wrong">What is wrong with it.</param>
/// <param name="IsUnfinished">Whether the server would wait for more, and must be told that there is none.</param>
internal sealed record RawRequest(int Number, byte[] Bytes, string Wrong, bool IsUnfinished)
{
    public override string ToString() =>
        $"raw request {Number}: {Wrong}{(IsUnfinished ? ", then the end" : "")}\n{Readable(Bytes)}";

    /// <summary>The beginning of bytes, what is no printable ASCII as \xNN.</summary>
    public static string Readable(ReadOnlySpan<byte> bytes)
    {
        const int shown = 1_500;
        var text = new StringBuilder();
        foreach (byte b in bytes[..Math.Min(shown, bytes.Length)])
            text.Append(b is (>= (byte)' ' and <= (byte)'~') or (byte)'\n' ? $"{(char)b}" : $"\\x{b:x2}");
        return bytes.Length > shown ? $"{text}… ({bytes.Length:N0} bytes)" : text.ToString();
    }
}

/// <summary>A connection of its own for some bytes, read to its end.</summary>
internal static class RawConnection
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    /// <summary>After this the server is taken to wait for more, and is told that there is none.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(300);

    /// <summary>Sends and reads everything.</summary>
    /// <returns>The answers; none when the server just closed.</returns>
    public static async Task<IReadOnlyList<Answer>> SendAsync(Uri server, RawRequest request)
    {
        using var patience = new CancellationTokenSource(s_patience);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server.Host, server.Port, patience.Token);
        using var read = new MemoryStream();
        try
        {
            await socket.SendAsync(request.Bytes, SocketFlags.None, patience.Token);
            if (request.IsUnfinished)
                socket.Shutdown(SocketShutdown.Send);
            byte[] buffer = new byte[16 * 1024];
            var reading = socket.ReceiveAsync(buffer, SocketFlags.None, patience.Token).AsTask();
            if (!request.IsUnfinished && await Task.WhenAny(reading, Task.Delay(s_pause)) != reading)
                socket.Shutdown(SocketShutdown.Send);
            for (int count; (count = await reading) > 0;)
            {
                read.Write(buffer.AsSpan(0, count));
                reading = socket.ReceiveAsync(buffer, SocketFlags.None, patience.Token).AsTask();
            }
        }
        catch (SocketException reset) when (
            reset.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown)
        {
            // It was closed with something of ours unread: what came until then is the answer.
        }
        return Parse(read.ToArray());
    }

    /// <summary>Whether it is what the web server itself says to what is not HTTP: a status and no more.</summary>
    public static bool IsBare(Answer answer) => answer.Text.Length == 0
        && answer.Status is 400 or 405 or 408 or 411 or 413 or 414 or 417 or 431 or 501 or 505;

    /// <summary>Whether it is what people are told who look for pages that were not built.</summary>
    public static bool IsOfPages(Answer answer) => answer.Status == 503
        && answer.Text.StartsWith("The pages were not built.", StringComparison.Ordinal);

    private static List<Answer> Parse(ReadOnlySpan<byte> bytes)
    {
        var answers = new List<Answer>();
        while (!bytes.IsEmpty)
        {
            // GOAWAY: what begins as HTTP/2 is told in its own tongue that it is not spoken here.
            if (bytes.StartsWith<byte>([0, 0, 8, 7]))
                break;
            int end = bytes.IndexOf("\r\n\r\n"u8);
            if (end < 0)
                throw new InvalidDataException($"no HTTP: {RawRequest.Readable(bytes)}");
            string[] lines = Encoding.Latin1.GetString(bytes[..end]).Split("\r\n");
            bytes = bytes[(end + 4)..];
            int status = int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture);
            if (status == 100)
                continue;
            var headers = lines.Skip(1).Select(l => l.Split(": ", 2)).ToDictionary(
                h => h[0], h => h.Length > 1 ? h[1] : "", StringComparer.OrdinalIgnoreCase);
            string text = Encoding.UTF8.GetString(Body(ref bytes, headers));
            bool isJson = text.Length > 0
                && headers.GetValueOrDefault("Content-Type", "").EndsWith("json", StringComparison.Ordinal);
            answers.Add(new(status, isJson ? JsonElement.Parse(text) : default, text, headers));
        }
        return answers;
    }

    private static byte[] Body(ref ReadOnlySpan<byte> bytes, Dictionary<string, string> headers)
    {
        if (headers.TryGetValue("Content-Length", out string? length))
        {
            int size = Math.Min(bytes.Length, int.Parse(length, CultureInfo.InvariantCulture));
            byte[] whole = bytes[..size].ToArray();
            bytes = bytes[size..];
            return whole;
        }
        if (!headers.ContainsKey("Transfer-Encoding"))
        {
            // HTTP/1.0: what comes until the end of the connection.
            byte[] rest = bytes.ToArray();
            bytes = [];
            return rest;
        }
        var body = new MemoryStream();
        while (!bytes.IsEmpty)
        {
            int end = bytes.IndexOf("\r\n"u8);
            int size = int.Parse(bytes[..end], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            body.Write(bytes.Slice(end + 2, size));
            bytes = bytes[(end + 2 + size + 2)..];
            if (size == 0)
                break;
        }
        return body.ToArray();
    }
}
