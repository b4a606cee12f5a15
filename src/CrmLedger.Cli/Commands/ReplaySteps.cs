using System.Globalization;
using System.Text.Json;

namespace CrmLedger.Cli.Commands;

/// <summary>Steps through a replay by keys; only what is looked at is read, some steps at a time.</summary>
internal sealed class ReplaySteps(Shell shell, Terminal terminal, ReplayQuestion question)
{
    /// <summary>What the keys do.</summary>
    public const string Keys = "Keys: → space n Enter forward, ← b p back, Home, End, g NUMBER Enter to a step, "
        + "a all fields, q quit.";

    private const int SmallPage = 20;

    private readonly Dictionary<long, (JsonElement Page, JsonElement Step)> _read = [];
    private ReplayQuestion _question = question;
    private long _total;

    /// <summary>Shows a step, and from there whichever the keys lead to, until somebody quits.</summary>
    public async Task GoAsync(long first, CancellationToken ct)
    {
        var beginning = await ReadAsync(first, ct);
        if (_total == 0)
        {
            ReplayPicture.ShowHeading(terminal, beginning);
            return;
        }
        bool isWhole = false;
        for (long? at = first; at is { } number;)
        {
            number = Math.Clamp(number, 1, _total);
            await ShowAsync(number, isWhole, ct);
            var key = await shell.ReadKey(ct);
            isWhole ^= key?.Key == ConsoleKey.A;
            at = key?.Key switch
            {
                null or ConsoleKey.Q or ConsoleKey.Escape => null,
                ConsoleKey.RightArrow or ConsoleKey.Spacebar or ConsoleKey.N or ConsoleKey.Enter => number + 1,
                ConsoleKey.LeftArrow or ConsoleKey.B or ConsoleKey.P => number - 1,
                ConsoleKey.Home => 1,
                ConsoleKey.End => _total,
                ConsoleKey.G => await AskNumberAsync(ct) ?? number,
                _ => number,
            };
        }
    }

    private async Task ShowAsync(long number, bool isWhole, CancellationToken ct)
    {
        if (!_read.ContainsKey(number))
            await ReadAsync(1 + (number - 1) / SmallPage * SmallPage, ct);
        var (page, step) = _read[number];
        terminal.Clear();
        ReplayPicture.ShowHeading(terminal, page);
        terminal.Line();
        ReplayPicture.ShowStep(terminal, page, step, isWhole);
        terminal.Line();
        terminal.Line(Keys);
    }

    private async Task<JsonElement> ReadAsync(long first, CancellationToken ct)
    {
        var page = await _question.ReadAsync(first, SmallPage, null, ct);
        // What is recorded while somebody looks does not change what he looks at.
        _question = _question with { AsOf = page.Text("asOf") };
        _total = page.Whole("total") ?? 0;
        foreach (var step in page.Items(ReplayQuestion.Items))
            _read[step.Whole("number") ?? 0] = (page, step);
        return page;
    }

    private async Task<long?> AskNumberAsync(CancellationToken ct)
    {
        string digits = "";
        while (true)
        {
            await shell.Out.WriteAsync($"\rStep: {digits} \b");
            var key = await shell.ReadKey(ct);
            if (key is { KeyChar: >= '0' and <= '9' and var digit } && digits.Length < 9)
                digits += digit;
            else if (key?.Key == ConsoleKey.Backspace)
                digits = digits.Length > 0 ? digits[..^1] : digits;
            else
                break;
        }
        return digits.Length == 0 ? null : long.Parse(digits, CultureInfo.InvariantCulture);
    }
}
