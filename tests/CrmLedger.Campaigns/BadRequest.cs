using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using CrmLedger.PostgresTests.Http;

namespace CrmLedger.Campaigns;

/// <summary>A problem that must come of a request, where what is wrong with it leaves no choice.</summary>
/// <param name="Code">The problem's code.</param>
/// <param name="Pointer">The field that one of its errors must point at, or null.</param>
internal sealed record Foreseen(string Code, string? Pointer = null);

/// <summary>One request of the campaign, as it goes over the wire.</summary>
/// <param name="Number">Its place in the campaign.</param>
/// <param name="Operation">What it was made of.</param>
/// <param name="Method">The HTTP method.</param>
/// <param name="Target">Path and query, escaped as they are sent.</param>
/// <param name="Headers">All headers; those of the body among them.</param>
/// <param name="Body">The body, or null.</param>
/// <param name="Wrong">What is wrong with it.</param>
internal sealed record BadRequest(
    int Number, string Operation, string Method, string Target, IReadOnlyList<(string Name, string Value)> Headers,
    byte[]? Body, string Wrong)
{
    /// <summary>More than this of an endless body is a server that never says no.</summary>
    private const int EndlessBytes = 64 * 1024 * 1024;

    /// <summary>The body is sent again and again, in chunks, for as long as anybody takes it.</summary>
    public bool IsEndless { get; init; }

    /// <summary>The only answer that is right, or null where several are.</summary>
    public Foreseen? Foreseen { get; init; }

    /// <summary>
    /// A server that refuses a large body unread may close the connection before the client has read why.
    /// </summary>
    public bool MayBeCut => IsEndless || Body?.Length > 128 * 1024;

    /// <summary>The request for a client, which sends the target as it stands.</summary>
    public HttpRequestMessage ToMessage(Uri server)
    {
        var target = new Uri(
            server.GetLeftPart(UriPartial.Authority) + Target,
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var message = new HttpRequestMessage(new HttpMethod(Method), target);
        if (IsEndless)
            message.Content = new EndlessContent(Body!, EndlessBytes);
        else if (Body is not null)
            message.Content = new ByteArrayContent(Body);
        foreach (var (name, value) in Headers)
        {
            if (!message.Headers.TryAddWithoutValidation(name, value))
                message.Content?.Headers.TryAddWithoutValidation(name, value);
        }
        if (IsEndless)
            message.Headers.TransferEncodingChunked = true;
        if (MayBeCut)
            message.Headers.ConnectionClose = true;
        return message;
    }

    /// <summary>Adds what the seed made of it, so that two runs can be seen to be the same.</summary>
    public void AddTo(IncrementalHash hash)
    {
        string head = string.Join('\n', Headers.Where(h => !h.Value.StartsWith("Bearer crm_", StringComparison.Ordinal))
            .Select(h => $"{h.Name}: {h.Value}"));
        hash.AppendData(Encoding.UTF8.GetBytes($"{Method} {Target}\n{head}\n\n"));
        hash.AppendData(Body ?? []);
    }

    public override string ToString()
    {
        string body = Body is null ? "" : RawRequest.Readable(Body);
        string headers = string.Join('\n', Headers
            .Select(h => $"{h.Name}: {(h.Name == "Authorization" ? "…" : Shortened(h.Value))}"));
        return string.Create(CultureInfo.InvariantCulture,
            $"request {Number}, {Operation}: {Wrong}\n{Method} {Shortened(Target)}\n{headers}\n\n{body}");
    }

    private static string Shortened(string text) =>
        text.Length <= 300 ? text : $"{text[..300]}… ({text.Length:N0} characters)";

    private sealed class EndlessContent(byte[] part, int most) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            for (int sent = 0; sent < most; sent += part.Length)
                await stream.WriteAsync(part);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = -1;
            return false;
        }
    }
}
