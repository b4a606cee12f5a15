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

    /// <summary>As known when, at which position, and whether that can still change.</summary>
    public static string Known(JsonElement answer)
    {
        string time = answer.Time("asOf") is { } asOf ? $"as known at {Sentences.Minute(asOf)} UTC" : "as known now";
        string position = answer.Text("position") is { } at ? $", position {at}" : "";
        string provisional = answer.Flag("provisional") ? ", provisional" : "";
        string until = answer.Time("until") is { } happened && happened != answer.Time("asOf")
            ? $", by what had happened by {Sentences.Minute(happened)} UTC" : "";
        return time + position + provisional + until;
    }
}
