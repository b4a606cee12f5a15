using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace CrmLedger.Cli;

/// <summary>Options that several commands share, and how the values that people write are read.</summary>
internal static class Options
{
    private static readonly string[] s_timeFormats =
        ["yyyy-MM-dd", "yyyy-MM-dd HH:mmK", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-ddTHH:mmK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK"];

    public static Option<bool> Json { get; } = new("--json")
    {
        Description = "Answer in JSON, as the server gave it, and write nothing else to standard output.",
    };

    public static Option<bool> Csv { get; } = new("--csv")
    {
        Description = "Answer with a table for spreadsheets, all of it.",
    };

    public static Option<bool> WithAnnulled { get; } = new("--with-annulled")
    {
        Description = "As if no entry had been annulled: what the number was without the corrections.",
    };

    public static Option<string?> Home { get; } = new("--home")
    {
        Description = "The data folder (default: CRMLEDGER_HOME, else /var/lib/crmledger or ~/.local/share/crmledger).",
        HelpName = "DIR",
    };

    public static Option<string?> Url { get; } = new("--url")
    {
        Description = "The server's address (default: CRMLEDGER_URL, else the one in settings.json).",
        HelpName = "URL",
    };

    public static Option<string?> KeyFile { get; } = new("--key-file")
    {
        Description = "A file that holds the API key (default: CRMLEDGER_KEY, else the one in settings.json).",
        HelpName = "FILE",
    };

    /// <summary>A command that talks to a server: it takes the options that every such command has.</summary>
    public static Command AskingServer(this Command command)
    {
        command.Options.Add(Json);
        command.Options.Add(Url);
        command.Options.Add(KeyFile);
        command.Options.Add(Home);
        return command;
    }

    /// <summary>A command whose answer also comes as a table for spreadsheets.</summary>
    public static Command AnsweringTables(this Command command)
    {
        command.Options.Add(Csv);
        command.Validators.Add(asked =>
        {
            if (asked.GetValue(Csv) && asked.GetValue(Json))
                asked.AddError("Give --csv or --json, not both.");
        });
        return command;
    }

    /// <summary>What is asked of the server about annulled entries; null for what it does anyway.</summary>
    public static string? Annulled(this ParseResult parse) => parse.GetValue(WithAnnulled) ? "counted" : null;

    public static LedgerClient Connect(this ParseResult parse, Shell shell) => new(
        Settings.Find(parse.GetValue(Url), parse.GetValue(KeyFile), parse.GetValue(Home), shell.Environment),
        shell.Network(),
        shell.Clock);

    public static Option<string?> Text(string name, string description, string helpName) =>
        new(name) { Description = description, HelpName = helpName };

    /// <summary>
    /// A time: a day or a day and time of day, UTC unless it says otherwise; sent in microseconds, UTC.
    /// </summary>
    public static Option<string?> Time(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = result => ReadTime(result, name),
    };

    public static Option<long?> Whole(string name, string description, long least = 0, long most = long.MaxValue) =>
        new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result =>
        {
            string text = result.Tokens[^1].Value;
            if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
                && number >= least && number <= most)
            {
                return number;
            }
            string range = most == long.MaxValue ? $"{least} or more" : $"{least} to {most}";
            result.AddError($"'{text}' does not fit {name}: it takes a whole number, {range}.");
            return null;
        },
    };

    private static string? ReadTime(ArgumentResult result, string name)
    {
        string text = result.Tokens[^1].Value;
        if (DateTimeOffset.TryParseExact(text, s_timeFormats, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal, out var time))
        {
            return LedgerJson.Format(time);
        }
        result.AddError($"'{text}' is not a time for {name}. Write 2026-07-01 or 2026-07-01T12:30:00Z (UTC).");
        return null;
    }
}
