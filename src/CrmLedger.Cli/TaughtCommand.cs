using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace CrmLedger.Cli;

/// <summary>
/// A command whose help goes on after its options: the list of commands shows only the first sentence.
/// </summary>
internal sealed class TaughtCommand : Command
{
    private const int Columns = 100;

    /// <param name="name">The word on the command line.</param>
    /// <param name="help">What it does; after the first sentence: more of it, and examples.</param>
    public TaughtCommand(string name, string help) : base(name)
    {
        string oneLine = help.ReplaceLineEndings("\n").Replace('\n', ' ');
        int end = oneLine.IndexOf(". ", StringComparison.Ordinal);
        Description = end < 0 ? oneLine : oneLine[..(end + 1)];
        More = end < 0 ? "" : Rest(help.ReplaceLineEndings("\n")[(end + 1)..]);
    }

    public string More { get; }

    /// <summary>A paragraph whose first sentence ended within a line is broken into lines anew.</summary>
    private static string Rest(string help)
    {
        string text = help.Trim();
        if (help[0] == '\n')
            return text;
        int end = text.IndexOf("\n\n", StringComparison.Ordinal);
        string paragraph = end < 0 ? text : text[..end];
        var lines = new List<string>();
        foreach (string word in paragraph.Split(' ', '\n'))
        {
            if (lines.Count > 0 && lines[^1].Length + 1 + word.Length <= Columns)
                lines[^1] += $" {word}";
            else
                lines.Add(word);
        }
        return string.Join('\n', lines) + text[paragraph.Length..];
    }
}

/// <summary>The usual help, and then what a <see cref="TaughtCommand"/> has to teach.</summary>
internal sealed class TeachingHelp(HelpAction usual, string ofRoot) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => usual.ClearsParseErrors;

    public override int Invoke(ParseResult parseResult)
    {
        int result = usual.Invoke(parseResult);
        string more = parseResult.CommandResult.Command switch
        {
            RootCommand => ofRoot,
            TaughtCommand taught => taught.More,
            _ => "",
        };
        if (more.Length > 0)
            parseResult.InvocationConfiguration.Output.WriteLine(more);
        return result;
    }
}
