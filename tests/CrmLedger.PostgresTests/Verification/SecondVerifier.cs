using System.Diagnostics;
using System.Text.Json.Nodes;
using CrmLedger.Tests;

namespace CrmLedger.PostgresTests.Verification;

/// <summary>The verifier in tests/CrmLedger.Verifier, which shares no code with ours.</summary>
internal static class SecondVerifier
{
    public static bool IsThere => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Any(folder => File.Exists(Path.Combine(folder, "npx")));

    /// <summary>Its verdict on each request, in their order.</summary>
    public static async Task<IReadOnlyList<JsonObject>> AskAsync(IEnumerable<JsonObject> requests)
    {
        using var process = Process.Start(new ProcessStartInfo("npx", ["-y", "-p", "node@22", "node", "src/cli.ts"])
        {
            WorkingDirectory = Checkout.PathTo("tests", "CrmLedger.Verifier"),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var told = process.StandardError.ReadToEndAsync();
        var answers = process.StandardOutput.ReadToEndAsync();
        foreach (var request in requests)
            await process.StandardInput.WriteLineAsync(request.ToJsonString());
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, await told);
        return [.. (await answers).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonNode.Parse(line)!.AsObject())];
    }
}
