using System.Text.Json.Nodes;

namespace CrmLedger.Cli.Import;

/// <summary>What an import says at its end, to people and to machines.</summary>
internal sealed record ImportReport(
    ImportFile File, ImportOutcome Outcome, UciIncidents.MadeSlaAgreement? Agreement, string? RejectedFile,
    IReadOnlyList<string> FirstReasons, string? EarlierRejected, TimeSpan Took)
{
    /// <summary>What else there is to know, a sentence each.</summary>
    private IEnumerable<string> Notes =>
        new[] { EarlierRejected, Outcome.InViews ? null : "The views are still catching up: see `crmledger status`." }
            .OfType<string>();

    public JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["importId"] = Outcome.ImportId,
            ["source"] = File.Source,
            ["fileName"] = File.FileName,
            ["sha256"] = File.Sha256,
            ["rows"] = Outcome.Rows,
            ["appended"] = Outcome.Appended,
            ["duplicates"] = Outcome.Duplicates,
            ["rejected"] = Outcome.Rejected,
            ["completed"] = Outcome.Completed,
            ["inViews"] = Outcome.InViews,
            ["seconds"] = Math.Round(Took.TotalSeconds, 3),
        };
        if (Outcome.LastPosition is >= 0 and var position)
            json["lastPosition"] = position;
        if (Outcome.ImportedBefore is { } before)
            json["importedBefore"] = LedgerJson.Format(before);
        if (RejectedFile is { } rejected)
            json["rejectedFile"] = rejected;
        if (Notes.Any())
            json["notes"] = new JsonArray([.. Notes.Select(note => JsonValue.Create(note))]);
        if (Agreement is { } a)
            json["madeSla"] = new JsonObject { ["agree"] = a.Agree, ["incidents"] = a.Incidents, ["share"] = a.Share };
        return json;
    }

    public string ToText()
    {
        var lines = new List<string> { Outcome.ImportedBefore is { } before ? Before(before) : Now() };
        if (Agreement is { } a)
        {
            lines.Add($"Agreement with made_sla: {Sentences.Percent(a.Share)} "
                + $"({Sentences.Count(a.Agree)} of {Sentences.Count(a.Incidents)}).");
        }
        if (RejectedFile is { } rejected)
        {
            lines.Add($"{Sentences.Count(Outcome.Rejected)} were rejected and written, with why, to {rejected}. "
                + "Correct them and run `crmledger import events` on that file, or mend what they wait for and run "
                + "this import again; it stays open until all of it is in.");
            lines.AddRange(FirstReasons.Select(reason => "  " + reason));
            if (Outcome.Rejected > FirstReasons.Count)
                lines.Add("  …");
        }
        lines.AddRange(Notes);
        return string.Join(Environment.NewLine, lines);
    }

    private string Now()
    {
        double rate = Outcome.Events / Math.Max(Took.TotalSeconds, 0.001);
        return $"{File.FileName}: {Sentences.Count(Outcome.Rows)} rows, "
            + $"{Sentences.Count(Outcome.Appended)} events added, "
            + $"{Sentences.Count(Outcome.Duplicates)} there already, {Sentences.Count(Outcome.Rejected)} rejected, in "
            + $"{Took.TotalSeconds:0.0} s ({Sentences.Count((long)rate)} events/s). Import {Outcome.ImportId}.";
    }

    private string Before(DateTimeOffset completedAt) =>
        $"This file was imported on {Sentences.Minute(completedAt)} UTC: {Sentences.Count(Outcome.Events)} events. "
        + "Nothing to add: 0 events added.";
}
