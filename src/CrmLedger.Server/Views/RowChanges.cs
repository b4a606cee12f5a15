using System.Text.Json;
using System.Text.Json.Nodes;
using CrmLedger.EventStore.Privacy;
using CrmLedger.Server.Events;
using CrmLedger.Server.Tenants;

namespace CrmLedger.Server.Views;

/// <summary>What changed in a row.</summary>
/// <param name="Field">Where it stands in the row, for example <c>promise.status</c>.</param>
/// <param name="Before">What it was; left out when it was not there.</param>
/// <param name="After">What it became; left out when it is not there any more.</param>
public sealed record FieldChange(string Field, JsonNode? Before, JsonNode? After);

/// <summary>Tells which fields of two versions of a row differ, and opens the personal text in them.</summary>
internal static class RowChanges
{
    /// <summary>The fields that differ, in the order of the row.</summary>
    /// <param name="before">The row as it was, JSON; null when there was none.</param>
    /// <param name="after">The row as it became, JSON; null when there is none.</param>
    public static List<FieldChange> Of(byte[]? before, byte[]? after)
    {
        var (was, became) = (FieldsOf(before), FieldsOf(after));
        return
        [
            .. was.Keys.Union(became.Keys).Where(field =>
                was.GetValueOrDefault(field)?.ToJsonString() != became.GetValueOrDefault(field)?.ToJsonString())
            .Select(field => new FieldChange(field, was.GetValueOrDefault(field), became.GetValueOrDefault(field))),
        ];
    }

    /// <summary>The same with the personal text of a view's rows opened.</summary>
    public static async Task<IReadOnlyList<IReadOnlyList<FieldChange>>> OpenAsync(
        IReadOnlyList<List<FieldChange>> rows, IReadOnlySet<string> sealedFields, TenantLedger ledger,
        CancellationToken cancel)
    {
        var subjects = rows.SelectMany(row => row).Where(c => sealedFields.Contains(c.Field))
            .SelectMany(c => new[] { SubjectOf(c.Before), SubjectOf(c.After) }).OfType<Guid>().Distinct().ToList();
        var keys = await ledger.Subjects.FindAsync(subjects, cancel);
        return [.. rows.Select(row => row.ConvertAll(c => !sealedFields.Contains(c.Field)
            ? c
            : c with { Before = Opened(c.Before), After = Opened(c.After) }))];

        JsonNode? Opened(JsonNode? value) => SubjectOf(value) is { } subject
            ? JsonValue.Create(ShownEvent.Open(new(value!.GetValue<string>()), keys.GetValueOrDefault(subject)))
            : value;
    }

    /// <summary>The fields of a row's record, and of the records in it, that hold personal text.</summary>
    public static HashSet<string> SealedFieldsOf(Type row) => [.. SealedIn(row, "")];

    private static IEnumerable<string> SealedIn(Type record, string prefix)
    {
        foreach (var property in record.GetProperties())
        {
            var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            string name = prefix + JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            if (type == typeof(Sealed))
                yield return name;
            if (type.IsClass && type.Assembly == typeof(Sealed).Assembly && type != record)
            {
                foreach (string inner in SealedIn(type, name + "."))
                    yield return inner;
            }
        }
    }

    /// <summary>Whose personal text a value is; null when it is none.</summary>
    public static Guid? SubjectOf(JsonNode? value) => value?.GetValueKind() == JsonValueKind.String
        ? Sealing.SubjectOf(new(value.GetValue<string>()))
        : null;

    private static Dictionary<string, JsonNode?> FieldsOf(byte[]? row)
    {
        var fields = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        if (row is not null)
            Collect(JsonNode.Parse(row)!, "", fields);
        return fields;
    }

    /// <summary>Lists are told whole: what moved in them is seen best in them.</summary>
    private static void Collect(JsonNode node, string path, Dictionary<string, JsonNode?> fields)
    {
        foreach (var (name, value) in node.AsObject())
        {
            string field = path.Length == 0 ? name : $"{path}.{name}";
            if (value is JsonObject)
                Collect(value, field, fields);
            else
                fields[field] = value?.DeepClone();
        }
    }
}
