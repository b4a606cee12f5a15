using System.CommandLine;
using System.Text.Json;
using CrmLedger.Server.Responsiveness;

namespace CrmLedger.Cli.Commands;

/// <summary><c>crmledger responsiveness</c>: how quickly customers hear from us and are helped.</summary>
internal static class ResponsivenessCommand
{
    public static Command Make(Shell shell) =>
        new CountCommand("responsiveness", "v1/responsiveness", ResponsivenessEndpoint.Groups, "Concerns raised")
            .Make(shell, """
                Show how long customers wait for our first word on a concern, and until it is put right: the
                time that half of them, and nine of ten, did not exceed.

                Example: crmledger responsiveness --by severity
                Example: crmledger responsiveness --by team --over week --from 2026-06-01
                """, Show);

    private static void Show(Terminal terminal, JsonElement answer)
    {
        terminal.Line($"Responsiveness, {Pages.Known(answer)}");
        if (answer.Text("notice") is { } notice)
            terminal.Line(notice);
        terminal.Table(
            [
                answer.Text("by") ?? "", "> Raised", "> In time", "> Waiting", "> First word: half", "> 9 of 10",
                "> Put right", "> Put right: half", "> 9 of 10", "> Reopened",
            ],
            CountCommand.Lines(answer).Select(l => (string[])
            [
                l.Label, Sentences.Count(l.Numbers.Whole("raised")),
                Sentences.Percent(l.Numbers.Member("answeredInTime")?.Number("rate")),
                Sentences.Count(l.Numbers.Whole("unanswered")), Time(l.Numbers, "firstResponse", "p50"),
                Time(l.Numbers, "firstResponse", "p90"),
                Sentences.Percent(l.Numbers.Member("resolved")?.Number("rate")),
                Time(l.Numbers, "resolution", "p50"), Time(l.Numbers, "resolution", "p90"),
                Sentences.Percent(l.Numbers.Member("reopened")?.Number("rate")),
            ]));
    }

    private static string Time(JsonElement numbers, string durations, string percentile) =>
        numbers.Member(durations)?.Number(percentile) is { } seconds ? Sentences.Duration(seconds) : "–";
}
