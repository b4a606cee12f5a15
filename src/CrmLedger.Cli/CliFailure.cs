namespace CrmLedger.Cli;

#pragma warning disable CA1032 // without an exit code, none of these can be made

/// <summary>Ends the command with one paragraph for the user: what failed, with which value, what to do.</summary>
internal class CliFailure : Exception
{
    public CliFailure(int exitCode, string message, Exception? inner = null)
        : base(message, inner) =>
        ExitCode = exitCode;

    public int ExitCode { get; }
}

/// <summary>The server answered and said no.</summary>
internal sealed class ServerRefusal : CliFailure
{
    public ServerRefusal(int exitCode, string message, string? code) : base(exitCode, message) => Code = code;

    /// <summary>The problem's stable name, or null.</summary>
    public string? Code { get; }
}

/// <summary>A file that cannot be imported: one of its cells is not what it should be. Nothing was sent.</summary>
internal sealed class FileFault : CliFailure
{
    public FileFault(long line, string column, string fault)
        : base(Cli.ExitCode.Failed, $"Line {line}, column {column}: {fault} Nothing was sent.") =>
        (Line, Column) = (line, column);

    public long Line { get; }

    public string Column { get; }
}
