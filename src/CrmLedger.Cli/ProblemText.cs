using System.Net;
using System.Text.Json;

namespace CrmLedger.Cli;

/// <summary>Says a server's problem (RFC 9457) in one paragraph.</summary>
internal static class ProblemText
{
    /// <summary>What an answer that is no success means for the user.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="body">The answer's body.</param>
    /// <param name="settings">Whom we asked and with which key.</param>
    public static CliFailure Failure(HttpStatusCode status, string body, Settings settings)
    {
        var problem = Read(body);
        string said = problem is { } p ? Sentence(p) : $"HTTP status {(int)status}.";
        string message = status switch
        {
            HttpStatusCode.Unauthorized =>
                $"The server at {settings.Url} does not accept the key from {settings.KeyFrom}. "
                + Settings.HowToGetAKey,
            HttpStatusCode.Forbidden =>
                $"The key from {settings.KeyFrom} does not allow this: {said} Create one with the scope that it needs: "
                + "`crmledger keys create --tenant NAME --scopes …` (append, read, lead, audit, admin).",
            HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway
                or HttpStatusCode.GatewayTimeout =>
                    $"The server at {settings.Url} is not ready: {said} Try again in a moment.",
            _ when problem is null && (int)status < 500 =>
                $"{settings.Url} answered with HTTP status {(int)status}. "
                + "Is a CrmLedger server of this version at this address?",
            _ when (int)status < 500 => $"The server refused it: {said}",
            _ => $"The server failed: {said} Its log says more.",
        };
        return new ServerRefusal(ExitCodeOf(status), message, Code(problem));
    }

    /// <summary>The reason in words: the problem's detail and what it says of single fields.</summary>
    public static string Sentence(JsonElement problem)
    {
        string said = problem.Text("detail") ?? problem.Text("title") ?? "no reason given.";
        var fields = problem.Items("errors")
            .Where(e => e.Text("detail") is { } detail && !said.Contains(detail, StringComparison.Ordinal))
            .Select(e => $"{e.Text("pointer")}: {e.Text("detail")}");
        return Sentences.Ended(string.Join(' ', fields.Prepend(said)));
    }

    /// <summary>The field that the problem points at first, or null.</summary>
    public static string? Field(JsonElement problem) =>
        problem.Items("errors").Select(e => e.Text("pointer")).FirstOrDefault(p => p is not null);

    /// <summary>The problem's stable name: the last part of its type.</summary>
    public static string? Code(JsonElement? problem) =>
        problem?.Text("type") is { } type ? type[(type.LastIndexOfAny(['/', '#', ':']) + 1)..] : null;

    private static int ExitCodeOf(HttpStatusCode status) => (int)status switch
    {
        429 or 502 or 503 or 504 => ExitCode.NotReachable,
        >= 400 and < 500 => ExitCode.Refused,
        _ => ExitCode.Failed,
    };

    private static JsonElement? Read(string body)
    {
        try
        {
            var root = JsonElement.Parse(body);
            return root.Member("type") is not null || root.Member("detail") is not null ? root : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
