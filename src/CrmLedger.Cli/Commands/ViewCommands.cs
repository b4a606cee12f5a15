using System.CommandLine;
using System.Text.Json;
using CrmLedger.EventStore.Views;

namespace CrmLedger.Cli.Commands;

/// <summary>
/// <c>crmledger rebuild</c>, <c>crmledger check-consistency</c> and <c>crmledger status</c>: the views, whether they
/// are what the log gives, and how far they are.
/// </summary>
internal static class ViewCommands
{
    private const string Check = "check-consistency";

    /// <summary>What it was called; the next version knows it no more, nor the server's path of that name.</summary>
    private const string FormerCheck = "drill";

    private static readonly string[] s_views = [.. LedgerViews.All.Select(v => v.Name)];

    public static Command MakeRebuild(Shell shell)
    {
        var view = new Argument<string>("VIEW") { Description = $"The view: {string.Join(", ", s_views)}." };
        view.AcceptOnlyFromAmong(s_views);
        var command = new TaughtCommand("rebuild", """
            Make a view again from all events. Readers see the old one until the new one is complete.

            Example: crmledger rebuild kept-rate
            """) { view }.AskingServer();
        command.SetAction(async (parse, ct) =>
        {
            using var ledger = parse.Connect(shell);
            string name = parse.GetRequiredValue(view);
            var rebuilding = ledger.PostAsync(
                $"v1/views/{name}/rebuild", body: null, "generation", TimeSpan.Zero, ct, LedgerClient.NoLimit);
            var answer = await WatchAsync(rebuilding, $"Rebuilding {name}", shell, ct);
            int exitCode = answer.Whole("quarantined") > 0 ? ExitCode.Failed : ExitCode.Done;
            if (parse.GetValue(Options.Json))
            {
                shell.Answer(answer.GetRawText());
                return exitCode;
            }
            double seconds = answer.Number("seconds") ?? 0;
            long events = answer.Whole("events") ?? 0;
            string rate = seconds > 0 ? $", {Sentences.Count((long)(events / seconds))} events/s" : "";
            new Terminal(shell).Line($"{answer.Text("view")} is rebuilt as generation {answer.Text("generation")}: "
                + $"{Sentences.Count(events)} events gave {Sentences.Count(answer.Whole("rows"))} rows "
                + $"in {seconds:0.00} s{rate}.");
            if (exitCode != ExitCode.Done)
                shell.Answer($"{answer.Text("quarantined")} streams could not be folded: see `crmledger status`.");
            return exitCode;
        });
        return command;
    }

    /// <summary>A long log takes minutes, and the server says nothing until it is done.</summary>
    private static async Task<JsonElement> WatchAsync(
        Task<JsonElement> working, string what, Shell shell, CancellationToken ct)
    {
        using var line = new RewrittenLine(shell);
        long started = shell.Clock.GetTimestamp();
        while (shell.ErrorIsTerminal
            && await Task.WhenAny(working, Task.Delay(TimeSpan.FromSeconds(1), shell.Clock, ct)) != working)
        {
            line.Write($"{what}, {Sentences.Duration(shell.Clock.GetElapsedTime(started).TotalSeconds)}");
        }
        return await working;
    }

