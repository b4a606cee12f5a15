using CrmLedger.Concerns;
using CrmLedger.Customers;
using CrmLedger.EventStore.Appending;
using CrmLedger.EventStore.Privacy;
using CrmLedger.Feedback;
using CrmLedger.FollowUps;
using CrmLedger.Promises;
using CrmLedger.Purchases;
using CrmLedger.Touchpoints;

namespace CrmLedger.Benchmarks;

/// <summary>
/// Events like those of a real tenant: sealed texts of a sentence or two, about 400 bytes of data for a promise or a
/// touchpoint. The same customer and step always give the same event.
/// </summary>
internal sealed class SampleEvents
{
    private const int Texts = 512;
    private const int StepsOfCycle = 10;
    private static readonly string[] s_teams = ["support", "delivery", "accounts", "onboarding"];
    private static readonly string[] s_kinds = ["call_back", "delivery", "refund", "repair", "quote"];

    private readonly DateTimeOffset _start;
    private readonly Sealed[] _texts;
    private readonly Guid[] _members;

    /// <summary>Prepares the texts.</summary>
    /// <param name="now">The events happened in the weeks before it.</param>
    public SampleEvents(DateTimeOffset now)
    {
        _start = now - TimeSpan.FromDays(60);
        byte[] key = KeyWrap.NewKey();
        var subject = IdOf(0);
        _texts = [.. Enumerable.Range(0, Texts).Select(i => Sealing.Seal(
            subject, key, $"The order {i:D6} will be delivered and checked with the customer on the day itself."))];
        _members = [.. Enumerable.Range(1, 40).Select(IdOf)];
    }

    /// <summary>The stream of a customer, by number.</summary>
    public static string StreamOf(int customer) => $"customer-{IdOf(customer):D}";

    /// <summary>A touchpoint or a promise, ready to be appended.</summary>
    public EventToAppend Single(int customer, int step, bool idFromClient = false)
    {
        var at = _start.AddMinutes(step % 50_000);
        IEvent happened = step % 2 == 0 ? Touchpoint(customer, step) : Made(customer, step, at);
        return Ready(happened, at, idFromClient);
    }

    /// <summary>
    /// The event of a customer's life at a step from 0, with an id from the client, as imported events have; promises
    /// and follow-ups are made before they are kept.
    /// </summary>
    public EventToAppend OfLife(int customer, int step)
    {
        var at = _start.AddMinutes(step % 50_000);
        IEvent happened = step == 0
            ? new CustomerRegistered(_texts[0], _texts[1], "retail")
            : Lived(customer, step - 1, at);
        return Ready(happened, at, idFromClient: true);
    }

    /// <summary>
    /// Requests of a given number of events: each of different customers, every customer at the same step, and five
    /// steps of one customer together, as a file that is ordered by time brings them.
    /// </summary>
    public IEnumerable<AppendRequest> Lives(int customers, long events, int eventsOfRequest)
    {
        const int together = 5;
        int ofRequest = eventsOfRequest / together;
        int firstStep = 0;
        int customer = 0;
        for (long made = 0; made < events; made += ofRequest * together)
        {
            var streams = new StreamAppend[ofRequest];
            for (int i = 0; i < ofRequest; i++)
            {
                streams[i] = new(StreamOf(customer), firstStep,
                    [.. Enumerable.Range(firstStep, together).Select(step => OfLife(customer, step))]);
                customer++;
            }
            if (customer + ofRequest > customers)
                (customer, firstStep) = (0, firstStep + together);
            yield return new(streams, [], null);
        }
    }

    /// <summary>
    /// A customer who is registered and promised many things, by one of twenty teams, due on days that lie in three
    /// years; most were kept, one in seven of them late.
    /// </summary>
    public IEnumerable<EventToAppend> OfPromises(int customer, int promises, int openOfHundred)
    {
        yield return Ready(new CustomerRegistered(_texts[0], _texts[1], "retail"), _start, idFromClient: false);
        var start = _start.AddYears(-3);
        for (int number = 0; number < promises; number++)
        {
            int one = customer * promises + number;
            var made = start.AddHours(one * 7_919L % 26_000);
            string id = $"promise-{number}";
            yield return Ready(new PromiseMade(id, s_kinds[one % s_kinds.Length], _texts[one % Texts], made.AddDays(7),
                Member(one), $"team-{one % 20}", Channel.Phone, $"touchpoint-{number}"), made, idFromClient: false);
            if (one % 100 >= openOfHundred)
            {
                yield return Ready(
                    new PromiseDeclaredKept(id), made.AddDays(one % 7 == 0 ? 9 : 6), idFromClient: false);
            }
        }
    }

    private IEvent Lived(int customer, int step, DateTimeOffset at)
    {
        int cycle = step / StepsOfCycle;
        string promise = $"promise-{cycle}";
        string followUp = $"follow-up-{cycle}";
        bool moved = cycle % 3 == 0;
        bool worried = cycle % 6 == 0;
        return (step % StepsOfCycle) switch
        {
            0 when worried => new ConcernRaised($"concern-{cycle}", ConcernSeverity.Normal, ["delivery"],
                MemberId: Member(customer), Team: Team(customer)),
            9 when worried => new ConcernResolved($"concern-{cycle}"),
            1 => Made(customer, cycle, at),
            3 => new FollowUpScheduled(followUp, at.AddDays(2), FollowUpPurpose.CheckSatisfaction, Member(customer),
                Team(customer), $"touchpoint-{step - 1}"),
            4 when moved => new PromiseRenegotiationProposed(promise, at.AddDays(9), "the part arrives a day later"),
            5 when moved => new PromiseRenegotiationAccepted(promise),
            5 => new FeedbackReceived($"feedback-{cycle}", FeedbackKind.Csat, ["delivery", "tone"], 1 + cycle % 5,
                _texts[(customer + cycle) % Texts], Member(customer), Team(customer)),
            6 when cycle % 4 != 3 => new FollowUpCompleted(followUp, $"touchpoint-{step}"),
            7 when cycle % 5 != 4 => new PromiseDeclaredKept(promise),
            8 => new PurchaseRecorded($"purchase-{cycle}", 12_900 + cycle, "EUR", 3_100),
            _ => Touchpoint(customer, step),
        };
    }

    private PromiseMade Made(int customer, int number, DateTimeOffset at) => new(
        $"promise-{number}", s_kinds[number % s_kinds.Length], _texts[(customer + number) % Texts], at.AddDays(7),
        Member(customer), Team(customer), Channel.Phone, $"touchpoint-{number}");

    private TouchpointRecorded Touchpoint(int customer, int number) => new(
        $"touchpoint-{number}", Channel.Phone, Direction.Inbound, Member(customer), Team(customer),
        [Practice.ListenedActively, Practice.CheckedUnderstanding], _texts[(customer + number) % Texts], Tone.Positive,
        240);

    private Guid Member(int customer) => _members[customer % _members.Length];

    private static string Team(int customer) => s_teams[customer % s_teams.Length];

    private static EventToAppend Ready(IEvent happened, DateTimeOffset at, bool idFromClient) => EventToAppend.Of(
        Guid.CreateVersion7(), idFromClient, happened, new("key:bench", at, "urn:example:desk"));

    private static Guid IdOf(int number) =>
        new((uint)number * 2_654_435_761, 0x4c4c, 0x8c4c, 0x9c, 1, 2, 3, 4, 5, (byte)(number >> 8), (byte)number);
}
