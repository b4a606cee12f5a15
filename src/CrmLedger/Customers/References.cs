using CrmLedger.Concerns;
using CrmLedger.Touchpoints;

namespace CrmLedger.Customers;

/// <summary>
/// What a command refers to must be there. An import may bring things in any order, so its references are taken as
/// they come; no fold rests on them.
/// </summary>
internal static class References
{
    /// <summary>Why what the command refers to cannot be, or null when it is all there.</summary>
    public static Rejection? Unknown(CustomerStream stream, ICustomerStreamCommand command, Moment at)
    {
        if (at.Imported)
            return null;
        if (command is IRefersToTouchpoint { TouchpointId: { } touchpoint } && !stream.Touchpoints.Contains(touchpoint))
        {
            return new(RejectionCode.TouchpointUnknown,
                $"This customer has no touchpoint '{touchpoint}'. Record it first, or leave it out.", "touchpointId");
        }
        if (command is IRefersToConcern { ConcernId: { } concern } && !stream.Concerns.ContainsKey(concern))
        {
            return new(RejectionCode.ConcernUnknown,
                $"This customer has no concern '{concern}'. Raise it first, or leave it out.", "concernId");
        }
        return null;
    }
}
