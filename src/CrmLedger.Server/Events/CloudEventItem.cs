using System.Text.Json;
using CrmLedger.EventStore.Tenants;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Tenants;

namespace CrmLedger.Server.Events;

/// <summary>One CloudEvent (CloudEvents 1.0.2) of a batch, read into the command that it asks for.</summary>
/// <param name="Index">Its place in the batch, from 0.</param>
/// <param name="Id">Its id, where it has one.</param>
/// <param name="Request">The command; null when something was wrong.</param>
/// <param name="Problem">What was wrong; null when nothing was.</param>
public sealed record CloudEventItem(int Index, string? Id, CommandRequest? Request, Problem? Problem)
{
    private const int MostExtensions = 20;
    private const int LongestAttribute = 256;

    private static readonly HashSet<string> s_attributes = new(StringComparer.Ordinal)
    {
        "specversion", "id", "source", "type", "subject", "time", "data", "datacontenttype", "dataschema",
        "importid", "correlationid", "causationid",
    };

    /// <summary>Reads an item from its JSON text.</summary>
    public static CloudEventItem Read(int index, ReadOnlySpan<byte> utf8, TenantLedger ledger, Caller caller)
    {
        var (json, problem) = RequestBody.ParseObject(utf8);
        return problem is null ? Read(index, json, ledger, caller) : new(index, null, null, problem);
    }

    /// <summary>Reads an item from JSON that has been checked.</summary>
    public static CloudEventItem Read(int index, JsonElement json, TenantLedger ledger, Caller caller)
    {
        var errors = new List<FieldError>();
        if (json.ValueKind != JsonValueKind.Object)
            return new(index, null, null, Problem.Invalid(new FieldError("", "must be an object.")));
        string? id = Attribute(json, "id", required: true, errors);
        string? source = Attribute(json, "source", required: true, errors);
        string? type = Attribute(json, "type", required: true, errors);
        string? subject = Attribute(json, "subject", required: true, errors);
        if (Attribute(json, "specversion", required: true, errors) is not (null or "1.0"))
            errors.Add(new("/specversion", "must be \"1.0\"."));
        var occurredAt = Time(json, errors);
        var importId = ImportId(json, errors);
        var extensions = Extensions(json, errors);
        var command = type is null ? null : LedgerCommands.ForEvent(type);
        if (type is not null && command is null)
            errors.Add(new("/type",
                $"'{type}' is not an event that can be asked for; see the list in /openapi/v1.json."));
        var data = json.TryGetProperty("data", out var sent) ? sent : JsonElement.Parse("{}"u8);
        if (data.ValueKind != JsonValueKind.Object)
            errors.Add(new("/data", "must be an object."));
        if (errors.Count > 0)
            return new(index, id, null, Problem.Invalid(errors));
        var context = new CommandContext(caller, occurredAt, ClientEventId.Of(source!, id!), source,
            Attribute(json, "correlationid", required: false, errors),
            Attribute(json, "causationid", required: false, errors), importId, extensions, null, null,
            []);
        var request = ReadRequest(command!, subject!, data, context, ledger, errors);
        return request is null || errors.Count > 0
            ? new(index, id, null, Problem.Invalid(errors))
            : new(index, id, request, null);
    }

    private static CommandRequest? ReadRequest(
        Type command, string subject, JsonElement data, CommandContext context, TenantLedger ledger,
        List<FieldError> errors)
    {
        int slash = subject.IndexOf('/', StringComparison.Ordinal);
        var kind = (slash < 0 ? "" : subject[..slash]) switch
        {
            "customer" => StreamKind.Customer,
            "member" => StreamKind.Member,
            _ => null,
        };
        var expected = StreamKind.Of(command);
        bool fits = kind is not null && (kind == expected || command == typeof(Annulments.AnnulEntry));
        // A subject may leave out the ref: that an address must have.
        string named = subject[(slash + 1)..];
        string address = named.StartsWith(StreamAddress.Reference, StringComparison.Ordinal)
            || Guid.TryParseExact(named, "D", out _) ? named : StreamAddress.Reference + named;
        if (!fits || StreamAddress.Parse(kind!, address, ledger.Keys) is not { } id)
        {
            errors.Add(new("/subject", expected == StreamKind.Import ? "imports are declared at POST /v1/imports."
                : expected == StreamKind.Policy ? "policies are adopted at POST /v1/policies."
                : $"must be {expected.Prefix}/ and a reference or an id."));
            return null;
        }
        var noPath = new Dictionary<string, string>(StringComparer.Ordinal);
        var draft = CommandDraft.Read(command, data, noPath, ledger.Keys, "/data", errors);
        if (draft is null)
            return null;
        if (StreamAddress.BringsIn(command))
            draft = Referred(draft, address, errors);
        return new(kind!, id, draft,
            context with { Content = draft.Content(kind!.StreamId(id), context.OccurredAt) });
    }

