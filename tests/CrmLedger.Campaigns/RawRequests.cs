using System.Globalization;
using System.Text;
using CrmLedger.PostgresTests.Http;

namespace CrmLedger.Campaigns;

/// <summary>
/// Makes bytes that are not quite HTTP. The command in them lacks a field, except where the message ends early, so that
/// nothing of it may ever be recorded.
/// </summary>
internal sealed class RawRequests(string key, Random random)
{
    private const string Path = "/v1/customers/ref:c0/touchpoints";
    private const string Whole =
        """{"channel":"phone","direction":"inbound","memberId":"ref:erik","summary":"Asked about the invoice."}""";

    private const string Lacking = """{"direction":"inbound","memberId":"ref:erik","summary":"Asked."}""";

    private static readonly string[] s_lines =
    [
        "POST  {0} HTTP/1.1", "POST {0}  HTTP/1.1", "POST {0}", "POST", "", " POST {0} HTTP/1.1", "POST {0} HTTP/1.2",
        "POST {0} HTTP/2.0", "POST {0} HTTP/0.9", "POST {0} HTTP/9.9", "POST {0} http/1.1", "POST {0} HTTP/1.1 x",
        "POST {0} HTTP/1.0", "post {0} HTTP/1.1", "P\0ST {0} HTTP/1.1", "PÖST {0} HTTP/1.1", "GET {0} HTTP/1.1",
        "CONNECT {0} HTTP/1.1", "CONNECT ledger:443 HTTP/1.1", "OPTIONS * HTTP/1.1", "POST * HTTP/1.1",
        "POST http://ledger{0} HTTP/1.1", "POST http://u:p@ledger{0} HTTP/1.1", "POST https://[::1{0} HTTP/1.1",
        "POST //{0} HTTP/1.1", "POST \\v1\\events HTTP/1.1", "POST v1/events HTTP/1.1", "POST {0}%00 HTTP/1.1",
        "POST {0}\0 HTTP/1.1", "POST {0}é HTTP/1.1", "POST {0}%zz HTTP/1.1", "POST {0}%ff%fe HTTP/1.1",
        "POST {0}#x HTTP/1.1", "POST {0}?a=\0 HTTP/1.1", "POST {0}?a=é HTTP/1.1", "POST {0}/../../.. HTTP/1.1",
        "POST /../../../etc/passwd HTTP/1.1", "POST {0};x=1 HTTP/1.1", "POST {0}?%00=%00&&&=& HTTP/1.1",
        "GET / HTTP/1.1",
        "TRACE {0} HTTP/1.1", "PRI * HTTP/2.0\r\n\r\nSM\r\n", "HELO ledger", "\u0016\u0003\u0001\u0002\0\u0001",
        "POST {0}\rX: y HTTP/1.1", "POST {0}\tHTTP/1.1", "HEAD {0} HTTP/1.1", "DELETE /v1/events HTTP/1.1",
    ];

    private static readonly string[] s_headers =
    [
        "Host: two", "Host:", ": x", "x", "x : y", " x: y", "x\ty: z", "x: a\0b", "x: \u0001", "x: é", "x\r: y",
        "x: y\rz",
        "Content-Length: 5", "Content-Length: -1", "Content-Length: abc", "Content-Length: 99999999999999999999",
        "Content-Length: 1e3", "Content-Length: +5", "Content-Length: 5, 5", "Content-Length: ", "Content-Length: 0x10",
        "Transfer-Encoding: chunked", "Transfer-Encoding: gzip", "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: identity", "Transfer-Encoding: chunked, chunked", "Transfer-Encoding: x\u000bchunked",
        "Connection: upgrade\r\nUpgrade: websocket", "Connection: upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk",
        "Expect: 100-continue", "Expect: 200-ok", "Connection: Host, Authorization", "Authorization: Bearer other",
        "Content-Type: a\r\nContent-Type: b", "TE: trailers", "Trailer: Authorization", "x:\r\n y", "Cookie: \u007F",
        "If-Match: \"1\"\r\nIf-Match: \"2\"", "ce-id: a\r\nce-id: b\r\nce-source: c", "Idempotency-Key: \u00E9\u00FF",
    ];

