using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using CrmLedger.Server.Commitments;
using CrmLedger.Server.Views;

namespace CrmLedger.Cli.Commands;

/// <summary><c>crmledger kept-rate</c>: how often we keep our word, with every denominator named.</summary>
internal sealed class KeptRateCommand
{
    private readonly Shell _shell;
    private readonly Option<string?> _by = Options.Text(
        "--by", "Group by maker, holder, team, kind, channel, customer, day, week or month.", "GROUP");
    private readonly Option<string?> _over = Options.Text(
        "--over", "Also of every day, week or month: how it went.", "PERIOD");
    private readonly Option<string?> _from = Options.Time("--from", "Promises first due at this time or later.");
    private readonly Option<string?> _to = Options.Time("--to", "Promises first due before this time.");
    private readonly Option<string?> _asOf = Options.Time("--as-of", "As the ledger knew it at this time.");
    private readonly Option<string?> _until = Options.Time(
        "--until", "By what had happened by this time, and judged at it.");
    private readonly Option<bool> _change = new("--change")
    {
        Description = "Beside the period before; needs --from and --to.",
    };
    private readonly Option<string?> _rank = Options.Text(
        "--rank", "Rank who surely keeps their word (highest) or surely needs help (lowest).", "ORDER");
    private readonly Option<long?> _minN = Options.Whole(
        "--min-n", "With --rank: of whom at least so many promises count (10).", least: 1, most: int.MaxValue);

    private readonly Option<FileInfo?> _statement = StatementFile.Option();

    private KeptRateCommand(Shell shell)
    {
        _shell = shell;
        _by.AcceptOnlyFromAmong([.. KeptRateEndpoint.Groups]);
        _over.AcceptOnlyFromAmong([.. Periods.Units]);
        _rank.AcceptOnlyFromAmong([.. KeptRateRankingEndpoint.Orders]);
    }

    public static Command Make(Shell shell) => new KeptRateCommand(shell).Make();

    private Command Make()
    {
        var command = new TaughtCommand("kept-rate", """
            Show the commitment-kept rate: of the promises whose first due date has passed, how many were
            kept by that date. Promises that are late, broken or still open count against it; moved ones
            never count as kept by the first date. 95 % is the Wilson interval of the strict rate.

            Example: crmledger kept-rate --by team
            Example: crmledger kept-rate --by month --from 2026-01-01 --to 2026-07-01 --json
            Example: crmledger kept-rate --by team --over month
            Example: crmledger kept-rate --by team --from 2026-07-01 --to 2026-10-01 --change
            Example: crmledger kept-rate --by maker --rank lowest
            Example: crmledger kept-rate --by customer --csv > kept-rate.csv
            Example: crmledger kept-rate --by team --statement kept-rate.statement
            """) { _by, _over, _from, _to, _asOf, _until, Options.WithAnnulled, _change, _rank, _minN, _statement }
            .AskingServer().AnsweringTables();
        command.Validators.Add(Check);
        command.SetAction(AskAsync);
        return command;
    }

    private void Check(CommandResult asked)
    {
        bool isChange = asked.GetValue(_change), isRanking = asked.GetResult(_rank) is not null;
        if (isChange && (asked.GetResult(_from) is null || asked.GetResult(_to) is null))
            asked.AddError("--change goes with --from and --to.");
        if (new[] { isChange, isRanking, asked.GetResult(_over) is not null }.Count(given => given) > 1)
            asked.AddError("--change, --rank and --over are three questions; give one of them.");
        if (asked.GetResult(_minN) is not null && !isRanking)
            asked.AddError("--min-n goes with --rank.");
        if (asked.GetResult(_statement) is not null && (isChange || isRanking || asked.GetValue(Options.Csv)))
            asked.AddError("--statement goes with neither --change, --rank nor --csv.");
    }

    private async Task<int> AskAsync(ParseResult parse, CancellationToken ct)
    {
        using var ledger = parse.Connect(_shell);
        bool asTable = parse.GetValue(Options.Csv);
        var (path, first, member, show) = parse.GetValue(_rank) is not null
            ? ("/ranking", "rank", "items", (Action<Terminal, JsonElement>)KeptRateTables.ShowRanking)
            : parse.GetValue(_change) ? ("/change", "key", "total", KeptRateTables.ShowChange)
            : ("", "key", "total", KeptRateTables.Show);
        string address = LedgerClient.Address(
            "v1/kept-rate" + path,
            ("by", parse.GetValue(_by)),
            ("over", parse.GetValue(_over)),
            ("from", parse.GetValue(_from)),
            ("to", parse.GetValue(_to)),
            ("asOf", parse.GetValue(_asOf)),
            ("until", parse.GetValue(_until)), ("annulled", parse.Annulled()),
            ("order", parse.GetValue(_rank)),
            ("minN", parse.GetValue(_minN)?.ToString()),
            ("format", asTable ? "csv" : null),
            ("statement", StatementFile.Asked(parse, _statement)));
        if (asTable)
        {
            _shell.Answer(await ledger.GetTableAsync(address, first + ",", ct));
            return ExitCode.Done;
        }
        var answer = await ledger.GetAsync(address, member, ct);
        StatementFile.Write(_shell, parse.GetValue(_statement), answer);
        if (parse.GetValue(Options.Json))
            _shell.Answer(answer.GetRawText());
        else
            show(new Terminal(_shell), answer);
        return ExitCode.Done;
    }
}
