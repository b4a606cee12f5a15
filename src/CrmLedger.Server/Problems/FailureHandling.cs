using CrmLedger.EventStore.Appending;
using CrmLedger.EventStore.Checkpoints;
using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Projections;
using CrmLedger.Postgres;
using CrmLedger.Server.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CrmLedger.Server.Problems;

/// <summary>
/// Turns whatever escapes a handler, and answers without a body, into problems; nobody is shown a stack trace.
/// </summary>
public static class FailureHandling
{
    /// <summary>Guards everything that comes after.</summary>
    public static IApplicationBuilder UseProblems(this IApplicationBuilder app) => app.Use(async (http, next) =>
    {
        try
        {
            await next(http);
            if (http.Response is { HasStarted: false, StatusCode: >= 400, ContentLength: null, ContentType: null })
                await LedgerProblems.Result(OfStatus(http)).ExecuteAsync(http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client has gone; there is nobody to answer.
        }
        catch (Exception failure) when (!http.Response.HasStarted)
        {
            var problem = Of(failure);
            if (problem.Code is ProblemCodes.Internal or ProblemCodes.Unavailable)
            {
                http.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(FailureHandling))
                    .LogError(failure, "{Method} {Route} failed", http.Request.Method, http.GetEndpoint()?.DisplayName);
            }
            await LedgerProblems.Result(problem).ExecuteAsync(http);
        }
    });

    /// <summary>What to answer to a failure that passes, or null when it is another one.</summary>
    public static Problem? Passing(Exception failure) => failure switch
    {
        LedgerBusyException => new(ProblemCodes.Busy,
            "More is being recorded than the ledger can write. This was not recorded; send it again shortly.",
            RetryAfterSeconds: 1),
        StorageFullException or PostgresException { SqlState: PostgresErrorCodes.DiskFull } => new(
            ProblemCodes.StorageFull, "The disk of the ledger's database is full. This was not recorded; what is "
            + "recorded can still be read. Once the operator has made room, send the same request again.",
            RetryAfterSeconds: 30),
        LogStoppedException stopped => new(ProblemCodes.LogStopped,
            $"{stopped.Message} This was not recorded; what is recorded can still be read.", RetryAfterSeconds: 30),
        MasterKeyException => new(ProblemCodes.Unavailable, "The ledger's master key was replaced while this server "
            + "was running. The operator must start it again with the new one; then send the same request again.",
            RetryAfterSeconds: 30),
        // A value that PostgreSQL cannot take (SQLSTATE class 22) will not be taken later either: that is a mistake of
        // ours, which must not hide as an outage.
        PostgresException { SqlState: ['2', '2', ..] }
            or LedgerUnavailableException { InnerException: PostgresException { SqlState: ['2', '2', ..] } } => null,
        LedgerUnavailableException or NpgsqlException or TimeoutException => new(ProblemCodes.Unavailable,
            "The database cannot be reached or cannot write. Send the same request again later; nothing is recorded "
            + "twice when it carries an Idempotency-Key or a source and id.", RetryAfterSeconds: 2),
        _ => null,
    };

    private static Problem Of(Exception failure) => Passing(failure) ?? failure switch
    {
        ViewOutdatedException outdated => new(ProblemCodes.NotYetVisible, outdated.Message, RetryAfterSeconds: 2),
        RebuildRunningException running => new(ProblemCodes.Contended, running.Message, RetryAfterSeconds: 5),
        BadHttpRequestException bad => OfHttp(bad.StatusCode),
        _ => new(ProblemCodes.Internal, "The request could not be handled; the server's log says why. Nothing of it "
            + "was recorded unless the same request is answered as a repetition."),
    };

    private static Problem OfStatus(HttpContext http) => http.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound =>
            new(ProblemCodes.NotFound, $"There is nothing at {http.Request.Path}. See /docs."),
        StatusCodes.Status405MethodNotAllowed => new(ProblemCodes.MethodNotAllowed,
            $"{http.Request.Path} does not take {http.Request.Method}. See /docs."),
        StatusCodes.Status415UnsupportedMediaType => new(ProblemCodes.UnsupportedMediaType, "Send application/json."),
        var status => OfHttp(status),
    };

    /// <summary>What to answer to a request that cannot be read as HTTP asks, by the status that it is due.</summary>
    public static Problem OfHttp(int status) => status switch
    {
        StatusCodes.Status413PayloadTooLarge =>
            new(ProblemCodes.TooLarge, "The body is too large. Send less at a time."),
        StatusCodes.Status408RequestTimeout =>
            new(ProblemCodes.TooSlow, "The request came too slowly. Send it again."),
        StatusCodes.Status431RequestHeaderFieldsTooLarge =>
            new(ProblemCodes.HeadersTooLarge, "The headers are too large. Send fewer or shorter ones."),
        _ => new(ProblemCodes.Malformed, "The request ended early, or is not one that HTTP allows."),
    };
}
