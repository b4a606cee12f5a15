using System.Collections.Frozen;
using System.Text.Json;
using CrmLedger.Touchpoints;

namespace CrmLedger;

/// <summary>
/// Lifts shapes that are no longer written to the current ones while they are read. Stored rows are never rewritten:
/// each is a leaf of the log.
/// </summary>
public static class EventUpcasters
{
    private static readonly FrozenDictionary<string, OldShape> s_byName = new Dictionary<string, OldShape>
    {
        ["touchpoint_recorded_v0"] =
            new(typeof(TouchpointRecordedV0), typeof(TouchpointRecorded), TouchpointRecordedV0.Upcast),
    }.ToFrozenDictionary();

    private sealed record OldShape(Type Record, Type Lifted, Func<JsonElement, IEvent> Upcast);

    /// <summary>The names that are read but no longer written.</summary>
    public static IEnumerable<string> Names => s_byName.Keys;

    /// <summary>The upcaster of an old name, or null when the name is current or unknown.</summary>
    public static Func<JsonElement, IEvent>? Find(string name) => s_byName.GetValueOrDefault(name)?.Upcast;

    /// <summary>The shape that an old name stands for, or null when the name is current or unknown.</summary>
    public static Type? RecordOf(string name) => s_byName.GetValueOrDefault(name)?.Record;

    /// <summary>The current record that an old name, which must be one, is read as.</summary>
    public static Type LiftedTo(string name) => s_byName[name].Lifted;
}
