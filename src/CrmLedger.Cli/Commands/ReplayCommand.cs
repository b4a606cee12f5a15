using System.CommandLine;
using System.Text.Json;

namespace CrmLedger.Cli.Commands;

/// <summary><c>crmledger replay</c>: a customer's story step by step, with what each step did.</summary>
internal static class ReplayCommand
{
    public static Command Make(Shell shell)
    {
        var customer = new Argument<string>("CUSTOMER") { Description = "The customer's id or your own reference." };
        var asOf = Options.Time("--as-of", "Only what the ledger knew at this time (the server's clock).");
        var until = Options.Time("--until", "Only what had happened by this time (as its recorder claims).");
        var step = Options.Whole("--step", "Begin at this step.", least: 1, most: int.MaxValue);
        var all = new Option<bool>("--all") { Description = "Print every step, also to a terminal." };
        var command = new TaughtCommand("replay", $"""
            Step through a customer's story and see what each event did.
            Each step shows the event, the state before and after it, the rows that it changed in every view,
            and the trust score before and after. What was annulled is struck through, with by whom, when and
            why; the annulment shows what became of everything without it. In a pipe every step is printed.

            {ReplaySteps.Keys}

            Example: crmledger replay C-4711
            Example: crmledger replay C-4711 --as-of 2026-07-01 --step 20
            Example: crmledger replay C-4711 --json > C-4711.json
            """) { customer, asOf, until, step, all }.AskingServer();
        command.SetAction(async (parse, ct) =>
        {
            using var ledger = parse.Connect(shell);
            string path = $"v1/customers/{Uri.EscapeDataString(
                HistoryCommand.CustomerKey(parse.GetRequiredValue(customer)))}/replay";
            var question = new ReplayQuestion(ledger, path, parse.GetValue(asOf), parse.GetValue(until));
            long first = parse.GetValue(step) ?? 1;
            var terminal = new Terminal(shell);
            if (parse.GetValue(Options.Json))
                await WriteAsync(shell, question, first, ct);
            else if (shell is { OutIsTerminal: true, InIsTerminal: true } && !parse.GetValue(all))
                await new ReplaySteps(shell, terminal, question).GoAsync(first, ct);
            else
                await PrintAsync(terminal, question, first, ct);
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task WriteAsync(Shell shell, ReplayQuestion question, long first, CancellationToken ct)
    {
        var (pages, steps) = await Pages.ReadAsync(
            question.Ledger, cursor => question.Address(first, ReplayQuestion.LargePage, cursor),
            ReplayQuestion.Items, long.MaxValue, ct);
        shell.Answer(Json.Joined(pages, ReplayQuestion.Items, steps));
    }

    private static async Task PrintAsync(
        Terminal terminal, ReplayQuestion question, long first, CancellationToken ct)
    {
        string? cursor = null;
        do
        {
            var page = await question.ReadAsync(first, ReplayQuestion.LargePage, cursor, ct);
            if (cursor is null)
                ReplayPicture.ShowHeading(terminal, page);
            if (cursor is null && page.Whole("total") is > 0 and var total && first > total)
            {
                throw new CliFailure(ExitCode.Failed,
                    $"There is no step {Sentences.Count(first)}; the last one is {Sentences.Count(total)}.");
            }
            foreach (var step in page.Items(ReplayQuestion.Items))
            {
                terminal.Line();
                ReplayPicture.ShowStep(terminal, page, step, isWhole: false);
            }
            cursor = page.Text("next");
        }
        while (cursor is not null);
    }
}

/// <summary>What is replayed, and at which clocks.</summary>
/// <param name="Ledger">The server.</param>
/// <param name="Path">The customer's replay.</param>
/// <param name="AsOf">What was known by then; null for now.</param>
/// <param name="Until">What had happened by then; null for all.</param>
internal sealed record ReplayQuestion(LedgerClient Ledger, string Path, string? AsOf, string? Until)
{
    /// <summary>The member that holds a page's steps.</summary>
    public const string Items = "steps";

    /// <summary>How many steps are asked for where all are wanted.</summary>
    public const int LargePage = 500;

    /// <summary>The address of a page.</summary>
    public string Address(long first, int limit, string? cursor) => LedgerClient.Address(
        Path, ("asOf", AsOf), ("until", Until), ("step", cursor is null ? $"{first}" : null), ("limit", $"{limit}"),
        ("cursor", cursor));

    /// <summary>A page.</summary>
    public Task<JsonElement> ReadAsync(long first, int limit, string? cursor, CancellationToken ct) =>
        Ledger.GetAsync(Address(first, limit, cursor), Items, ct);
}
