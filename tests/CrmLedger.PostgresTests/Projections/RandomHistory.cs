using CrmLedger.Annulments;
using CrmLedger.Concerns;
using CrmLedger.Customers;
using CrmLedger.EventStore.Appending;
using CrmLedger.EventStore.Privacy;
using CrmLedger.EventStore.Views;
using CrmLedger.Feedback;
using CrmLedger.FollowUps;
using CrmLedger.Members;
using CrmLedger.Promises;
using CrmLedger.PostgresTests.Appending;
using CrmLedger.Purchases;
using CrmLedger.Touchpoints;

namespace CrmLedger.PostgresTests.Projections;

/// <summary>
/// Customers to whom random things happen, each decided by the core as a server would: promises, follow-ups, feedback
/// and concerns through all their lives, touchpoints, purchases, people who change, and entries that are annulled. The
/// same seed gives the same commands.
/// </summary>
internal sealed class RandomHistory
{
    private static readonly DateTimeOffset s_start = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);
    private static readonly Sealed s_secret = new("sealed:c2VjcmV0");
    private static readonly Guid[] s_members = [Guid.CreateVersion7(), Guid.CreateVersion7()];

    private readonly IEventLog _log;
    private readonly TestClock? _clock;
    private readonly Random _random;
    private readonly Living[] _customers;

    /// <param name="log">Takes the events.</param>
    /// <param name="clock">The log's; moved on by hours with each round. Null where real time passes.</param>
    /// <param name="customers">How many customers there are.</param>
    /// <param name="seed">What chance does.</param>
    public RandomHistory(IEventLog log, TestClock? clock, int customers, int seed)
    {
        (_log, _clock, _random) = (log, clock, new(seed));
        _customers = [.. Enumerable.Range(0, customers).Select(_ => new Living(Guid.CreateVersion7()))];
        if (clock is not null)
            clock.Now = s_start;
    }

    /// <summary>Makes the keys of those who come into the ledger; null where nobody looks at keys.</summary>
    public SubjectKeys? Keys { get; init; }

    /// <summary>A member joins and moves, in a stream of his own.</summary>
    public async Task AddMemberAsync()
    {
        string stream = $"member-{Guid.CreateVersion7():D}";
        var joined = Event(new MemberJoined(s_secret, "north", s_secret), Now);
        var moved = Event(new MemberMovedTeam("north", "south"), Now);
        await AppendAsync(stream, 0, joined, moved, Event(new MemberMovedTeam("south", "east"), Now));
        await AppendAsync(stream, 3, Event(new EntryAnnulled(moved.Id, "a slip"), Now));
    }

    /// <summary>Something happens to each customer; the core may refuse it.</summary>
    public async Task RoundAsync()
    {
        if (_clock is not null)
            _clock.Now += TimeSpan.FromHours(_random.Next(1, 9));
        var decided = new List<(Living Customer, IReadOnlyList<EventToAppend> Events)>();
        foreach (var customer in _customers)
        {
            var occurred = Now - TimeSpan.FromHours(_random.Next(4) == 0 ? _random.Next(48) : 0);
            var decision = customer.State.Decide(customer.Id, Something(customer), new(occurred, Now, false));
            if (decision.Events.Count > 0)
                decided.Add((customer, [.. decision.Events.Select(e => Event(e, occurred))]));
        }
        await Task.WhenAll(decided.Select(async d =>
        {
            var placed = await AppendAsync(d.Customer.Stream, d.Customer.Entries.Count, [.. d.Events]);
            d.Customer.Take(d.Events, placed);
        }));
    }

    private DateTimeOffset Now => _clock?.Now ?? LedgerJson.ToMicroseconds(TimeProvider.System.GetUtcNow());

    private async Task<IReadOnlyList<AppendedEvent>> AppendAsync(
        string stream, long version, params IReadOnlyList<EventToAppend> events) =>
        (await _log.AppendAsync(AppendRequest.Of(stream, version, events) with
        {
            NewKeys = version == 0 && Keys is not null ? [Keys.Make(View.IdOf(stream))] : [],
        }, CancellationToken.None)).ShouldBeAppended();

    private static EventToAppend Event(IEvent data, DateTimeOffset occurredAt) =>
        EventToAppend.Of(Guid.CreateVersion7(), false, data, new("system", occurredAt));

    private ICustomerStreamCommand Something(Living customer)
    {
        if (customer.Entries.Count == 0)
            return new RegisterCustomer(s_secret, s_secret, "retail");
        string id = _random.Next(1, 4).ToString();
        // Where real time passes a server may run beside, and would give its own verdict on what has passed.
        var due = Now.AddHours(_random.Next(_clock is null ? 10 : -10, 60));
        var member = s_members[_random.Next(2)];
        string thing = _random.Next(1, 9).ToString();
        return _random.Next(44) switch
        {
            0 or 1 or 2 => new MakePromise(id, "call_back", s_secret, due, member, "north"),
            3 => new ReassignPromise(id, member, "south", "holiday"),
            4 => new ProposeRenegotiation(id, due, "parts are late"),
            5 => new AcceptRenegotiation(id),
            6 => new RefuseRenegotiation(id),
            7 or 8 => new DeclarePromiseKept(id),
            9 => new DisputePromise(id, s_secret),
            10 => new WithdrawPromise(id, "sold out"),
            11 => new LapsePromise(id),
            12 => new ExplainMiss(id, MissCause.Capacity),
            13 or 14 => new ScheduleFollowUp(id, due, FollowUpPurpose.Answer, member, "north"),
            15 => new RescheduleFollowUp(id, due, "no answer", _random.Next(2) == 0),
            16 => new CompleteFollowUp(id),
            17 => new RecordConsent(id, _random.Next(2) == 0),
            18 => new CorrectCustomerDetails(Segment: $"segment {id}"),
            19 or 20 => new RecordTouchpoint(id, Channel.Phone, Direction.Inbound, member, "north", s_secret,
                Tone.Positive, [Practice.Reassured, Practice.LetFinish], 60),
            21 or 22 => new ReceiveFeedback(id, FeedbackKind.Csat, _random.Next(1, 6), TouchpointId: id),
            23 => new EndRelationship(EndReason.Price),
            24 => new RenewRelationship(),
            28 => new RequestFeedback(thing, (FeedbackKind)_random.Next(4), member, "south"),
            29 => new ReceiveFeedback(thing, FeedbackKind.Nps, _random.Next(0, 11), ["price", "tone"], Team: "south"),
            30 => new ReceiveFeedback(thing, FeedbackKind.Comment, Topics: ["tone"], Comment: s_secret),
            31 => new ActUponFeedback(_random.Next(2) == 0 ? id : thing),
            32 => new TellFeedbackOutcome(_random.Next(2) == 0 ? id : thing),
            33 or 34 => new RaiseConcern(thing, (ConcernSeverity)_random.Next(4), ["tone"], MemberId: member,
                Team: "north"),
            35 => new AcknowledgeConcern(thing, member, "south"),
            36 => new ResolveConcern(thing),
            37 => new ReopenConcern(thing),
            38 or 39 => new RecordPurchase($"{thing}/{_random.Next(9)}", _random.Next(100, 100_000), "EUR"),
            40 => new ReturnPurchase($"{thing}/{_random.Next(9)}"),
            _ => new AnnulEntry(customer.Entries[_random.Next(customer.Entries.Count)].Id, "a slip"),
        };
    }

    private sealed class Living(Guid id)
    {
        public Guid Id => id;

        public string Stream { get; } = $"customer-{id:D}";

        public List<Envelope> Entries { get; } = [];

        public CustomerStream State { get; private set; } = CustomerStream.Initial;

        public void Take(IReadOnlyList<EventToAppend> events, IReadOnlyList<AppendedEvent> placed)
        {
            foreach (var (e, place) in events.Zip(placed))
            {
                Entries.Add(new(e.Id, place.Type, place.Stream, place.Version, place.Position,
                    new(e.Headers.OccurredAt, place.RecordedAt, false), e.Headers, e.Data));
            }
            State = CustomerStream.Fold(Entries);
        }
    }
}
