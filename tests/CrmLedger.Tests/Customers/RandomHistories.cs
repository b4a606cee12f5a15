using CrmLedger.Annulments;
using CrmLedger.Customers;
using FsCheck;
using FsCheck.Fluent;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests.Customers;

/// <summary>
/// Streams of a customer to whom random things happened. A failure prints the commands and the seed; give the seed to
/// <c>Config.WithReplay</c> to see it again.
/// </summary>
internal static class RandomHistories
{
    /// <summary>Checks what holds for every history.</summary>
    /// <param name="count">How many.</param>
    /// <param name="check">Takes the stream, of two events at least, and chance of its own.</param>
    public static void ForAll(int count, Action<List<Envelope>, Random> check) => Prop.ForAll(
        RandomCommands.Some.ToArbitrary(), Gen.Choose(0, int.MaxValue).ToArbitrary(), (asked, seed) =>
        {
            var stream = Recorded(asked);
            if (stream.Count > 1)
                check(stream, new(seed));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(count).WithEndSize(80));

    /// <summary>What is recorded of what is asked.</summary>
    private static List<Envelope> Recorded(Asked[] asked)
    {
        List<Envelope> stream = [Entry(Registered, At(Noon), 1)];
        var state = CustomerStream.Fold(stream);
        var now = Noon;
        foreach (var (command, later, backdated, imported) in asked)
        {
            now += later;
            var at = new Moment(now - backdated, now, imported);
            foreach (var happened in state.Decide(CustomerId, command, at).Events)
            {
                stream.Add(Entry(happened, at, stream.Count + 1));
                state = happened is EntryAnnulled ? CustomerStream.Fold(stream) : state.Evolve(stream[^1]);
            }
        }
        return stream;
    }
}
