using System.Buffers;
using System.Text.Json;
using CrmLedger.EventStore.Privacy;
using CrmLedger.Server.Problems;

namespace CrmLedger.Server.Commands;

/// <summary>
/// A command as it was read from a request, its personal text still in clear: <see cref="Complete" /> seals it. It is
/// completed anew when it is decided anew, for then the subject's key may be another one.
/// </summary>
public sealed class CommandDraft
{
    private readonly CommandShape _shape;
    private readonly object?[] _said;
    private readonly object?[] _values;

    private CommandDraft(CommandShape shape, object?[] said)
    {
        (_shape, _said) = (shape, said);
        _values = [.. shape.Fields.Zip(said, (field, value) => value ?? (field.IsNewId ? NewId(field) : null))];
    }

    private CommandDraft(CommandShape shape, object?[] said, object?[] values) =>
        (_shape, _said, _values) = (shape, said, values);

    /// <summary>The members that it names, with the field that names each.</summary>
    public IEnumerable<(CommandField Field, Guid MemberId)> Members => Fields()
        .Where(f => f.Field.Member is not null && f.Value is Guid)
        .Select(f => (f.Field, (Guid)f.Value!));

    /// <summary>The other customers that it names.</summary>
    public IEnumerable<(CommandField Field, Guid CustomerId)> OtherCustomers => Fields()
        .Where(f => f.Field.IsCustomer && f.Value is Guid)
        .Select(f => (f.Field, (Guid)f.Value!));

    /// <summary>The command's record.</summary>
    public Type Command => _shape.Command;

    /// <summary>The ids of things in it, such as <c>promiseId</c>, as an answer names them.</summary>
    public IEnumerable<(string Name, string Id)> Ids => Fields()
        .Where(f => f.Field is { Required: true, Member: null, IsCustomer: false } or { IsNewId: true })
        .Where(f => f.Field.Name.EndsWith("Id", StringComparison.Ordinal) && f.Field.Name != "eventId")
        .Where(f => f.Value is not null)
        .Select(f => (f.Field.Name, f.Value!.ToString()!));

    /// <summary>A field's value: clear text for personal ones, null when it was not sent.</summary>
    public object? this[string field] => _values[_shape.Fields.TakeWhile(f => f.Name != field).Count()];

    /// <summary>Reads a command from a body and what its address names; collects everything that is wrong.</summary>
    /// <param name="command">The command's record.</param>
    /// <param name="body">The client's JSON object.</param>
    /// <param name="path">Fields that the address names; they need not stand in the body.</param>
    /// <param name="keys">Derive the ids of references.</param>
    /// <param name="pointer">Where the body lies in the request, for the errors.</param>
    /// <param name="errors">Takes the errors; it stops soon after <see cref="Problem.MostErrors" />.</param>
    /// <param name="takesTime">Whether <c>occurredAt</c>, which the caller reads, may stand in the body.</param>
    /// <returns>The draft, or null when there were errors.</returns>
    public static CommandDraft? Read(
        Type command, JsonElement body, IReadOnlyDictionary<string, string> path, TenantKeys keys, string pointer,
        List<FieldError> errors, bool takesTime = false)
    {
        var shape = CommandShape.Of(command);
        int before = errors.Count;
        object?[] values = new object?[shape.Fields.Count];
        for (int i = 0; i < values.Length; i++)
            values[i] = ReadField(shape.Fields[i], body, path, keys, pointer, errors);
        foreach (var sent in body.EnumerateObject().TakeWhile(_ => errors.Count <= Problem.MostErrors))
        {
            if (!(takesTime && sent.Name == "occurredAt") && !shape.Fields.Any(f => f.Name == sent.Name))
                errors.Add(FieldError.At(pointer, sent.Name, "there is no such field."));
        }
        return errors.Count == before ? new(shape, values) : null;
    }

