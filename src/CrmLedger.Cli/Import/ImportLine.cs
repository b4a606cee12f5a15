namespace CrmLedger.Cli.Import;

/// <summary>What is to be sent for one line of a file, or why nothing is.</summary>
/// <param name="Number">The line of the file, from 1.</param>
/// <param name="Original">
/// The line as it stands in the file, to be given back when rejected; null where that is what is sent.
/// </param>
/// <param name="Subject">Whose stream it goes to; lines of one stream stay in order.</param>
/// <param name="Alone">Whether others may rest on it, or it on others, whatever their subject.</param>
/// <param name="Utf8">One line of JSON to send; empty when it is rejected.</param>
internal sealed record ImportLine(
    long Number, string? Original, string Subject, bool Alone, ReadOnlyMemory<byte> Utf8)
{
    /// <summary>Why it is not sent, or null.</summary>
    public LineRejection? Rejected { get; init; }

    /// <summary>
    /// Whether a mapping made it only so that somebody is there: that somebody is there already is then no fault.
    /// </summary>
    public bool IsArrival { get; init; }

    /// <summary>Whether a row of the file is done with it, for the progress.</summary>
    public bool EndsRow { get; init; } = true;

    public static ImportLine Of(CloudEvent mapped, Guid importId) =>
        new(mapped.Row, null, mapped.Subject, RestsOnOthers(mapped.Subject, mapped.Type), mapped.ToUtf8(importId))
        {
            IsArrival = mapped.IsArrival,
            EndsRow = mapped.EndsRow,
        };

    /// <summary>
    /// Members join before a customer's events name them, and a merge names another customer: such events keep their
    /// place among those of every other subject.
    /// </summary>
    public static bool RestsOnOthers(string subject, string type) =>
        !subject.StartsWith(CloudEvent.CustomerSubject, StringComparison.Ordinal) || type == "customer_merged_into";
}

/// <summary>Why a line was not taken.</summary>
/// <param name="Reason">In words.</param>
/// <param name="Field">Which member it is about, or null.</param>
internal sealed record LineRejection(string Reason, string? Field = null);
