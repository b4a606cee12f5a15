using CrmLedger.Annulments;
using CrmLedger.Concerns;
using CrmLedger.Customers;
using CrmLedger.Feedback;
using CrmLedger.FollowUps;
using CrmLedger.Preferences;
using CrmLedger.Promises;
using CrmLedger.Purchases;
using CrmLedger.Touchpoints;
using FsCheck;
using FsCheck.Fluent;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests.Customers;

/// <summary>
/// Something asked of a customer's stream some time after the last thing, and said to have happened before.
/// </summary>
internal sealed record Asked(ICustomerStreamCommand Command, TimeSpan Later, TimeSpan Backdated, bool Imported);

/// <summary>
/// Commands over few ids and near dates, so that they meet: dates are passed, ids repeat, entries are annulled. Now
/// and then a month goes by.
/// </summary>
internal static class RandomCommands
{
    private static readonly Gen<string> s_id = Gen.Elements("1", "2");

    /// <summary>More of them, since a commitment that has ended takes nothing further.</summary>
    private static readonly Gen<string> s_commitmentId = Gen.Elements("1", "2", "3", "4");
    private static readonly Gen<DateTimeOffset> s_date = Gen.Choose(0, 30).Select(days => Noon.AddDays(days));
    private static readonly Gen<bool> s_yesOrNo = Gen.Elements(true, false);

    /// <summary>Up to 150 of them: what a promise can go through takes a while to come about by chance.</summary>
    public static Gen<Asked[]> Some { get; } =
        from length in Gen.Choose(0, 150)
        from asked in One.ArrayOf(length)
        select asked;

    private static Gen<Asked> One =>
        from command in Gen.Frequency(
            (12, Promise), (4, FollowUp), (3, Concern), (3, Feedback), (2, Purchase), (2, Other), (1, Solution),
            (2, Relationship))
        from laterHours in Gen.Frequency((99, Gen.Choose(0, 8)), (1, Gen.Choose(0, 800)))
        from backdatedHours in Gen.Frequency((3, Gen.Constant(0)), (2, Gen.Choose(0, 48)))
        from imported in Gen.Frequency((9, Gen.Constant(false)), (1, Gen.Constant(true)))
        select new Asked(command, TimeSpan.FromHours(laterHours), TimeSpan.FromHours(backdatedHours), imported);

    private static Gen<ICustomerStreamCommand> Promise =>
        from id in s_commitmentId
        from date in s_date
        from command in Gen.Frequency(
            (3, Gen.Elements<ICustomerStreamCommand>(
                new MakePromise(id, "call_back", Secret, date, Ana, "north"),
                new ProposeRenegotiation(id, date, "parts are late"), new AcceptRenegotiation(id),
                new RefuseRenegotiation(id), new DeclarePromiseKept(id), new DisputePromise(id))),
            (1, Gen.Elements<ICustomerStreamCommand>(
                new MakePromise(id, "visit", Secret, date, Ana, "north", TouchpointId: id, ConcernId: id),
                new ReassignPromise(id, Ben, "south", "holiday"), new ConfirmPromise(id),
                new WithdrawPromise(id, "sold out"), new ReleasePromise(id), new LapsePromise(id),
                new ExplainMiss(id, MissCause.Capacity))))
        select command;

    private static Gen<ICustomerStreamCommand> FollowUp =>
        from id in s_commitmentId
        from date in s_date
        from agreed in s_yesOrNo
        from command in Gen.Elements<ICustomerStreamCommand>(
            new ScheduleFollowUp(id, date, FollowUpPurpose.Answer, Ana, "north"),
            new ReassignFollowUp(id, Ben, "south", "holiday"),
            new RescheduleFollowUp(id, date, "no answer", agreed), new CompleteFollowUp(id),
            new CompleteFollowUp(id, id), new CancelFollowUp(id, "moot"), new MarkFollowUpMissed(id))
        select command;

    private static Gen<ICustomerStreamCommand> Concern =>
        from id in s_id
        from date in s_date
        from command in Gen.Elements<ICustomerStreamCommand>(
            new RaiseConcern(id, ConcernSeverity.Normal, ["late", id], MemberId: Ana, Team: "north"),
            new RaiseConcern(id, ConcernSeverity.Critical, RespondBy: date),
            new AcknowledgeConcern(id), new ResolveConcern(id),
            new ReopenConcern(id), new MarkConcernUnanswered(id))
        select command;

    private static Gen<ICustomerStreamCommand> Feedback =>
        from id in s_id
        from score in Gen.Choose(0, 6)
        from command in Gen.Elements<ICustomerStreamCommand>(
            new RequestFeedback(id, FeedbackKind.Csat, Ana, "north"), new ReceiveFeedback(id, FeedbackKind.Csat, score),
            new ReceiveFeedback(id, FeedbackKind.Nps, 2 * score > 10 ? 9 : 2 * score, Topics: [id]),
            new ReceiveFeedback(id, FeedbackKind.Comment, Comment: Secret),
            new ActUponFeedback(id), new TellFeedbackOutcome(id), new MarkFeedbackUnanswered(id))
        select command;

    private static Gen<ICustomerStreamCommand> Purchase =>
        from id in s_id
        from more in Gen.Choose(3, 9).Select(number => $"{number}")
        from amount in Gen.Choose(0, 9)
        from command in Gen.Elements<ICustomerStreamCommand>(
            new RecordPurchase(id, amount, "EUR"), new RecordPurchase(more, amount, "USD", amount - 4),
            new ReturnPurchase(id, amount + 1), new ReturnPurchase(id))
        select command;

    private static Gen<ICustomerStreamCommand> Solution =>
        from id in s_id
        from command in Gen.Elements<ICustomerStreamCommand>(
            new ProposeSolution(id, Secret, [id]), new ProposeSolution(id, Secret), new AcceptSolution(id),
            new DeclineSolution(id, "too dear"))
        select command;

    /// <summary>Merged and erased customers take little or nothing more, so they are rare.</summary>
    private static Gen<ICustomerStreamCommand> Relationship =>
        from id in s_id
        from given in s_yesOrNo
        from command in Gen.Frequency<ICustomerStreamCommand>(
            (40, Gen.Elements<ICustomerStreamCommand>(
                new RecordConsent(id, given), new CorrectCustomerDetails(Segment: id),
                new EndRelationship(EndReason.Price), new RenewRelationship())),
            (30, Gen.Constant<ICustomerStreamCommand>(new UnmergeCustomer("not so"))),
            (1, Gen.Elements<ICustomerStreamCommand>(
                new MergeCustomer(OtherCustomerId, "twice"), new MergeCustomer(OtherCustomerId, "twice"),
                new EraseCustomer("asked"))))
        select command;

    private static Gen<ICustomerStreamCommand> Other =>
        from id in s_id
        from version in Gen.Choose(1, 20)
        from command in Gen.Elements<ICustomerStreamCommand>(
            new RecordTouchpoint(id, Channel.Web, Direction.Inbound, Ana, "north"),
            new RecordPreference(id, Secret, PreferenceSource.Stated),
            new AnnulEntry(EventId(version), "a slip"), new AnnulEntry(EventId(version), "a slip"))
        select command;
}
