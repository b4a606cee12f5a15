using System.Text.Json;

namespace CrmLedger.Touchpoints;

/// <summary>
/// How touchpoints were stored first: by the agent instead of the member, in whole minutes, and without practices.
/// </summary>
internal sealed record TouchpointRecordedV0(
    string TouchpointId, Channel Channel, Direction Direction, Guid AgentId, string Team,
    Sealed? Summary = null, Tone? Tone = null, int? DurationMinutes = null)
{
    /// <summary>The same touchpoint as it is stored now.</summary>
    /// <exception cref="JsonException">The data does not fit this shape.</exception>
    public static IEvent Upcast(JsonElement data)
    {
        var v0 = data.Deserialize<TouchpointRecordedV0>(LedgerJson.Options)
            ?? throw new JsonException("The data is null.");
        return new TouchpointRecorded(
            v0.TouchpointId, v0.Channel, v0.Direction, v0.AgentId, v0.Team, [], v0.Summary, v0.Tone,
            v0.DurationMinutes * 60);
    }
}
