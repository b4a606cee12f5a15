using System.Diagnostics;
using CrmLedger.Cli;

namespace CrmLedger.PostgresTests.Imports;

/// <summary>What a command of the command line did.</summary>
internal sealed record Ran(int ExitCode, string Out, string Error);

/// <summary>The command line as somebody with a key uses it, inside this process or as one of its own.</summary>
internal static class CommandLineOf
{
    public static Task<Ran> RunAsync(RunningLedger ledger, LedgerHttp client, params string[] args) =>
        AnswerAsync(ledger, client, null, args);

    /// <summary>The same where somebody is there who types a line when asked; null for nobody.</summary>
    public static async Task<Ran> AnswerAsync(
        RunningLedger ledger, LedgerHttp client, string? typed, params string[] args)
    {
        using StringWriter written = new(), errors = new();
        var variables = Variables(ledger, client);
        var shell = new Shell(written, errors, OutIsTerminal: false, ErrorIsTerminal: false, 1000,
            variables.GetValueOrDefault, () => new SocketsHttpHandler { AllowAutoRedirect = false },
            TimeProvider.System)
        {
            In = new StringReader($"{typed}\n"),
            InIsTerminal = typed is not null,
        };
        int exitCode = await CommandLine.RunAsync(args, shell);
        return new(exitCode, written.ToString(), errors.ToString());
    }

    /// <summary>The same at a terminal that shows no colours, where somebody presses keys.</summary>
    public static async Task<Ran> PressAsync(
        RunningLedger ledger, LedgerHttp client, IEnumerable<ConsoleKeyInfo> keys, params string[] args)
    {
        using StringWriter written = new(), errors = new();
        var variables = Variables(ledger, client);
        variables["TERM"] = "dumb";
        var pressed = new Queue<ConsoleKeyInfo>(keys);
        var shell = new Shell(written, errors, OutIsTerminal: true, ErrorIsTerminal: true, 200,
            variables.GetValueOrDefault, () => new SocketsHttpHandler { AllowAutoRedirect = false },
            TimeProvider.System)
        {
            InIsTerminal = true,
            ReadKey = _ => Task.FromResult<ConsoleKeyInfo?>(pressed.TryDequeue(out var key) ? key : null),
        };
        int exitCode = await CommandLine.RunAsync(args, shell);
        return new(exitCode, written.ToString(), errors.ToString());
    }

    /// <summary>Starts the real program.</summary>
    public static Process Start(RunningLedger ledger, LedgerHttp client, params string[] args) =>
        Start(Variables(ledger, client), args);

    /// <summary>Starts the real program with some environment variables.</summary>
    public static Process Start(IReadOnlyDictionary<string, string> variables, params string[] args)
    {
        var start = new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "CrmLedger.Cli.dll"), .. args])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Runs the real program to its end.</summary>
    public static async Task<Ran> RunProgramAsync(IReadOnlyDictionary<string, string> variables, params string[] args)
    {
        using var process = Start(variables, args);
        var errors = process.StandardError.ReadToEndAsync();
        string written = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new(process.ExitCode, written, await errors);
    }

    private static Dictionary<string, string> Variables(RunningLedger ledger, LedgerHttp client) => new()
    {
        [Settings.UrlVariable] = ledger.Url.ToString(),
        [Settings.KeyVariable] = client.Key,
        [Settings.HomeVariable] = "/nonexistent",
    };
}
