using CrmLedger.Customers;
using CrmLedger.EventStore.Views;
using CrmLedger.Feedback;
using CrmLedger.Relationships;
using CrmLedger.Touchpoints;
using FsCheck;
using FsCheck.Fluent;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests.Touchpoints;

public class ContactSummaryTests
{
    private static readonly Gen<DateTimeOffset> s_times =
        Gen.Choose(0, 1_000_000).Select(hour => DateTimeOffset.MinValue.AddHours(hour).AddTicks(hour * 10));

    private static readonly Gen<CustomerContact> s_touchpoints =
        from channel in Gen.Elements(Enum.GetValues<Channel>())
        from direction in Gen.Elements(Enum.GetValues<Direction>())
        from tone in Gen.Elements<Tone?>([null, .. Enum.GetValues<Tone>().Cast<Tone?>()])
        from practices in Gen.SubListOf(Enum.GetValues<Practice>())
        from scores in Gen.ListOf(Gen.Choose(1, 5))
        from kind in Gen.Elements(FeedbackKind.Csat, FeedbackKind.Ces)
        from seconds in Gen.Elements<int?>(null, 0, 1, int.MaxValue)
        from position in Gen.Choose(0, int.MaxValue)
        from at in s_times
        select new CustomerContact
        {
            Touchpoint = new(channel, direction, Ana, "north", at, position, tone, seconds),
            Practices = [.. practices],
            Scores =
            [
                .. scores.Select((score, i) => new GivenScore($"b{i}", i % 3 == 0 ? kind : FeedbackKind.Csat, score)),
            ],
        };

    private static readonly Gen<Relationship> s_relationships =
        from registered in Gen.OneOf(Gen.Constant((DateTimeOffset?)null), s_times.Select(t => (DateTimeOffset?)t))
        from segment in Gen.Elements<string?>(null, "", "retail", "Süd", "営業", new string('x', 300))
        from ended in ArbMap.Default.GeneratorFor<bool>()
        from erased in ArbMap.Default.GeneratorFor<bool>()
        from merged in Gen.Elements<Guid?>(null, CustomerId, Guid.Empty)
        select new Relationship
        {
            RegisteredAt = registered,
            Segment = segment,
            Endings = ended ? [new(Noon, EndReason.Price)] : [new(Noon, EndReason.Price, Due)],
            Erased = erased,
            MergedInto = merged,
        };

    [Fact]
    public void A_touchpoint_that_is_read_back_is_what_was_packed() => Prop.ForAll(s_touchpoints.ToArbitrary(), row =>
    {
        byte[] packed = ContactSummary.Write(row);
        ContactSummary.Touchpoint(packed).ShouldBe(CountedTouchpoint.Of(row));
        ContactSummary.Relationship(packed).ShouldBeNull();
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void A_relationship_that_is_read_back_is_what_was_packed() =>
        Prop.ForAll(s_relationships.ToArbitrary(), relationship =>
        {
            byte[] packed = ContactSummary.Write(new() { Relationship = relationship });
            ContactSummary.Relationship(packed).ShouldBe(CountedRelationship.Of(relationship));
            ContactSummary.Touchpoint(packed).ShouldBeNull();
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Feedback_that_names_no_known_touchpoint_is_packed_as_nothing() =>
        ContactSummary.Write(new() { Scores = [new("b1", FeedbackKind.Csat, 5)] }).ShouldBeEmpty();

    [Fact]
    public void It_is_the_same_bytes_for_ever_until_the_views_version_rises()
    {
        var touched = new CustomerContact
        {
            Touchpoint = new(Channel.Letter, Direction.Outbound, Ana, "north", Noon, 7, Tone.Negative, 420),
            Practices = [Practice.Respectful, Practice.ListenedActively],
            Scores = [new("b1", FeedbackKind.Csat, 3), new("b2", FeedbackKind.Nps, 9), new("b3", FeedbackKind.Csat, 4)],
        };
        Convert.ToHexStringLower(ContactSummary.Write(touched)).ShouldBe("01"
            + Hex(Noon.UtcTicks) + "0700000000000000" + "a4010000" + "0101" + "0200" + "0100"
            + "05" + "01" + "01");
        var ended = new Relationship { RegisteredAt = Noon, Segment = "trade", Endings = [new(Due, EndReason.Price)] };
        Convert.ToHexStringLower(ContactSummary.Write(new() { Relationship = ended }))
            .ShouldBe("02" + Hex(Noon.UtcTicks) + "09" + new string('0', 32) + "7472616465");
    }

    private static string Hex(long number) => Convert.ToHexStringLower(BitConverter.GetBytes(number));
}