    /// <summary>The command, its personal text sealed.</summary>
    /// <param name="teamOf">The current team of each member named.</param>
    /// <param name="seal">Seals a text under the subject's key.</param>
    public ICommand Complete(IReadOnlyDictionary<Guid, string> teamOf, Func<string, Sealed> seal)
    {
        object?[] values = [.. _values];
        for (int i = 0; i < values.Length; i++)
        {
            var field = _shape.Fields[i];
            if (field.IsSealed && values[i] is string clear)
                values[i] = seal(clear);
            if (field.Member?.TeamParameter is { } team && values[i] is Guid member)
            {
                int at = _shape.Fields.TakeWhile(f => f.Name != team).Count();
                values[at] ??= teamOf.GetValueOrDefault(member);
            }
        }
        return _shape.Make(values);
    }

    /// <summary>The same command with another value of a field.</summary>
    public CommandDraft Replace(string field, object value)
    {
        int at = _shape.Fields.TakeWhile(f => f.Name != field).Count();
        object?[] said = [.. _said], values = [.. _values];
        said[at] = values[at] = value;
        return new(_shape, said, values);
    }

    /// <summary>
    /// What is asked, in one form however it was addressed and written: it tells a repeated event from another one. Ids
    /// that were made for a client who sent none are not in it: they are others whenever the same is read again.
    /// </summary>
    /// <param name="streamId">The stream that it is about.</param>
    /// <param name="occurredAt">When it is claimed to have happened, or null.</param>
    public byte[] Content(string streamId, DateTimeOffset? occurredAt)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartArray();
        json.WriteStringValue(streamId);
        json.WriteStringValue(_shape.Command.Name);
        json.WriteStringValue(occurredAt is { } time ? LedgerJson.Format(time) : "");
        json.WriteStartObject();
        foreach (var (field, said) in _shape.Fields.Zip(_said).OrderBy(f => f.First.Name, StringComparer.Ordinal))
        {
            if (said is null)
                continue;
            json.WritePropertyName(field.Name);
            JsonSerializer.Serialize(json, said, said.GetType(), LedgerJson.Options);
        }
        json.WriteEndObject();
        json.WriteEndArray();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static object NewId(CommandField field) =>
        field.Type == typeof(Guid) ? Guid.CreateVersion7() : Guid.CreateVersion7().ToString("D");

    private IEnumerable<(CommandField Field, object? Value)> Fields() => _shape.Fields.Zip(_values);

    private static object? ReadField(
        CommandField field, JsonElement body, IReadOnlyDictionary<string, string> path, TenantKeys keys, string pointer,
        List<FieldError> errors)
    {
        string inBody = $"{pointer}/{field.Name}", at = path.ContainsKey(field.Name) ? field.Name : inBody;
        bool sent = body.TryGetProperty(field.Name, out var json) && json.ValueKind != JsonValueKind.Null;
        if (path.TryGetValue(field.Name, out string? named))
        {
            if (sent && (json.ValueKind != JsonValueKind.String || json.GetString() != named))
                errors.Add(new(inBody, $"differs from the address, which says {named}."));
            json = JsonSerializer.SerializeToElement(named);
            sent = true;
        }
        if (!sent)
        {
            if (field.Required)
                errors.Add(new(at, "is missing."));
            return field.Default;
        }
        var (value, error) = field.Member is not null || field.IsCustomer
            ? ReadSomebody(field, json, keys)
            : FieldReader.Read(field, json);
        if (error is not null)
            errors.Add(new(at, error));
        return value;
    }

    private static (object?, string?) ReadSomebody(CommandField field, JsonElement json, TenantKeys keys)
    {
        var kind = field.IsCustomer ? StreamKind.Customer : StreamKind.Member;
        return json.ValueKind == JsonValueKind.String && StreamAddress.Parse(kind, json.GetString()!, keys) is { } id
            ? (id, null)
            : (null, "must be an id, or ref: and a reference.");
    }
}
