using System.Diagnostics;

namespace CrmLedger.Postgres;

/// <summary>What a finished program said. Line ends are kept.</summary>
internal sealed record ChildResult(int ExitCode, string Output, string Errors)
{
    public bool Succeeded => ExitCode == 0;

    /// <summary>The last lines of both outputs, for a message.</summary>
    public string Tail(int lines = 12)
    {
        return ChildProcess.LastLines(Output + Errors, lines);
    }
}

/// <summary>
/// Runs programs with an environment of our choosing, so that neither PG* variables reach PostgreSQL nor the secrets in
/// ours.
/// </summary>
internal static class ChildProcess
{
    private static readonly string[] s_inherited = ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LD_PRELOAD"];

    public static ProcessStartInfo Describe(IEnumerable<string> command)
    {
        string[] words = [.. command];
        // Another user may not be allowed to stand in our working folder; everybody may in the root.
        var start = new ProcessStartInfo(words[0], words[1..]) { WorkingDirectory = "/", UseShellExecute = false };
        var kept = s_inherited.Select(name => (name, value: Environment.GetEnvironmentVariable(name))).ToList();
        string? path = Environment.GetEnvironmentVariable("PATH");
        start.Environment.Clear();
        start.Environment["PATH"] = (path is null ? "" : path + ":") + "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";
        start.Environment["LC_ALL"] = "C";
        start.Environment["TZ"] = "UTC";
        foreach ((string name, string? value) in kept.Where(pair => pair.value is not null))
            start.Environment[name] = value;
        return start;
    }

    /// <summary>Runs to the end. When cancelled, the program and its children are killed.</summary>
    public static async Task<ChildResult> RunAsync(
        IEnumerable<string> command, string? input, CancellationToken cancel,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        ProcessStartInfo start = Describe(command);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using Process process = Process.Start(start)
            ?? throw new InvalidOperationException($"{start.FileName} did not start");
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(cancel);
            Task<string> errors = process.StandardError.ReadToEndAsync(cancel);
            await WriteInputAsync(process, input);
            await process.WaitForExitAsync(cancel);
            return new ChildResult(process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    public static string LastLines(string text, int lines)
    {
        string[] all = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return string.Join('\n', all.TakeLast(lines));
    }

    private static async Task WriteInputAsync(Process process, string? input)
    {
        try
        {
            if (input is not null)
                await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program ended without reading; its exit code and errors say why.
        }
    }
}
