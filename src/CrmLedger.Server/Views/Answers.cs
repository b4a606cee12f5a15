using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace CrmLedger.Server.Views;

/// <summary>Sends an answer in the form that was asked for.</summary>
public static class Answers
{
    /// <summary>What a table is sent as.</summary>
    public const string CsvType = "text/csv";

    /// <summary>The parameter, for the description of an operation.</summary>
    public static (string Name, string Description) FormatParameter { get; } =
        ("format", "json, or csv for a table (json).");

    /// <summary>Nulls are written: a rate of nothing is null, not absent.</summary>
    public static JsonSerializerOptions WithNulls { get; } =
        new(LedgerJson.Options) { DefaultIgnoreCondition = JsonIgnoreCondition.Never };

    /// <summary>The same where a list comes in pages.</summary>
    public static (string Name, string Description) PageFormatParameter { get; } =
        ("format", "json, or csv for a table (json); the header Link then leads to the next page.");

    /// <summary>Reads which form is asked for.</summary>
    /// <returns>csv, or null for JSON.</returns>
    public static string? Format(Query query) => query.Word("format", "json", "csv") == "csv" ? "csv" : null;

    /// <summary>The answer, as JSON or as a table.</summary>
    /// <param name="format">As <see cref="Format" /> read it.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="table">The same as a table.</param>
    /// <param name="json">How JSON is written.</param>
    public static IResult Of<T>(string? format, T answer, Func<T, string> table, JsonSerializerOptions? json = null) =>
        format is null
            ? Results.Json(answer, json ?? LedgerJson.Options)
            : Results.Text(table(answer), $"{CsvType}; charset=utf-8");

    /// <summary>
    /// A page of a list. A table has no place for the next page's cursor, which a header (RFC 8288) tells instead; it
    /// leads there from the page's own address, so that it holds behind any proxy.
    /// </summary>
    /// <param name="http">The request.</param>
    /// <param name="format">As <see cref="Format" /> read it.</param>
    /// <param name="page">The page.</param>
    /// <param name="table">The same as a table.</param>
    /// <param name="next">The cursor of the next page, or null.</param>
    public static IResult PageOf<T>(HttpContext http, string? format, T page, Func<T, string> table, string? next)
    {
        if (format is not null && next is not null)
        {
            var query = http.Request.Query.Where(p => p.Key != "cursor").Append(new("cursor", next));
            http.Response.Headers.Link = $"<{QueryString.Create(query)}>; rel=\"next\"";
        }
        return Of(format, page, table);
    }
}