    /// <summary>
    /// The command with the reference that the subject gives. Who comes into the ledger is named by a reference: ids
    /// are the ledger's to make, and one of a client's own choice could be that of another reference.
    /// </summary>
    private static CommandDraft Referred(CommandDraft draft, string address, List<FieldError> errors)
    {
        if (!address.StartsWith(StreamAddress.Reference, StringComparison.Ordinal))
        {
            errors.Add(new("/subject", "names an id, and who is new has none yet. Give your own reference, after ref: "
                + "when it looks like an id."));
            return draft;
        }
        string reference = address[StreamAddress.Reference.Length..];
        var field = CommandShape.Of(draft.Command).Fields.First(f => f.Name == "reference");
        var (_, error) = FieldReader.Read(field, JsonSerializer.SerializeToElement(reference));
        if (error is not null)
            errors.Add(new("/subject", $"its reference {error}"));
        if (draft["reference"] is string other && other != reference)
            errors.Add(new("/data/reference", "differs from the reference in the subject."));
        return draft.Replace("reference", reference);
    }

    private static string? Attribute(JsonElement json, string name, bool required, List<FieldError> errors)
    {
        if (!json.TryGetProperty(name, out var sent) || sent.ValueKind == JsonValueKind.Null)
        {
            if (required)
                errors.Add(new($"/{name}", "is missing."));
            return null;
        }
        string? text = sent.ValueKind == JsonValueKind.String ? sent.GetString() : null;
        if (string.IsNullOrEmpty(text) || text.Length > 2 * LongestAttribute)
        {
            errors.Add(new($"/{name}", $"must be a text of 1 to {2 * LongestAttribute} characters."));
            return null;
        }
        return text;
    }

    private static DateTimeOffset? Time(JsonElement json, List<FieldError> errors)
    {
        string? text = Attribute(json, "time", required: false, errors);
        if (text is null)
            return null;
        var (time, error) = FieldReader.Time(text);
        if (error is not null)
            errors.Add(new("/time", error));
        return time as DateTimeOffset?;
    }

    private static Guid? ImportId(JsonElement json, List<FieldError> errors)
    {
        string? text = Attribute(json, "importid", required: false, errors);
        if (text is null)
            return null;
        if (Guid.TryParseExact(text, "D", out var id))
            return id;
        errors.Add(new("/importid", "must be the importId that POST /v1/imports answered with."));
        return null;
    }

    private static SortedDictionary<string, string>? Extensions(JsonElement json, List<FieldError> errors)
    {
        SortedDictionary<string, string>? extensions = null;
        foreach (var member in json.EnumerateObject().Where(m => !s_attributes.Contains(m.Name))
            .TakeWhile(_ => errors.Count <= Problem.MostErrors))
        {
            bool isName = member.Name.Length is > 0 and <= 20
                && member.Name.All(c => c is >= 'a' and <= 'z' or >= '0' and <= '9');
            bool isValue = member.Value.ValueKind is JsonValueKind.String or JsonValueKind.True or JsonValueKind.False
                or JsonValueKind.Number;
            if (!isName || !isValue || member.Value.ToString().Length > LongestAttribute)
            {
                errors.Add(FieldError.At("", member.Name,
                    $"is not a CloudEvents attribute: a name of 1 to 20 of a–z and 0–9, a value of at most "
                        + $"{LongestAttribute} characters."));
                continue;
            }
            (extensions ??= new(StringComparer.Ordinal))[member.Name] = member.Value.ValueKind switch
            {
                JsonValueKind.True => "true",
                JsonValueKind.False => "false",
                _ => member.Value.ToString(),
            };
        }
        if (extensions?.Count > MostExtensions)
            errors.Add(new("", $"at most {MostExtensions} extension attributes are taken."));
        return extensions;
    }
}
