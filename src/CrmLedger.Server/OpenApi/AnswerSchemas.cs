using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using CrmLedger.Commitments;
using CrmLedger.Loyalty;
using CrmLedger.Responsiveness;
using CrmLedger.Satisfaction;
using CrmLedger.Server.Commitments;
using CrmLedger.Server.Loyalty;
using CrmLedger.Server.Responsiveness;
using CrmLedger.Server.Satisfaction;
using CrmLedger.Server.Views;
using CrmLedger.Server.Touchpoints;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace CrmLedger.Server.OpenApi;

/// <summary>Makes the schemas of answers say what is really written, and what it means.</summary>
internal sealed class AnswerSchemas : IOpenApiSchemaTransformer
{
    /// <summary>Numbers that may be of nothing write their nulls; everything else leaves them out.</summary>
    private static readonly HashSet<Type> s_writeNulls =
    [
        typeof(SatisfactionAnswer), typeof(CountedGroup<SatisfactionResult>), typeof(CountedPeriod<SatisfactionResult>),
        typeof(SatisfactionResult), typeof(NetPromoters),
        typeof(ResponsivenessAnswer), typeof(CountedGroup<ResponsivenessResult>),
        typeof(CountedPeriod<ResponsivenessResult>), typeof(ResponsivenessResult), typeof(Durations),
        typeof(LoyaltyCountAnswer), typeof(LoyaltyGroup), typeof(LoyaltyPeriod), typeof(LoyaltyCount),
        typeof(StageMovement),
        typeof(PracticesAnswer), typeof(PracticeOutcomes),
        typeof(TouchpointGroup), typeof(TouchpointNumbers), typeof(ShareComparison),
        typeof(KeptRateAnswer), typeof(KeptRateTotal), typeof(KeptRateGroup), typeof(KeptRatePeriod),
        typeof(KeptRateNumbers), typeof(KeptRateCounts), typeof(Share), typeof(KeptRateChangeAnswer),
        typeof(KeptRateChange), typeof(KeptRateRanking), typeof(RankedKeptRate),
    ];

    /// <summary>Whether an answer writes its nulls.</summary>
    public static bool WritesNulls(Type answer) => s_writeNulls.Contains(answer);

    private static readonly ILookup<string, Type> s_types =
        new[] { typeof(ICommand), typeof(EventStore.Reading.EventReader), typeof(AnswerSchemas) }
            .SelectMany(t => t.Assembly.GetExportedTypes()).ToLookup(t => t.Name, StringComparer.Ordinal);

    /// <inheritdoc />
    public Task TransformAsync(
        OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var type = context.JsonTypeInfo;
        if ((Nullable.GetUnderlyingType(type.Type) ?? type.Type) == typeof(DateTimeOffset))
            (schema.Type, schema.Format) = (JsonSchemaType.String | JsonSchemaType.Null, "date-time");
        if (type.Type == typeof(JsonObject))
            schema.Type = JsonSchemaType.Object;
        if (type.Type == typeof(JsonNode))
        {
            schema.Type = JsonSchemaType.String | JsonSchemaType.Number | JsonSchemaType.Boolean
                | JsonSchemaType.Array | JsonSchemaType.Object;
        }
        if (context.JsonPropertyInfo is { } property)
        {
            schema.Description = property.AttributeProvider is PropertyInfo documented ? XmlDocs.Of(documented) : null;
            if (!IsWrittenNull(property))
                schema.Type &= ~JsonSchemaType.Null;
        }
        if (IsOurs(type.Type) && type.Kind == JsonTypeInfoKind.Object)
        {
            schema.Required = type.Properties
                .Where(p => p.Get is not null && (s_writeNulls.Contains(type.Type) || !IsNullable(p)))
                .Select(p => p.Name)
                .ToHashSet(StringComparer.Ordinal);
        }
        return Task.CompletedTask;
    }

    /// <summary>
    /// Describes the shared schemas: the framework leaves each the description of the property where it met the type
    /// first, and lets a property that is left out rather than null be null.
    /// </summary>
    public static void Complete(IDictionary<string, IOpenApiSchema> schemas)
    {
        foreach (var (name, schema) in schemas)
        {
            if (schema is not OpenApiSchema shared || s_types[name].Take(2).ToList() is not [var type])
                continue;
            shared.Description = XmlDocs.Of(type);
            if (s_writeNulls.Contains(type) || shared.Properties is not { } properties)
                continue;
            foreach (var (field, value) in properties.ToList())
            {
                if (value.OneOf is [{ Type: JsonSchemaType.Null }, var other])
                    properties[field] = other;
            }
        }
    }


    private static bool IsOurs(Type type) => type.Namespace?.StartsWith("CrmLedger", StringComparison.Ordinal) == true;

    private static bool IsWrittenNull(JsonPropertyInfo property) =>
        IsNullable(property) && s_writeNulls.Contains(property.DeclaringType);

    private static bool IsNullable(JsonPropertyInfo property) =>
        property.IsGetNullable || Nullable.GetUnderlyingType(property.PropertyType) is not null;
}
