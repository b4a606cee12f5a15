using System.Globalization;
using Spectre.Console;

namespace CrmLedger.Cli;

/// <summary>Answers for people: tables in a terminal, the same without any escape sequence in a pipe.</summary>
internal sealed class Terminal
{
    private static readonly Style s_struck = new(decoration: Decoration.Strikethrough);

    private readonly Shell _shell;
    private readonly IAnsiConsole _console;
    private readonly bool _rich;

    public Terminal(Shell shell)
    {
        _shell = shell;
        _rich = shell.OutIsTerminal && shell.Environment("NO_COLOR") is null && shell.Environment("TERM") != "dumb";
        _console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = _rich ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = _rich ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new FixedWidthOutput(shell),
        });
    }

    public void Line(string text = "") => _shell.Out.WriteLine(Printable(text));

    /// <summary>A line of what counts no more; in a pipe, nothing shows it but what is said beside it.</summary>
    public void StruckLine(string text)
    {
        if (_rich)
            _console.WriteLine(Printable(text), s_struck);
        else
            Line(text);
    }

    /// <summary>Begins a new page where the last one stood.</summary>
    public void Clear()
    {
        if (_rich)
            _shell.Out.Write("\e[2J\e[3J\e[H");
    }

    /// <param name="columns">Titles; one that begins with <c>&gt;</c> is aligned to the right.</param>
    /// <param name="rows">Cells, as many as there are columns.</param>
    /// <param name="struck">Whether a cell, by its row and column, is of what counts no more.</param>
    public void Table(
        IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows, Func<int, int, bool>? struck = null)
    {
        var table = new Table
        {
            Border = _shell.OutIsTerminal ? TableBorder.Rounded : TableBorder.Simple,
            UseSafeBorder = true,
        };
        foreach (string title in columns)
        {
            bool right = title.StartsWith('>');
            var column = new TableColumn(new Text(Title(title), new Style(decoration: Decoration.Bold)))
            {
                Alignment = right ? Justify.Right : Justify.Left,
                NoWrap = right,
            };
            table.AddColumn(column);
        }
        foreach (var (i, row) in rows.Index())
        {
            table.AddRow(row.Select((cell, column) =>
                new Text(Printable(cell), struck?.Invoke(i, column) == true ? s_struck : Style.Plain)));
        }
        _console.Write(table);
    }

    /// <summary>Whether a table is no wider than the terminal without folding any cell.</summary>
    public bool Fits(IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows) =>
        columns.Select((title, i) => 3 + rows.Select(r => r[i].Length).Append(Title(title).Length).Max()).Sum()
        < _shell.Width;

    /// <summary>A share as a bar of twenty blocks.</summary>
    public static string Bar(double? share)
    {
        const int blocks = 20;
        int full = (int)Math.Round(Math.Clamp(share ?? 0, 0, 1) * blocks, MidpointRounding.AwayFromZero);
        return new string('█', full) + new string('░', blocks - full);
    }

    /// <summary>Shares side by side, each as a block that rises with it; a dot where there is none.</summary>
    public static string Spark(IEnumerable<double?> shares)
    {
        const string blocks = "▁▂▃▄▅▆▇█";
        return string.Concat(shares.Select(s =>
            s is { } share ? blocks[(int)Math.Min(blocks.Length - 1, share * blocks.Length)] : '·'));
    }

    private static string Title(string column) => column.TrimStart('>', ' ');

    /// <summary>What customers are called must not drive the terminal: control characters are shown as such.</summary>
    private static string Printable(string text) =>
        text.Any(c => char.IsControl(c) || char.GetUnicodeCategory(c) == UnicodeCategory.Format)
            ? string.Concat(text.Select(c =>
                char.IsControl(c) || char.GetUnicodeCategory(c) == UnicodeCategory.Format ? '\ufffd' : c))
            : text;

    private sealed class FixedWidthOutput(Shell shell) : IAnsiConsoleOutput
    {
        public TextWriter Writer => shell.Out;

        public bool IsTerminal => shell.OutIsTerminal;

        public int Width => shell.Width;

        public int Height => 50;

        public void SetEncoding(System.Text.Encoding encoding)
        {
            // The process writes UTF-8 throughout.
        }
    }
}
