using System.Diagnostics;
using System.Text.Json.Nodes;
using CrmLedger.Tests;

namespace CrmLedger.PostgresTests.Verification;

/// <summary>The verifier in tests/CrmLedger.Verifier, which shares no code with ours, as a running process.</summary>
internal sealed class SecondVerifier : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _told;

    public SecondVerifier()
    {
        _process = Process.Start(new ProcessStartInfo("npx", ["-y", "-p", "node@22", "node", "src/cli.ts"])
        {
            WorkingDirectory = Checkout.PathTo("tests", "CrmLedger.Verifier"),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _told = _process.StandardError.ReadToEndAsync();
    }

    public static bool IsThere => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Any(folder => File.Exists(Path.Combine(folder, "npx")));

    /// <summary>Its verdict on each request, in their order.</summary>
    public static async Task<IReadOnlyList<JsonObject>> AskAsync(IEnumerable<JsonObject> requests)
    {
        await using var verifier = new SecondVerifier();
        return await verifier.AnswerAsync([.. requests.Select(r => r.ToJsonString())]);
    }

    /// <summary>Its verdict on each request, a line of JSON, in their order; may be asked again.</summary>
    public async Task<IReadOnlyList<JsonObject>> AnswerAsync(IReadOnlyCollection<string> requests)
    {
        // Its answers are read meanwhile: a pipe that nobody reads fills up and stops who writes.
        var asking = Task.Run(async () =>
        {
            foreach (string request in requests)
                await _process.StandardInput.WriteLineAsync(request);
            await _process.StandardInput.FlushAsync();
        });
        var answers = new List<JsonObject>(requests.Count);
        while (answers.Count < requests.Count)
        {
            string line = await _process.StandardOutput.ReadLineAsync()
                ?? throw new InvalidOperationException($"The second verifier has ended: {await _told}");
            answers.Add(JsonNode.Parse(line)!.AsObject());
        }
        await asking;
        return answers;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended before it had read everything; what it said on ending tells why, below.
        }
        await _process.WaitForExitAsync();
        int exitCode = _process.ExitCode;
        _process.Dispose();
        exitCode.ShouldBe(0, await _told);
    }
}