    public static Command MakeConsistencyCheck(Shell shell)
    {
        var views = new Argument<string[]>("VIEW")
        {
            Description = $"The views ({string.Join(", ", s_views)}); all when left out.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        views.AcceptOnlyFromAmong(s_views);
        var command = new TaughtCommand(Check, """
            Make views again from the log, aside, and compare them with the stored rows, one by one.
            Every difference is named; exits with 1 when there is any. Nothing is changed and nobody waits.

            Example: crmledger check-consistency
            Example: crmledger check-consistency kept-rate trust --json
            """) { views }.AskingServer();
        command.Aliases.Add(FormerCheck);
        command.SetAction(async (parse, ct) =>
        {
            if (parse.CommandResult.IdentifierToken.Value == FormerCheck)
            {
                await shell.Error.WriteLineAsync($"`crmledger {FormerCheck}` is called `crmledger {Check}` now; "
                    + "the next version knows that name only.");
            }
            using var ledger = parse.Connect(shell);
            string[] wanted = parse.GetValue(views) is { Length: > 0 } named ? [.. named.Distinct()] : s_views;
            var answers = new List<JsonElement>();
            foreach (string name in wanted)
            {
                var checking = ledger.PostAsync($"v1/views/{name}/check-consistency",
                    body: null, "generation", TimeSpan.Zero, ct, LedgerClient.NoLimit);
                answers.Add(await WatchAsync(checking, $"Checking {name}", shell, ct));
                if (!parse.GetValue(Options.Json))
                    ShowCheck(new Terminal(shell), answers[^1]);
            }
            if (parse.GetValue(Options.Json))
                shell.Answer($"[{string.Join(",", answers.Select(a => a.GetRawText()))}]");
            return answers.Any(a => a.Whole("differences") != 0) ? ExitCode.Failed : ExitCode.Done;
        });
        return command;
    }

    private static void ShowCheck(Terminal terminal, JsonElement answer)
    {
        long differences = answer.Whole("differences") ?? 0;
        terminal.Line($"{answer.Text("view")}: {Sentences.Count(answer.Whole("rows"))} rows up to position "
            + $"{answer.Text("position")} compared in {answer.Number("seconds"):0.0} s, "
            + (differences == 0 ? "all as the log gives them." : $"{Sentences.Count(differences)} differ."));
        var items = answer.Items("items").ToList();
        if (items.Count == 0)
            return;
        terminal.Table(["", "Row", "> From position", "What differs"], items.Select(i => (string[])
        [
            i.Text("kind") ?? "", $"{i.Text("stream")} {i.Text("key")}".TrimEnd(), i.Text("validFrom") ?? "",
            string.Join(", ", i.Items("columns").Select(c => c.ToString())),
        ]));
        if (items.Count < differences)
            terminal.Line($"These are the first {items.Count} of them.");
        terminal.Line($"`crmledger rebuild {answer.Text("view")}` mends them.");
    }

    public static Command MakeStatus(Shell shell)
    {
        var command = new TaughtCommand("status", """
            Show the server's version, how long the log is, and how far each view has come. Exits with 1 when
            a view has quarantined something.

            Example: crmledger status
            """).AskingServer();
        command.SetAction(async (parse, ct) =>
        {
            using var ledger = parse.Connect(shell);
            var answer = await ledger.GetAsync("v1/status", "views", ct);
            if (parse.GetValue(Options.Json))
                shell.Answer(answer.GetRawText());
            else
                Show(new Terminal(shell), ledger.Url, answer);
            return answer.Items("views").Any(v => v.Items("quarantined").Any()) ? ExitCode.Failed : ExitCode.Done;
        });
        return command;
    }

    private static void Show(Terminal terminal, Uri url, JsonElement answer)
    {
        var head = answer.Member("head") ?? default;
        terminal.Line($"CrmLedger {answer.Text("version")} at {url}, tenant {answer.Text("tenant")}");
        terminal.Line($"Log: {Sentences.Count(head.Whole("size"))} events"
            + (head.Time("recordedAt") is { } at ? $", the last recorded at {Sentences.Minute(at)} UTC" : ""));
        string[] columns = ["View", "> Generation", "> Position", "> Behind", "> Quarantined"];
        terminal.Table(columns, answer.Items("views").Select(v => (string[])
        [
            v.Text("name") ?? "", v.Text("generation") ?? "", v.Text("position") ?? "", v.Text("lag") ?? "",
            v.Items("quarantined").Count().ToString(),
        ]));
        foreach (var view in answer.Items("views"))
        {
            foreach (var stream in view.Items("quarantined"))
            {
                terminal.Line($"{view.Text("name")}: {stream.Text("streamId")} is set aside since position "
                    + $"{stream.Text("position")}: {stream.Text("reason")} "
                    + $"`crmledger rebuild {view.Text("name")}` mends it once its cause is removed.");
            }
        }
    }
}
