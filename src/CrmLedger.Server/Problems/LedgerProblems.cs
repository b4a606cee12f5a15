using System.Collections.Frozen;
using CrmLedger.Server.Views;
using Microsoft.AspNetCore.Http;

namespace CrmLedger.Server.Problems;

/// <summary>What was wrong with one field of a request.</summary>
/// <param name="Pointer">Where: an RFC 6901 pointer into the body, or the name of a header or query parameter.</param>
/// <param name="Detail">What was wrong and what to send instead.</param>
public sealed record FieldError(string Pointer, string Detail)
{
    /// <summary>What was wrong with a member of an object, whatever characters its name has.</summary>
    public static FieldError At(string pointer, string name, string detail) => new(
        $"{pointer}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}",
        detail);
}

/// <summary>An answer that tells a client what it did wrong or what could not be done (RFC 9457).</summary>
/// <param name="Code">The stable code; the last part of <c>type</c>.</param>
/// <param name="Detail">For a human.</param>
/// <param name="Errors">The fields it is about.</param>
/// <param name="RetryAfterSeconds">When to try again, or null.</param>
public sealed record Problem(
    string Code, string Detail, IReadOnlyList<FieldError>? Errors = null, int? RetryAfterSeconds = null)
{
    /// <summary>How many errors are told; a body can hold a million, and nobody reads so many.</summary>
    public const int MostErrors = 50;

    /// <summary>The problem of a refused command.</summary>
    public static Problem Of(Rejection rejection) => new(CodeOf(rejection.Code), rejection.Detail,
        rejection.Field is null ? null : [new($"/{rejection.Field}", rejection.Detail)]);

    /// <summary>The code of a refusal as clients see it.</summary>
    public static string CodeOf(RejectionCode code) => Words.Name(code);

    /// <summary>Fields that are malformed, missing, unknown or out of range.</summary>
    public static Problem Invalid(params IReadOnlyList<FieldError> errors) =>
        new(ProblemCodes.Invalid, string.Join(" ", errors.Select(e => $"{e.Pointer}: {e.Detail}").Take(5)),
            errors.Count <= MostErrors ? errors : [.. errors.Take(MostErrors), new("", "and more.")]);
}

/// <summary>The codes of problems that are not a decider's refusals.</summary>
public static class ProblemCodes
{
#pragma warning disable CS1591 // the table in LedgerProblems says what each means
    public const string Invalid = "invalid_request";
    public const string Malformed = "malformed_request";
    public const string NotJson = "not_json";
    public const string TooSlow = "too_slow";
    public const string HeadersTooLarge = "headers_too_large";
    public const string TooLarge = "too_large";
    public const string UnsupportedMediaType = "unsupported_media_type";
    public const string Unauthenticated = "unauthenticated";
    public const string Forbidden = "forbidden";
    public const string NotFound = "not_found";
    public const string MethodNotAllowed = "method_not_allowed";
    public const string StaleVersion = "stale_version";
    public const string EventIdReused = "event_id_reused";
    public const string KeyReused = "idempotency_key_reused";
    public const string KeyInUse = "idempotency_key_in_use";
    public const string Contended = "contended";
    public const string NotYetVisible = "not_yet_visible";
    public const string AtomicRejected = "atomic_batch_rejected";
    public const string Busy = "busy";
    public const string StorageFull = "storage_full";
    public const string LogStopped = "log_stopped";
    public const string KeyMissing = "key_missing";
    public const string Unavailable = "unavailable";
    public const string Internal = "internal";
#pragma warning restore CS1591
}

/// <summary>The one table that gives each code its HTTP status and its title.</summary>
public static class LedgerProblems
{
    /// <summary>
    /// What the <c>type</c> of every problem begins with. It names the problem; nothing need be served there.
    /// </summary>
    public const string TypeBase = "urn:crmledger:problem:";

