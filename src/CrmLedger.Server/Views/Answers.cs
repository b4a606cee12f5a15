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
}
