using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CrmLedger.Cli.Import;

/// <summary>
/// An event as a file's mapping makes it, before it is known which import brings it (CloudEvents 1.0).
/// </summary>
/// <param name="Row">The line of the file that it comes from, from 1.</param>
/// <param name="Source">The mapping; with <paramref name="Id"/> what makes a retry safe.</param>
/// <param name="Id">The same for the same fact of the same file, for ever.</param>
/// <param name="Type">The event's stored name.</param>
/// <param name="Subject"><c>customer/</c> or <c>member/</c> and the reference.</param>
/// <param name="Time">When it happened, UTC.</param>
/// <param name="Data">The command's fields.</param>
/// <param name="Marks">Extension attributes: lower-case letters and digits.</param>
internal sealed record CloudEvent(
    long Row,
    string Source,
    string Id,
    string Type,
    string Subject,
    DateTimeOffset Time,
    JsonObject Data,
    IReadOnlyDictionary<string, string>? Marks = null)
{
    public const string CustomerSubject = "customer/";
    public const string MemberSubject = "member/";

    /// <summary>Whether it brings a customer or a member into the ledger.</summary>
    public bool IsArrival => Type is "customer_registered" or "member_joined";

    /// <summary>
    /// Whether it is the one event that every row of its file has, so that counting these counts the rows.
    /// </summary>
    public bool EndsRow { get; init; }

    /// <summary>The event as one line of JSON, without the line's end.</summary>
    public byte[] ToUtf8(Guid importId)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = LedgerJson.Options.Encoder }))
        {
            json.WriteStartObject();
            json.WriteString("specversion", "1.0");
            json.WriteString("id", Id);
            json.WriteString("source", Source);
            json.WriteString("type", Type);
            json.WriteString("subject", Subject);
            json.WriteString("time", LedgerJson.Format(Time));
            json.WriteString("importid", importId);
            foreach (var (name, value) in Marks ?? new Dictionary<string, string>())
                json.WriteString(name, value);
            json.WritePropertyName("data");
            Data.WriteTo(json, LedgerJson.Options);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }
}
