using System.Text.Json;
using CrmLedger.Customers;
using CrmLedger.EventStore.Projections;
using CrmLedger.EventStore.Views;
using CrmLedger.Annulments;
using CrmLedger.Feedback;
using CrmLedger.Touchpoints;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests.Touchpoints;

public class CustomerContactTests
{
    private static readonly FeedbackReceived s_about =
        new("b1", FeedbackKind.Csat, [], 4, Secret, Ana, "north", TouchpointId: "t1");

    [Fact]
    public void A_touchpoint_is_a_row_without_what_was_said()
    {
        var said = new TouchpointRecorded("t1", Channel.Chat, Direction.Outbound, Ben, "south",
            [Practice.Respectful, Practice.LetFinish], Secret, Tone.Negative, 420);
        var row = Row("t1", (Registered, At(Noon)), (said, At(Due)));
        row.Touchpoint.ShouldBe(
            new(Channel.Chat, Direction.Outbound, Ben, "south", Due, 1, Tone.Negative, 420));
        row.Practices.ShouldBe([Practice.Respectful, Practice.LetFinish]);
        (row.Scores.IsEmpty, row.Relationship).ShouldBe((true, null));
        JsonSerializer.Serialize(row, LedgerJson.Options).ShouldNotContain(Secret.ToString());
    }

    [Fact]
    public void A_touchpoint_counts_from_its_effective_time()
    {
        var late = Noon.AddDays(5);
        Row("t1", (Touched, new(Noon, late, false))).Touchpoint!.At.ShouldBe(late);
        Row("t1", (Touched, Imported(Noon))).Touchpoint!.At.ShouldBe(Noon);
    }

    [Fact]
    public void Scores_stand_with_the_touchpoint_that_they_name_whichever_was_recorded_first()
    {
        var after = Row("t1", (Touched, At(Noon)), (s_about, At(Due)));
        var before = Row("t1", (s_about, At(Noon)), (Touched, At(Due)));
        foreach (var row in new[] { after, before })
        {
            row.Scores.ShouldBe([new("b1", FeedbackKind.Csat, 4)]);
            row.Practices.ShouldBe([Practice.Reassured]);
        }
        Row("t1", (s_about, At(Noon))).Touchpoint.ShouldBeNull();
    }

    [Fact]
    public void Each_feedback_counts_once_and_none_without_a_score_or_about_something_else()
    {
        Row("t1", (Touched, At(Noon)), (s_about, At(Due)), (s_about, At(NewDue)),
            (s_about with { FeedbackId = "b2", Score = 1 }, At(NewDue))).Scores.Select(s => (s.FeedbackId, s.Score))
            .ShouldBe([("b1", 4), ("b2", 1)]);
        CustomerContact.KeyOf(s_about with { TouchpointId = null }).ShouldBeNull();
        CustomerContact.KeyOf(s_about with { Kind = FeedbackKind.Comment, Score = null }).ShouldBeNull();
    }

    [Fact]
    public void What_is_annulled_leaves_no_trace_and_feedback_outlives_its_touchpoint()
    {
        Row("t1", (Touched, At(Noon)), (s_about, At(Due)), (Annul(2), At(Due))).Scores.ShouldBeEmpty();
        var named = Row("t1", (Touched, At(Noon)), (s_about, At(Due)), (Annul(1), At(Due)));
        (named.Touchpoint, named.Scores.Length).ShouldBe((null, 1));
        Rows((Touched, At(Noon)), (Annul(1), At(Due))).ShouldBeEmpty();
        var again = Touched with { Channel = Channel.Visit };
        Row("t1", (Touched, At(Noon)), (Annul(1), At(Due)), (again, At(Due))).Touchpoint!.Channel
            .ShouldBe(Channel.Visit);
    }

    [Fact]
    public void A_relationship_is_a_row_of_its_own_from_the_registration_on()
    {
        Of((Registered, At(Noon))).ShouldBe(new(Noon, "retail"));
        Of((Registered, Imported(Noon)), (new CustomerDetailsCorrected(Secret, "trade"), At(Due)))
            .ShouldBe(new(Noon, "trade"));
        Of((Registered, At(Noon)), (new CustomerDetailsCorrected(Secret), At(Due))).ShouldBe(new(Noon, "retail"));
        CustomerContact.KeyOf(new ConsentRecorded("newsletter", true)).ShouldBeNull();
    }

    [Fact]
    public void A_relationship_is_over_when_it_ended_was_erased_or_merged_and_not_when_that_was_taken_back()
    {
        Of((Registered, At(Noon))).IsOver.ShouldBeFalse();
        Of((Registered, At(Noon)), (new RelationshipEnded(EndReason.Price), At(Due))).Ended.ShouldBeTrue();
        Of((Registered, At(Noon)), (new CustomerErased("asked"), At(Due))).Erased.ShouldBeTrue();
        Of((Registered, At(Noon)), (new CustomerMergedInto(OtherCustomerId, "twice"), At(Due))).MergedInto
            .ShouldBe(OtherCustomerId);
        foreach (var over in new[]
        {
            new CountedRelationship(Ended: true), new CountedRelationship(Erased: true),
            new CountedRelationship(MergedInto: CustomerId),
        })
        {
            over.IsOver.ShouldBeTrue();
        }
        Of((Registered, At(Noon)), (new CustomerMergedInto(OtherCustomerId, "twice"), At(Due)),
            (new CustomerUnmerged("two people"), At(Due)), (new RelationshipEnded(EndReason.Price), At(Due)),
            (new RelationshipRenewed(), At(Due))).IsOver.ShouldBeFalse();
        Of((Registered, At(Noon)), (new RelationshipEnded(EndReason.Price), At(Due)), (Annul(2), At(Due))).IsOver
            .ShouldBeFalse();
    }

    [Fact]
    public void A_row_survives_being_stored_and_says_the_same_as_one_made_anew()
    {
        var view = new TouchpointsView();
        foreach (var row in new[]
        {
            Row("t1", (Touched, At(Noon)), (s_about, At(Due))),
            Row("", (Registered, At(Noon)), (new CustomerMergedInto(OtherCustomerId, "twice"), At(Due))),
            Row("t1", (s_about, At(Due))),
        })
        {
            view.Read(view.Write(row)).ShouldBe(row);
            view.Write(view.Read(view.Write(row))).ShouldBe(view.Write(row));
        }
    }

    private static CountedRelationship Of(params IEnumerable<(IEvent, Moment)> events) =>
        CountedRelationship.Of(Row(CustomerContact.RelationshipKey, events).Relationship.ShouldNotBeNull());

    private static CustomerContact Row(string key, params IEnumerable<(IEvent, Moment)> events) =>
        Rows(events).Single(r => r.Key == key).Row.ShouldBeOfType<CustomerContact>();

    private static List<ViewRow> Rows(params IEnumerable<(IEvent Data, Moment At)> events)
    {
        var entries = events.Select((e, i) => Entry(e.Data, e.At, i + 1)).ToList();
        var fold = new ViewFold(new TouchpointsView(), (_, upTo) => entries.FindAll(e => e.Position <= upTo));
        foreach (var entry in entries)
            fold.Apply(entry);
        return [.. fold.Standing()];
    }

    private static EntryAnnulled Annul(int version) => new(EventId(version), "a slip");
}
