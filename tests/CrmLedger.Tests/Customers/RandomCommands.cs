using CrmLedger.Annulments;
using CrmLedger.Concerns;
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
/// Commands over few ids and near dates, so that they meet: dates are passed, ids repeat, entries are annulled.
/// </summary>
internal static class RandomCommands
{
    private static readonly Gen<string> s_id = Gen.Elements("1", "2");
    private static readonly Gen<DateTimeOffset> s_date = Gen.Choose(0, 10).Select(days => Noon.AddDays(days));
    private static readonly Gen<bool> s_yesOrNo = Gen.Elements(true, false);

    public static Gen<Asked[]> Some { get; } = (
        from command in Gen.Frequency(
            (6, Promise), (4, FollowUp), (3, Concern), (3, Feedback), (2, Purchase), (1, Other))
        from laterHours in Gen.Choose(0, 16)
        from backdatedHours in Gen.Frequency((3, Gen.Constant(0)), (2, Gen.Choose(0, 48)))
        from imported in Gen.Frequency((9, Gen.Constant(false)), (1, Gen.Constant(true)))
        select new Asked(command, TimeSpan.FromHours(laterHours), TimeSpan.FromHours(backdatedHours), imported))
        .ArrayOf();

    private static Gen<ICustomerStreamCommand> Promise =>
        from id in s_id
        from date in s_date
        from command in Gen.Elements<ICustomerStreamCommand>(
            new MakePromise(id, "call_back", Secret, date, Ana, "north"),
            new MakePromise(id, "visit", Secret, date, Ana, "north", TouchpointId: id, ConcernId: id),
            new ReassignPromise(id, Ben, "south", "holiday"),
            new ProposeRenegotiation(id, date, "parts are late"), new AcceptRenegotiation(id),
            new RefuseRenegotiation(id), new DeclarePromiseKept(id), new ConfirmPromise(id), new DisputePromise(id),
            new WithdrawPromise(id, "sold out"), new ReleasePromise(id), new LapsePromise(id),
            new ExplainMiss(id, MissCause.Capacity))
        select command;

    private static Gen<ICustomerStreamCommand> FollowUp =>
        from id in s_id
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
        from command in Gen.Elements<ICustomerStreamCommand>(
            new RaiseConcern(id, ConcernSeverity.Normal), new AcknowledgeConcern(id), new ResolveConcern(id),
            new ReopenConcern(id), new MarkConcernUnanswered(id))
        select command;

    private static Gen<ICustomerStreamCommand> Feedback =>
        from id in s_id
        from score in Gen.Choose(0, 6)
        from command in Gen.Elements<ICustomerStreamCommand>(
            new RequestFeedback(id, FeedbackKind.Csat), new ReceiveFeedback(id, FeedbackKind.Csat, score),
            new ActUponFeedback(id), new TellFeedbackOutcome(id), new MarkFeedbackUnanswered(id))
        select command;

    private static Gen<ICustomerStreamCommand> Purchase =>
        from id in s_id
        from amount in Gen.Choose(0, 9)
        from command in Gen.Elements<ICustomerStreamCommand>(
            new RecordPurchase(id, amount, "EUR"), new ReturnPurchase(id, amount + 1), new ReturnPurchase(id))
        select command;

    private static Gen<ICustomerStreamCommand> Other =>
        from id in s_id
        from version in Gen.Choose(1, 20)
        from command in Gen.Elements<ICustomerStreamCommand>(
            new RecordTouchpoint(id, Channel.Web, Direction.Inbound, Ana, "north"),
            new RecordPreference(id, Secret, PreferenceSource.Stated),
            new ProposeSolution(id, Secret, [id]), new AcceptSolution(id), new DeclineSolution(id, "too dear"),
            new AnnulEntry(EventId(version), "a slip"), new AnnulEntry(EventId(version), "a slip"))
        select command;
}