    private static readonly FrozenDictionary<string, (int Status, string Title)> s_http =
        new Dictionary<string, (int, string)>
        {
            [ProblemCodes.Invalid] = (422, "The request does not fit what is expected"),
            [ProblemCodes.Malformed] = (400, "The request is not one that HTTP allows"),
            [ProblemCodes.TooSlow] = (408, "The request came too slowly"),
            [ProblemCodes.HeadersTooLarge] = (431, "The headers are too large"),
            [ProblemCodes.NotJson] = (400, "The body is not JSON that the ledger takes"),
            [ProblemCodes.TooLarge] = (413, "The body is too large"),
            [ProblemCodes.UnsupportedMediaType] = (415, "The content type is not one that is taken here"),
            [ProblemCodes.Unauthenticated] = (401, "No valid key was sent"),
            [ProblemCodes.Forbidden] = (403, "The key may not do this"),
            [ProblemCodes.NotFound] = (404, "There is nothing at this address"),
            [ProblemCodes.MethodNotAllowed] = (405, "This address does not take that method"),
            [ProblemCodes.StaleVersion] = (412, "The stream has moved on"),
            [ProblemCodes.EventIdReused] = (409, "Another event has this id"),
            [ProblemCodes.KeyReused] = (422, "The Idempotency-Key was used for another request"),
            [ProblemCodes.KeyInUse] = (409, "A request with this Idempotency-Key is still running"),
            [ProblemCodes.Contended] = (409, "Too many requests change the same stream"),
            [ProblemCodes.NotYetVisible] = (504, "The view does not reflect that position yet"),
            [ProblemCodes.AtomicRejected] = (422, "Nothing of the batch was recorded"),
            [ProblemCodes.Busy] = (503, "The ledger is busy"),
            [ProblemCodes.StorageFull] = (503, "There is no room left to record anything"),
            [ProblemCodes.LogStopped] = (503, "The log takes nothing until an operator has looked"),
            [ProblemCodes.KeyMissing] = (503, "The key of somebody's personal text must be restored first"),
            [ProblemCodes.Unavailable] = (503, "The ledger cannot be written or read at the moment"),
            [ProblemCodes.Internal] = (500, "Something went wrong in the ledger"),
        }.ToFrozenDictionary();

    private static readonly FrozenSet<string> s_neverRight = new[]
    {
        RejectionCode.ScoreMissing, RejectionCode.ScoreOutOfRange, RejectionCode.ScoreNotTaken,
        RejectionCode.CommentMissing, RejectionCode.ListedTwice, RejectionCode.DateNotAhead,
        RejectionCode.NothingToCorrect, RejectionCode.CustomerMergedIntoItself,
    }.Select(Problem.CodeOf).ToFrozenSet();

    /// <summary>The status and title of a code.</summary>
    public static (int Status, string Title) Http(string code) =>
        s_http.TryGetValue(code, out var http) ? http : (RejectionStatus(code), Sentence(code));

    /// <summary>The problem as a response.</summary>
    public static IResult Result(Problem problem) => Written(Body(problem));

    /// <summary>A problem that says more than others, or that was written before, as a response.</summary>
    public static IResult Written(ProblemBody body) => new ProblemResult(body);

    /// <summary>
    /// Unknown things are 404, values that can never be right 422; all else conflicts with what has happened.
    /// </summary>
    private static int RejectionStatus(string code) =>
        s_neverRight.Contains(code) ? 422
        : code.EndsWith("_unknown", StringComparison.Ordinal) ? 404
        : 409;

    private static string Sentence(string code) => char.ToUpperInvariant(code[0]) + code[1..].Replace('_', ' ');

    private sealed class ProblemResult(ProblemBody body) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.StatusCode = body.Status;
            if (body.RetryAfterSeconds is { } seconds)
                response.Headers.RetryAfter = seconds.ToString();
            if (body.Status == 401)
                response.Headers.WWWAuthenticate = "Bearer realm=\"crmledger\"";
            await response.WriteAsJsonAsync(body, body.GetType(), LedgerJson.Options, "application/problem+json");
        }
    }

    /// <summary>The problem as JSON, for a response or for one item of a batch.</summary>
    public static ProblemBody Body(Problem problem)
    {
        var (status, title) = Http(problem.Code);
        return new(TypeBase + problem.Code, title, status, problem.Detail, problem.Errors, problem.RetryAfterSeconds);
    }
}

/// <summary>A problem as it is sent (RFC 9457).</summary>
/// <param name="Type">The stable name.</param>
/// <param name="Title">The same for every problem of this type.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What it was this time.</param>
/// <param name="Errors">The fields it is about.</param>
/// <param name="RetryAfterSeconds">
/// When the same may be sent again, where that helps; of a whole answer also its <c>Retry-After</c>.
/// </param>
public record ProblemBody(
    string Type, string Title, int Status, string Detail, IReadOnlyList<FieldError>? Errors = null,
    int? RetryAfterSeconds = null);
