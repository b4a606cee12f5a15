using CrmLedger.Commitments;
using CrmLedger.Touchpoints;

namespace CrmLedger.Tests.Touchpoints;

public class TouchpointTallyTests
{
    private const ushort Listened = 1 << (int)Practice.ListenedActively;
    private const ushort Reassured = 1 << (int)Practice.Reassured;

    [Fact]
    public void What_is_counted_is_what_was_added()
    {
        var tally = Tally(
            One(Channel.Phone, Tone.Positive, Listened, seconds: 90, csat: 2, satisfied: 1),
            One(Channel.Phone, null, 0), One(Channel.Chat, Tone.VeryNegative, Reassured, seconds: 0),
            One(Channel.Other, Tone.Neutral, 0, csat: 1, satisfied: 1));
        tally.All.ShouldBe(new Outcomes(4, 3, 1, 1, 3, 2));
        (tally.Seconds, tally.Timed).ShouldBe((90, 2));
        tally.Channels.ShouldBe([2, 0, 1, 0, 0, 0, 0, 0, 1]);
        tally.Tones.ShouldBe([1, 0, 1, 1, 0]);
    }

    [Fact]
    public void A_touchpoint_for_which_nothing_was_noted_is_neither_with_a_practice_nor_without_it()
    {
        var tally = Tally(One(Channel.Phone, Tone.Positive, Listened), One(Channel.Phone, Tone.Negative, 0),
            One(Channel.Phone, Tone.VeryPositive, Reassured), One(Channel.Phone, Tone.Negative, Listened | Reassured),
            One(Channel.Phone, null, Reassured));
        tally.Noted.Touchpoints.ShouldBe(4);
        tally.With(Practice.ListenedActively).PositiveTone.ShouldBe(new Share(1, 2));
        tally.With(Practice.ListenedActively).NegativeTone.ShouldBe(new Share(1, 2));
        tally.Without(Practice.ListenedActively).Touchpoints.ShouldBe(2);
        tally.Without(Practice.ListenedActively).PositiveTone.ShouldBe(new Share(1, 1));
        tally.With(Practice.Respectful).ShouldBe(default);
        tally.Without(Practice.Respectful).ShouldBe(tally.Noted);
    }

    [Fact]
    public void Both_ends_of_the_scale_of_tones_belong_to_their_side()
    {
        Outcomes[] all = [.. Enum.GetValues<Tone>().Select(tone => Outcomes.Of(One(Channel.Web, tone, 0)))];
        all.Select(o => o.Positive).ShouldBe([0, 0, 0, 1, 1]);
        all.Select(o => o.Negative).ShouldBe([1, 1, 0, 0, 0]);
        Outcomes.Of(One(Channel.Web, null, 0, csat: 4, satisfied: 3)).Satisfaction.ShouldBe(new Share(3, 4));
    }

    private static TouchpointTally Tally(params IEnumerable<CountedTouchpoint> touchpoints)
    {
        var tally = new TouchpointTally();
        foreach (var one in touchpoints)
            tally.Add(one);
        return tally;
    }

    private static CountedTouchpoint One(
        Channel channel, Tone? tone, ushort practices, int seconds = -1, ushort csat = 0, ushort satisfied = 0) =>
        new(0, 0, seconds, practices, csat, satisfied, channel, Direction.Inbound, tone);
}