    private static readonly string[] s_chunks =
    [
        "x\r\n{0}\r\n0\r\n\r\n", "-1\r\n{0}\r\n0\r\n\r\n", "ffffffffffffffff\r\n{0}\r\n0\r\n\r\n",
        "{1:x}\r\n{0}0\r\n\r\n",
        "7fffffff\r\n{0}\r\n0\r\n\r\n", "{1:x};{2}\r\n{0}\r\n0\r\n\r\n", "{1:x}\r\n{0}\r\n0\r\nx: {2}\r\n\r\n",
        "{1:x}\r\n{0}\r\n0\r\nAuthorization: Bearer x\r\n\r\n", "{1:x}\n{0}\n0\n\n", "0x{1:x}\r\n{0}\r\n0\r\n\r\n",
        "{1:x}\r\n{0}\r\n", "{1:x}\r\n{0}", "\r\n", "1\r\n{{\r\n0\r\n\r\n",
        "00000000000000000{1:x}\r\n{0}\r\n0\r\n\r\n",
        "{1:x} \r\n{0}\r\n0\r\n\r\n", "{1:X}\r\n{0}\r\n0\r\n\r\n", "0\r\n\r\n",
    ];

    /// <summary>The next one.</summary>
    public RawRequest Next(int number)
    {
        var (wrong, text, unfinished) = random.Next(10) switch
        {
            0 or 1 => OddLine(),
            2 or 3 => OddHeader(),
            4 => OddChunks(),
            5 => Truncated(),
            6 => OddSize(),
            7 => Many(),
            8 => ("bytes turned", Message(Lacking), true),
            _ => ("bytes by chance", "", true),
        };
        // What is not ASCII goes out as one byte of Latin 1, which is no UTF-8.
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        if (wrong == "bytes turned")
            Turn(bytes);
        else if (bytes.Length == 0)
            random.NextBytes(bytes = new byte[random.Next(1, 400)]);
        return new(number, bytes, wrong, unfinished);
    }

    private string Message(
        string body, string line = "POST " + Path + " HTTP/1.1", string extra = "", long? length = null) =>
        $"{line}\r\nHost: ledger\r\nAuthorization: Bearer {key}\r\nConnection: close\r\n{extra}"
        + $"Content-Type: application/json\r\nContent-Length: {length ?? body.Length}\r\n\r\n{body}";

    private (string, string, bool) OddLine()
    {
        string line = Of(s_lines).Replace("{0}", Path);
        return ($"line {line}", Message(Lacking, line), false);
    }

    private (string, string, bool) OddHeader()
    {
        string header = Of(s_headers);
        return ($"header {header}", Message(Lacking, extra: header + "\r\n"), true);
    }

    private (string, string, bool) OddChunks()
    {
        string chunks = Of(s_chunks);
        string body = string.Format(
            CultureInfo.InvariantCulture, chunks, Lacking, Lacking.Length, new string('x', random.Next(20_000)));
        return ($"chunks {chunks}", Chunked(body), true);
    }

    private string Chunked(string body) =>
        $"POST {Path} HTTP/1.1\r\nHost: ledger\r\nAuthorization: Bearer {key}\r\nConnection: close\r\n"
        + $"Transfer-Encoding: chunked\r\n\r\n{body}";

    /// <summary>A good command of which not all arrives. Less than the whole of it is no JSON.</summary>
    private (string, string, bool) Truncated()
    {
        string message = random.Next(2) == 0
            ? Message(Whole)
            : Chunked($"{Whole.Length:x}\r\n{Whole}\r\n0\r\n\r\n");
        int end = message.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        int least = random.Next(2) == 0 ? 1 : end;
        int most = message.IndexOf(Whole, StringComparison.Ordinal) + Whole.Length;
        return ("cut short", message[..random.Next(least, most)], true);
    }

    private (string, string, bool) OddSize()
    {
        string body = Of([Whole, Lacking]);
        long length = random.Next(4) switch
        {
            0 => random.Next(body.Length),
            1 => body.Length + 1 + random.Next(1_000),
            2 => 300_000,
            _ => long.MaxValue,
        };
        return ($"says {length} bytes and has {body.Length}", Message(body, length: length), true);
    }

    private (string, string, bool) Many()
    {
        string sent = Message(Lacking).Replace("Connection: close\r\n", "");
        return random.Next(6) switch
        {
            0 => ("a long line", Message(Lacking, $"POST {Path}?{new string('x', 9_000)} HTTP/1.1"), false),
            1 => ("a long header", Message(Lacking, extra: $"x: {new string('x', 40_000)}\r\n"), false),
            2 => ("many headers", Message(Lacking, extra: string.Concat(
                Enumerable.Range(0, 300).Select(i => $"x{i}: y\r\n"))), false),
            3 => ("several at once", sent + sent + Message(Lacking), false),
            4 => ("one behind a line end", "\r\n\r\n" + Message(Lacking), false),
            _ => ("something behind it", sent + "xyz\r\n\r\n", true),
        };
    }

    private void Turn(byte[] bytes)
    {
        for (int i = random.Next(1, 6); i > 0; i--)
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
    }

    private string Of(string[] of) => of[random.Next(of.Length)];
}
