using System.Collections.Immutable;

namespace CrmLedger.Touchpoints;

/// <summary>Decides whether an interaction may be recorded.</summary>
public static class TouchpointDecider
{
    /// <param name="recorded">The ids of the customer's touchpoints.</param>
    /// <param name="command">What is asked.</param>
    public static Decision Decide(ImmutableHashSet<string> recorded, RecordTouchpoint command)
    {
        var refusal = recorded.Contains(command.TouchpointId)
            ? new Rejection(RejectionCode.TouchpointExists,
                $"There is a touchpoint '{command.TouchpointId}' already. Give the new one another touchpointId.",
                "touchpointId")
            : Duplicates.Refusal(command.Practices, "practices");
        return Decision.Unless(refusal, new TouchpointRecorded(
            command.TouchpointId, command.Channel, command.Direction, command.MemberId, command.Team,
            command.Practices ?? [], command.Summary, command.Tone, command.DurationSeconds));
    }
}
