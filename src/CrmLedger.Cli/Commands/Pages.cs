using System.CommandLine;
using System.Text.Json;

namespace CrmLedger.Cli.Commands;

/// <summary>Reads a list that the server gives out page by page.</summary>
internal static class Pages
{
    /// <param name="ledger">The server.</param>
    /// <param name="address">The address of the page at a cursor; null is the first one.</param>
    /// <param name="itemsName">The member that holds a page's items.</param>
    /// <param name="most">How many items are wanted at most.</param>
    /// <param name="ct">Stops waiting.</param>
    /// <returns>The pages that were read, at least one, and their items, never more than wanted.</returns>
    public static async Task<(List<JsonElement> Pages, List<JsonElement> Items)> ReadAsync(
        LedgerClient ledger, Func<string?, string> address, string itemsName, long most, CancellationToken ct)
    {
        var pages = new List<JsonElement>();
        var items = new List<JsonElement>();
        string? cursor = null;
        do
        {
            var page = await ledger.GetAsync(address(cursor), itemsName, ct);
            pages.Add(page);
            items.AddRange(page.Items(itemsName).Take((int)Math.Min(most - items.Count, int.MaxValue)));
            cursor = page.Text("next");
        }
        while (cursor is not null && items.Count < most);
        return (pages, items);
    }

    /// <summary>A command whose answer is a list: as many as wanted for people, all of it as a table.</summary>
    /// <param name="command">The command.</param>
    /// <param name="limit">How many are wanted.</param>
    public static Command AnsweringList(this Command command, Option<long?> limit)
    {
        command.AskingServer().AnsweringTables();
        command.Validators.Add(asked =>
        {
            if (asked.GetValue(Options.Csv) && asked.GetResult(limit) is not null)
                asked.AddError("--csv writes them all; leave out --limit.");
        });
        return command;
    }

    /// <summary>Answers with a list, in the form that was asked for.</summary>
    /// <param name="shell">Where it runs.</param>
    /// <param name="parse">What was asked.</param>
    /// <param name="most">How many are shown at most, unless as a table.</param>
    /// <param name="firstColumn">What the table begins with.</param>
    /// <param name="address">The address of the page at a cursor, of a length, in a format.</param>
    /// <param name="show">Shows it to people.</param>
    /// <param name="ct">Stops waiting.</param>
    /// <param name="itemsName">The member that holds a page's items.</param>
    public static async Task<int> AnswerAsync(
        Shell shell, ParseResult parse, long most, string firstColumn,
        Func<(string? Cursor, string Limit, string? Format), string> address,
        Action<Terminal, JsonElement, List<JsonElement>> show, CancellationToken ct, string itemsName = "items")
    {
        const long mostOfPage = 1_000;
        using var ledger = parse.Connect(shell);
        if (parse.GetValue(Options.Csv))
        {
            shell.Answer(await ledger.GetTableAsync(
                address((null, $"{mostOfPage}", "csv")), firstColumn + ",", ct));
            return ExitCode.Done;
        }
        var (pages, items) = await ReadAsync(
            ledger, cursor => address((cursor, $"{Math.Min(most, mostOfPage)}", null)), itemsName, most, ct);
        if (parse.GetValue(Options.Json))
            shell.Answer(Json.Joined(pages, itemsName, items));
        else
            show(new Terminal(shell), pages[0], items);
        return ExitCode.Done;
    }

    /// <summary>As known when, at which position, and whether that can still change.</summary>
    public static string Known(JsonElement answer)
    {
        string time = answer.Time("asOf") is { } asOf ? $"as known at {Sentences.Minute(asOf)} UTC" : "as known now";
        string position = answer.Text("position") is { } at ? $", position {at}" : "";
        string provisional = answer.Flag("provisional") ? ", provisional" : "";
        string until = answer.Time("until") is { } happened && happened != answer.Time("asOf")
            ? $", by what had happened by {Sentences.Minute(happened)} UTC" : "";
        string annulled = answer.Text("annulled") == "counted" ? ", annulled entries counted" : "";
        return time + position + provisional + until + annulled;
    }
}
