namespace CrmLedger.Cli;

/// <summary>
/// Everything outside the process that a command touches, handed in so that tests can stand in for it.
/// </summary>
/// <param name="Out">Answers, and nothing else.</param>
/// <param name="Error">Progress, notes and failures.</param>
/// <param name="OutIsTerminal">Whether a person reads the answers.</param>
/// <param name="ErrorIsTerminal">Whether a rewritten progress line makes sense.</param>
/// <param name="Width">Columns of the terminal.</param>
/// <param name="Environment">The environment variable of a name, or null.</param>
/// <param name="Network">A new way to the server.</param>
/// <param name="Clock">Waiting and measuring.</param>
internal sealed record Shell(
    TextWriter Out,
    TextWriter Error,
    bool OutIsTerminal,
    bool ErrorIsTerminal,
    int Width,
    Func<string, string?> Environment,
    Func<HttpMessageHandler> Network,
    TimeProvider Clock)
{
    /// <summary>What somebody types who is asked.</summary>
    public TextReader In { get; init; } = TextReader.Null;

    /// <summary>Whether a person is there to be asked.</summary>
    public bool InIsTerminal { get; init; }

    /// <summary>The next key that somebody presses, without showing it; null when there will be none.</summary>
    public Func<CancellationToken, Task<ConsoleKeyInfo?>> ReadKey { get; init; } =
        _ => Task.FromResult<ConsoleKeyInfo?>(null);

    /// <summary>Wide enough that no line of a table in a pipe is ever folded.</summary>
    private const int PipeWidth = 1000;

    /// <summary>Writes an answer and ends its line.</summary>
    public void Answer(string text) => Out.WriteLine(text);

    public static Shell OfThisProcess()
    {
        bool terminal = !Console.IsOutputRedirected;
        return new Shell(
            Console.Out, Console.Error, terminal, !Console.IsErrorRedirected, terminal ? TerminalWidth() : PipeWidth,
            System.Environment.GetEnvironmentVariable, DirectConnection, TimeProvider.System)
        {
            In = Console.In,
            InIsTerminal = !Console.IsInputRedirected,
            // A key that nobody presses any more must not keep the process from ending.
            ReadKey = ct => Task.Run<ConsoleKeyInfo?>(() => Console.ReadKey(intercept: true), ct).WaitAsync(ct),
        };
    }

    /// <summary>A redirect is never followed: the key would go wherever it points.</summary>
    private static SocketsHttpHandler DirectConnection() => new()
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = System.Net.DecompressionMethods.All,
        ConnectTimeout = TimeSpan.FromSeconds(10),
    };

    private static int TerminalWidth()
    {
        try
        {
            return Math.Max(Console.WindowWidth, 60);
        }
        catch (IOException)
        {
            return 120;
        }
    }
}
