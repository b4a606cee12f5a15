namespace CrmLedger.Cli;

/// <summary>What the exit code tells a script; the root's help lists the same words.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int SomeRejected = 3;
    public const int NotReachable = 4;
    public const int Refused = 5;

    public const string Help = """
        Exit codes:
          0  done
          1  failed, or the answer is no (a view is quarantined, a file is not what it should be)
          2  the command line or the settings are wrong
          3  finished, but some lines were rejected
          4  the server could not be reached, or was not ready
          5  the server refused it (401, 403 and every other 4xx)
        """;
}
