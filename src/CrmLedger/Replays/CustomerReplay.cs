using CrmLedger.Annulments;
using CrmLedger.Customers;
using CrmLedger.Trust;

namespace CrmLedger.Replays;

/// <summary>One entry of a customer's stream and what it did.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="Annulled">The entry that it annulled; null when it annuls none of those that were taken.</param>
/// <param name="Part">What became of the thing that it, or the annulled entry, is about; null for nothing.</param>
/// <param name="JudgedAt">The time that both scores are of, UTC: they differ by this entry alone.</param>
/// <param name="TrustBefore">The score of that time without the entry.</param>
/// <param name="TrustAfter">The score of that time with it.</param>
public sealed record ReplayStep(
    Envelope Entry, Envelope? Annulled, Replaced<object>? Part, DateTimeOffset JudgedAt, TrustScore TrustBefore,
    TrustScore TrustAfter);

/// <summary>
/// Steps through a customer's stream, so that it is seen what each entry did when it was recorded: to the state that
/// decisions rest on, and to trust by the policies known then.
/// </summary>
/// <param name="policies">Every policy that is known.</param>
/// <param name="until">
/// The time by which what is taken had happened, UTC; null for all. No score is of a later time.
/// </param>
public sealed class CustomerReplay(TrustPolicies policies, DateTimeOffset? until = null)
{
    private readonly Dictionary<Guid, Envelope> _taken = [];

    /// <summary>By thing: the fold of its own entries, which makes of it what that of the whole stream makes.</summary>
    private readonly KeyedFold<CustomerStream> _parts = new(
        happened => CustomerPart.KeyOf(happened) is { } key ? [key] : [],
        (state, entry) => (state ?? CustomerStream.Initial).Evolve(entry));

    private readonly KeyedFold<EvidenceSource> _sources = new(
        happened => EvidenceSource.KeyOf(happened) is { } key ? [key] : [], EvidenceSource.Evolve);

    /// <summary>Takes an entry before the first one that is asked about.</summary>
    public void Skip(Envelope entry)
    {
        _taken[entry.Id] = entry;
        _parts.Skip(entry);
        _sources.Skip(entry);
    }

    /// <summary>Takes the next entry and tells what it did.</summary>
    public ReplayStep Take(Envelope entry)
    {
        var recordedAt = entry.Moment.RecordedAt;
        var judgedAt = until < recordedAt ? until.Value : recordedAt;
        var known = policies.KnownAt(entry.Position);
        var trustBefore = Score(_sources.States, known, judgedAt);
        _taken[entry.Id] = entry;
        var annulled = entry.Data is EntryAnnulled annulment ? _taken.GetValueOrDefault(annulment.EventId) : null;
        var about = (annulled ?? entry).Data;
        var part = _parts.Apply(entry) is [var one]
            ? new Replaced<object>(one.Key, In(one.Before, about), In(one.After, about))
            : null;
        // A score is made of sums of whole numbers, so that only what the entry changed needs to be counted again.
        var changed = _sources.Apply(entry);
        var was = Score(changed.Select(s => s.Before).OfType<EvidenceSource>(), known, judgedAt);
        var became = Score(changed.Select(s => s.After).OfType<EvidenceSource>(), known, judgedAt);
        return new(entry, annulled, part, judgedAt, trustBefore, trustBefore with
        {
            Favourable = trustBefore.Favourable - was.Favourable + became.Favourable,
            Adverse = trustBefore.Adverse - was.Adverse + became.Adverse,
        });
    }

    private static object? In(CustomerStream? state, IEvent about) =>
        state is null ? null : CustomerPart.In(state, about);

    private static TrustScore Score(
        IEnumerable<EvidenceSource> sources, TrustPolicies known, DateTimeOffset time) =>
        TrustScore.At(sources.SelectMany(s => s.Evidence), known, time);
}
