using CrmLedger.Commitments;
using CrmLedger.Concerns;
using CrmLedger.FollowUps;
using CrmLedger.Promises;

namespace CrmLedger.Server.Commitments;

/// <summary>A promise as its events tell it.</summary>
/// <param name="PromiseId">The promise.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Conditions">What will be true when it is kept.</param>
/// <param name="MakerId">Who made it.</param>
/// <param name="MakerTeam">The maker's team then.</param>
/// <param name="HolderId">Who holds it.</param>
/// <param name="HolderTeam">The holder's team.</param>
/// <param name="MadeAt">From when it counts as made, UTC.</param>
/// <param name="FirstDue">The date first promised, UTC.</param>
/// <param name="BindingDue">The last date agreed in time, UTC.</param>
/// <param name="ProposedDue">The date proposed and not answered, UTC.</param>
/// <param name="Renegotiations">How often another date was agreed in time.</param>
/// <param name="Class">
/// Its class in the kept rate, which counts it once its first due date has come; left out while it is open and that
/// date lies ahead.
/// </param>
/// <param name="KeptAt">From when its last declaration counts, UTC.</param>
/// <param name="ReleasedAt">From when the customer let us off, UTC.</param>
/// <param name="Confirmed">Whether the customer confirmed it.</param>
/// <param name="EverDisputed">Whether the customer ever disputed it.</param>
/// <param name="MissCause">The cause of a miss, stated last.</param>
/// <param name="Imported">Whether it came with an import.</param>
/// <param name="RecordedLate">Whether it was recorded too late to be taken at its word.</param>
public sealed record ShownPromise(
    string PromiseId, string Kind, string? Conditions, Guid MakerId, string MakerTeam, Guid HolderId, string HolderTeam,
    DateTimeOffset MadeAt, DateTimeOffset FirstDue, DateTimeOffset BindingDue, DateTimeOffset? ProposedDue,
    int Renegotiations, KeptClass? Class, DateTimeOffset? KeptAt, DateTimeOffset? ReleasedAt, bool Confirmed,
    bool EverDisputed, MissCause? MissCause, bool Imported, bool RecordedLate)
{
    /// <summary>Shows a promise.</summary>
    /// <param name="promise">The promise as known.</param>
    /// <param name="conditions">Its conditions in clear, or null.</param>
    /// <param name="time">The time asked about, UTC.</param>
    internal static ShownPromise Of(Promise promise, string? conditions, DateTimeOffset time) => new(
        promise.PromiseId, promise.Kind, conditions, promise.MakerId, promise.MakerTeam, promise.HolderId,
        promise.HolderTeam, promise.MadeAt, promise.FirstDue, promise.BindingDue, promise.ProposedDue,
        promise.Renegotiations, KeptRate.Settled(promise) ?? KeptRate.Classify(promise, time), promise.KeptAt,
        promise.ReleasedAt, promise.Confirmed, promise.EverDisputed, promise.MissCause, promise.Imported,
        promise.RecordedLate);
}

/// <summary>A follow-up as its events tell it.</summary>
/// <param name="FollowUpId">The follow-up.</param>
/// <param name="Purpose">What for.</param>
/// <param name="MakerId">Who scheduled it.</param>
/// <param name="MakerTeam">The maker's team then.</param>
/// <param name="HolderId">Who holds it.</param>
/// <param name="HolderTeam">The holder's team.</param>
/// <param name="MadeAt">From when it counts as scheduled, UTC.</param>
/// <param name="FirstDue">The date first scheduled, UTC.</param>
/// <param name="BindingDue">The last date that the customer agreed to in time, UTC.</param>
/// <param name="PlannedDue">The date that we plan without the customer's agreement, UTC.</param>
/// <param name="Status">Where it stood then.</param>
/// <param name="Renegotiations">How often another date was agreed in time.</param>
/// <param name="Class">
/// Its class by the kept rate's rules; left out while it is open and its first date lies ahead.
/// </param>
/// <param name="CompletedAt">From when the contact counts, UTC.</param>
/// <param name="Imported">Whether it came with an import.</param>
/// <param name="RecordedLate">Whether it was recorded too late to be taken at its word.</param>
public sealed record ShownFollowUp(
    string FollowUpId, FollowUpPurpose Purpose, Guid MakerId, string MakerTeam, Guid HolderId, string HolderTeam,
    DateTimeOffset MadeAt, DateTimeOffset FirstDue, DateTimeOffset BindingDue, DateTimeOffset? PlannedDue,
    FollowUpStatus Status, int Renegotiations, KeptClass? Class, DateTimeOffset? CompletedAt, bool Imported,
    bool RecordedLate)
{
    /// <summary>Shows a follow-up.</summary>
    /// <param name="followUp">The follow-up as known.</param>
    /// <param name="time">The time asked about, UTC.</param>
    internal static ShownFollowUp Of(FollowUp followUp, DateTimeOffset time) => new(
        followUp.FollowUpId, followUp.Purpose, followUp.MakerId, followUp.MakerTeam, followUp.HolderId,
        followUp.HolderTeam, followUp.MadeAt, followUp.FirstDue, followUp.BindingDue, followUp.PlannedDue,
        followUp.StatusAt(time), followUp.Renegotiations,
        KeptRate.Settled(followUp) ?? KeptRate.Classify(followUp, time), followUp.CompletedAt, followUp.Imported,
        followUp.RecordedLate);
}

/// <summary>A concern as its events tell it; what the customer said stands with its first event.</summary>
/// <param name="ConcernId">The concern.</param>
/// <param name="Severity">How bad it is for the customer.</param>
/// <param name="Topics">What it is about, the tenant's own words.</param>
/// <param name="MemberId">Who took it in; left out when nobody said.</param>
/// <param name="RaisedAt">From when it counts as raised, UTC.</param>
/// <param name="RespondBy">By when the customer is to hear from us, UTC; a reopening sets it anew.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Resolutions">Each time that it was put right, and when it turned out not to be.</param>
public sealed record ShownConcern(
    string ConcernId, ConcernSeverity Severity, IReadOnlyList<string> Topics, Guid? MemberId, DateTimeOffset RaisedAt,
    DateTimeOffset RespondBy, ConcernStatus Status, IReadOnlyList<Resolution> Resolutions)
{
    /// <summary>Shows a concern as known.</summary>
    internal static ShownConcern Of(Concern concern) => new(
        concern.ConcernId, concern.Severity, [.. concern.Topics], concern.MemberId, concern.RaisedAt,
        concern.RespondBy, concern.Status, [.. concern.Resolutions]);
}
