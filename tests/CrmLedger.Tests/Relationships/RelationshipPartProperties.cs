using CrmLedger.Annulments;
using CrmLedger.EventStore.Projections;
using CrmLedger.EventStore.Views;
using CrmLedger.Relationships;
using CrmLedger.Tests.Customers;
using CrmLedger.Trust;

namespace CrmLedger.Tests.Relationships;

/// <summary>What holds for the parts of every relationship.</summary>
public class RelationshipPartProperties
{
    private static readonly RelationshipsView s_view = new();

    [Fact]
    public void However_the_events_are_cut_into_batches_the_view_has_the_same_bytes() => ForAll((stream, random) =>
    {
        var stored = new SortedDictionary<string, ViewRow>(StringComparer.Ordinal);
        for (int next = 0; next < stream.Count;)
        {
            var fold = new ViewFold(s_view, (_, upTo) => stream.FindAll(e => e.Position <= upTo));
            foreach (var row in stored.Values)
                fold.Load(row with { Row = s_view.Read(s_view.Write(row.Row)) });
            int end = Math.Min(stream.Count, next + random.Next(1, 20));
            foreach (var entry in stream[next..end])
                fold.Apply(entry);
            fold.EndedStored.ForEach(row => stored.Remove(row.Key));
            foreach (var row in fold.Standing())
                stored[row.Key] = row;
            next = end;
        }
        stored.Select(r => (r.Key, Convert.ToBase64String(s_view.Write(r.Value.Row)))).ShouldBe(
            PartsOf(stream).Select(p => (p.Key, Convert.ToBase64String(s_view.Write(p.Value)))));
    });

    [Fact]
    public void What_is_packed_beside_a_row_is_all_that_counts_of_it() => ForAll((stream, _) =>
    {
        foreach (var part in PartsOf(stream).Values)
        {
            var counted = PartSummary.Read(s_view.Summarize(part));
            counted.Evidence.ShouldBe((part.Source?.Evidence ?? []).Select(CountedEvidence.Of));
            (counted.Concern, counted.Feedback).ShouldBe((part.Source?.Concern, part.Source?.Feedback));
            (counted.Purchase, counted.Relationship).ShouldBe((part.Purchase, part.Relationship));
        }
    });

    [Fact]
    public void Random_histories_have_everything_that_is_packed()
    {
        var (concern, feedback, purchase, relationship) = (false, false, false, false);
        ForAll((stream, _) =>
        {
            foreach (var part in PartsOf(stream).Values)
            {
                concern |= part.Source?.Concern is
                    { Topics.Count: 2, MemberId: not null, Resolutions: [{ ReopenedAt: not null }, ..] };
                feedback |= part.Source?.Feedback is { Topics.Count: > 0, RequestedAt: not null, MemberId: not null };
                purchase |= part.Purchase is { Returns.Count: > 1, FullyReturnedAt: not null };
                relationship |= part.Relationship is { Endings: [{ RenewedAt: not null }, ..], Segment: not null };
            }
        });
        (concern, feedback, purchase, relationship).ShouldBe((true, true, true, true));
    }

    private static SortedDictionary<string, RelationshipPart> PartsOf(List<Envelope> stream)
    {
        var parts = new SortedDictionary<string, RelationshipPart>(StringComparer.Ordinal);
        foreach (var entry in Entries.LeaveOutAnnulled(stream))
        {
            if (RelationshipPart.KeyOf(entry.Data) is { } key
                && RelationshipPart.Evolve(parts.GetValueOrDefault(key), entry) is { } part)
            {
                parts[key] = part;
            }
        }
        return parts;
    }

    private static void ForAll(Action<List<Envelope>, Random> check) => RandomHistories.ForAll(2_000, check);
}
