using System.IO.Compression;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;

namespace CrmLedger.Server.Pages;

/// <summary>
/// The pages for people, which <c>src/CrmLedger.Web</c> is built into: files, and one document that stands for every
/// address which is no operation's. They ask the public API with the reader's own key and hold no data.
/// </summary>
public static class WebPages
{
    /// <summary>
    /// Nothing but what this server itself sends is loaded, run or asked, no script or style stands in a document, and
    /// nobody may show the pages in a frame (W3C Content Security Policy, Level 3).
    /// </summary>
    public const string SecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        + "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
        + "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types default";

    private const string Document = "index.html";

    /// <summary>What the API, the log, their description and the probes answer; everything else is a page.</summary>
    private static readonly string[] s_notPages = ["/v1", "/log", "/openapi", "/docs", "/health"];

    /// <summary>
    /// Adds what makes the files small on their way: smaller than by default, since a browser asks for each only once.
    /// </summary>
    public static IServiceCollection AddPages(this IServiceCollection services) => services
        .Configure<BrotliCompressionProviderOptions>(brotli => brotli.Level = CompressionLevel.Optimal)
        .Configure<GzipCompressionProviderOptions>(gzip => gzip.Level = CompressionLevel.Optimal)
        .AddResponseCompression(compression => compression.EnableForHttps = true);

    /// <summary>Serves what stands in a folder, after everything else has had its turn.</summary>
    /// <param name="app">The server.</param>
    /// <param name="folder">Where the pages were built to; need not be there.</param>
    public static void UsePages(this WebApplication app, string folder) => app.MapWhen(IsPage, pages =>
    {
        if (!File.Exists(Path.Combine(folder, Document)))
        {
            pages.Run(NotBuiltAsync);
            return;
        }
        var files = new StaticFileOptions
        {
            FileProvider = new PhysicalFileProvider(folder),
            OnPrepareResponse = served => Prepare(served),
        };
        pages.UseResponseCompression();
        pages.UseStaticFiles(files);
        pages.Use((http, next) =>
        {
            if (IsAsset(http))
                return next(http); // a file of another version: there is no such thing
            http.Request.Path = "/" + Document;
            return next(http);
        });
        pages.UseStaticFiles(files);
    });

    /// <summary>A name under <c>assets</c> holds the hash of its file; the document is asked for anew.</summary>
    private static void Prepare(StaticFileResponseContext served)
    {
        var headers = served.Context.Response.Headers;
        headers.CacheControl = IsAsset(served.Context)
            ? "public, max-age=31536000, immutable"
            : "no-cache";
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = SecurityPolicy;
        headers["Referrer-Policy"] = "no-referrer"; // addresses hold references, which are personal
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
    }

    private static bool IsPage(HttpContext http) =>
        http.GetEndpoint() is null
        && (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method))
        && !s_notPages.Any(prefix => http.Request.Path.StartsWithSegments(prefix, StringComparison.OrdinalIgnoreCase));

    private static bool IsAsset(HttpContext http) =>
        http.Request.Path.StartsWithSegments("/assets", StringComparison.Ordinal);

    private static Task NotBuiltAsync(HttpContext http)
    {
        if (http.Request.Path != "/")
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }
        http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync("""
            The pages were not built. Start the ledger with ops/run, which builds them.
            The API is described at /docs.

            """, http.RequestAborted);
    }
}
