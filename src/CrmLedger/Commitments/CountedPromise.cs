using CrmLedger.Promises;
using CrmLedger.Touchpoints;

namespace CrmLedger.Commitments;

/// <summary>A promise of the kept rate with what it may be grouped by, which stands beside its row in short.</summary>
/// <param name="MakerId">Who made it.</param>
/// <param name="MakerTeam">The maker's team then.</param>
/// <param name="Kind">What sort of promise.</param>
/// <param name="Channel">Where it was said, if known.</param>
/// <param name="Counted">What a kept rate counts of it.</param>
public sealed record CountedPromise(
    Guid MakerId, string MakerTeam, string Kind, Channel? Channel, CountedCommitment Counted)
{
    /// <summary>The same of a whole promise.</summary>
    public static CountedPromise Of(Promise promise) =>
        new(promise.MakerId, promise.MakerTeam, promise.Kind, promise.Channel, CountedCommitment.Of(promise));
}
