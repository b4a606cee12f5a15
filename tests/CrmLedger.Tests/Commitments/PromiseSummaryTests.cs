using System.Text;
using CrmLedger.Commitments;
using CrmLedger.EventStore.Views;
using CrmLedger.Promises;
using CrmLedger.Touchpoints;
using FsCheck;
using FsCheck.Fluent;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests.Commitments;

public class PromiseSummaryTests
{
    private static readonly Gen<DateTimeOffset> s_times = Gen.Choose(0, 1_000_000)
        .Select(hour => hour == 0
            ? DateTimeOffset.MaxValue
            : DateTimeOffset.MinValue.AddHours(hour).AddTicks(hour * 10));

    private static readonly Gen<CountedPromise> s_promises =
        from maker in ArbMap.Default.GeneratorFor<Guid>()
        from team in Gen.Elements("support", "", "Vertrieb Süd", "営業", new string('x', 300))
        from kind in Gen.Elements("repair", "", "Rückruf", "🛠")
        from channel in Gen.Elements<Channel?>([null, .. Enum.GetValues<Channel>().Cast<Channel?>()])
        from settled in Gen.Elements<KeptClass?>([null, .. Enum.GetValues<KeptClass>().Cast<KeptClass?>()])
        from cause in Gen.Elements<MissCause?>([null, .. Enum.GetValues<MissCause>().Cast<MissCause?>()])
        from firstDue in s_times
        from bindingDue in s_times
        from after in Gen.Elements<TimeSpan?>(null, TimeSpan.Zero, TimeSpan.MaxValue, TimeSpan.FromTicks(-10))
        from renegotiations in Gen.Choose(0, ushort.MaxValue)
        from imported in ArbMap.Default.GeneratorFor<bool>()
        from late in ArbMap.Default.GeneratorFor<bool>()
        select new CountedPromise(maker, team, kind, channel, new(settled, firstDue, bindingDue, after, cause)
        {
            Renegotiations = renegotiations,
            Imported = imported,
            RecordedLate = late,
        });

    [Fact]
    public void What_is_read_back_is_what_was_packed() => Prop.ForAll(s_promises.ToArbitrary(), promise =>
    {
        byte[] packed = PromiseSummary.Write(promise);
        new CountedPromise(PromiseSummary.MakerId(packed), Encoding.UTF8.GetString(PromiseSummary.MakerTeam(packed)),
            Encoding.UTF8.GetString(PromiseSummary.Kind(packed)), PromiseSummary.ChannelOf(packed),
            PromiseSummary.Counted(packed)).ShouldBe(promise);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void It_is_the_same_bytes_for_ever_until_the_views_version_rises()
    {
        var promise = Promise.Evolve(null, Made, At(Noon))!;
        Convert.ToHexStringLower(PromiseSummary.Write(CountedPromise.Of(promise))).ShouldBe(
            "00a05f651c79de08" + "00a05f651c79de08" + "0000000000000080" + "ffffff" + "00" + "0000"
            + "aaaaaaaaaaaa4aaa8aaaaaaaaaaaaaaa" + "0500" + "6e6f727468" + "63616c6c5f6261636b");
    }
}
