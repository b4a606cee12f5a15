using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;
using CrmLedger.PostgresTests.Http;
using Microsoft.Extensions.Logging;

namespace CrmLedger.PostgresTests.Privacy;

/// <summary>Asks a server all that its description says can be asked, page by page and in every format.</summary>
/// <param name="http">With a key that may read everything.</param>
/// <param name="inAddress">A value for each parameter of an address.</param>
internal sealed partial class EveryAnswer(LedgerHttp http, IReadOnlyDictionary<string, string> inAddress)
{
    private const int TimeoutMs = 1000;

    /// <summary>Every address that was asked, with its answer.</summary>
    public async Task<IReadOnlyList<(string Path, string Text)>> AskAsync()
    {
        var described = await http.GetAsync("/openapi/v1.json");
        var answers = new List<(string, string)>();
        foreach (var path in described.Json.GetProperty("paths").EnumerateObject())
        {
            if (path.Value.TryGetProperty("get", out var operation))
                await AskAsync(Filled(path.Name), operation, answers);
            else if (path.Name.EndsWith("/check-consistency", StringComparison.Ordinal))
                await CheckAsync(path.Name, answers);
        }
        answers.Count.ShouldBeGreaterThan(30);
        return answers;
    }

    private async Task AskAsync(string path, JsonElement operation, List<(string, string)> answers)
    {
        var parameters = operation.TryGetProperty("parameters", out var listed)
            ? listed.EnumerateArray().Where(p => p.Text("in") == "query").ToDictionary(p => p.Text("name")!)
            : [];
        string?[] query =
        [
            parameters.ContainsKey("limit") ? "limit=1000" : null,
            .. parameters.Where(p => p.Value.Text("required") == "True").Select(p => $"{p.Key}={ValueOf(p.Key)}"),
        ];
        string? format = parameters.TryGetValue("format", out var formats) ? formats.Text("description") : null;
        string? by = parameters.TryGetValue("by", out var grouped) ? grouped.Text("description") : null;
        string?[] variants =
        [
            null, by?.Contains("customer", StringComparison.Ordinal) == true ? "by=customer" : null,
            format?.Contains("csv", StringComparison.Ordinal) == true ? "format=csv" : null,
            format?.Contains("tlog-proof", StringComparison.Ordinal) == true ? "format=tlog-proof" : null,
        ];
        string cursor = parameters.ContainsKey("cursor") ? "cursor" : "after";
        foreach (string? variant in variants.Distinct())
        {
            for (string? next = null; ;)
            {
                string?[] asked = [.. query, variant, next is null ? null : $"{cursor}={next}"];
                string address = $"{path}?{string.Join('&', asked.OfType<string>())}";
                var answer = await http.GetAsync(address);
                answer.Status.ShouldBe(200, $"{address}: {answer.Text}");
                answers.Add((address, answer.Text));
                next = answer.Text("next");
                if (next is null)
                    break;
            }
        }
    }

    private async Task CheckAsync(string path, List<(string, string)> answers)
    {
        foreach (string view in EventStore.Views.LedgerViews.All.Select(v => v.Name))
        {
            string address = path.Replace("{view}", view);
            answers.Add((address, (await http.PostAsync(address, "")).Text));
        }
    }

    private string Filled(string path) => InBraces().Replace(path, m => inAddress[m.Groups["name"].Value]);

    private static string ValueOf(string name) => name switch
    {
        "view" => "kept-rate",
        "from" => "2020-01-01T00:00:00Z",
        "to" or "until" => "2199-01-01T00:00:00Z",
        _ => throw new InvalidOperationException($"What is asked of {name}?"),
    };

    [GeneratedRegex(@"\{(?<name>\w+)\}", RegexOptions.ExplicitCapture, TimeoutMs)]
    private static partial Regex InBraces();
}

/// <summary>Everything that a server writes into its log.</summary>
internal sealed class WrittenLog : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    public string Text => string.Join('\n', _lines);

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter) => _lines.Enqueue($"{formatter(state, exception)} {exception}");

    public void Dispose()
    {
        // Nothing is held.
    }
}
