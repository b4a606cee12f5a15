using System.CommandLine;
using System.Text.Json;

namespace CrmLedger.Cli.Commands;

/// <summary><c>crmledger rebuild</c> and <c>crmledger status</c>: the views and how far they are.</summary>
internal static class ViewCommands
{
    private static readonly string[] s_views = ["open-commitments", "kept-rate", "directory"];

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
            var answer = await WatchAsync(rebuilding, name, shell, ct);
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
        Task<JsonElement> rebuilding, string view, Shell shell, CancellationToken ct)
    {
        using var line = new RewrittenLine(shell);
        long started = shell.Clock.GetTimestamp();
        while (shell.ErrorIsTerminal
            && await Task.WhenAny(rebuilding, Task.Delay(TimeSpan.FromSeconds(1), shell.Clock, ct)) != rebuilding)
        {
            line.Write($"Rebuilding {view}, {Sentences.Duration(shell.Clock.GetElapsedTime(started).TotalSeconds)}");
        }
        return await rebuilding;
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
