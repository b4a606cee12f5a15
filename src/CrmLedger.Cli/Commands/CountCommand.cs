using System.CommandLine;
using System.Text.Json;
using CrmLedger.Server.Views;

namespace CrmLedger.Cli.Commands;

/// <summary>
/// A leader's question that is answered by numbers: of everybody, in groups, over time, as a table for people, for
/// spreadsheets or for programs.
/// </summary>
/// <param name="name">The command.</param>
/// <param name="address">Where it is asked.</param>
/// <param name="groups">What it can be grouped by.</param>
/// <param name="period">What lies in the period: <c>Concerns raised</c>.</param>
/// <param name="canBeStated">Whether the server signs a statement of the answer.</param>
internal sealed class CountCommand(
    string name, string address, IReadOnlyList<string> groups, string period, bool canBeStated = false)
{
    private readonly Option<string?> _by = Among("--by", $"Group by {Listed(groups)}.", "GROUP", groups);
    private readonly Option<string?> _over = Among(
        "--over", $"Tell it over time: by {Listed(Periods.Units)}.", "PERIOD", Periods.Units);
    private readonly Option<string?> _from = Options.Time("--from", $"{period} at this time or later.");
    private readonly Option<string?> _to = Options.Time("--to", $"{period} before this time.");
    private readonly Option<string?> _asOf = Options.Time("--as-of", "As the ledger knew it at this time.");
    private readonly Option<string?> _until = Options.Time(
        "--until", "By what had happened by this time, and judged at it.");
    private readonly Option<FileInfo?> _statement = StatementFile.Option();

    /// <param name="shell">Where it runs.</param>
    /// <param name="help">What it shows, with examples.</param>
    /// <param name="show">Shows the answer to people.</param>
    public Command Make(Shell shell, string help, Action<Terminal, JsonElement> show)
    {
        var command = new TaughtCommand(name, help)
        {
            _by, _over, _from, _to, _asOf, _until, Options.WithAnnulled,
        }.AskingServer().AnsweringTables();
        if (canBeStated)
        {
            command.Options.Add(_statement);
            command.Validators.Add(asked =>
            {
                if (asked.GetResult(_statement) is not null && asked.GetValue(Options.Csv))
                    asked.AddError("--statement does not go with --csv.");
            });
        }
        command.SetAction((parse, ct) => RunAsync(shell, parse, show, ct));
        return command;
    }

    private async Task<int> RunAsync(
        Shell shell, ParseResult parse, Action<Terminal, JsonElement> show, CancellationToken ct)
    {
        using var ledger = parse.Connect(shell);
        bool asTable = parse.GetValue(Options.Csv);
        string question = LedgerClient.Address(address,
            ("by", parse.GetValue(_by)), ("over", parse.GetValue(_over)), ("from", parse.GetValue(_from)),
            ("to", parse.GetValue(_to)), ("asOf", parse.GetValue(_asOf)), ("until", parse.GetValue(_until)),
            ("annulled", parse.Annulled()), ("format", asTable ? "csv" : null),
            ("statement", canBeStated ? StatementFile.Asked(parse, _statement) : null));
        if (asTable)
        {
            shell.Answer(await ledger.GetTableAsync(question, "key,", ct));
            return ExitCode.Done;
        }
        var answer = await ledger.GetAsync(question, "groups", ct);
        if (canBeStated)
            StatementFile.Write(shell, parse.GetValue(_statement), answer);
        if (parse.GetValue(Options.Json))
            shell.Answer(answer.GetRawText());
        else
            show(new Terminal(shell), answer);
        return ExitCode.Done;
    }

    /// <summary>
    /// The lines of a table: each group, everybody last, and under it each of its periods.
    /// </summary>
    public static IEnumerable<(string Label, JsonElement Numbers)> Lines(JsonElement answer)
    {
        var groups = answer.Items("groups").ToList();
        foreach (var group in groups.Skip(1).Concat(groups.Take(1)))
        {
            string label = group.Text("key") is null ? "all"
                : group.Text("label") is { Length: > 0 } named ? named : "(none)";
            yield return (label, group.Member("numbers") ?? default);
            foreach (var period in group.Items("over"))
                yield return ($"  {period.Text("key")}", period.Member("numbers") ?? default);
        }
    }

    private static Option<string?> Among(
        string option, string description, string helpName, IReadOnlyList<string> words)
    {
        var among = Options.Text(option, description, helpName);
        among.AcceptOnlyFromAmong([.. words]);
        return among;
    }

    private static string Listed(IReadOnlyList<string> words) => words is [var only]
        ? only
        : $"{string.Join(", ", words.SkipLast(1))} or {words[^1]}";
}
