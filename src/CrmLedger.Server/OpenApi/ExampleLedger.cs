using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CrmLedger.EventStore.Privacy;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Events;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Views;

namespace CrmLedger.Server.OpenApi;

/// <summary>
/// The one small business that all examples tell of: Anna Lind, to whom Erik promised to call back. Ids are derived as
/// the server derives them, under keys of zeros, so that examples agree with each other and never change.
/// </summary>
internal static class ExampleLedger
{
    /// <summary>The keys of its tenant.</summary>
    public static TenantKeys Keys { get; } = new("example", WrappingKeys.None, new byte[32]);

    /// <summary>The customer.</summary>
    public static Guid Anna { get; } = Keys.CustomerId("anna@example.org");

    /// <summary>The member who made the promise.</summary>
    public static Guid Erik { get; } = Keys.MemberId("erik");

    /// <summary>An import.</summary>
    public static Guid Import { get; } =
        Keys.ImportId("uci-incidents", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");

    /// <summary>An event.</summary>
    public static Guid Event { get; } = new("0198c2f4-1c3a-7d61-9f43-1f2e3d4c5b6a");

    /// <summary>When it was recorded.</summary>
    public static DateTimeOffset Recorded { get; } =
        new DateTimeOffset(2027, 3, 1, 9, 30, 0, TimeSpan.Zero).AddTicks(1_234_560);

    /// <summary>Its first due date.</summary>
    public static DateTimeOffset Due { get; } = new(2027, 3, 3, 16, 0, 0, TimeSpan.Zero);

    /// <summary>The moment from which views look back.</summary>
    public static DateTimeOffset Now { get; } = new(2027, 3, 2, 8, 0, 0, TimeSpan.Zero);

    /// <summary>The customer beside an id.</summary>
    public static Named NamedAnna { get; } = new("anna@example.org", "Anna Lind", Segment: "retail");

    /// <summary>The member beside an id.</summary>
    public static Named NamedErik { get; } = new("erik", "Erik Berg", Team: "support");

    /// <summary>The position of the event.</summary>
    public const long Position = 48_216;

    /// <summary>A checkpoint of its log.</summary>
    public static string Checkpoint =>
        $"crmledger/example/5d41402abc4b2a76\n4\n{Hash("root")}\n\n— crmledger/example/5d41402abc4b2a76 1f2e3d4c…\n";

    /// <summary>The event's leaf.</summary>
    public static string Leaf => Hash("leaf");

    /// <summary>What stands in an address for a parameter, or in a body for an id that was left out.</summary>
    public static string InAddress(string name) => name switch
    {
        "customerId" => "ref:anna@example.org",
        "memberId" => "ref:erik",
        "importId" => Import.ToString("D"),
        "eventId" => Event.ToString("D"),
        "promiseId" => "INC-1042",
        "followUpId" => "FU-7",
        "concernId" => "C-12",
        "feedbackId" => "F-3",
        "solutionId" => "S-4",
        "purchaseId" => "O-99",
        "touchpointId" => "T-310",
        "view" => "kept-rate",
        _ => "example",
    };

    /// <summary>A hash, base64.</summary>
    public static string Hash(string of) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(of)));

    /// <summary>The promise as the log holds it.</summary>
    public static ShownEvent PromiseMade() => new(
        Event, "promise_made", $"customer-{Anna:D}", 7, Position, Recorded, Recorded, Recorded, "key:4f7c21d09be3",
        "https://desk.example.org", "case-1042", null, null, null,
        new JsonObject
        {
            ["promiseId"] = "INC-1042",
            ["kind"] = "callback",
            ["conditions"] = "Anna has called about the invoice.",
            ["dueAt"] = LedgerJson.Format(Due),
            ["memberId"] = Erik.ToString("D"),
            ["team"] = "support",
            ["channel"] = "phone",
        }, Leaf);

    /// <summary>The receipt of an event of a stream.</summary>
    public static EventReceipt Receipt(string type, string stream, long version) => new(
        Event, type, stream, version, Position, Recorded, Leaf, $"/v1/events/{Event:D}/receipt");

    /// <summary>What a command's example is answered with.</summary>
    /// <param name="command">The command's record.</param>
    /// <param name="body">Its example body, JSON.</param>
    /// <param name="ofMember">Whether it is about a member though it could be about a customer.</param>
    public static CommandAnswer Answer(Type command, string body, bool ofMember)
    {
        var kind = ofMember ? StreamKind.Member : StreamKind.Of(command);
        var id = kind == StreamKind.Customer ? Anna : kind == StreamKind.Member ? Erik : Import;
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        if (kind != StreamKind.Policy)
            ids[$"{kind.Prefix}Id"] = id.ToString("D");
        var draft = Draft(command, JsonElement.Parse(body), []);
        foreach (var (name, value) in draft?.Ids ?? [])
            ids.TryAdd(name, value);
        long version = StreamAddress.BringsIn(command) ? 1 : 7;
        string type = LedgerCommands.EventNames.First(e => LedgerCommands.ForEvent(e) == command);
        return new(ids, version, Position, false, [Receipt(type, kind.StreamId(id), version)]);
    }

    /// <summary>Reads an example body as the server would, the address and missing ids filled in.</summary>
    /// <returns>The draft, or null with the errors added.</returns>
    public static CommandDraft? Draft(Type command, JsonElement body, List<FieldError> errors)
    {
        var filled = CommandShape.Of(command).Fields
            .Where(f => f.Name.EndsWith("Id", StringComparison.Ordinal) && f is { Member: null, IsCustomer: false })
            .Where(f => (f.Required || f.IsNewId) && !body.TryGetProperty(f.Name, out _))
            .ToDictionary(f => f.Name, f => InAddress(f.Name), StringComparer.Ordinal);
        return CommandDraft.Read(command, body, filled, Keys, "", errors, takesTime: true);
    }
}
