using System.Text;

namespace CrmLedger.PostgresTests.Fixtures;

/// <summary>A question and the answer that was once given to it.</summary>
/// <param name="Key">The name of the API key that it is asked with, or <c>nobody</c>.</param>
/// <param name="Method">GET or HEAD.</param>
/// <param name="Path">What is asked for.</param>
/// <param name="Answer">Status, headers and body, as <see cref="GoldenFile.WrittenAsync" /> writes them.</param>
internal sealed record GoldenQuestion(string Key, string Method, string Path, string Answer)
{
    public override string ToString() => $"{Key} {Method} {Path}";
}

/// <summary>
/// A file of questions, each with its answer, that people can read and compare line by line. The line breaks that are
/// put into JSON for them are the same for the same bytes, so that nothing of an answer is lost.
/// </summary>
internal static class GoldenFile
{
    private const string Mark = "\n### ";
    private const int DeepestLine = 3;

    /// <summary>What the connection adds; all other headers are a part of the answer.</summary>
    private static readonly string[] s_ofTheConnection = ["Date", "Transfer-Encoding", "Content-Length"];

    public static List<GoldenQuestion> Read(string text) =>
    [
        .. $"\n{text}".Split(Mark)[1..].Select(section => section.Split('\n', 2)).Select(parts =>
            parts[0].Split(' ') is [var key, var method, var path]
                ? new GoldenQuestion(key, method, path, parts.ElementAtOrDefault(1)?.Trim('\n') ?? "")
                : throw new FormatException($"'{parts[0]}' is not a key, a method and a path.")),
    ];

    public static string Write(IEnumerable<GoldenQuestion> questions) =>
        string.Concat(questions.Select(q => $"{Mark}{q}\n{q.Answer}\n"))[1..];

    /// <summary>The status, the body's length in bytes, the headers in order, and the body.</summary>
    public static async Task<string> WrittenAsync(HttpResponseMessage response)
    {
        byte[] body = await response.Content.ReadAsByteArrayAsync();
        var written = new StringBuilder($"{(int)response.StatusCode}, {body.Length} bytes\n");
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers)
            .Where(h => !s_ofTheConnection.Contains(h.Key, StringComparer.OrdinalIgnoreCase))
            .OrderBy(h => h.Key, StringComparer.OrdinalIgnoreCase))
        {
            written.Append($"{name}: {string.Join(", ", values)}\n");
        }
        string media = response.Content.Headers.ContentType?.MediaType ?? "";
        // Git may change line ends; a visible sign it leaves alone.
        string text = media == "application/octet-stream" ? Convert.ToHexStringLower(body).Fold(120)
            : media.EndsWith("json", StringComparison.Ordinal) ? LinesOfJson(Encoding.UTF8.GetString(body))
            : Encoding.UTF8.GetString(body).Replace('\r', '␍');
        return written.Append('\n').Append(text).ToString().Trim('\n');
    }

    /// <summary>The same JSON with line breaks between the members and items of its outer levels.</summary>
    private static string LinesOfJson(string json)
    {
        var lines = new StringBuilder(json.Length * 5 / 4);
        int depth = 0;
        bool inText = false;
        for (int i = 0; i < json.Length; i++)
        {
            char c = json[i];
            lines.Append(c);
            if (inText && c == '\\')
                lines.Append(json[++i]);
            else if (c == '"')
                inText = !inText;
            if (inText)
                continue;
            depth += c switch { '{' or '[' => 1, '}' or ']' => -1, _ => 0 };
            if (c is ',' or '{' or '[' && depth <= DeepestLine && json[i + 1] is not ('}' or ']'))
                lines.Append('\n').Append(' ', depth);
        }
        return lines.ToString();
    }

    private static string Fold(this string text, int width) =>
        string.Join('\n', text.Chunk(width).Select(line => new string(line)));
}
